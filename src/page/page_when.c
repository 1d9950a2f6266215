/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the part of an event's model that says when it is. Called by page_model and page_own. A worker's thread. */
#include "page/page_when.h"

#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "report/choice.h"
#include "report/when.h"
#include "view/catalogue.h"
#include "view/words.h"

/* "09:30–16:00" of one day, "Thu 09:30 to Fri 13:00" of several. */
static const char *hours(struct page *page, const struct event_definition *definition)
{
    struct words *words = page->worker->words;
    const char *zone = definition->zone, *first, *last;

    if (choice_same_date(zone, definition->starts, definition->ends - 1))
        return words_time_range(words, page->arena, page->language, zone, definition->starts, definition->ends);
    first = words_date(words, page->arena, page->language, zone, definition->starts, WORDS_DAY_TIME);
    last = words_date(words, page->arena, page->language, zone, definition->ends, WORDS_DAY_TIME);
    if (!first || !last)
        return NULL;
    return catalogue_format(page->catalogue, page->arena, "event.from_to", "first", first, "last", last, NULL);
}

static json_t *dates(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page);

    for (size_t i = 0; definition->day_count <= WHEN_LISTED && i < definition->day_count; i++) {
        json_t *date = page_object(page);

        page_put_string(page, date, "at", page_model_instant(page, definition->zone, definition->days[i].starts));
        page_put_string(page, date, "text",
                        when_day(page->arena, page->worker->words, page->language, definition, i));
        page_add(page, list, date);
    }
    return list;
}

void page_when_put(struct page *page, json_t *event, const struct event_definition *definition,
                   const struct record *record)
{
    struct words *words = page->worker->words;
    struct when when;
    json_t *list;

    if (when_make(page->arena, words, page->catalogue, definition, record, &when) < 0) {
        page->failed = true;
        return;
    }
    list = when.kind == WHEN_DATES ? dates(page, definition) : page_array(page);
    page_put_string(page, event, "when", when.line);
    if (when.kind == WHEN_DAYS)
        page_put_string(page, event, "hours", hours(page, definition));
    else
        page_put_bool(page, event, "hours", false);
    if (when.kind == WHEN_DAYS || when.kind == WHEN_SLOT)
        page_put_string(page, event, "at", page_model_instant(page, definition->zone, when.starts));
    else
        page_put_bool(page, event, "at", false);
    page_put_string(page, event, "zone", when_zone(page->arena, words, page->catalogue, definition, &when));
    page_put_bool(page, event, "has_dates", json_array_size(list) > 0);
    page_put(page, event, "dates", list);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Sessions, slot, wishes, a proposed time and an invitation, as the page of a registration shows them. Called by
 * page_manage, page_confirm and page_release. A worker's thread. */
#include "page/page_taking.h"

#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_record.h"
#include "page/page_release.h"
#include "page/page_round.h"
#include "report/choice.h"
#include "signup/state.h"
#include "view/catalogue.h"

static json_t *title_of(struct page *page, const struct choice *choice)
{
    if (!choice->title)
        return page_words(page, page_say(page, "manage.your_time"), page->language);
    return page_words(page, choice->title, choice->language);
}

json_t *page_taking_row(struct page *page, const struct page_record *found, const struct record_place *place)
{
    const struct event_definition *today = page_record_today(found);
    json_t *row = page_object(page);
    const char *when = NULL;
    struct choice choice;

    if (choice_of_place(page->arena, today, &found->record, place, page->language, &choice) < 0) {
        page->failed = true;
        return row;
    }
    if (choice.starts) {
        when = choice_span(page->worker->words, page->arena, page->language, today->zone, choice.starts, choice.ends);
        page->failed = page->failed || !when;
    }
    page_put(page, row, "title", title_of(page, &choice));
    page_put_optional(page, row, "when", when);
    return row;
}

/* A registration has its places or asks for them, never both. */
static const char *heading(const struct record *record)
{
    for (size_t i = 0; i < record->place_count; i++)
        if (record->places[i].hold == RECORD_TAKEN)
            return "manage.taking";
    return record->has_claim ? "manage.kept" : "manage.asked";
}

static json_t *taking(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    json_t *model, *rows = page_array(page);

    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        json_t *row;

        if (!choice_is_one(place))
            continue;
        row = page_taking_row(page, found, place);
        page_put_optional(page, row, "release",
                          page_release_may(page, found, place) ? page_release_href(page, found, place) : NULL);
        page_add(page, rows, row);
    }
    if (json_array_size(rows) == 0) {
        json_decref(rows);
        return json_false();
    }
    model = page_object(page);
    page_put_string(page, model, "heading", page_say(page, heading(record)));
    page_put(page, model, "rows", rows);
    return model;
}

/* The name of a round, where it has one. */
static json_t *round_title(struct page *page, const struct page_record *found, const char *id)
{
    const struct event_definition *const definitions[] = { page_record_today(found), found->record.definition };

    for (size_t i = 0; i < 2; i++) {
        int round = programme_round(&definitions[i]->programme, id);

        if (round >= 0 && definitions[i]->programme.rounds[round].has_title)
            return page_text(page, definitions[i], &definitions[i]->programme.rounds[round].title);
    }
    return json_false();
}

static json_t *wish_row(struct page *page, const struct page_record *found, const struct record_wish *wish)
{
    json_t *row = page_object(page);
    struct choice choice;

    if (choice_find(page->arena, page_record_today(found), found->record.definition, "session", wish->key,
                    page->language, &choice) < 0) {
        page->failed = true;
        return row;
    }
    page_put_string(page, row, "rank", page_round_rank(page, (size_t)wish->rank));
    page_put(page, row, "title", title_of(page, &choice));
    page_put(page, row, "round", round_title(page, found, wish->round));
    return row;
}

static json_t *wishes(struct page *page, const struct page_record *found)
{
    json_t *model, *rows;

    if (found->record.wish_count == 0)
        return json_false();
    model = page_object(page);
    rows = page_array(page);
    for (size_t i = 0; i < found->record.wish_count; i++)
        page_add(page, rows, wish_row(page, found, &found->record.wishes[i]));
    page_put(page, model, "rows", rows);
    return model;
}

void page_taking_put(struct page *page, const struct page_record *found)
{
    page_put(page, page->model, "taking", taking(page, found));
    page_put(page, page->model, "wishes", wishes(page, found));
    page_put_optional(page, page->model, "proposal", found->record.proposal);
    page_put_optional(page, page->model, "invited", found->invitation.id ? page_say(page, "manage.invited_yes") : NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the upper part of an event's page. Called by page_event and page_list. A worker's thread. */
#include "page/page_cover.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "report/choice.h"
#include "report/when.h"
#include "view/catalogue.h"
#include "view/markdown.h"
#include "view/words.h"

/* A first paragraph of up to this many characters stands on the cover as the lead. */
#define LEAD_MOST 320

static const char *date(struct page *page, const struct event_definition *definition, int64_t at, enum words_form form)
{
    return words_date(page->worker->words, page->arena, page->language, definition->zone, at, form);
}

void page_cover_day(struct page *page, json_t *event, const struct event_definition *definition)
{
    int64_t last_instant = definition->ends - 1;
    const char *first = date(page, definition, definition->starts, WORDS_DAY_OF_MONTH);
    const char *last = date(page, definition, last_instant, WORDS_DAY_OF_MONTH);
    const char *month = date(page, definition, definition->starts, WORDS_MONTH_YEAR);
    const char *last_month = date(page, definition, last_instant, WORDS_MONTH_YEAR);

    if (!first || !last || !month || !last_month) {
        page->failed = true;
        return;
    }
    /* Of days that are apart, and of times to book, only the first stands here: a range would say that it is on all. */
    if (when_kind(definition) != WHEN_DAYS) {
        page_put_string(page, event, "day", first);
        page_put_string(page, event, "month", month);
        return;
    }
    if (strcmp(month, last_month) != 0)
        month = words_date_range(page->worker->words, page->arena, page->language, definition->zone, definition->starts,
                                 last_instant);
    else if (strcmp(first, last) != 0)
        first = arena_format(page->arena, "%s–%s", first, last);
    page_put_string(page, event, "day", first);
    page_put_string(page, event, "month", month);
}

/* The weekdays of days in a row, else what stands for them in EVENT. */
static const char *weekdays(struct page *page, const json_t *event, const struct event_definition *definition)
{
    const char *first = date(page, definition, definition->starts, WORDS_WEEKDAY), *last;
    struct wall a, b;
    bool next_day;

    if (when_kind(definition) != WHEN_DAYS)
        return json_string_value(json_object_get(event, "when"));
    if (choice_same_date(definition->zone, definition->starts, definition->ends - 1))
        return first;
    last = date(page, definition, definition->ends - 1, WORDS_WEEKDAY);
    if (!first || !last)
        return NULL;
    zone_to_wall(definition->zone, definition->starts + 86400, &a);
    zone_to_wall(definition->zone, definition->ends - 1, &b);
    next_day = a.day == b.day && a.month == b.month && a.year == b.year;
    return catalogue_format(page->catalogue, page->arena,
                            next_day ? "event.two_days" : "event.more_days", "first", first, "last", last, NULL);
}

/* The first paragraph, if it is a plain and short one; *ret_rest is then what follows it. A heading, a list, a quote,
 * code or a rule keeps its place in the description. */
static const char *lead_of(struct page *page, const char *markdown, const char **ret_rest)
{
    size_t blank = strspn(markdown, "\r\n");
    const char *start = markdown + blank, *end = strstr(start, "\n\n"), *lead;

    *ret_rest = markdown;
    if (strchr("#-*+>`~|<[!=_ \t0123456789", *start))
        return NULL;
    lead = arena_copy_n(page->arena, start, end ? (size_t)(end - start) : strlen(start));
    if (!lead) {
        page->failed = true;
        return NULL;
    }
    /* An underlined heading, or a line that begins a list right under the text. */
    if (strstr(lead, "\n=") || strstr(lead, "\n-") || strstr(lead, "\n*") || strstr(lead, "\n#") || strstr(lead, "\n1")
        || text_length(lead) > LEAD_MOST)
        return NULL;
    *ret_rest = end ? end + strspn(end, "\n") : "";
    lead = markdown_lead(page->arena, lead);
    if (!lead)
        page->failed = true;
    return lead;
}

/* The end of a section: the next first or second level heading at the start of a line, outside of fenced code. */
static const char *section_end(const char *text)
{
    bool fenced = false;

    for (const char *line = text; *line; line++) {
        if (strncmp(line, "```", 3) == 0 || strncmp(line, "~~~", 3) == 0)
            fenced = !fenced;
        if (!fenced && line != text && (strncmp(line, "# ", 2) == 0 || strncmp(line, "## ", 3) == 0))
            return line;
        line += strcspn(line, "\n");
        if (!*line)
            return line;
    }
    return text + strlen(text);
}

/* Each section is a row of its own with its heading in the margin. */
static void add_section(struct page *page, json_t *about, const char *start, const char *end, const char *language)
{
    json_t *section = page_object(page);
    const char *heading = NULL, *markdown;

    if (*start == '#') {
        size_t length = strcspn(start, "\n");

        heading = arena_copy_n(page->arena, start + strspn(start, "# "), length - strspn(start, "# "));
        heading = heading ? markdown_lead(page->arena, heading) : NULL;
        page->failed = page->failed || !heading;
        start += length;
    }
    markdown = arena_copy_n(page->arena, start, (size_t)(end - start));
    page_put(page, section, "heading", heading ? page_words(page, heading, language)
                                               : page_words(page, page_say(page, "event.about"), page->language));
    page_put_string(page, section, "html", markdown ? markdown_html(page->arena, markdown, 3) : NULL);
    page_put_optional(page, section, "lang", strcmp(language, page->language) == 0 ? NULL : language);
    page_add(page, about, section);
}

static void put_description(struct page *page, json_t *event, const struct event_definition *definition)
{
    const char *language = page->language, *text, *rest = "", *lead = NULL;
    json_t *about = page_array(page);

    if (definition->has_description) {
        text = event_text_in(definition, &definition->description, page->language, &language);
        lead = lead_of(page, text, &rest);
    }
    if (lead)
        page_put(page, event, "lead", page_words(page, lead, language));
    else
        page_put_bool(page, event, "lead", false);
    while (*rest && !page->failed) {
        const char *end = section_end(rest);

        add_section(page, about, rest, end, language);
        rest = end;
    }
    page_put(page, event, "about", about);
}

static json_t *fact(struct page *page, json_t *name, json_t *text, const char *detail)
{
    json_t *model = page_object(page);

    page_put(page, model, "name", name);
    page_put(page, model, "text", text);
    page_put_bool(page, model, "at", false);
    page_put_bool(page, model, "bar", false);
    page_put_bool(page, model, "has_dates", false);
    page_put_optional(page, model, "detail", detail);
    return model;
}

static json_t *own(struct page *page, const char *key)
{
    return page_words(page, page_say(page, key), page->language);
}

static const char *waiting_words(struct page *page, const struct page_places *places, size_t n)
{
    if (places->numbers[n].waiting <= 0)
        return NULL;
    return catalogue_count(page->catalogue, page->arena, "event.waiting", places->numbers[n].waiting, NULL);
}

static json_t *when(struct page *page, json_t *event)
{
    json_t *hours = json_object_get(event, "hours"), *model;
    const char *text = json_string_value(json_is_string(hours) ? hours : json_object_get(event, "when"));

    model = fact(page, own(page, "event.when"), page_words(page, text, page->language),
                 json_string_value(json_object_get(event, "zone")));
    page_put(page, model, "at", json_incref(json_object_get(event, "at")));
    page_put(page, model, "has_dates", json_incref(json_object_get(event, "has_dates")));
    page_put(page, model, "dates", json_incref(json_object_get(event, "dates")));
    return model;
}

static json_t *facts(struct page *page, json_t *event, const struct event_definition *definition,
                     const struct page_places *places)
{
    json_t *list = page_array(page), *each, *where = json_object_get(event, "where");
    bool online = false;

    page_add(page, list, when(page, event));
    for (size_t i = 0; i < definition->mode_count; i++)
        online = online || event_mode_is_online(&definition->modes[i]);
    if (json_is_object(where))
        page_add(page, list, fact(page, own(page, "event.where"), json_incref(where),
                                  definition->has_place && online ? page_say(page, "event.and_online") : NULL));

    for (size_t i = 0; places && i < definition->mode_count; i++) {
        const char *words = page_places_words(page, places, i);
        json_t *name;

        if (!words)
            continue;
        name = definition->mode_asked ? page_model_mode(page, definition, &definition->modes[i])
                                      : own(page, "event.places");
        each = fact(page, name, page_words(page, words, page->language), waiting_words(page, places, i));
        page_put_optional(page, each, "bar", page_places_bar(page, places, i));
        page_add(page, list, each);
    }
    return list;
}

json_t *page_cover_model(struct page *page, const struct event_definition *definition, const struct page_places *places)
{
    json_t *event = page_model_event(page, definition);

    page_cover_day(page, event, definition);
    page_put_string(page, event, "weekdays", weekdays(page, event, definition));
    put_description(page, event, definition);
    page_put(page, event, "facts", facts(page, event, definition, places));
    return event;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the programme: a row for each span of time, with what runs side by side in it together, and for each round
 * without one. Called by page_event. A worker's thread. */
#include "page/page_programme.h"

#include <stdlib.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_session.h"
#include "view/catalogue.h"
#include "view/words.h"

struct listing {
    const struct event_entry *entry;
    const struct event_definition *definition;
    const struct page_places *places;
    bool open; /* what is left is worth saying */
    size_t count;
    size_t *order; /* positions of sessions, by time */
};

/* Those without a time come last; the definition's order decides between equals. */
static int by_time(const void *a, const void *b, void *sessions)
{
    const struct event_session *all = sessions, *x = &all[*(const size_t *)a], *y = &all[*(const size_t *)b];

    if (x->has_times != y->has_times)
        return x->has_times ? -1 : 1;
    if (x->has_times && x->starts != y->starts)
        return x->starts < y->starts ? -1 : 1;
    if (x->has_times && x->ends != y->ends)
        return x->ends < y->ends ? -1 : 1;
    return x < y ? -1 : x > y;
}

static const struct event_session *at(const struct listing *listing, size_t i)
{
    return &listing->definition->programme.sessions[listing->order[i]];
}

/* In one row: at the same time; without one, in the same round. */
static bool same_row(const struct event_session *a, const struct event_session *b)
{
    if (!a->has_times || !b->has_times)
        return a->has_times == b->has_times && a->round == b->round;
    return a->starts == b->starts && a->ends == b->ends;
}

static bool same_day(const struct listing *listing, const struct event_session *a, const struct event_session *b)
{
    struct wall x, y;

    if (!a->has_times || !b->has_times)
        return a->has_times == b->has_times;
    zone_to_wall(listing->definition->zone, a->starts, &x);
    zone_to_wall(listing->definition->zone, b->starts, &y);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

/* What of a session is left, in one line; while wishes are collected, how many places it has. */
static const char *left_words(struct page *page, const struct listing *listing, size_t s)
{
    const struct event_programme *programme = &listing->definition->programme;
    int r = programme->sessions[s].round;
    struct page_session_left left;
    const char *chip, *words;

    if (r >= 0 && programme->rounds[r].choose == CHOOSE_RANK && !listing->places->allocated[r])
        return page_session_size(page, listing->definition, s);
    page_session_left(page, listing->entry, listing->places, s, &left);
    chip = arena_copy(page->arena, json_string_value(json_object_get(left.chip, "word")));
    json_decref(left.chip);
    words = left.rooms && chip ? arena_format(page->arena, "%s · %s", left.rooms, chip) : chip ? chip : left.rooms;
    return words;
}

static json_t *session(struct page *page, const struct listing *listing, size_t s)
{
    json_t *model = page_object(page);

    page_put(page, model, "title",
             page_text(page, listing->definition, &listing->definition->programme.sessions[s].title));
    page_put_optional(page, model, "left", listing->open ? left_words(page, listing, s) : NULL);
    return model;
}

/* The title of the round that all of FIRST .. END − 1 belong to; false: none. */
static json_t *heading(struct page *page, const struct listing *listing, size_t first, size_t end)
{
    int r = at(listing, first)->round;

    for (size_t i = first; i < end; i++)
        if (at(listing, i)->round != r)
            return json_false();
    if (r < 0 || !listing->definition->programme.rounds[r].has_title)
        return json_false();
    return page_text(page, listing->definition, &listing->definition->programme.rounds[r].title);
}

static void put_time(struct page *page, json_t *row, const char *key, const char *zone, int64_t instant)
{
    json_t *time = page_object(page);

    page_put_string(page, time, "at", page_model_instant(page, zone, instant));
    page_put_string(page, time, "text",
                    words_date(page->worker->words, page->arena, page->language, zone, instant, WORDS_TIME));
    page_put(page, row, key, time);
}

/* What is left of each, said once for all of a row if it is the same for them. */
static const char *each_words(struct page *page, const json_t *sessions)
{
    const char *words = json_string_value(json_object_get(json_array_get(sessions, 0), "left"));
    const json_t *session;
    size_t i;

    if (!words || json_array_size(sessions) < 2)
        return NULL;
    json_array_foreach (sessions, i, session)
        if (!json_equal(json_object_get(session, "left"), json_object_get(json_array_get(sessions, 0), "left")))
            return NULL;
    words = catalogue_format(page->catalogue, page->arena, "programme.each", "places", words, NULL);
    page->failed = page->failed || !words;
    return words;
}

static json_t *row(struct page *page, const struct listing *listing, size_t first, size_t end)
{
    const struct event_session *session_at = at(listing, first);
    json_t *model = page_object(page), *sessions = page_array(page), *one;
    const char *each;
    size_t i;

    page_put_bool(page, model, "from", false);
    page_put_bool(page, model, "to", false);
    if (session_at->has_times) {
        put_time(page, model, "from", listing->definition->zone, session_at->starts);
        put_time(page, model, "to", listing->definition->zone, session_at->ends);
    }
    page_put(page, model, "heading", heading(page, listing, first, end));
    for (i = first; i < end; i++)
        page_add(page, sessions, session(page, listing, listing->order[i]));
    each = json_is_object(json_object_get(model, "heading")) ? each_words(page, sessions) : NULL;
    json_array_foreach (sessions, i, one)
        if (each)
            page_put_bool(page, one, "left", false);
    page_put_optional(page, model, "each", each);
    page_put(page, model, "sessions", sessions);
    return model;
}

/* The sessions FIRST .. END − 1 are of one day, or without a time. */
static json_t *day(struct page *page, const struct listing *listing, size_t first, size_t end)
{
    json_t *model = page_object(page), *rows = page_array(page);
    const char *name = at(listing, first)->has_times
                           ? words_date(page->worker->words, page->arena, page->language, listing->definition->zone,
                                        at(listing, first)->starts, WORDS_DAY_HEADING)
                           : page_say(page, "programme.no_time");

    page_put_string(page, model, "day", name);
    page_put_string(page, model, "caption",
                    name ? catalogue_format(page->catalogue, page->arena, "programme.caption", "day", name, NULL)
                         : NULL);
    page_put_bool(page, model, "first", first == 0);
    for (size_t i = first, next; i < end; i = next) {
        for (next = i + 1; next < end && same_row(at(listing, i), at(listing, next)); next++)
            ;
        page_add(page, rows, row(page, listing, i, next));
    }
    page_put(page, model, "rows", rows);
    return model;
}

json_t *page_programme_model(struct page *page, const struct event_entry *entry, enum phase phase,
                             const struct page_places *places)
{
    const struct event_programme *programme = &entry->definition->programme;
    struct listing listing = {
        .entry = entry,
        .definition = entry->definition,
        .places = places,
        .open = phase == PHASE_OPEN || phase == PHASE_BEFORE,
        .count = programme->session_count,
        .order = arena_take(page->arena, (programme->session_count + 1) * sizeof *listing.order),
    };
    json_t *days;

    if (listing.count == 0)
        return json_false();
    if (!listing.order) {
        page->failed = true;
        return json_false();
    }
    for (size_t i = 0; i < listing.count; i++)
        listing.order[i] = i;
    qsort_r(listing.order, listing.count, sizeof *listing.order, by_time, programme->sessions);
    days = page_array(page);
    for (size_t i = 0, next; i < listing.count; i = next) {
        for (next = i + 1; next < listing.count && same_day(&listing, at(&listing, i), at(&listing, next)); next++)
            ;
        page_add(page, days, day(page, &listing, i, next));
    }
    return days;
}

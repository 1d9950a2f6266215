/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts sessions into words. Called by page_programme, page_round, page_slot and page_full. A worker's thread. */
#include "page/page_session.h"

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "signup/rules.h"
#include "view/catalogue.h"
#include "view/words.h"

static bool same_day(const char *zone, int64_t a, int64_t b)
{
    struct wall x, y;

    zone_to_wall(zone, a, &x);
    zone_to_wall(zone, b, &y);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

const char *page_session_span(struct page *page, const struct event_definition *definition, int64_t starts,
                              int64_t ends, bool brief)
{
    struct words *words = page->worker->words;
    enum words_form form = brief ? WORDS_SHORT_DATE_WEEKDAY : WORDS_DATE_WEEKDAY;
    const char *zone = definition->zone, *day, *hours, *last, *span;

    if (same_day(zone, starts, ends - 1)) {
        day = words_date(words, page->arena, page->language, zone, starts, form);
        hours = words_time_range(words, page->arena, page->language, zone, starts, ends);
        span = day && hours ? arena_format(page->arena, "%s, %s", day, hours) : NULL;
    } else {
        day = words_date(words, page->arena, page->language, zone, starts, WORDS_SHORT_DATE_TIME_WEEKDAY);
        last = words_date(words, page->arena, page->language, zone, ends, WORDS_SHORT_DATE_TIME_WEEKDAY);
        span = day && last ? arena_format(page->arena, "%s – %s", day, last) : NULL;
    }
    if (!span)
        page->failed = true;
    return span;
}

const char *page_session_title(struct page *page, const struct event_definition *definition, size_t s)
{
    return event_text_in(definition, &definition->programme.sessions[s].title, page->language, NULL);
}

bool page_session_one_time(const struct event_definition *definition, const struct event_round *round)
{
    const struct event_session *first = &definition->programme.sessions[round->sessions[0]];

    for (size_t i = 0; i < round->session_count; i++) {
        const struct event_session *each = &definition->programme.sessions[round->sessions[i]];

        if (!each->has_times || each->starts != first->starts || each->ends != first->ends)
            return false;
    }
    return true;
}

json_t *page_session_round(struct page *page, const struct event_definition *definition,
                           const struct event_round *round)
{
    const struct event_session *first = &definition->programme.sessions[round->sessions[0]];

    if (round->has_title)
        return page_text(page, definition, &round->title);
    if (round->session_count == 1)
        return page_text(page, definition, &first->title);
    if (page_session_one_time(definition, round))
        return page_words(page, page_session_span(page, definition, first->starts, first->ends, false),
                          page->language);
    return page_words(page, page_say(page, "choose.session"), page->language);
}

static const char *mode_title(struct page *page, const struct event_definition *definition, size_t mode)
{
    json_t *title = page_model_mode(page, definition, &definition->modes[mode]);
    const char *text = title ? arena_copy(page->arena, json_string_value(json_object_get(title, "text"))) : NULL;

    json_decref(title);
    if (!text)
        page->failed = true;
    return text ? text : "";
}

/* "A · B"; A may be NULL. */
static const char *joined(struct page *page, const char *a, const char *b)
{
    const char *both = a ? arena_format(page->arena, "%s · %s", a, b) : b;

    if (!both)
        page->failed = true;
    return both;
}

static const char *in_mode(struct page *page, const struct event_definition *definition, size_t mode, const char *words)
{
    return catalogue_format(page->catalogue, page->arena, "programme.in_mode", "mode",
                            mode_title(page, definition, mode), "places",
                            words ? words : page_say(page, "programme.no_limit"), NULL);
}

/* The rooms that people can be in: all of one for a session without rooms per mode. *ret_mode: the first of them. */
static size_t room_count(const struct event_definition *definition, size_t s, size_t *ret_mode)
{
    const struct event_session *session = &definition->programme.sessions[s];
    size_t count = 0;

    *ret_mode = 0;
    if (!session->per_mode)
        return 1;
    for (size_t m = definition->mode_count; m-- > 0;) {
        if (!rules_held(session, (int)m))
            continue;
        *ret_mode = m;
        count++;
    }
    return count;
}

/* "On site only", where a session is held in one of several ways. */
static const char *only(struct page *page, const struct event_definition *definition, size_t s, size_t mode)
{
    if (!definition->programme.sessions[s].per_mode || definition->mode_count == 1)
        return NULL;
    return catalogue_format(page->catalogue, page->arena, "programme.only", "mode", mode_title(page, definition, mode),
                            NULL);
}

void page_session_left(struct page *page, const struct event_entry *entry, const struct page_places *places, size_t s,
                       struct page_session_left *ret_left)
{
    const struct event_definition *definition = entry->definition;
    const struct event_session *session = &definition->programme.sessions[s];
    const struct board_numbers *numbers = &places->sessions[s * definition->mode_count];
    const enum places_verdict *verdicts = &places->session_verdicts[s * definition->mode_count];
    enum places_verdict best = PLACES_FULL;
    size_t first, rooms = room_count(definition, s, &first);

    *ret_left = (struct page_session_left){ .chip = json_false() };
    for (size_t m = 0; m < definition->mode_count; m++)
        if (rules_held(session, (int)m) && verdicts[m] < best)
            best = verdicts[m];
    ret_left->gone = best == PLACES_FULL;
    if (session->has_times && page->now >= session->ends) {
        ret_left->over = true;
        ret_left->chip = page_object(page);
        page_put_string(page, ret_left->chip, "mark", "no");
        page_put_string(page, ret_left->chip, "word", page_say(page, "programme.over"));
        return;
    }
    if (rooms <= 1) {
        ret_left->rooms = rooms == 1 ? only(page, definition, s, first) : NULL;
        ret_left->chip = page_places_chip_of(page, &numbers[first], best);
        return;
    }
    for (size_t m = 0; best == PLACES_FREE && m < definition->mode_count; m++)
        if (rules_held(session, (int)m))
            ret_left->rooms = joined(page, ret_left->rooms,
                                     in_mode(page, definition, m, page_places_say(page, &numbers[m], verdicts[m])));
    if (best != PLACES_FREE)
        ret_left->chip = page_places_chip_of(page, &numbers[first], best);
}

static const char *size_of(struct page *page, const struct event_room *room)
{
    return room->limited ? catalogue_count(page->catalogue, page->arena, "programme.size", room->capacity, NULL) : NULL;
}

const char *page_session_size(struct page *page, const struct event_definition *definition, size_t s)
{
    const struct event_session *session = &definition->programme.sessions[s];
    const char *words = NULL, *limit;
    size_t first, rooms = room_count(definition, s, &first);

    if (rooms <= 1) {
        words = rooms == 1 ? only(page, definition, s, first) : NULL;
        limit = size_of(page, &session->rooms[session->per_mode ? first : 0]);
        return words && limit ? joined(page, words, limit) : words ? words : limit;
    }
    for (size_t m = 0; m < definition->mode_count; m++)
        if (rules_held(session, (int)m))
            words = joined(page, words, in_mode(page, definition, m, size_of(page, &session->rooms[m])));
    return words;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* A session in words: when it is, and what of it is left in each way of taking part. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_definition;
struct event_entry;
struct event_round;
struct page;
struct page_places;

/* "Thursday, 18 March 2027, 14:00–15:30" in the event's zone; BRIEF: "Thu, 18 March 2027, 14:00–15:30". */
const char *page_session_span(struct page *page, const struct event_definition *definition, int64_t starts,
                              int64_t ends, bool brief);

/* The title in the page's language, or in the definition's first. */
const char *page_session_title(struct page *page, const struct event_definition *definition, size_t s);

/* What a round is called: its title, else that of its one session, else when it is, else the word for a session.
 * {text, lang} */
json_t *page_session_round(struct page *page, const struct event_definition *definition,
                           const struct event_round *round);

/* True if all sessions of the round are at one time, which may be said once. */
bool page_session_one_time(const struct event_definition *definition, const struct event_round *round);

/* What is left of session S. Where its rooms differ by the way of taking part: a sentence for each of those. */
struct page_session_left {
    json_t *chip;      /* {mark, word} of its one room; false */
    const char *rooms; /* "On site: 4 of 40 places left · Online: no limit"; NULL: nothing to say */
    bool gone;         /* full, and there is no waiting list */
    bool over;         /* its time has passed */
};
void page_session_left(struct page *page, const struct event_entry *entry, const struct page_places *places, size_t s,
                       struct page_session_left *ret_left);

/* How many places there are at all, for what is not given in the order of sign-up: "40 places". NULL: no limit. */
const char *page_session_size(struct page *page, const struct event_definition *definition, size_t s);

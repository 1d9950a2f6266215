/* SPDX-License-Identifier: EUPL-1.2 */
/* What of an event is still to be had, as the board says now, and until when that holds if nobody comes. A worker's
 * thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "signup/places.h"
#include "store/board.h"

struct event_definition;
struct event_entry;
struct event_programme;
struct page;

struct page_places {
    struct board_numbers *numbers; /* of each mode, in the definition's order */
    enum places_verdict *verdicts; /* what one more person would get */
    struct board_numbers *sessions; /* of session S in mode M at S × mode_count + M */
    enum places_verdict *session_verdicts;
    bool *kept;       /* of each mode: places are kept for some; who they are the writer knows */
    bool *for_invited; /* of each mode: places are kept for who is invited to them */
    bool *slots;      /* of each: it is free, and may still be asked for */
    bool *allocated;  /* of each round: wishes have become places, one chooses what is left */
    uint64_t version; /* moves with the numbers */
    bool waiting_list; /* the event has one */
    bool open;        /* some mode takes people, be it on its waiting list */
    bool waiting;     /* none has a place, some has a list … */
    bool reserved;    /* … and what is left of some is kept for others, … */
    bool eligible;    /* … who may be whoever fills in the form */
};

/* In the request's arena. If memory runs out the page is marked as failed and nothing is open. */
void page_places_read(struct page *page, const struct event_entry *entry, struct page_places *ret_places);

/* The version alone. */
uint64_t page_places_version(struct page *page, const struct event_entry *entry);

/* The next instant at which the clock alone changes what is offered: a slot comes too near, wishes end, a session is
 * over. INT64_MAX: never. */
int64_t page_places_until(const struct event_definition *definition, int64_t now);

/* Whether the resource's slots are for who takes part in mode M. */
bool page_places_offers(const struct event_programme *programme, size_t resource, size_t m);

/* "23 of 180 places left", "Full: waiting list" … for mode N; NULL if its places are not limited. */
const char *page_places_words(struct page *page, const struct page_places *places, size_t n);
/* "87%": how much is taken; NULL if not limited. */
const char *page_places_bar(struct page *page, const struct page_places *places, size_t n);
/* The width of such a bar; NULL: less than a hundredth, an empty bar says nothing. */
const char *page_places_part(struct page *page, int64_t taken, int64_t capacity);
/* The chip of mode N, {mark, word}; false if its places are not limited. */
json_t *page_places_chip(struct page *page, const struct page_places *places, size_t n);

/* The words of any place by its numbers; NULL if it is free without limit. */
const char *page_places_say(struct page *page, const struct board_numbers *numbers, enum places_verdict verdict);
json_t *page_places_chip_of(struct page *page, const struct board_numbers *numbers, enum places_verdict verdict);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What of an event is still to be had, as the board says now. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "signup/places.h"
#include "store/board.h"

struct event_entry;
struct page;

struct page_places {
    struct board_numbers *numbers; /* of each mode, in the definition's order */
    enum places_verdict *verdicts; /* what one more person would get */
    uint64_t version;              /* moves with the numbers */
    bool open;                     /* some mode takes people, be it on its waiting list */
    bool waiting;                  /* none has a place, some has a list */
};

/* In the request's arena. If memory runs out the page is marked as failed and nothing is open. */
void page_places_read(struct page *page, const struct event_entry *entry, struct page_places *ret_places);

/* "23 of 180 places left", "Full: waiting list" … for mode N; NULL if its places are not limited. */
const char *page_places_words(struct page *page, const struct page_places *places, size_t n);
/* "87%": how much is taken; NULL if not limited. */
const char *page_places_bar(struct page *page, const struct page_places *places, size_t n);
/* The chip of mode N, {mark, word}; false if its places are not limited. */
json_t *page_places_chip(struct page *page, const struct page_places *places, size_t n);

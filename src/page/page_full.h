/* SPDX-License-Identifier: EUPL-1.2 */
/* What was just found full, in words: what it is, and what is still open in its stead. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ask_cap;
struct event_definition;
struct event_entry;
struct page;
struct page_places;

/* A sentence at a control. */
struct page_full {
    const char *control; /* NULL: none on the page */
    const char *words;   /* NULL: there is nothing to say of it beside that all is full */
};

/* The row PLACE of `place`, which somebody who takes part in MODE asked for. */
void page_full_place(struct page *page, const struct event_entry *entry, const struct page_places *places,
                     int64_t place, int mode, struct page_full *ret_full);

/* FULL is said of the guest of block NUMBER: at the same question where it is asked of him; false: it is not. */
bool page_full_move(struct page *page, const struct event_definition *definition, size_t number,
                    struct page_full *full);

/* A limit that is reached. */
void page_full_cap(struct page *page, const struct event_entry *entry, const struct page_places *places,
                   const struct ask_cap *cap, struct page_full *ret_full);

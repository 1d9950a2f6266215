/* SPDX-License-Identifier: EUPL-1.2 */
/* The events of one edition, with their rows in the store: what the pages and the mails look an event up in.
 * Built by main from what take_revision brings back; immutable afterwards, any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "event/definition.h"

enum event_state { EVENT_LIVE, EVENT_DRAFT_STATE, EVENT_WITHDRAWN, EVENT_OFF };

struct event_entry {
    const struct event_definition *definition;
    int64_t event_id;
    int64_t revision_id;
    int64_t ical_sequence;
    enum event_state state;
    /* The rows of its places, in the definition's order. */
    int64_t *mode_places;
    int64_t *session_places; /* of session S in mode M at S × mode_count + M; one room: the same in each */
    int64_t *slot_places;
    int64_t *reserve_places;
    unsigned char (*form_prints)[FORM_PRINT_SIZE]; /* per language of the definition */
};

struct event_book { size_t count; struct event_entry *entries; }; /* sorted by start, then slug */

/* An empty book with room for COUNT entries. */
int event_book_new(size_t count, struct event_book **ret_book) __attribute__((warn_unused_result));
/* The row of one place of an event. */
struct event_row {
    const char *kind, *key;
    int64_t id;
};

/* Takes DEFINITION over (its reference). ROWS are searched by kind and key; what is not among them gets the id 0. */
int event_book_add(struct event_book *book, const struct event_definition *definition, int64_t event_id,
                   int64_t revision_id, int64_t ical_sequence, enum event_state state, size_t row_count,
                   const struct event_row *rows) __attribute__((warn_unused_result));
void event_book_sort(struct event_book *book);
void event_book_free(struct event_book *book);

const struct event_entry *event_book_find(const struct event_book *book, const char *slug);
const struct event_entry *event_book_by_id(const struct event_book *book, int64_t event_id);

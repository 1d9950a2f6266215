/* SPDX-License-Identifier: EUPL-1.2 */
/* What somebody chose of the programme, in the words of a definition: today's if it still has it, else the one that its
 * owner saw. Pure but for the formatters. Called by mail, and by report/record_entry for page and mail. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct event_definition;
struct record;
struct record_place;
struct words;

struct choice {
    const char *title;    /* of the session or the slot's resource; NULL: it has none */
    const char *language; /* of the title */
    int64_t starts, ends; /* 0: none */
};

/* The session or slot that KEY names, as `place` has it. TODAY and REVISION may be the same. What neither of them has
 * is called by its key. -ENOMEM. */
int choice_find(struct arena *arena, const struct event_definition *today, const struct event_definition *revision,
                const char *kind, const char *key, const char *language, struct choice *ret_choice)
    __attribute__((warn_unused_result));

/* The same of a place that a record has: what no definition has any more is called as its row is. -ENOMEM. */
int choice_of_place(struct arena *arena, const struct event_definition *today, const struct record *record,
                    const struct record_place *place, const char *language, struct choice *ret_choice)
    __attribute__((warn_unused_result));

/* Whether PLACE was chosen: a session that not everybody takes part in, or a slot. */
bool choice_is_one(const struct record_place *place);

/* The slot of RECORD, or NULL. */
const struct record_place *choice_slot(const struct record *record);

/* Whether both instants are on one day there. */
bool choice_same_date(const char *zone, int64_t a, int64_t b);

/* "Thursday, 18 March 2027, 10:00–11:30"; without an end "…, 10:00"; NULL: no memory. */
char *choice_span(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t starts,
                  int64_t ends);
/* The same where the year is plain: "Thu, 18 March, 10:00–11:30". */
char *choice_span_short(struct words *words, struct arena *arena, const char *language, const char *zone,
                        int64_t starts, int64_t ends);

/* SPDX-License-Identifier: EUPL-1.2 */
/* When an event is, and when somebody comes to it, in the words that pages and mails share. Pure but for the
 * formatters. Called by page_when, page_cover, page_model, answer and mail/letter_model. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct catalogue;
struct event_definition;
struct record;
struct words;

enum when_kind {
    WHEN_DAYS,  /* one day, or days without one between them */
    WHEN_DATES, /* days that are apart */
    WHEN_TIMES, /* from date to date, and each comes at a time that is booked */
    WHEN_SLOT,  /* the time that somebody has booked */
};

struct when {
    enum when_kind kind;
    int64_t starts, ends; /* ends: first instant after it */
    const char *line;     /* "18–19 March 2027"; "5 dates, 3 March to 28 April 2027"; "Times between 12 April and 11
                             June 2027"; "Thursday, 18 March 2027, 10:00–11:30" */
};

/* As many days of an event are listed one by one; of more the line alone is said. */
#define WHEN_LISTED 14

/* Of the event itself; never WHEN_SLOT. */
enum when_kind when_kind(const struct event_definition *definition);

/* In ARENA. DEFINITION is today's. RECORD NULL: of the event itself; else it has a slot if that is taken or held for
 * it, not while it asks for one. -ENOMEM. */
int when_make(struct arena *arena, struct words *words, const struct catalogue *catalogue,
              const struct event_definition *definition, const struct record *record, struct when *ret_when)
    __attribute__((warn_unused_result));

/* From STARTS to ENDS, wherever the day changes: "Thursday, 18 March 2027, 09:30–17:00". NULL: no memory. */
char *when_span(struct arena *arena, struct words *words, const char *language, const char *zone, int64_t starts,
                int64_t ends);

/* DAY, "2027-03-18", as "18 March 2027"; a text that is no date as it is. NULL: no memory. */
const char *when_date(struct arena *arena, struct words *words, const char *language, const char *day);

/* The day at that position in DEFINITION's: "Thursday, 18 March 2027, 09:30–17:00". NULL: no memory. */
char *when_day(struct arena *arena, struct words *words, const char *language,
               const struct event_definition *definition, size_t day);

/* "Time zone: Vilnius (UTC+2). Brussels is one hour earlier."; without the offset where it is another one at the end
 * of WHEN than at its start. NULL: no memory. */
char *when_zone(struct arena *arena, struct words *words, const struct catalogue *catalogue,
                const struct event_definition *definition, const struct when *when);

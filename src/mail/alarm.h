/* SPDX-License-Identifier: EUPL-1.2 */
/* When somebody has to look after the mail: the oldest one that could go has been due for too long, too many are
 * refused for good, or the server has refused for a reason of policy (5.7.x). Pure; main's thread. Used by
 * mail/lookout. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ALARM_RESULTS 50   /* so many answers are looked back at, no further than an hour */
#define ALARM_LEAST 10     /* answers before a share of them says anything */

/* Their numbers stand in the instances of mails of the kind alarm. */
enum alarm_sort { ALARM_AGE, ALARM_FAILURES, ALARM_POLICY, ALARM_SORTS };

struct alarm_limits {
    int64_t age;      /* seconds; 0: never */
    int64_t failures; /* per cent; 0: never */
};

struct alarm {
    struct alarm_answer { int64_t at; bool failed; } answers[ALARM_RESULTS]; /* a ring; at 0: none */
    unsigned next;
    int64_t policy_at;        /* 0: never */
    int64_t since[ALARM_SORTS]; /* of those that hold */
    bool was_late;            /* at the last look */
    bool holds[ALARM_SORTS];
    int64_t said[ALARM_SORTS]; /* the hour since 1970 in which it was said last, plus 1 */
    int64_t failed, answered; /* as counted at the last look */
};

/* The server has answered for a mail: whether it was refused for good (FAILED), and for a reason of POLICY. */
void alarm_note(struct alarm *alarm, bool failed, bool policy, int64_t now);

/* Brings holds up to date. AGE: seconds since when the oldest mail that could go is due. A bit for each sort that is to
 * be said now: it holds, and was not said in this hour. The age counts if it was too high at the last look too: after a
 * leap of the clock, or a start, what waited is on its way. */
unsigned alarm_look(struct alarm *alarm, const struct alarm_limits *limits, int64_t age, int64_t now);

/* "age", "failures", "policy" */
const char *alarm_name(enum alarm_sort sort);

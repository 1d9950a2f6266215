/* SPDX-License-Identifier: EUPL-1.2 */
/* The calendar entry of a registration (RFC 5545, 5546, 6047), by libical. One UID per registration; several days of
 * the same hours are an RRULE with COUNT, other hours RECURRENCE-ID overrides. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct event_definition;

struct calendar {
    const struct event_definition *definition; /* times, zone and VTIMEZONE */
    bool cancel;             /* METHOD:CANCEL with STATUS:CANCELLED, else REQUEST */
    const char *uid;
    int64_t sequence, stamp;
    const char *summary, *description, *location, *url; /* url: https only or NULL */
    const char *organizer_name, *organizer_address;
    const char *attendee_name, *attendee_address;
};

/* iCalendar text with CRLF in ARENA. -ENOMEM, -EINVAL. */
int calendar_make(struct arena *arena, const struct calendar *calendar, char **ret_text)
    __attribute__((warn_unused_result));

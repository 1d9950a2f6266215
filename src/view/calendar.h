/* SPDX-License-Identifier: EUPL-1.2 */
/* The calendar entry of an event or a registration (RFC 5545, 5546, 6047), by libical. Several days of the same hours
 * are an RRULE with COUNT, other hours RECURRENCE-ID overrides. Called by view/entry. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct event_definition;

enum calendar_method {
    CALENDAR_REQUEST,
    CALENDAR_CANCEL,
    CALENDAR_PUBLISH, /* for whoever takes it: without an attendee (RFC 5546 section 3.2.1) */
};

/* A session that stands beside the event's own entry. */
struct calendar_part {
    const char *uid, *summary;
    int64_t starts, ends;
};

struct calendar {
    const struct event_definition *definition; /* times, zone and VTIMEZONE */
    enum calendar_method method;
    int64_t starts, ends; /* of a part that stands for itself; starts 0: the definition's days */
    bool called_off; /* STATUS:CANCELLED, as with CALENDAR_CANCEL */
    const char *uid;
    int64_t sequence, stamp;
    const char *summary, *description, *location, *url; /* url: https only or NULL */
    const char *organizer_name, *organizer_address;
    const char *attendee_name, *attendee_address; /* not with CALENDAR_PUBLISH */
    size_t part_count; /* 0 but with CALENDAR_PUBLISH: what asks for an answer has one UID (RFC 5546 section 3.2.2) */
    const struct calendar_part *parts;
};

/* "REQUEST" … */
const char *calendar_method_name(enum calendar_method method);

/* iCalendar text with CRLF in ARENA. -ENOMEM, -EINVAL. */
int calendar_make(struct arena *arena, const struct calendar *calendar, char **ret_text)
    __attribute__((warn_unused_result));

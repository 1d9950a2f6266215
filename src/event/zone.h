/* SPDX-License-Identifier: EUPL-1.2 */
/* Time zones, all by libical from the system's tzdata. zone_setup is called once before threads start; every function
 * then is safe from any thread, under a lock of zone.c's own: libical's look-ups share iterators.
 * Callers: main, event, view, report, page, mail. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;

int zone_setup(void) __attribute__((warn_unused_result));

/* An IANA zone that the system knows. */
bool zone_known(const char *zone);

/* Wall time, minutes or seconds exact, as in a definition. */
struct wall { int year, month, day, hour, minute, second; };

/* "2027-03-18", a day that exists, of the years 1000 to 9999. */
bool wall_is_day(const char *text);

/* "2027-03-18T09:30" (seconds allowed). -EINVAL: not of that form or no date of the calendar. */
int wall_parse(const char *text, struct wall *ret_wall) __attribute__((warn_unused_result));

/* Days since 1 January 1970. */
int64_t wall_day(const struct wall *wall);
/* So many DAYS later, or earlier, at the same time of the day. */
struct wall wall_plus_days(const struct wall *wall, int64_t days);

/* To UTC. -ERANGE: this wall time does not exist there (the gap when clocks go forward). In the doubled hour the
 * earlier instant is taken. -ENOENT: unknown zone. */
int zone_to_utc(const char *zone, const struct wall *wall, int64_t *ret_at) __attribute__((warn_unused_result));

/* The same, but what does not exist is read as by clocks that did not go forward: 02:30 is 03:30 then. */
int zone_to_utc_always(const char *zone, const struct wall *wall, int64_t *ret_at) __attribute__((warn_unused_result));

/* Seconds east of UTC at AT; 0 for an unknown zone. */
int zone_offset(const char *zone, int64_t at);
/* AT as people there read it. */
void zone_to_wall(const char *zone, int64_t at, struct wall *ret_wall);

/* The VTIMEZONE of ZONE as iCalendar text with CRLF, good for FIRST .. LAST: TZID plain, the greater offset is DAYLIGHT
 * (Europe/Dublin is the other way round in tzdata), rules without UNTIL. *ret_text in ARENA; NULL if such a
 * VTIMEZONE would give another offset than the zone has at FIRST or LAST: then write UTC times. */
int zone_calendar(struct arena *arena, const char *zone, int64_t first, int64_t last, char **ret_text)
    __attribute__((warn_unused_result));

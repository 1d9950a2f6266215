/* SPDX-License-Identifier: EUPL-1.2 */
/* Time zones by libical from the system's tzdata. Callers: main, event, view, report, page, mail. Any thread, after
 * zone_setup.
 * libical keeps an iterator's position inside the component that is iterated, and its own look-ups iterate the shared
 * zones too; so one lock is held around each use of them. A use takes about a microsecond. */
#include "event/zone.h"

#include <ctype.h>
#include <errno.h>
#include <libical/ical.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"

#define DAY 86400
#define NAME_MAX_SIZE 60

/* Guards libical's process-wide table of zones, which we cannot hold in an object of our own. */
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

int zone_setup(void)
{
    icalerror_set_errors_are_fatal(0);
    (void)pthread_mutex_lock(&zones_lock);
    bool good = icaltimezone_get_builtin_timezone("Europe/Brussels") != NULL; /* fills the table */
    (void)pthread_mutex_unlock(&zones_lock);
    return good ? 0 : -ENOENT;
}

/* Letters, digits, `_+-` and single inner slashes. libical makes a path of the name, so nothing else may reach it; and
 * what lies in the zoneinfo folder beside the zones (leap seconds in right/, the machine's own zone) is no zone. */
static bool is_name(const char *zone)
{
    static const char *const others[] = { "localtime", "posixrules", "Factory", NULL };

    if (!isalpha((unsigned char)zone[0]) || strlen(zone) > NAME_MAX_SIZE)
        return false;
    if (strncmp(zone, "posix/", 6) == 0 || strncmp(zone, "right/", 6) == 0)
        return false;
    for (size_t i = 0; others[i]; i++)
        if (strcmp(zone, others[i]) == 0)
            return false;
    for (const char *p = zone; *p; p++) {
        if (*p == '/' && isalpha((unsigned char)p[1]))
            continue;
        if (!isascii((unsigned char)*p) || (!isalnum((unsigned char)*p) && !strchr("_+-", *p)))
            return false;
    }
    return true;
}

/* With the lock held. */
static icaltimezone *find(const char *zone)
{
    return is_name(zone) ? icaltimezone_get_builtin_timezone(zone) : NULL;
}

static int offset_in(icaltimezone *zone, int64_t at)
{
    int is_daylight;
    struct icaltimetype time = icaltime_from_timet_with_zone((time_t)at, 0, icaltimezone_get_utc_timezone());
    return icaltimezone_get_utc_offset_of_utc_time(zone, &time, &is_daylight);
}

bool zone_known(const char *zone)
{
    (void)pthread_mutex_lock(&zones_lock);
    bool known = find(zone) != NULL;
    (void)pthread_mutex_unlock(&zones_lock);
    return known;
}

int zone_offset(const char *zone, int64_t at)
{
    (void)pthread_mutex_lock(&zones_lock);
    icaltimezone *found = find(zone);
    int offset = found ? offset_in(found, at) : 0;
    (void)pthread_mutex_unlock(&zones_lock);
    return offset;
}

static int64_t wall_to_seconds(const struct wall *wall)
{
    struct tm tm = { .tm_year = wall->year - 1900, .tm_mon = wall->month - 1, .tm_mday = wall->day,
                     .tm_hour = wall->hour, .tm_min = wall->minute, .tm_sec = wall->second };
    return timegm(&tm);
}

static void seconds_to_wall(int64_t seconds, struct wall *ret_wall)
{
    struct tm tm;
    time_t at = (time_t)seconds;
    *ret_wall = (struct wall){ .year = 1970, .month = 1, .day = 1 };
    if (gmtime_r(&at, &tm))
        *ret_wall = (struct wall){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
}

static bool take_digits(const char **text, size_t count, int *ret_number)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)(*text)[i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    *text += count;
    *ret_number = number;
    return true;
}

static bool take(const char **text, char c)
{
    if (**text != c)
        return false;
    (*text)++;
    return true;
}

int64_t wall_day(const struct wall *wall)
{
    const struct wall midnight = { .year = wall->year, .month = wall->month, .day = wall->day };
    return wall_to_seconds(&midnight) / DAY;
}

struct wall wall_plus_days(const struct wall *wall, int64_t days)
{
    struct wall moved;
    seconds_to_wall(wall_to_seconds(wall) + days * DAY, &moved);
    return moved;
}

int wall_parse(const char *text, struct wall *ret_wall)
{
    struct wall wall = { 0 }, again;

    if (!take_digits(&text, 4, &wall.year) || !take(&text, '-') || !take_digits(&text, 2, &wall.month) ||
        !take(&text, '-') || !take_digits(&text, 2, &wall.day) || !take(&text, 'T') ||
        !take_digits(&text, 2, &wall.hour) || !take(&text, ':') || !take_digits(&text, 2, &wall.minute))
        return -EINVAL;
    if (*text && (!take(&text, ':') || !take_digits(&text, 2, &wall.second) || *text))
        return -EINVAL;
    if (wall.year < 1970 || wall.year > 2199)
        return -EINVAL;
    seconds_to_wall(wall_to_seconds(&wall), &again); /* 30 February comes back as 2 March */
    if (memcmp(&wall, &again, sizeof(wall)) != 0)
        return -EINVAL;
    *ret_wall = wall;
    return 0;
}

bool wall_is_day(const char *text)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year, month, day;

    if (!take_digits(&text, 4, &year) || !take(&text, '-') || !take_digits(&text, 2, &month) || !take(&text, '-') ||
        !take_digits(&text, 2, &day) || *text || year < 1000 || month < 1 || month > 12)
        return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* GAP: also a wall time that does not exist. */
static int to_utc(const char *zone, const struct wall *wall, bool gap, int64_t *ret_at)
{
    int64_t local = wall_to_seconds(wall), at = 0;
    bool found = false;

    (void)pthread_mutex_lock(&zones_lock);
    icaltimezone *ical = find(zone);
    if (ical) {
        /* Clocks are not changed twice in two days, so one of the offsets around it is the one that holds. The greater
         * one gives the earlier instant. */
        int before = offset_in(ical, local - DAY), after = offset_in(ical, local + DAY);
        int greater = before > after ? before : after, lesser = before > after ? after : before;
        if (offset_in(ical, local - greater) == greater) {
            at = local - greater;
            found = true;
        } else if (offset_in(ical, local - lesser) == lesser) {
            at = local - lesser;
            found = true;
        } else if (gap) {
            at = local - before;
            found = true;
        }
    }
    (void)pthread_mutex_unlock(&zones_lock);
    if (!ical)
        return -ENOENT;
    if (!found)
        return -ERANGE;
    *ret_at = at;
    return 0;
}

int zone_to_utc(const char *zone, const struct wall *wall, int64_t *ret_at)
{
    return to_utc(zone, wall, false, ret_at);
}

int zone_to_utc_always(const char *zone, const struct wall *wall, int64_t *ret_at)
{
    return to_utc(zone, wall, true, ret_at);
}

void zone_to_wall(const char *zone, int64_t at, struct wall *ret_wall)
{
    seconds_to_wall(at + zone_offset(zone, at), ret_wall);
}

/* One observance, copied out of libical's component before the next look-up moves its iterator. */
struct observance { int to; char name[40]; struct icalrecurrencetype rule; };

static bool read_observance(icalcomponent *component, struct observance *ret_observance)
{
    struct observance o = { 0 };
    bool has_rule = false;

    for (icalproperty *p = icalcomponent_get_first_property(component, ICAL_ANY_PROPERTY); p;
         p = icalcomponent_get_next_property(component, ICAL_ANY_PROPERTY)) {
        switch (icalproperty_isa(p)) {
        case ICAL_TZOFFSETTO_PROPERTY:
            o.to = icalproperty_get_tzoffsetto(p);
            break;
        case ICAL_TZNAME_PROPERTY:
            (void)snprintf(o.name, sizeof(o.name), "%s", icalproperty_get_tzname(p));
            break;
        case ICAL_RRULE_PROPERTY:
            o.rule = icalproperty_get_rrule(p);
            has_rule = icaltime_is_null_time(o.rule.until);
            break;
        default:
            break;
        }
    }
    if (!has_rule)
        return false;
    *ret_observance = o;
    return true;
}

/* The rules that hold without end: those of the last line of the zone's file. Their count; more than MAX counts on. */
static size_t read_endless(icaltimezone *zone, struct observance *observances, size_t max)
{
    icalcomponent *component = icaltimezone_get_component(zone);
    size_t count = 0;
    if (!component)
        return 0; /* UTC */
    for (icalcompiter i = icalcomponent_begin_component(component, ICAL_ANY_COMPONENT); icalcompiter_deref(&i);
         (void)icalcompiter_next(&i)) {
        struct observance o;
        if (!read_observance(icalcompiter_deref(&i), &o))
            continue;
        if (count < max)
            observances[count] = o;
        count++;
    }
    return count;
}

static bool next_instance(const struct observance *o, struct icaltimetype from, struct icaltimetype *ret_time)
{
    icalrecur_iterator *iterator = icalrecur_iterator_new(o->rule, from);
    if (!iterator)
        return false;
    struct icaltimetype time = icalrecur_iterator_next(iterator);
    icalrecur_iterator_free(iterator);
    if (icaltime_is_null_time(time))
        return false;
    *ret_time = time;
    return true;
}

/* Where the series of O starts: its first instance from 1970 on, in the wall time that held before, offset FROM.
 * libical's own TZOFFSETFROM, and so the hour of its DTSTART, is wrong where its endless rule starts in the summer time
 * of 2037 to 2038 (the Azores, Nuuk), so the hour is sought in the zone itself, in the year of FIRST. */
static bool first_instance(icaltimezone *zone, const struct observance *o, int from, int64_t first,
                           struct icaltimetype *ret_start)
{
    struct icaltimetype sample;
    struct wall hour;

    seconds_to_wall(first, &hour);
    if (!next_instance(o, (struct icaltimetype){ .year = hour.year, .month = 1, .day = 1 }, &sample))
        return false;
    int64_t middle = (int64_t)icaltime_as_timet_with_zone(sample, icaltimezone_get_utc_timezone());
    int64_t low = middle - 2 * DAY, high = middle + 2 * DAY;
    if (offset_in(zone, low) != from || offset_in(zone, high) != o->to)
        return false;
    while (high - low > 1) {
        middle = low + (high - low) / 2;
        if (offset_in(zone, middle) == from)
            low = middle;
        else
            high = middle;
    }
    seconds_to_wall(high + from, &hour);

    struct icaltimetype epoch = { .year = 1970, .month = 1, .day = 1,
                                  .hour = hour.hour, .minute = hour.minute, .second = hour.second };
    return next_instance(o, epoch, ret_start);
}

static int add_observance(icalcomponent *parent, bool summer, int from, int to, const char *name,
                          struct icaltimetype start, const struct icalrecurrencetype *rule)
{
    icalcomponent *child = summer ? icalcomponent_new_xdaylight() : icalcomponent_new_xstandard();
    if (!child)
        return -ENOMEM;
    icalcomponent_add_component(parent, child);
    icalproperty *properties[] = {
        icalproperty_new_dtstart(start), icalproperty_new_tzoffsetfrom(from), icalproperty_new_tzoffsetto(to),
        icalproperty_new_tzname(name[0] ? name : "Local"), rule ? icalproperty_new_rrule(*rule) : NULL,
    };
    int r = 0;
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (properties[i])
            icalcomponent_add_property(child, properties[i]);
        else if (i < 4 || rule)
            r = -ENOMEM;
    }
    return r;
}

static int build(icaltimezone *zone, const char *name, int64_t first, icalcomponent *calendar)
{
    struct observance o[2];
    struct icaltimetype start[2];
    size_t count = read_endless(zone, o, 2);

    icalproperty *id = icalproperty_new_tzid(name);
    if (!id)
        return -ENOMEM;
    icalcomponent_add_property(calendar, id);
    if (count == 2 && first_instance(zone, &o[0], o[1].to, first, &start[0]) &&
        first_instance(zone, &o[1], o[0].to, first, &start[1])) {
        /* Europe/Dublin calls its winter the daylight time; readers expect the greater offset there. */
        for (size_t i = 0; i < 2; i++) {
            int other = o[1 - i].to;
            int r = add_observance(calendar, o[i].to > other, other, o[i].to, o[i].name, start[i], &o[i].rule);
            if (r < 0)
                return r;
        }
        return 0;
    }
    int offset = offset_in(zone, first);
    char word[16];
    (void)snprintf(word, sizeof(word), "%c%02d%02d", offset < 0 ? '-' : '+', abs(offset) / 3600, abs(offset) / 60 % 60);
    return add_observance(calendar, false, offset, offset, offset == 0 ? "UTC" : word,
                          icaltime_from_string("19700101T000000"), NULL);
}

/* True if CALENDAR, read by itself, gives ZONE's offsets at FIRST and LAST. */
static bool agrees(icaltimezone *zone, icalcomponent *calendar, int64_t first, int64_t last)
{
    icalcomponent *copy = icalcomponent_new_clone(calendar);
    icaltimezone *made = icaltimezone_new();
    bool good = false;

    if (copy && made && icaltimezone_set_component(made, copy)) {
        copy = NULL; /* it belongs to MADE */
        good = offset_in(made, first) == offset_in(zone, first) && offset_in(made, last) == offset_in(zone, last);
    }
    if (copy)
        icalcomponent_free(copy);
    if (made)
        icaltimezone_free(made, 1);
    return good;
}

int zone_calendar(struct arena *arena, const char *zone, int64_t first, int64_t last, char **ret_text)
{
    char *text = NULL;

    (void)pthread_mutex_lock(&zones_lock);
    icaltimezone *found = find(zone);
    icalcomponent *calendar = found ? icalcomponent_new_vtimezone() : NULL;
    int r = !found ? -ENOENT : !calendar ? -ENOMEM : build(found, zone, first, calendar);
    if (r == 0 && icaltimezone_get_component(found) && agrees(found, calendar, first, last)) { /* UTC has none */
        char *ical = icalcomponent_as_ical_string_r(calendar);
        text = arena_copy(arena, ical);
        icalmemory_free_buffer(ical);
        r = text ? 0 : -ENOMEM;
    }
    if (calendar)
        icalcomponent_free(calendar);
    (void)pthread_mutex_unlock(&zones_lock);
    if (r == 0)
        *ret_text = text;
    return r;
}

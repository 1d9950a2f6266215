/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts the days of an event, or the time that somebody has booked of it, into words: days that are apart are counted,
 * for a span over them would say that it is on every day; and so would the span of an event that is by appointment.
 * Called by page_when, page_cover and mail/letter_model. Any thread; the formatters are the caller's. */
#include "report/when.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "report/choice.h"
#include "report/record.h"
#include "view/catalogue.h"
#include "view/words.h"

#define DAY_SECONDS 86400

/* Whether LATER is on the day of EARLIER, or on the next. */
static bool is_next(const char *zone, int64_t earlier, int64_t later)
{
    struct wall wall;
    int64_t noon;
    zone_to_wall(zone, earlier, &wall);
    wall = (struct wall){ .year = wall.year, .month = wall.month, .day = wall.day, .hour = 12 };
    /* a day later it is between 11 and 13 there, whatever the clocks do */
    return choice_same_date(zone, earlier, later) ||
           (zone_to_utc(zone, &wall, &noon) == 0 && choice_same_date(zone, noon + DAY_SECONDS, later));
}

static bool days_are_apart(const struct event_definition *definition)
{
    for (size_t i = 1; i < definition->day_count; i++)
        if (!is_next(definition->zone, definition->days[i - 1].ends - 1, definition->days[i].starts))
            return true;
    return false;
}

/* How many dates the days begin on: one may have a morning and an evening. */
static int64_t count_dates(const struct event_definition *definition)
{
    int64_t count = 1;
    for (size_t i = 1; i < definition->day_count; i++)
        count += !choice_same_date(definition->zone, definition->days[i - 1].starts, definition->days[i].starts);
    return count;
}

/* Whether nobody comes without a booked time: RECORD in its mode, or anybody. */
static bool is_by_slot(const struct event_definition *definition, const struct record *record)
{
    if (record)
        return programme_has_slots(&definition->programme, record->mode ? event_mode(definition, record->mode) : -1);
    for (size_t i = 0; i < definition->mode_count; i++)
        if (!programme_has_slots(&definition->programme, (int)i))
            return false;
    return true;
}

static const struct record_place *slot_of(const struct record *record)
{
    const struct record_place *place = record ? choice_slot(record) : NULL;
    return place && place->hold != RECORD_ASKED ? place : NULL;
}

static enum when_kind event_kind(const struct event_definition *definition, const struct record *record)
{
    if (days_are_apart(definition))
        return WHEN_DATES;
    bool one_day = choice_same_date(definition->zone, definition->starts, definition->ends - 1);
    return definition->day_count == 1 && !one_day && is_by_slot(definition, record) ? WHEN_TIMES : WHEN_DAYS;
}

enum when_kind when_kind(const struct event_definition *definition)
{
    return event_kind(definition, NULL);
}

static const char *line_of(struct arena *arena, struct words *words, const struct catalogue *catalogue,
                           const struct event_definition *definition, enum when_kind kind)
{
    const char *language = catalogue_language(catalogue), *zone = definition->zone, *first, *last;
    int64_t ends = definition->ends - 1;

    if (kind == WHEN_DAYS)
        return words_date_range(words, arena, language, zone, definition->starts, ends);
    if (words_date_ends(words, arena, language, zone, definition->starts, ends, &first, &last) < 0)
        return NULL;
    if (kind == WHEN_TIMES)
        return catalogue_format(catalogue, arena, "when.times", "first", first, "last", last, NULL);
    return catalogue_count(catalogue, arena, "when.dates", count_dates(definition), "first", first, "last", last, NULL);
}

int when_make(struct arena *arena, struct words *words, const struct catalogue *catalogue,
              const struct event_definition *definition, const struct record *record, struct when *ret_when)
{
    const char *language = catalogue_language(catalogue);
    const struct record_place *place = slot_of(record);
    struct when when = { .starts = definition->starts, .ends = definition->ends };
    struct choice slot = { 0 };

    if (place && choice_of_place(arena, definition, record, place, language, &slot) < 0)
        return -ENOMEM;
    if (slot.starts != 0) {
        when.kind = WHEN_SLOT;
        when.starts = slot.starts;
        when.ends = slot.ends != 0 ? slot.ends : slot.starts;
        when.line = choice_span(words, arena, language, definition->zone, slot.starts, slot.ends);
    } else {
        when.kind = event_kind(definition, record);
        when.line = line_of(arena, words, catalogue, definition, when.kind);
    }
    if (!when.line)
        return -ENOMEM;
    *ret_when = when;
    return 0;
}

char *when_span(struct arena *arena, struct words *words, const char *language, const char *zone, int64_t starts,
                int64_t ends)
{
    if (choice_same_date(zone, starts, ends))
        return choice_span(words, arena, language, zone, starts, ends);
    const char *first = words_date(words, arena, language, zone, starts, WORDS_SHORT_DATE_TIME_WEEKDAY);
    const char *last = words_date(words, arena, language, zone, ends, WORDS_SHORT_DATE_TIME_WEEKDAY);
    return first && last ? arena_format(arena, "%s – %s", first, last) : NULL;
}

char *when_day(struct arena *arena, struct words *words, const char *language,
               const struct event_definition *definition, size_t day)
{
    return when_span(arena, words, language, definition->zone, definition->days[day].starts,
                     definition->days[day].ends);
}

const char *when_date(struct arena *arena, struct words *words, const char *language, const char *day)
{
    const char *noon = arena_format(arena, "%sT12:00", day);
    struct wall wall;
    int64_t at;

    if (!noon || wall_parse(noon, &wall) < 0 || zone_to_utc("UTC", &wall, &at) < 0)
        return day;
    return words_date(words, arena, language, "UTC", at, WORDS_DATE);
}

char *when_zone(struct arena *arena, struct words *words, const struct catalogue *catalogue,
                const struct event_definition *definition, const struct when *when)
{
    const char *zone = definition->zone;
    int ahead = zone_offset(zone, when->starts) - zone_offset("Europe/Brussels", when->starts);
    bool changes = zone_offset(zone, when->starts) != zone_offset(zone, when->ends);
    const char *city = words_zone_city(words, arena, catalogue_language(catalogue), zone);
    const char *offset = words_offset(arena, zone, when->starts);
    char *here;

    if (!city || !offset)
        return NULL;
    if (changes)
        here = catalogue_format(catalogue, arena, "when.zone_city", "city", city, NULL);
    else
        here = catalogue_format(catalogue, arena, "when.zone", "city", city, "offset", offset, NULL);
    if (!here || ahead == 0 || ahead % 3600 != 0)
        return here;
    const char *brussels = catalogue_count(catalogue, arena,
                                           ahead > 0 ? "when.brussels_earlier" : "when.brussels_later",
                                           ahead > 0 ? ahead / 3600 : -ahead / 3600, NULL);
    return brussels ? arena_format(arena, "%s %s", here, brussels) : NULL;
}

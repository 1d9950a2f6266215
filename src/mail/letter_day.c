/* SPDX-License-Identifier: EUPL-1.2 */
/* Finds the day of a reminder anew when the letter is written, for its hours may have moved since the mail was born. A
 * day that has moved to another date has mails of its own. Callers: letter, kind; the sender's thread. */
#include "mail/letter_day.h"

#include <string.h>

#include "event/definition.h"
#include "event/zone.h"
#include "mail/kind.h"
#include "mail/letter_model.h"
#include "report/record.h"

#define DAY (24 * 3600)

static bool is_same_date(const char *zone, int64_t a, int64_t b)
{
    struct wall x, y;
    zone_to_wall(zone, a, &x);
    zone_to_wall(zone, b, &y);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

static void set_day(struct letter *letter, int64_t starts, int64_t ends)
{
    letter->day.given = true;
    letter->day.starts = starts;
    letter->day.ends = ends;
}

/* To those who book a time the event's own days say nothing. */
static void find_slot(struct letter *letter, int64_t about)
{
    for (size_t i = 0; i < letter->record->place_count; i++) {
        const struct record_place *place = &letter->record->places[i];
        if (strcmp(place->kind, "slot") == 0 && place->hold == RECORD_TAKEN &&
            is_same_date(letter->definition->zone, place->starts, about))
            set_day(letter, place->starts, place->ends);
    }
}

void letter_day_find(struct letter *letter)
{
    const struct event_definition *definition = letter->definition;
    const json_t *about = json_object_get(letter->data, "starts");
    if (!json_is_integer(about))
        return;
    int mode = letter->record->mode ? event_mode(definition, letter->record->mode) : -1;
    if (programme_has_slots(&definition->programme, mode)) {
        find_slot(letter, json_integer_value(about));
        return;
    }
    for (size_t i = 0; i < definition->day_count; i++) {
        const struct event_day *day = &definition->days[i];
        if (is_same_date(definition->zone, day->starts, json_integer_value(about))) /* a morning, and an evening */
            set_day(letter, letter->day.given ? letter->day.starts : day->starts, day->ends);
    }
}

const struct letter_words *letter_day_words(const struct letter *letter)
{
    static const struct letter_words today = { "mail.reminder.subject_today", "mail.reminder.heading_today" };
    static const struct letter_words tomorrow = { "mail.reminder.subject_tomorrow", "mail.reminder.heading_tomorrow" };
    static const struct letter_words later = { "mail.reminder.subject", "mail.reminder.heading" };
    const char *zone = letter->definition->zone;
    struct wall wall;

    if (is_same_date(zone, letter->now, letter->day.starts))
        return &today;
    /* noon of the next day, however long this one is */
    zone_to_wall(zone, letter->now, &wall);
    int64_t noon = letter->now + DAY + (12 - wall.hour) * 3600;
    return is_same_date(zone, noon, letter->day.starts) ? &tomorrow : &later;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* When and where it was to be, as the change noted it in the mail's row: the person may have been told by another
 * revision than that of the registration. Caller: letter_model; the sender's thread. */
#include "mail/letter_moved.h"

#include <string.h>

#include "change/mail_lease.h"
#include "event/definition.h"
#include "event/zone.h"
#include "mail/kind.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "report/when.h"

static void add_days(struct making *making, json_t *row, const char *zone, const json_t *days)
{
    const struct letter *letter = making->letter;
    size_t i;
    const json_t *day;
    json_array_foreach(days, i, day) {
        const json_t *starts = json_array_get(day, 0), *ends = json_array_get(day, 1);
        if (i == WHEN_LISTED)
            break;
        if (json_is_integer(starts) && json_is_integer(ends))
            making_add_strong(making, row,
                              when_span(letter->arena, letter->desk->words, letter->language, zone,
                                        json_integer_value(starts), json_integer_value(ends)));
    }
}

static bool times_differ(const struct event_definition *now, const json_t *days)
{
    size_t i;
    const json_t *day;
    json_array_foreach(days, i, day)
        if (i >= now->day_count || json_integer_value(json_array_get(day, 0)) != now->days[i].starts ||
            json_integer_value(json_array_get(day, 1)) != now->days[i].ends)
            return true;
    return i != now->day_count;
}

static bool place_differs(const struct letter *letter, const char *was)
{
    const struct event_definition *now = letter->definition;
    const char *is = now->has_place ? event_text_in(now, &now->place, letter->language, NULL) : NULL;
    return was && is ? strcmp(was, is) != 0 : was != is;
}

const struct letter_words *letter_moved_words(const struct letter *letter)
{
    static const struct letter_words time = { "mail.event_moved.subject_time", "mail.event_moved.heading_time" };
    static const struct letter_words place = { "mail.event_moved.subject_place", "mail.event_moved.heading_place" };
    const json_t *was = json_object_get(letter->data, "place");
    bool known = json_is_string(json_object_get(letter->data, "zone")) && was;
    bool times = known && times_differ(letter->definition, json_object_get(letter->data, "days"));
    bool elsewhere = known && !letter_model_is_online(letter) && place_differs(letter, json_string_value(was));
    return times == elsewhere ? &letter->kind->words : times ? &time : &place;
}

void letter_moved_put(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const char *zone = json_string_value(json_object_get(letter->data, "zone"));
    const char *place = json_string_value(json_object_get(letter->data, "place"));
    if (strcmp(letter->mail->kind, "event_moved") != 0 || !zone || !zone_known(zone))
        return;
    json_t *row = making_add_row(making, facts, making_word(making, "mail.event_moved.was"));
    add_days(making, row, zone, json_object_get(letter->data, "days"));
    if (place && !letter_model_is_online(letter))
        making_add_soft(making, row, place);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Titles and times of what somebody chose. Called by mail/letter_choice and report/record_entry. Any thread; the
 * formatters are the caller's. */
#include "report/choice.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "report/record.h"
#include "view/words.h"

static void use_session(const struct event_definition *definition, int index, const char *language,
                        struct choice *choice)
{
    const struct event_session *session = &definition->programme.sessions[index];
    choice->title = event_text_in(definition, &session->title, language, &choice->language);
    if (session->has_times) {
        choice->starts = session->starts;
        choice->ends = session->ends;
    }
}

/* A resource without a title needs none where it is the only one: the time says it. */
static void use_resource(const struct event_definition *definition, size_t index, const char *language,
                         struct choice *choice)
{
    const struct event_resource *resource = &definition->programme.resources[index];
    if (resource->has_title)
        choice->title = event_text_in(definition, &resource->title, language, &choice->language);
    else if (definition->programme.resource_count > 1)
        choice->title = resource->id;
}

/* A slot that the rules no longer make: its key still names the resource and the hour. */
static bool use_key(const struct event_definition *definition, const char *key, const char *language,
                    struct choice *choice)
{
    const char *slash = strchr(key, '/');
    struct wall wall;
    int64_t at;
    if (!slash || wall_parse(slash + 1, &wall) < 0 || zone_to_utc(definition->zone, &wall, &at) < 0)
        return false;
    for (size_t i = 0; i < definition->programme.resource_count; i++) {
        const char *id = definition->programme.resources[i].id;
        if (strlen(id) == (size_t)(slash - key) && strncmp(id, key, strlen(id)) == 0) {
            use_resource(definition, i, language, choice);
            choice->starts = at;
            return true;
        }
    }
    return false;
}

static bool use_slot(const struct event_definition *definition, const char *key, const char *language,
                     struct choice *choice)
{
    int index = programme_slot(&definition->programme, key);
    if (index < 0)
        return false;
    const struct event_slot *slot = &definition->programme.slots[index];
    use_resource(definition, slot->resource, language, choice);
    choice->starts = slot->starts;
    choice->ends = slot->ends;
    return true;
}

/* False: neither definition has it. */
static int find(struct arena *arena, const struct event_definition *const definitions[2], const char *kind,
                const char *key, const char *language, struct choice *choice, bool *ret_found)
{
    bool session = strcmp(kind, "session") == 0, found = false;
    const char *id = session ? arena_copy_n(arena, key, strcspn(key, "@")) : key;
    if (!id)
        return -ENOMEM;
    for (size_t i = 0; i < 2 && !found; i++) {
        int index = session ? programme_session(&definitions[i]->programme, id) : -1;
        if (index >= 0)
            use_session(definitions[i], index, language, choice);
        found = session ? index >= 0 : use_slot(definitions[i], key, language, choice);
    }
    for (size_t i = 0; i < 2 && !found && !session; i++)
        found = use_key(definitions[i], key, language, choice);
    *ret_found = found;
    return 0;
}

int choice_find(struct arena *arena, const struct event_definition *today, const struct event_definition *revision,
                const char *kind, const char *key, const char *language, struct choice *ret_choice)
{
    const struct event_definition *const definitions[2] = { today, revision };
    struct choice choice = { .language = language };
    bool found;
    int r = find(arena, definitions, kind, key, language, &choice, &found);
    if (r < 0)
        return r;
    if (!found)
        choice.title = key;
    *ret_choice = choice;
    return 0;
}

int choice_of_place(struct arena *arena, const struct event_definition *today, const struct record *record,
                    const struct record_place *place, const char *language, struct choice *ret_choice)
{
    const struct event_definition *const definitions[2] = { today, record->definition };
    struct choice choice = { .language = language };
    bool found;
    int r = find(arena, definitions, place->kind, place->key, language, &choice, &found);
    if (r < 0)
        return r;
    if (!found)
        choice = (struct choice){ .title = place->title ? place->title : place->key, .language = language };
    if (choice.ends == 0 && place->ends != 0) {
        choice.starts = place->starts;
        choice.ends = place->ends;
    }
    *ret_choice = choice;
    return 0;
}

bool choice_is_one(const struct record_place *place)
{
    return strcmp(place->kind, "slot") == 0 || (strcmp(place->kind, "session") == 0 && place->round);
}

const struct record_place *choice_slot(const struct record *record)
{
    for (size_t i = 0; i < record->place_count; i++)
        if (strcmp(record->places[i].kind, "slot") == 0)
            return &record->places[i];
    return NULL;
}

/* ---- times ---- */

bool choice_same_date(const char *zone, int64_t a, int64_t b)
{
    struct wall x, y;
    zone_to_wall(zone, a, &x);
    zone_to_wall(zone, b, &y);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

static char *span(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t starts,
                  int64_t ends, enum words_form form)
{
    if (ends != 0 && !choice_same_date(zone, starts, ends)) {
        const char *first = span(words, arena, language, zone, starts, 0, form);
        const char *last = span(words, arena, language, zone, ends, 0, form);
        return first && last ? arena_format(arena, "%s – %s", first, last) : NULL;
    }
    const char *date = words_date(words, arena, language, zone, starts, form);
    const char *hours = ends != 0 ? words_time_range(words, arena, language, zone, starts, ends)
                                  : words_date(words, arena, language, zone, starts, WORDS_TIME);
    return date && hours ? arena_format(arena, "%s, %s", date, hours) : NULL;
}

char *choice_span(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t starts,
                  int64_t ends)
{
    return span(words, arena, language, zone, starts, ends, WORDS_DATE_WEEKDAY);
}

char *choice_span_short(struct words *words, struct arena *arena, const char *language, const char *zone,
                        int64_t starts, int64_t ends)
{
    return span(words, arena, language, zone, starts, ends, WORDS_SHORT_DATE_WEEKDAY_NO_YEAR);
}

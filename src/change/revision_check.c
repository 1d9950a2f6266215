/* SPDX-License-Identifier: EUPL-1.2 */
/* The edits of a definition that would break what is stored: a capacity below what is taken, a mode or an option gone
 * that somebody has, another type for a field that has answers. A field may go: its answers and its column stay.
 * Called by take_revision on the writer's thread. */
#include "change/revision_check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "signup/places.h"
#include "store/facts.h"

/* REASON comes from arena_format; NULL is lack of memory. */
static int refuse(struct facts *facts, struct revision_reasons *reasons, const char *reason)
{
    const char **items =
        reason ? arena_grow(facts_arena(facts), reasons->items, reasons->count, &reasons->room, sizeof(*items)) : NULL;
    if (!items)
        return -ENOMEM;
    items[reasons->count++] = reason;
    reasons->items = items;
    return 0;
}

static int check_mode(struct facts *facts, const struct event_fact *event, const struct place_row *place,
                      const struct event_definition *definition, struct revision_reasons *reasons)
{
    struct arena *arena = facts_arena(facts);
    int position = event_mode(definition, place->key);
    if (position < 0) {
        int64_t people; /* more than the places taken: an applicant need not hold one */
        int r = facts_mode_people(facts, event->id, place->key, &people);
        if (r < 0 || people == 0)
            return r;
        return refuse(facts, reasons,
                      arena_format(arena, "modes: %s is gone, but %" PRId64 " people have it", place->key, people));
    }
    const struct event_mode *mode = &definition->modes[position];
    if (mode->limited && mode->capacity < place->taken)
        return refuse(facts, reasons,
                      arena_format(arena, "modes: capacity %" PRId64 " of %s is below the %" PRId64 " places taken",
                                   mode->capacity, place->key, place->taken));
    return 0;
}

const struct event_cap *revision_cap(const struct event_programme *programme, const struct place_row *row)
{
    static const char *const prefixes[] = {
        [CAP_ORGANISATION] = "org:", [CAP_COUNTRY] = "country:", [CAP_STAKEHOLDER] = "type:"
    };
    for (size_t i = 0; i < programme->cap_count; i++) {
        const char *prefix = prefixes[programme->caps[i].by];
        if (strncmp(row->key, prefix, strlen(prefix)) == 0)
            return &programme->caps[i];
    }
    return NULL;
}

static int check_cap(struct facts *facts, const struct place_row *row, const struct event_definition *definition,
                     struct revision_reasons *reasons)
{
    const struct event_cap *cap = revision_cap(&definition->programme, row);
    if (!cap || cap->max >= row->taken)
        return 0;
    return refuse(facts, reasons,
                  arena_format(facts_arena(facts), "caps: max %" PRId64 " of %s is below the %" PRId64 " places taken",
                               cap->max, row->key, row->taken));
}

/* Sessions and slots: as for modes, by what is claimed, asked and wished for. */
static int check_place(struct facts *facts, const struct place_row *row, const struct event_place *wanted,
                       struct revision_reasons *reasons)
{
    struct arena *arena = facts_arena(facts);
    int64_t people = row->taken + row->asked;
    bool reserve = strcmp(row->kind, "reserve") == 0; /* one that goes is released */
    if (!wanted && people > 0 && !reserve)
        return refuse(facts, reasons, arena_format(arena, "%ss: %s is gone, but %" PRId64 " people have it", row->kind,
                                               row->key, people));
    if (wanted && wanted->limited && wanted->capacity < row->taken)
        return refuse(facts, reasons,
                      arena_format(arena, "%ss: capacity %" PRId64 " of %s is below the %" PRId64 " places taken",
                                   row->kind, wanted->capacity, row->key, row->taken));
    return 0;
}

/* What is taken in general and what all reserves keep must go into the mode together. */
static int check_reserves(struct facts *facts, const struct event_fact *event, size_t mode,
                          const struct event_definition *definition, struct revision_reasons *reasons)
{
    const struct event_programme *programme = &definition->programme;
    const struct event_mode *wanted = &definition->modes[mode];
    int64_t open = 0, taken = 0;
    for (size_t i = 0; i < event->place_count; i++)
        if (strcmp(event->places[i].kind, "mode") == 0 && strcmp(event->places[i].key, wanted->id) == 0)
            taken = event->places[i].taken;
    for (size_t i = 0; i < programme->reserve_count; i++) {
        const struct event_reserve *reserve = &programme->reserves[i];
        int64_t given = 0;
        bool released = false;
        if (reserve->mode != (int)mode)
            continue;
        for (size_t k = 0; k < event->place_count; k++) {
            const struct place_row *row = &event->places[k];
            if (strcmp(row->kind, "reserve") == 0 && strcmp(row->key, reserve->id) == 0) {
                const struct place *place = facts_place(facts, row->id);
                given = row->taken;
                released = place && place->released;
            }
        }
        open += released ? 0 : reserve->size - given;
    }
    if (!wanted->limited || taken + open <= wanted->capacity || wanted->capacity < taken) /* the last: said before */
        return 0;
    return refuse(facts, reasons, arena_format(facts_arena(facts),
                                           "reserves: %" PRId64 " places of %s are taken and %" PRId64
                                           " would be kept, but its capacity is %" PRId64,
                                           taken, wanted->id, open, wanted->capacity));
}

static int check_programme(struct facts *facts, const struct event_fact *event,
                           const struct event_definition *definition, struct revision_reasons *reasons)
{
    struct event_place *places;
    size_t count;
    int r = programme_places(definition, facts_arena(facts), &count, &places);
    for (size_t i = 0; r == 0 && i < event->place_count; i++) {
        const struct place_row *row = &event->places[i];
        const struct event_place *wanted = NULL;
        if (row->retired || strcmp(row->kind, "mode") == 0)
            continue;
        for (size_t k = 0; k < count && !wanted; k++)
            if (strcmp(places[k].kind, row->kind) == 0 && strcmp(places[k].key, row->key) == 0)
                wanted = &places[k];
        r = strcmp(row->kind, "cap") == 0 ? check_cap(facts, row, definition, reasons)
                                          : check_place(facts, row, wanted, reasons);
    }
    for (size_t i = 0; r == 0 && i < definition->mode_count; i++)
        r = check_reserves(facts, event, i, definition, reasons);
    return r;
}

static int check_options(struct facts *facts, const struct event_fact *event, const struct event_field *field,
                         struct revision_reasons *reasons)
{
    struct option_use *uses = NULL;
    size_t count = 0;
    int r = facts_options_used(facts, event->id, field->id, &count, &uses);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!event_option(field, uses[i].id))
            r = refuse(facts, reasons,
                          arena_format(facts_arena(facts),
                                       "fields: option %s of %s is gone, but %" PRId64 " people have chosen it",
                                       uses[i].id, field->id, uses[i].count));
    return r;
}

static int check_field(struct facts *facts, const struct event_fact *event, const struct field_row *row,
                       const struct event_definition *definition, struct revision_reasons *reasons)
{
    const struct event_field *field = event_field(definition, row->field);
    int64_t answers = 0;
    if (!field)
        return 0;
    if (strcmp(field_type_name(field->type), row->type) != 0) {
        int r = facts_field_answers(facts, event->id, row->field, &answers);
        if (r < 0 || answers == 0)
            return r;
        return refuse(facts, reasons,
                      arena_format(facts_arena(facts), "fields: %s was %s and is now %s, but has %" PRId64 " answers",
                                   row->field, row->type, field_type_name(field->type), answers));
    }
    return field->option_count > 0 ? check_options(facts, event, field, reasons) : 0;
}

int revision_check(struct facts *facts, const struct event_fact *event, const struct event_definition *definition,
                   struct revision_reasons *reasons)
{
    struct field_row *fields = NULL;
    size_t count = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < event->place_count; i++)
        if (strcmp(event->places[i].kind, "mode") == 0 && !event->places[i].retired)
            r = check_mode(facts, event, &event->places[i], definition, reasons);
    if (r == 0)
        r = check_programme(facts, event, definition, reasons);
    if (r == 0)
        r = facts_fields(facts, event->id, &count, &fields);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = check_field(facts, event, &fields[i], definition, reasons);
    return r;
}

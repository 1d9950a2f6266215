/* SPDX-License-Identifier: EUPL-1.2 */
/* Plans and writes the places of a revision. Called by take_revision on the writer's thread. */
#include "change/revision_places.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/move.h"
#include "change/revision_check.h"
#include "event/definition.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

/* One planning. */
struct work {
    struct arena *arena;
    struct facts *facts;
    struct moves *moves;
};

static int plan_place(struct work *work, struct revision_places *places, const struct revision_place *place)
{
    struct revision_place *plan = arena_take(work->arena, sizeof(*plan));
    if (!plan)
        return -ENOMEM;
    *plan = *place;
    plan->place.kind = arena_copy(work->arena, place->place.kind);
    plan->place.key = arena_copy(work->arena, place->place.key);
    plan->place.title = arena_copy(work->arena, place->place.title);
    plan->next = places->first;
    places->first = plan;
    return plan->place.kind && plan->place.key && plan->place.title ? 0 : -ENOMEM;
}

static const struct place_row *row_of(const struct event_fact *event, const char *kind, const char *key)
{
    for (size_t i = 0; event && i < event->place_count; i++)
        if (strcmp(event->places[i].kind, kind) == 0 && strcmp(event->places[i].key, key) == 0)
            return &event->places[i];
    return NULL;
}

static const struct revision_place *planned_mode(const struct revision_places *plan, const char *key)
{
    for (const struct revision_place *place = plan->first; place; place = place->next)
        if (strcmp(place->place.kind, "mode") == 0 && strcmp(place->place.key, key) == 0)
            return place;
    return NULL;
}

static int define_place(struct work *work, struct revision_places *plan, const struct event_fact *event,
                        const struct event_definition *definition, const struct event_place *wanted)
{
    const struct place_row *row = row_of(event, wanted->kind, wanted->key);
    const struct revision_place *parent = wanted->parent ? planned_mode(plan, wanted->parent) : NULL;
    struct place *place = row ? facts_place(work->facts, row->id) : NULL;
    int r = row && !place ? -ENOENT : 0;
    if (r == 0 && !place)
        r = facts_add_place(work->facts, plan->event_id, &place);
    if (r < 0)
        return r;
    place->kind = place_kind_by_name(wanted->kind);
    place->key = arena_copy(facts_arena(work->facts), wanted->key);
    if (!place->key)
        return -ENOMEM;
    place->limited = wanted->limited;
    place->capacity = wanted->limited ? wanted->capacity : 0;
    place->retired = false;
    place->closed = plan->closed;
    place->event_starts = definition->starts;
    place->approval = wanted->approval;
    place->approval_holds = definition->approval_holds;
    place->parent = parent ? facts_place(work->facts, parent->id) : NULL;
    place->reserved_open = 0; /* reckoned anew from the reserves that follow */
    place->touched = true;
    if (place->kind == PLACE_RESERVE && !place->released && place->parent)
        place->parent->reserved_open += place->capacity - place->taken;
    if (place->kind != PLACE_SLOT)
        r = moves_freed(work->moves, place); /* a raised capacity goes to who waits */
    if (r < 0)
        return r;
    return plan_place(work, plan,
                      &(struct revision_place){ .is_new = !row,
                                                .id = place->id,
                                                .parent_id = parent ? parent->id : 0,
                                                .approval_holds = definition->approval_holds,
                                                .place = *wanted });
}

static bool is_planned(const struct revision_places *plan, int64_t id)
{
    for (const struct revision_place *place = plan->first; place; place = place->next)
        if (place->id == id)
            return true;
    return false;
}

/* Places that the definition no longer has; revision_check made sure that nobody holds or asks for them, but for a
 * reserve, whose places are everybody's now. */
static int retire_places(struct work *work, struct revision_places *plan, const struct event_fact *event)
{
    int r = 0;
    for (size_t i = 0; r == 0 && event && i < event->place_count; i++) {
        const struct place_row *row = &event->places[i];
        struct place *place = facts_place(work->facts, row->id);
        if (row->retired || strcmp(row->kind, "cap") == 0 || !place || is_planned(plan, row->id))
            continue;
        if (place->kind == PLACE_RESERVE)
            place->released = true;
        place->retired = place->touched = true;
        r = plan_place(work, plan,
                       &(struct revision_place){ .id = row->id,
                                                 .retired = true,
                                                 .place = { .kind = row->kind,
                                                            .key = row->key,
                                                            .title = row->title,
                                                            .limited = row->limited,
                                                            .capacity = row->capacity } });
    }
    return r;
}

/* Limits are made when they are first met; those that exist follow the definition, and without one bind nobody. */
static int define_limits(struct work *work, struct revision_places *plan, const struct event_fact *event,
                         const struct event_definition *definition)
{
    int r = 0;
    for (size_t i = 0; r == 0 && event && i < event->place_count; i++) {
        const struct place_row *row = &event->places[i];
        const struct event_cap *cap = revision_cap(&definition->programme, row);
        struct place *place = facts_place(work->facts, row->id);
        if (strcmp(row->kind, "cap") != 0 || strncmp(row->key, "invite:", 7) == 0 || !place)
            continue;
        struct revision_limit *limit = arena_take(work->arena, sizeof(*limit));
        if (!limit)
            return -ENOMEM;
        *limit = (struct revision_limit){ plan->limits, row->id, cap ? cap->max : 0, cap != NULL };
        plan->limits = limit;
        place->limited = cap != NULL;
        place->capacity = cap ? cap->max : 0;
        place->closed = plan->closed;
        place->touched = true;
        r = moves_freed(work->moves, place);
    }
    return r;
}

int revision_places_plan(struct arena *arena, struct facts *facts, struct moves *moves, const struct event_fact *event,
                         const struct event_definition *definition, struct revision_places *places)
{
    struct work work = { .arena = arena, .facts = facts, .moves = moves };
    struct event_place *wanted;
    size_t count;
    int r = programme_places(definition, arena, &count, &wanted);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = define_place(&work, places, event, definition, &wanted[i]);
    if (r == 0)
        r = retire_places(&work, places, event);
    if (r == 0)
        r = define_limits(&work, places, event, definition);
    return r < 0 ? r : moves_offer(moves, facts);
}

static void bind_instant(struct query *query, const char *name, bool given, int64_t value)
{
    if (given)
        db_bind_int(query, name, value);
    else
        db_bind_null(query, name);
}

static int write_place(struct db *db, const struct revision_places *places, const struct revision_place *plan,
                       int64_t at)
{
    const struct event_place *place = &plan->place;
    struct query *query = db_query(db, plan->is_new ? "place_insert" : "place_define");
    db_bind_int(query, ":id", plan->id);
    db_bind_text(query, ":title", place->title);
    bind_instant(query, ":capacity", place->limited, place->capacity);
    db_bind_int(query, ":approval", place->approval);
    db_bind_int(query, ":holds", plan->approval_holds);
    bind_instant(query, ":parent", plan->parent_id != 0, plan->parent_id);
    bind_instant(query, ":release", place->has_release, place->release);
    bind_instant(query, ":starts", place->has_times, place->starts);
    bind_instant(query, ":ends", place->has_times, place->ends);
    db_bind_text(query, ":resource", place->resource);
    db_bind_text(query, ":round", place->round);
    if (plan->is_new) {
        db_bind_int(query, ":event", places->event_id);
        db_bind_text(query, ":kind", place->kind);
        db_bind_text(query, ":key", place->key);
    } else
        bind_instant(query, ":retired", plan->retired, at);
    return db_run(query);
}

static int write_limit(struct db *db, const struct revision_limit *limit)
{
    struct query *query = db_query(db, "place_limit");
    db_bind_int(query, ":id", limit->id);
    bind_instant(query, ":capacity", limit->limited, limit->capacity);
    return db_run(query);
}

/* Modes before the reserves that name them. */
int revision_places_write(struct db *db, const struct revision_places *places, int64_t at)
{
    int r = 0;
    for (int pass = 0; pass < 2; pass++)
        for (const struct revision_place *place = places->first; r == 0 && place; place = place->next)
            if ((place->parent_id != 0) == (pass == 1))
                r = write_place(db, places, place, at);
    for (const struct revision_limit *limit = places->limits; r == 0 && limit; limit = limit->next)
        r = write_limit(db, limit);
    return r;
}

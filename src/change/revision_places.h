/* SPDX-License-Identifier: EUPL-1.2 */
/* The places of a new revision: those that the definition asks for are made or changed, those that it no longer has are
 * retired, and what that frees goes to who waits. Used by take_revision: planned in decide, written in apply. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/programme.h"

struct arena;
struct db;
struct event_definition;
struct event_fact;
struct facts;
struct moves;

struct revision_place {
    struct revision_place *next;
    bool is_new, retired, approval_holds;
    int64_t id, parent_id;
    struct event_place place; /* as the definition asks for it */
};

/* A limit that somebody has met, whose maximum is another now. */
struct revision_limit {
    struct revision_limit *next;
    int64_t id, capacity;
    bool limited;
};

/* All that one revision does to the places of its event. */
struct revision_places {
    int64_t event_id;
    bool closed; /* the event is withdrawn or off */
    struct revision_place *first;
    struct revision_limit *limits;
};

/* In ARENA, which lives as long as the job; EVENT: as it stands in the store, NULL: it is new. revision_check has found
 * nothing against DEFINITION. */
int revision_places_plan(struct arena *arena, struct facts *facts, struct moves *moves, const struct event_fact *event,
                         const struct event_definition *definition, struct revision_places *places)
    __attribute__((warn_unused_result));
int revision_places_write(struct db *db, const struct revision_places *places, int64_t at)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* What of an event can be chosen beside taking part: its sessions and rounds, its slots, and who may have how many
 * places. Part of a definition: immutable once parsed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/text.h"

struct arena;
struct condition;
struct event_definition;

/* How the sessions of a round are chosen. */
enum event_choose {
    CHOOSE_NONE, /* they are not: who comes takes part */
    CHOOSE_ONE,
    CHOOSE_MANY,
    CHOOSE_RANK, /* wishes first, places by allocation; one by one afterwards */
};

struct event_room {
    bool limited;
    int64_t capacity; /* 0: the session is not held in that mode */
};

struct event_session {
    const char *id;
    struct event_text title;
    bool has_times;
    int64_t starts, ends; /* UTC */
    const char *group;    /* a person takes part in at most one session of a group; NULL: none */
    int round;            /* its position in rounds; -1: everybody takes part in it */
    bool per_mode;        /* rooms has one for each mode of the definition; else one for all */
    struct event_room *rooms;
};

/* What is chosen by one control, `session.ID`. A session that is chosen alone is a round of its own id. */
struct event_round {
    const char *id;
    struct event_text title;
    bool has_title;
    enum event_choose choose;
    bool required;
    size_t ranks;         /* CHOOSE_RANK: how many wishes */
    int64_t wishes_until; /* CHOOSE_RANK: when wishes are no longer taken; default closes */
    size_t session_count;
    size_t *sessions; /* positions in sessions */
};

/* One bookable time of a resource. */
struct event_slot {
    const char *key;      /* RESOURCE/2027-03-18T09:00, as `place` shows it and the control `slot` says it */
    size_t resource;      /* position in resources */
    int64_t starts, ends; /* UTC */
};

struct event_resource {
    const char *id;
    struct event_text title;
    bool has_title;
    int mode;         /* only for that mode; -1: for all */
    int64_t capacity; /* of each slot */
    int64_t lead_days;
    bool propose; /* `none suits me` may be said */
};

enum event_cap_by { CAP_ORGANISATION, CAP_COUNTRY, CAP_STAKEHOLDER };
struct event_cap {
    enum event_cap_by by;
    int64_t max;
};

/* Places of a mode that are kept for some until they are released. */
struct event_reserve {
    const char *id;
    int mode;
    const struct condition *condition; /* who they are for; NULL: only who is invited to them */
    const char *words;                 /* the condition as written */
    int64_t size;
    bool has_release;
    int64_t release; /* UTC */
};

struct event_programme {
    size_t session_count, round_count, resource_count, slot_count, cap_count, reserve_count;
    struct event_session *sessions;
    struct event_round *rounds; /* in the order of their first session */
    struct event_resource *resources;
    struct event_slot *slots; /* by resource, then time */
    struct event_cap *caps;
    struct event_reserve *reserves;
    bool propose; /* some resource may be asked for another time */
};

int programme_session(const struct event_programme *programme, const char *id); /* position, or -1 */
int programme_round(const struct event_programme *programme, const char *id);
int programme_slot(const struct event_programme *programme, const char *key);
/* Whether there are slots for the mode at that position. */
bool programme_has_slots(const struct event_programme *programme, int mode);

#define PROGRAMME_KEY_SIZE 96 /* a session@mode or resource/time, with the final zero */

/* One row of `place` that a definition asks for. */
struct event_place {
    const char *kind; /* mode, session, slot, reserve */
    const char *key;  /* a session with rooms per mode has one place each: SESSION@MODE */
    const char *title; /* in the definition's first language */
    bool limited;
    int64_t capacity;
    const char *parent; /* reserve: the key of its mode; else NULL */
    bool has_release, has_times;
    int64_t release, starts, ends;
    const char *resource, *round; /* may be NULL */
    bool approval; /* mode: an organiser approves */
};

/* All of them, in the order mode, session, slot, reserve. In ARENA. */
int programme_places(const struct event_definition *definition, struct arena *arena, size_t *ret_count,
                     struct event_place **ret_places) __attribute__((warn_unused_result));

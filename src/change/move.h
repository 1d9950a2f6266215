/* SPDX-License-Identifier: EUPL-1.2 */
/* What happens to registrations that exist already: each move of a state with its claims, its mail, its offer and its
 * audit row, planned in memory and written together. A freed place goes to the longest waiting in the same
 * transaction. Used by the changes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "change/mail_row.h"
#include "signup/state.h"

struct arena;
struct db;
struct facts;
struct place;
struct registration_fact;

/* What becomes of the claims. */
enum move_claims {
    MOVE_KEEP, /* as they are */
    MOVE_DROP, /* freed */
    MOVE_TAKE, /* held ones are taken now; the counters do not move */
    MOVE_HOLD, /* the place of its mode is claimed, held */
    MOVE_OWN,  /* the place of its mode is claimed, taken */
};

struct move {
    enum state to;
    enum move_claims claims;
    const char *actor, *action;
    const char *reason;        /* may be NULL; kept with the registration */
    int64_t expires_at;        /* 0: none */
    const char *mail;          /* kind; NULL: none is owed */
    int64_t instance;          /* of the mail */
    const char *offer_outcome; /* how an open offer ended; NULL: it is not touched */
    bool empties;              /* nothing of the person stays in the row */
};

struct moves;

/* DOMAIN: of Message-IDs. Everything is kept in ARENA. */
int moves_new(struct arena *arena, const char *domain, int64_t now, struct moves **ret_moves)
    __attribute__((warn_unused_result));

/* Plans a move and changes the facts, so that later jobs of the batch see it. -EPERM: the table of states does not
 * allow it. */
int moves_add(struct moves *moves, struct facts *facts, struct registration_fact *registration, const struct move *move)
    __attribute__((warn_unused_result));

/* Offers what is free of PLACE to who has waited longest, until nothing is free or nobody waits. No offer is made where
 * an organiser approves, nor for an event that is withdrawn, nor later than a day before the event, for a person needs
 * a day to answer. */
int moves_offer(struct moves *moves, struct facts *facts, struct place *place) __attribute__((warn_unused_result));

/* The offer itself, also to somebody out of turn (then REASON says why). The place must fit. */
int moves_offer_to(struct moves *moves, struct facts *facts, struct registration_fact *registration, const char *actor,
                   const char *reason) __attribute__((warn_unused_result));

bool moves_any(const struct moves *moves);
int moves_apply(const struct moves *moves, struct db *db) __attribute__((warn_unused_result));

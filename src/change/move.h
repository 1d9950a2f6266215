/* SPDX-License-Identifier: EUPL-1.2 */
/* What happens to registrations that exist already: each move of a state with its claims, its mail, its offer and its
 * audit row, planned in memory and written together. What is freed goes to the longest waiting in the same transaction.
 * Used by the changes. */
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

/* What becomes of the claims and of what is asked for. */
enum move_claims {
    MOVE_KEEP, /* as they are */
    MOVE_DROP, /* freed, and nothing is asked for any more */
    MOVE_TAKE, /* held ones are taken now; the counters do not move */
    MOVE_HOLD, /* all that is asked for is claimed, held; it must fit */
    MOVE_OWN,  /* all that is asked for is claimed, taken; it must fit */
    MOVE_WAIT, /* it joins the waiting lists of what it asks for */
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
    bool alone;                /* a booker's guests stay as they are */
};

struct moves;

/* DOMAIN: of Message-IDs. Everything is kept in ARENA. */
int moves_new(struct arena *arena, const char *domain, int64_t now, struct moves **ret_moves)
    __attribute__((warn_unused_result));

/* Plans a move and changes the facts, so that later jobs of the batch see it. Who booked takes the guests who have not
 * left along; each who has an address is told, but only who booked is asked to do something. -EPERM: the table of
 * states does not allow it. */
int moves_add(struct moves *moves, struct facts *facts, struct registration_fact *registration, const struct move *move)
    __attribute__((warn_unused_result));

/* PLACE has more room than it had: remembered for moves_offer. What moves_add frees is remembered by itself. */
int moves_freed(struct moves *moves, struct place *place) __attribute__((warn_unused_result));

/* Offers what was freed to who has waited longest of those who can be given all they ask for, until nobody can. No
 * offer is made where an organiser approves, nor for an event that is withdrawn, nor later than a day before the event,
 * for a person needs a day to answer. */
int moves_offer(struct moves *moves, struct facts *facts) __attribute__((warn_unused_result));

/* The offer itself, also to somebody out of turn (then REASON says why). All that is asked for must fit. */
int moves_offer_to(struct moves *moves, struct facts *facts, struct registration_fact *registration, const char *actor,
                   const char *reason) __attribute__((warn_unused_result));

bool moves_any(const struct moves *moves);
int moves_apply(const struct moves *moves, struct db *db) __attribute__((warn_unused_result));

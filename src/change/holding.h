/* SPDX-License-Identifier: EUPL-1.2 */
/* What registrations have and ask for, as the algorithm of signup/places takes it: sets made of facts, and facts made
 * of sets. Who came together is given all that each of them asks for, or nothing. Used by the changes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signup/places.h"

struct arena;
struct ask;
struct db;
struct facts;
struct registration_fact;

/* What ASK names, at EVENT_ID. -ENOENT: a place that is not among the facts. In the facts' arena. */
int holding_of_ask(struct facts *facts, int64_t event_id, const struct ask *ask, struct place_set *ret_set)
    __attribute__((warn_unused_result));
/* What REGISTRATION asks for: its ask rows. -ENOENT: it asks for nothing. */
int holding_of(struct facts *facts, const struct registration_fact *registration, struct place_set *ret_set)
    __attribute__((warn_unused_result));

/* Who moves together with a registration: itself first, then, of a booker, his guests who have not left. */
struct party {
    size_t count;
    struct registration_fact **members;
    struct place_set *sets; /* what each asks for; NULL: not asked for yet */
};
int holding_party(struct facts *facts, struct registration_fact *registration, struct party *ret_party)
    __attribute__((warn_unused_result));
/* Their sets, by their ask rows. -ENOENT: somebody of it asks for nothing. */
int holding_party_asks(struct facts *facts, struct party *party) __attribute__((warn_unused_result));

/* *ret_lacking: the first place that has no room for one of the COUNT sets once those before it have theirs, each the
 * first reserve that can give it; NULL: all fit together. */
int holding_lacking(struct facts *facts, size_t count, const struct place_set *sets, struct place **ret_lacking)
    __attribute__((warn_unused_result));
/* How many of SETS need PLACE. */
int64_t holding_wanting(size_t count, const struct place_set *sets, const struct place *place);

/* *ret_blocked: the place of which the sets would not find enough any more were those who wait for a place of them
 * given all they ask for, in their order: nobody new takes what is theirs. NULL: none. Only where offers are not made
 * by themselves, for else nobody waits who can be served. Who waits for an organiser's approval stands only before
 * others who need it. EXCEPT: not this one; may be NULL. */
int holding_blocked(struct facts *facts, size_t count, const struct place_set *sets, int64_t now,
                    const struct registration_fact *except, struct place **ret_blocked)
    __attribute__((warn_unused_result));

/* Until when an offer of an event that begins at STARTS may be accepted if it is made NOW; 0: there is no time. */
int64_t holding_accept_by(int64_t starts, int64_t now);

/* Claims the whole of SET for REGISTRATION, which must fit, in memory: counters and facts. */
int holding_claim(struct facts *facts, struct registration_fact *registration, const struct place_set *set, bool held)
    __attribute__((warn_unused_result));
/* Each of PARTY asks for its set, in memory; LACKS: what has no room for all of them is counted as waited for. */
int holding_ask(struct facts *facts, const struct party *party, bool lacks) __attribute__((warn_unused_result));
/* Nothing is asked for any more, in memory. */
void holding_stop_asking(struct facts *facts, struct registration_fact *registration);

/* What is to be written of it, copied out of the facts, for apply. */
struct holding {
    bool claims, asks, wishes; /* which of them are written anew */
    int64_t registration_id, since;
    size_t claim_count, ask_count, wish_count;
    struct claim_fact *claim;
    struct ask_fact *ask;
    struct wish_fact *wish;
};
/* In ARENA, since the facts go with the batch. */
int holding_note(struct arena *arena, const struct registration_fact *registration, struct holding *holding)
    __attribute__((warn_unused_result));
/* Rows of a registration that has some already are replaced. */
int holding_write(struct db *db, const struct holding *holding, bool replace) __attribute__((warn_unused_result));

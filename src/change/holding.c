/* SPDX-License-Identifier: EUPL-1.2 */
/* Sets of places and the facts about who has them. Called by the changes; the writer's thread, or convenectl's only
 * one. */
#include "change/holding.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "signup/ask.h"
#include "signup/state.h"
#include "store/db.h"
#include "store/facts.h"

#define OFFER_SECONDS (48 * 3600)
#define OFFER_SHORTEST (24 * 3600) /* nobody is asked to answer within less */

static int set_new(struct facts *facts, size_t count, struct place_set *ret_set)
{
    struct arena *arena = facts_arena(facts);
    *ret_set = (struct place_set){ .needed = arena_take(arena, (count + 1) * sizeof(struct place *)),
                                   .reserves = arena_take(arena, (count + 1) * sizeof(struct place *)) };
    return ret_set->needed && ret_set->reserves ? 0 : -ENOMEM;
}

static void set_add(struct place_set *set, struct place *place)
{
    if (place->kind == PLACE_MODE)
        set->mode = place;
    else if (place->kind == PLACE_RESERVE)
        set->reserves[set->reserve_count++] = place;
    else
        set->needed[set->needed_count++] = place;
}

int holding_of_ask(struct facts *facts, int64_t event_id, const struct ask *ask, struct place_set *ret_set)
{
    struct place_set set;
    int r = set_new(facts, ask->place_count + ask->reserve_count + ask->cap_count + 1, &set);
    if (r < 0)
        return r;
    struct place *place = facts_place(facts, ask->mode);
    if (!place)
        return -ENOENT;
    set_add(&set, place);
    for (size_t i = 0; i < ask->place_count + ask->reserve_count; i++) {
        place = facts_place(facts, i < ask->place_count ? ask->places[i] : ask->reserves[i - ask->place_count]);
        if (!place)
            return -ENOENT;
        set_add(&set, place);
    }
    for (size_t i = 0; i < ask->cap_count; i++) {
        place = facts_cap(facts, event_id, ask->caps[i].key);
        if (!place)
            return -ENOENT;
        set_add(&set, place);
    }
    *ret_set = set;
    return 0;
}

int holding_of(struct facts *facts, const struct registration_fact *registration, struct place_set *ret_set)
{
    struct place_set set;
    int r = set_new(facts, registration->ask_count, &set);
    for (size_t i = 0; r == 0 && i < registration->ask_count; i++) {
        struct place *place = facts_place(facts, registration->asks[i].place_id);
        if (place)
            set_add(&set, place);
    }
    if (r == 0 && !set.mode)
        r = -ENOENT;
    if (r == 0)
        *ret_set = set;
    return r;
}

int64_t holding_accept_by(int64_t starts, int64_t now)
{
    int64_t until = now + OFFER_SECONDS;
    if (until > starts)
        until = starts;
    return until - now >= OFFER_SHORTEST ? until : 0;
}

int holding_party(struct facts *facts, struct registration_fact *registration, struct party *ret_party)
{
    struct party party = { .count = 1 };
    party.members = arena_take(facts_arena(facts), (registration->guest_count + 1) * sizeof(*party.members));
    if (!party.members)
        return -ENOMEM;
    party.members[0] = registration;
    for (size_t i = 0; i < registration->guest_count; i++)
        if (state_is_live(registration->guests[i]->status))
            party.members[party.count++] = registration->guests[i];
    *ret_party = party;
    return 0;
}

int holding_party_asks(struct facts *facts, struct party *party)
{
    struct place_set *sets = arena_take(facts_arena(facts), party->count * sizeof(*sets));
    int r = sets ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < party->count; i++)
        r = holding_of(facts, party->members[i], &sets[i]);
    if (r == 0)
        party->sets = sets;
    return r;
}

/* A place that was counted as given for a moment. */
struct lent {
    struct lent *next;
    struct place *place;
    bool touched;
};

static int lend(struct facts *facts, struct place *place, struct lent **lent)
{
    struct lent *one = arena_take(facts_arena(facts), sizeof(*one));
    if (!one)
        return -ENOMEM;
    *one = (struct lent){ .next = *lent, .place = place, .touched = place->touched };
    *lent = one;
    places_take(place, 1);
    return 0;
}

/* The mode first: a reserve touches it too, and what was lent last comes back first. */
static int lend_set(struct facts *facts, const struct place_set *set, struct place *reserve, struct lent **lent)
{
    int r = lend(facts, set->mode, lent);
    if (r == 0 && reserve)
        r = lend(facts, reserve, lent);
    for (size_t i = 0; r == 0 && i < set->needed_count; i++)
        r = lend(facts, set->needed[i], lent);
    return r;
}

/* Down to what was lent before. */
static void take_back(struct lent **lent, const struct lent *before)
{
    for (; *lent != before; *lent = (*lent)->next) {
        places_free((*lent)->place, 1);
        (*lent)->place->touched = (*lent)->touched;
    }
}

/* All of SETS, or none: then *ret_lacking says why. */
static int lend_all(struct facts *facts, size_t count, const struct place_set *sets, struct lent **lent,
                    struct place **ret_lacking)
{
    const struct lent *before = *lent;
    struct place *reserve = NULL, *lacking = NULL;
    int r = 0;
    for (size_t i = 0; r == 0 && !lacking && i < count; i++) {
        lacking = places_lacking(&sets[i], 1, &reserve);
        if (!lacking)
            r = lend_set(facts, &sets[i], reserve, lent);
    }
    if (r < 0 || lacking)
        take_back(lent, before);
    *ret_lacking = lacking;
    return r;
}

int holding_lacking(struct facts *facts, size_t count, const struct place_set *sets, struct place **ret_lacking)
{
    struct place *reserve = NULL;
    struct lent *lent = NULL;
    if (count == 1) {
        *ret_lacking = places_lacking(sets, 1, &reserve);
        return 0;
    }
    int r = lend_all(facts, count, sets, &lent, ret_lacking);
    take_back(&lent, NULL);
    return r;
}

int64_t holding_wanting(size_t count, const struct place_set *sets, const struct place *place)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        number += sets[i].mode == place;
        for (size_t k = 0; k < sets[i].needed_count; k++)
            number += sets[i].needed[k] == place;
    }
    return number;
}

static void contest(struct place *place, size_t *count, struct place **places)
{
    bool known = !place->limited || place->kind == PLACE_SLOT || place->born;
    for (size_t i = 0; !known && i < *count; i++)
        known = places[i] == place;
    if (!known)
        places[(*count)++] = place;
}

/* The places of SETS that newcomers could take from somebody who waits. */
static int contested(struct facts *facts, size_t count, const struct place_set *sets, size_t *ret_count,
                     struct place ***ret_places)
{
    size_t most = 0, number = 0;
    for (size_t i = 0; i < count; i++)
        most += sets[i].needed_count + 1;
    struct place **places = arena_take(facts_arena(facts), most * sizeof(*places));
    if (!places)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        contest(sets[i].mode, &number, places);
        for (size_t k = 0; k < sets[i].needed_count; k++)
            contest(sets[i].needed[k], &number, places);
    }
    *ret_count = number;
    *ret_places = places;
    return 0;
}

/* Lends WAITER and those who came with him all they ask for, if it is to be had. */
static int lend_to(struct facts *facts, struct registration_fact *waiter, struct lent **lent, bool *ret_lent)
{
    struct place *lacking;
    struct party party;
    *ret_lent = false;
    int r = holding_party(facts, waiter, &party);
    if (r == 0)
        r = holding_party_asks(facts, &party);
    if (r == 0)
        r = lend_all(facts, party.count, party.sets, lent, &lacking);
    if (r == 0)
        *ret_lent = !lacking;
    return r == -ENOENT ? 0 : r;
}

/* Gives those who wait what they could have, in their order, until the sets do not fit any more. */
static int lend_to_waiters(struct facts *facts, size_t count, const struct place_set *sets,
                           const struct registration_fact *except, struct lent **lent,
                           struct place **ret_blocked)
{
    struct waiter_walk *walk;
    struct registration_fact *waiter;
    struct place **places, *lacking;
    size_t place_count;
    int r = contested(facts, count, sets, &place_count, &places);
    if (r == 0)
        r = facts_walk_waiters(facts, place_count, places, sets[0].mode->approval, &walk);
    while (r == 0 && (r = facts_next_waiter(walk, &waiter)) > 0) {
        bool given = false;
        r = waiter == except ? 0 : lend_to(facts, waiter, lent, &given);
        if (r == 0 && given)
            r = holding_lacking(facts, count, sets, &lacking);
        if (r == 0 && given && lacking) {
            *ret_blocked = lacking;
            return 0;
        }
    }
    return r;
}

int holding_blocked(struct facts *facts, size_t count, const struct place_set *sets, int64_t now,
                    const struct registration_fact *except, struct place **ret_blocked)
{
    const struct place *mode = sets[0].mode;
    struct lent *lent = NULL;
    struct place *lacking;

    *ret_blocked = NULL;
    if (!mode->approval && holding_accept_by(mode->event_starts, now) != 0) /* offers are made by themselves */
        return 0;
    int r = holding_lacking(facts, count, sets, &lacking);
    if (r < 0 || lacking)
        return r;
    r = lend_to_waiters(facts, count, sets, except, &lent, ret_blocked);
    take_back(&lent, NULL);
    return r;
}

int holding_claim(struct facts *facts, struct registration_fact *registration, const struct place_set *set, bool held)
{
    struct place *reserve = NULL;
    struct claim_fact *claims = arena_take(facts_arena(facts), (set->needed_count + 2) * sizeof(*claims));
    if (!claims)
        return -ENOMEM;
    if (places_lacking(set, 1, &reserve))
        return -EPERM; /* who calls has made sure that it fits */
    size_t count = 0;
    claims[count++] = (struct claim_fact){ set->mode->id, held };
    places_take(set->mode, 1);
    if (reserve) {
        claims[count++] = (struct claim_fact){ reserve->id, held };
        places_take(reserve, 1);
    }
    for (size_t i = 0; i < set->needed_count; i++) {
        claims[count++] = (struct claim_fact){ set->needed[i]->id, held };
        places_take(set->needed[i], 1);
    }
    registration->claims = claims;
    registration->claim_count = count;
    registration->mode_place = set->mode->id;
    return 0;
}

static struct ask_fact ask_for(const struct party *party, struct place *place, bool lacks)
{
    return (struct ask_fact){ place->id,
                              lacks && !places_fit(place, holding_wanting(party->count, party->sets, place)) };
}

static int ask_one(struct facts *facts, const struct party *party, size_t i, bool lacks)
{
    struct registration_fact *registration = party->members[i];
    const struct place_set *set = &party->sets[i];
    size_t count = 0;
    struct ask_fact *asks =
        arena_take(facts_arena(facts), (set->needed_count + set->reserve_count + 1) * sizeof(*asks));
    if (!asks)
        return -ENOMEM;
    asks[count++] = ask_for(party, set->mode, lacks);
    for (size_t k = 0; k < set->needed_count; k++)
        asks[count++] = ask_for(party, set->needed[k], lacks);
    for (size_t k = 0; k < set->reserve_count; k++)
        asks[count++] = (struct ask_fact){ set->reserves[k]->id, false };
    for (size_t k = 0; k < set->needed_count; k++)
        set->needed[k]->touched |= set->needed[k]->born; /* the row must be there */
    for (size_t k = 0; k < count; k++)
        if (asks[k].lacks)
            places_wait(facts_place(facts, asks[k].place_id), 1);
    registration->asks = asks;
    registration->ask_count = count;
    registration->mode_place = set->mode->id;
    return 0;
}

int holding_ask(struct facts *facts, const struct party *party, bool lacks)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < party->count; i++)
        r = ask_one(facts, party, i, lacks);
    return r;
}

void holding_stop_asking(struct facts *facts, struct registration_fact *registration)
{
    for (size_t i = 0; i < registration->ask_count; i++) {
        struct place *place = facts_place(facts, registration->asks[i].place_id);
        if (place && registration->asks[i].lacks)
            places_wait(place, -1);
    }
    registration->ask_count = 0;
}

static void *copy_of(struct arena *arena, const void *items, size_t count, size_t size, int *r)
{
    void *copy = arena_take(arena, (count + 1) * size);
    if (!copy)
        *r = -ENOMEM;
    else if (count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

int holding_note(struct arena *arena, const struct registration_fact *registration, struct holding *holding)
{
    int r = 0;
    holding->registration_id = registration->id;
    holding->since = registration->waiting_since ? registration->waiting_since : registration->created_at;
    if (holding->claims) {
        holding->claim_count = registration->claim_count;
        holding->claim =
            copy_of(arena, registration->claims, registration->claim_count, sizeof(*registration->claims), &r);
    }
    if (holding->asks) {
        holding->ask_count = registration->ask_count;
        holding->ask = copy_of(arena, registration->asks, registration->ask_count, sizeof(*registration->asks), &r);
    }
    if (holding->wishes) {
        holding->wish_count = registration->wish_count;
        holding->wish =
            copy_of(arena, registration->wishes, registration->wish_count, sizeof(*registration->wishes), &r);
        for (size_t i = 0; r == 0 && i < holding->wish_count; i++) {
            holding->wish[i].round = arena_copy(arena, holding->wish[i].round);
            r = holding->wish[i].round ? 0 : -ENOMEM;
        }
    }
    return r;
}

static int delete_rows(struct db *db, const char *statement, int64_t registration_id)
{
    struct query *query = db_query(db, statement);
    db_bind_int(query, ":registration", registration_id);
    return db_run(query);
}

static int write_claims(struct db *db, const struct holding *holding)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < holding->claim_count; i++) {
        struct query *query = db_query(db, "claim_insert");
        db_bind_int(query, ":registration", holding->registration_id);
        db_bind_int(query, ":place", holding->claim[i].place_id);
        db_bind_text(query, ":state", holding->claim[i].held ? "held" : "taken");
        r = db_run(query);
    }
    return r;
}

static int write_asks(struct db *db, const struct holding *holding)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < holding->ask_count; i++) {
        struct query *query = db_query(db, "ask_insert");
        db_bind_int(query, ":registration", holding->registration_id);
        db_bind_int(query, ":place", holding->ask[i].place_id);
        db_bind_int(query, ":since", holding->since);
        db_bind_int(query, ":lacks", holding->ask[i].lacks);
        r = db_run(query);
    }
    return r;
}

static int write_wishes(struct db *db, const struct holding *holding)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < holding->wish_count; i++) {
        struct query *query = db_query(db, "wish_insert");
        db_bind_int(query, ":registration", holding->registration_id);
        db_bind_text(query, ":round", holding->wish[i].round);
        db_bind_int(query, ":rank", holding->wish[i].rank);
        db_bind_int(query, ":place", holding->wish[i].place_id);
        r = db_run(query);
    }
    return r;
}

int holding_write(struct db *db, const struct holding *holding, bool replace)
{
    int r = 0;
    if (replace && holding->claims)
        r = delete_rows(db, "claims_delete", holding->registration_id);
    if (r == 0 && replace && holding->asks)
        r = delete_rows(db, "asks_delete", holding->registration_id);
    if (r == 0 && replace && holding->wishes)
        r = delete_rows(db, "wishes_delete", holding->registration_id);
    if (r == 0 && holding->claims)
        r = write_claims(db, holding);
    if (r == 0 && holding->asks)
        r = write_asks(db, holding);
    if (r == 0 && holding->wishes)
        r = write_wishes(db, holding);
    return r;
}

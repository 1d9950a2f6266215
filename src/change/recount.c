/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts a party anew for the limits by domain. Called by change/address; the writer's thread. */
#include "change/recount.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/holding.h"
#include "change/move.h"
#include "signup/ask.h"
#include "signup/places.h"
#include "signup/state.h"
#include "store/db.h"
#include "store/facts.h"

#define BY_ORGANISATION "org:"
#define BY_DOMAIN "org:@"

struct recount {
    size_t count;
    struct holding *holdings;
};

static bool is_cap(const struct place *place, const char *prefix)
{
    return place && place->kind == PLACE_CAP && strncmp(place->key, prefix, strlen(prefix)) == 0;
}

static struct place *held_place(struct facts *facts, const struct registration_fact *fact, size_t i)
{
    return facts_place(facts, i < fact->claim_count ? fact->claims[i].place_id
                                                    : fact->asks[i - fact->claim_count].place_id);
}

/* He counts by the address of REGISTRATION: it is his, or he has none, and he has said no number. */
static bool counts(struct facts *facts, const struct registration_fact *registration,
                   const struct registration_fact *fact)
{
    for (size_t i = 0; i < fact->claim_count + fact->ask_count; i++) {
        const struct place *place = held_place(facts, fact, i);
        if (is_cap(place, BY_ORGANISATION) && !is_cap(place, BY_DOMAIN))
            return false;
    }
    return fact == registration || !fact->email;
}

/* What FACT has or asks for, with CAP (NULL: none) where a domain's limit was. */
static int set_of(struct facts *facts, const struct registration_fact *fact, bool counted, struct place *cap,
                  struct place_set *ret_set)
{
    const size_t count = fact->claim_count + fact->ask_count;
    struct place_set set = { .needed = arena_take(facts_arena(facts), (count + 1) * sizeof(*set.needed)),
                             .reserves = arena_take(facts_arena(facts), (count + 1) * sizeof(*set.reserves)) };
    if (!set.needed || !set.reserves)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        struct place *place = held_place(facts, fact, i);
        if (!place || (counted && is_cap(place, BY_DOMAIN)))
            continue;
        if (place->kind == PLACE_MODE)
            set.mode = place;
        else if (place->kind == PLACE_RESERVE)
            set.reserves[set.reserve_count++] = place;
        else
            set.needed[set.needed_count++] = place;
    }
    if (counted && cap)
        set.needed[set.needed_count++] = cap;
    *ret_set = set;
    return set.mode ? 0 : -ENOENT;
}

/* The limit has room for those who come to it; of who waits it is enough that it could ever have. */
static bool has_room(struct facts *facts, const struct party *party, const bool *counted, const struct place *cap,
                     bool waits)
{
    int64_t coming = 0;
    for (size_t i = 0; i < party->count; i++) {
        const struct registration_fact *fact = party->members[i];
        bool there = false;
        for (size_t k = 0; k < fact->claim_count + fact->ask_count; k++)
            there |= held_place(facts, fact, k) == cap;
        coming += counted[i] && (waits || !there);
    }
    return waits ? coming <= cap->capacity : places_fit(cap, coming);
}

static int give_back(struct facts *facts, struct moves *moves, const struct registration_fact *fact)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < fact->claim_count; i++) {
        struct place *place = facts_place(facts, fact->claims[i].place_id);
        if (!place)
            continue;
        places_free(place, 1);
        r = moves_freed(moves, place);
    }
    return r;
}

/* Places that are had: each takes again what is his. */
static int swap_claims(struct facts *facts, struct moves *moves, const struct party *party)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < party->count; i++)
        r = give_back(facts, moves, party->members[i]);
    for (size_t i = 0; r == 0 && i < party->count; i++)
        r = holding_claim(facts, party->members[i], &party->sets[i], party->members[i]->claims[0].held);
    return r;
}

static int swap_asks(struct facts *facts, struct moves *moves, const struct party *party)
{
    bool waits = party->members[0]->status == STATE_WAITLISTED;
    for (size_t i = 0; i < party->count; i++)
        holding_stop_asking(facts, party->members[i]);
    int r = holding_ask(facts, party, waits);
    if (r == 0 && waits)
        r = facts_add_waiter(facts, party->members[0]);
    for (size_t i = 0; r == 0 && waits && i < party->count; i++)
        for (size_t k = 0; r == 0 && k < party->sets[i].needed_count; k++)
            r = moves_freed(moves, party->sets[i].needed[k]);
    return r;
}

static int note(struct arena *arena, const struct party *party, bool claims, struct recount **ret_recount)
{
    struct recount *recount = arena_take(arena, sizeof(*recount));
    struct holding *holdings = arena_take(arena, party->count * sizeof(*holdings));
    int r = recount && holdings ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < party->count; i++) {
        holdings[i] = (struct holding){ .claims = claims, .asks = !claims };
        r = holding_note(arena, party->members[i], &holdings[i]);
    }
    if (r < 0)
        return r;
    *recount = (struct recount){ .count = party->count, .holdings = holdings };
    *ret_recount = recount;
    return 0;
}

/* Those who count, and the sets of all; true: somebody counts otherwise than before. */
static int look(struct facts *facts, struct registration_fact *registration, struct place *cap, struct party *party,
                bool *counted, bool *ret_other)
{
    party->sets = arena_take(facts_arena(facts), party->count * sizeof(*party->sets));
    int r = party->sets ? 0 : -ENOMEM;
    *ret_other = false;
    for (size_t i = 0; r == 0 && i < party->count; i++) {
        const struct registration_fact *fact = party->members[i];
        bool same = !cap;
        counted[i] = counts(facts, registration, fact);
        for (size_t k = 0; k < fact->claim_count + fact->ask_count; k++) {
            const struct place *place = held_place(facts, fact, k);
            if (is_cap(place, BY_DOMAIN))
                same = place == cap;
        }
        *ret_other |= counted[i] && !same;
        r = set_of(facts, fact, counted[i], cap, &party->sets[i]);
    }
    return r;
}

int recount_decide(struct arena *arena, struct facts *facts, struct moves *moves,
                   struct registration_fact *registration, const struct ask_cap *cap, bool *ret_full,
                   struct recount **ret_recount)
{
    struct place *place = cap ? facts_cap(facts, registration->event_id, cap->key) : NULL;
    bool claims = registration->claim_count > 0, other;
    struct party party;
    *ret_full = false;
    *ret_recount = NULL;
    int r = holding_party(facts, registration, &party);
    if (r < 0)
        return r;
    bool *counted = arena_take(facts_arena(facts), party.count * sizeof(*counted));
    if (!counted)
        return -ENOMEM;
    r = look(facts, registration, place, &party, counted, &other);
    if (r == -ENOENT)
        return 0;
    if (r < 0 || !other)
        return r;
    if (place && !has_room(facts, &party, counted, place, !claims)) {
        *ret_full = true;
        return 0;
    }
    r = claims ? swap_claims(facts, moves, &party) : swap_asks(facts, moves, &party);
    return r < 0 ? r : note(arena, &party, claims, ret_recount);
}

int recount_apply(const struct recount *recount, struct db *db)
{
    int r = 0;
    for (size_t i = 0; r == 0 && recount && i < recount->count; i++) {
        r = holding_write(db, &recount->holdings[i], true);
        if (r < 0)
            return r;
        struct query *query = db_query(db, "offer_places"); /* an open offer names what is held for it */
        db_bind_int(query, ":registration", recount->holdings[i].registration_id);
        r = db_run(query);
    }
    return r;
}

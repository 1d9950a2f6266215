/* SPDX-License-Identifier: EUPL-1.2 */
/* The facts about one round of wishes: its sessions, and who wishes for which. Called by facts_load.c (load) and by
 * change/allocation; convenectl's only thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

int wanted_allocation(struct wanted *wanted, int64_t event_id, const char *round)
{
    struct wanted_round *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_round){ .next = wanted->rounds, .event_id = event_id, .round = round };
    wanted->rounds = item;
    return 0;
}

const struct round_fact *facts_allocation(struct facts *facts, int64_t event_id, const char *round)
{
    for (const struct round_item *item = facts->rounds; item; item = item->next)
        if (item->fact.event_id == event_id && strcmp(item->fact.round, round) == 0)
            return &item->fact;
    return NULL;
}

static struct query *query_of(struct facts *facts, const char *name, const struct round_fact *round)
{
    struct query *query = db_query(facts->db, name);
    db_bind_int(query, ":event", round->event_id);
    db_bind_text(query, ":round", round->round);
    return query;
}

static int load_former(struct facts *facts, struct round_fact *round)
{
    struct query *query = query_of(facts, "allocation_of", round);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    round->allocation_id = db_int(query, 0);
    round->allocated = db_int(query, 1) != 0;
    db_reset(query);
    return 0;
}

static int load_sessions(struct facts *facts, struct round_fact *round)
{
    struct query *query = query_of(facts, "allocation_sessions", round);
    size_t room = 0, count = 0;
    int64_t *ids = NULL;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        size_t ids_room = room;
        int64_t *more = arena_grow(facts->arena, ids, count, &ids_room, sizeof(*more));
        struct round_session *sessions = arena_grow(facts->arena, round->sessions, count, &room, sizeof(*sessions));
        if (!more || !sessions) {
            db_reset(query);
            return -ENOMEM;
        }
        ids = more;
        ids[count] = db_int(query, 0);
        round->sessions = sessions;
        round->sessions[count++] = (struct round_session){ .key = facts_keep(facts, query, 1, &copied),
                                                           .title = facts_keep(facts, query, 2, &copied) };
    }
    round->session_count = count;
    if (r == 0)
        r = copied;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = facts_load_place(facts, ids[i]);
        round->sessions[i].place = facts_place(facts, ids[i]);
        if (r == 0 && !round->sessions[i].place)
            r = -ENOENT;
    }
    return r;
}

/* The wish that QUERY stands on; the first of a person begins the person. */
static int take_wish(struct facts *facts, const struct query *query, struct round_fact *round, size_t *person_room,
                     size_t *wish_room)
{
    struct round_person *person = round->person_count > 0 ? &round->persons[round->person_count - 1] : NULL;
    int r = 0;
    if (!person || person->registration_id != db_int(query, 0)) {
        person = arena_grow(facts->arena, round->persons, round->person_count, person_room, sizeof(*person));
        if (!person)
            return -ENOMEM;
        round->persons = person;
        person = &round->persons[round->person_count++];
        *person = (struct round_person){ .registration_id = db_int(query, 0),
                                         .revision_id = db_int(query, 1),
                                         .email = facts_keep(facts, query, 2, &r),
                                         .language = facts_keep(facts, query, 3, &r),
                                         .mode = facts_keep(facts, query, 6, &r) };
        *wish_room = 0;
    }
    struct round_wish *wishes =
        arena_grow(facts->arena, person->wishes, person->wish_count, wish_room, sizeof(*wishes));
    if (!wishes)
        return -ENOMEM;
    person->wishes = wishes;
    wishes[person->wish_count++] = (struct round_wish){ .rank = db_int(query, 4), .place_id = db_int(query, 5) };
    return r;
}

static int load_persons(struct facts *facts, struct round_fact *round)
{
    struct query *query = query_of(facts, "allocation_wishes", round);
    size_t person_room = 0, wish_room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        r = take_wish(facts, query, round, &person_room, &wish_room);
        if (r < 0) {
            db_reset(query);
            return r;
        }
    }
    return r;
}

static int take_claim(struct facts *facts, struct round_person *person, int64_t place_id, size_t *room)
{
    int64_t *claims = arena_grow(facts->arena, person->claims, person->claim_count, room, sizeof(*claims));
    if (!claims)
        return -ENOMEM;
    person->claims = claims;
    claims[person->claim_count++] = place_id;
    return 0;
}

/* The sessions that these people have; who has one of this round already is left out of it. Both lists are by id. */
static int load_claims(struct facts *facts, struct round_fact *round)
{
    struct query *query = query_of(facts, "allocation_claims", round);
    struct round_person *persons = round->persons;
    size_t at = 0, kept = 0, room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        int64_t id = db_int(query, 0);
        while (at < round->person_count && persons[at].registration_id < id) {
            at++;
            room = 0;
        }
        if (at == round->person_count || persons[at].registration_id != id)
            continue;
        if (db_int(query, 2) != 0)
            persons[at].wish_count = 0;
        r = take_claim(facts, &persons[at], db_int(query, 1), &room);
        if (r < 0) {
            db_reset(query);
            return r;
        }
    }
    for (size_t i = 0; i < round->person_count; i++)
        if (persons[i].wish_count > 0)
            persons[kept++] = persons[i];
    round->person_count = kept;
    return r;
}

int facts_load_allocation(struct facts *facts, const struct wanted_round *wanted)
{
    struct round_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    item->fact = (struct round_fact){ .event_id = wanted->event_id, .round = arena_copy(facts->arena, wanted->round) };
    int r = item->fact.round ? load_former(facts, &item->fact) : -ENOMEM;
    if (r == 0)
        r = load_sessions(facts, &item->fact);
    if (r == 0)
        r = load_persons(facts, &item->fact);
    if (r == 0)
        r = load_claims(facts, &item->fact);
    if (r < 0)
        return r;
    item->next = facts->rounds;
    facts->rounds = item;
    return 0;
}

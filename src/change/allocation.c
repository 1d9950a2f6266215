/* SPDX-License-Identifier: EUPL-1.2 */
/* Turns the wishes of one round into places. Called by convenectl through the descriptor.
 *
 * All in one transaction, however many people there are: half a round must never be seen, for the rule looks at all of
 * it. Two thousand people are some ten thousand rows, well under a second in which the daemon's writer waits.
 *
 * Confirmed registrations alone take part. Who waits, or is to confirm the address, keeps the wishes for nothing: once
 * the round is allocated it is chosen from what is free. Nobody is given a session of a group of which he has one
 * already, nor one at the same time as another of his: such a wish counts as not made. */
#include "change/allocation.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "event/book.h"
#include "signup/allocate.h"
#include "signup/rules.h"
#include "store/db.h"
#include "store/facts.h"

/* One person's outcome. */
struct outcome {
    int64_t registration_id, place_id; /* place_id 0: none of the wishes */
    int64_t rank;
    const char *key; /* NULL: none */
    struct mail_row mail;
};

struct allocation_plan {
    int64_t id, at;
    size_t place_count, count;
    int64_t *places;
    struct outcome *outcomes;
};

/* The round as signup/allocate takes it. */
struct input {
    struct allocate_round round;
    int64_t *persons, *capacities;
    int *ranks, *themes;
};

uint64_t allocation_seed(const char *seed)
{
    unsigned char hash[32];
    uint64_t number = 0;
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)seed, strlen(seed), NULL, 0);
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | hash[i];
    return number;
}

static int allocation_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct allocation *a = (const struct allocation *)job;
    return wanted_allocation(wanted, a->event->event_id, a->round);
}

/* The position of the session that PLACE_ID is of; -1: none that the definition has today. */
static int session_of(const struct event_entry *entry, int64_t place_id)
{
    const size_t modes = entry->definition->mode_count;
    for (size_t i = 0; i < entry->definition->programme.session_count * modes; i++)
        if (entry->session_places[i] == place_id)
            return (int)(i / modes);
    return -1;
}

/* True if one of the sessions that PERSON has rules this one out. */
static bool ruled_out(const struct event_entry *entry, const struct round_person *person, size_t session)
{
    const struct event_programme *programme = &entry->definition->programme;
    enum rule_fault why;
    for (size_t i = 0; i < person->claim_count; i++) {
        const int has = session_of(entry, person->claims[i]);
        if (has >= 0 && rules_clash(programme, (size_t)has, session, &why))
            return true;
    }
    return false;
}

/* The place that a wish for PLACE_ID may get: that of its session in the way PERSON takes part now, which may be
 * another than when the wish was made; 0: none. */
static int64_t place_for(const struct event_entry *entry, const struct round_person *person, int64_t place_id)
{
    const struct event_definition *definition = entry->definition;
    const int session = session_of(entry, place_id), mode = person->mode ? event_mode(definition, person->mode) : -1;
    if (session < 0 || mode < 0 || !rules_held(&definition->programme.sessions[session], mode) ||
        ruled_out(entry, person, (size_t)session))
        return 0;
    return entry->session_places[(size_t)session * definition->mode_count + (size_t)mode];
}

/* The theme's position in the round, or -1. */
static int theme_of(const struct round_fact *fact, int64_t place_id)
{
    for (size_t i = 0; i < fact->session_count; i++)
        if (fact->sessions[i].place->id == place_id)
            return (int)i;
    return -1;
}

static int64_t room_left(const struct place *place, size_t people)
{
    if (!place->limited)
        return (int64_t)people;
    return place->capacity > place->taken ? place->capacity - place->taken : 0;
}

static int make_input(const struct allocation *a, const struct round_fact *fact, struct input *ret_input)
{
    const size_t people = fact->person_count, themes = fact->session_count;
    struct arena *arena = a->job.arena;
    struct input in = { .persons = arena_take(arena, (people + 1) * sizeof(*in.persons)),
                        .capacities = arena_take(arena, (themes + 1) * sizeof(*in.capacities)),
                        .ranks = arena_take(arena, (people * themes + 1) * sizeof(*in.ranks)),
                        .themes = arena_take(arena, (people + 1) * sizeof(*in.themes)) };
    if (!in.persons || !in.capacities || !in.ranks || !in.themes)
        return -ENOMEM;
    for (size_t i = 0; i < themes; i++)
        in.capacities[i] = room_left(fact->sessions[i].place, people);
    for (size_t i = 0; i < people; i++) {
        const struct round_person *person = &fact->persons[i];
        in.persons[i] = person->registration_id;
        for (size_t k = 0; k < person->wish_count; k++) {
            const int theme = theme_of(fact, place_for(a->event, person, person->wishes[k].place_id));
            if (theme >= 0)
                in.ranks[i * themes + (size_t)theme] = (int)person->wishes[k].rank;
        }
    }
    in.round = (struct allocate_round){ .people = people,
                                        .themes = themes,
                                        .persons = in.persons,
                                        .capacities = in.capacities,
                                        .ranks = in.ranks,
                                        .seed = allocation_seed(a->seed) };
    *ret_input = in;
    return 0;
}

/* How many wishes the one with most has. */
static size_t most_wishes(const struct round_fact *fact)
{
    int64_t most = 0;
    for (size_t i = 0; i < fact->person_count; i++)
        for (size_t k = 0; k < fact->persons[i].wish_count; k++)
            if (fact->persons[i].wishes[k].rank > most)
                most = fact->persons[i].wishes[k].rank;
    return (size_t)most;
}

/* The numbers that are told. */
static int tell(struct allocation *a, const struct round_fact *fact, const struct input *in)
{
    a->people = fact->person_count;
    a->placed = 0;
    a->rank_sum = 0;
    a->rank_count = most_wishes(fact);
    a->by_rank = arena_take(a->job.arena, (a->rank_count + 1) * sizeof(*a->by_rank));
    a->session_count = fact->session_count;
    a->sessions = arena_take(a->job.arena, (fact->session_count + 1) * sizeof(*a->sessions));
    if (!a->by_rank || !a->sessions)
        return -ENOMEM;
    for (size_t i = 0; i < fact->session_count; i++) {
        const struct place *place = fact->sessions[i].place;
        struct allocation_session *session = &a->sessions[i];
        *session = (struct allocation_session){ .key = arena_copy(a->job.arena, fact->sessions[i].key),
                                                .title = arena_copy(a->job.arena, fact->sessions[i].title),
                                                .limited = place->limited,
                                                .capacity = place->capacity,
                                                .taken = place->taken };
        if (!session->key || !session->title)
            return -ENOMEM;
    }
    for (size_t i = 0; i < fact->person_count; i++) {
        if (in->themes[i] == ALLOCATE_NONE)
            continue;
        const int rank = in->ranks[i * fact->session_count + (size_t)in->themes[i]];
        a->placed++;
        a->rank_sum += rank;
        a->by_rank[rank - 1]++;
        a->sessions[in->themes[i]].placed++;
    }
    return 0;
}

static int plan_mail(const struct allocation *a, struct facts *facts, const struct round_person *person,
                     struct outcome *outcome)
{
    struct arena *arena = a->job.arena;
    /* Rounds and keys are ids: nothing in them needs escaping. */
    const char *data = outcome->key
                           ? arena_format(arena, "{\"round\":\"%s\",\"key\":\"%s\"}", a->round, outcome->key)
                           : arena_format(arena, "{\"round\":\"%s\",\"key\":null}", a->round);
    outcome->mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                                       .subject_id = person->registration_id,
                                       .event_id = a->event->event_id,
                                       .revision_id = person->revision_id,
                                       .instance = a->plan->id,
                                       .kind = "allocated",
                                       .recipient = arena_copy(arena, person->email),
                                       .language = arena_copy(arena, person->language),
                                       .data = data,
                                       .born_at = a->plan->at,
                                       .due_at = a->plan->at };
    outcome->mail.message_id = mail_row_message_id(arena, outcome->mail.id, a->message_domain);
    return data && outcome->mail.recipient && outcome->mail.language && outcome->mail.message_id ? 0 : -ENOMEM;
}

static int plan_person(struct allocation *a, struct facts *facts, const struct round_fact *fact, const struct input *in,
                       size_t i)
{
    struct outcome *outcome = &a->plan->outcomes[i];
    outcome->registration_id = fact->persons[i].registration_id;
    if (in->themes[i] != ALLOCATE_NONE) {
        const size_t theme = (size_t)in->themes[i];
        outcome->place_id = fact->sessions[theme].place->id;
        outcome->rank = in->ranks[i * fact->session_count + theme];
        outcome->key = a->sessions[theme].key;
        places_take(fact->sessions[theme].place, 1);
    }
    return fact->persons[i].email ? plan_mail(a, facts, &fact->persons[i], outcome) : 0; /* a guest may have none */
}

static int plan(struct allocation *a, struct facts *facts, const struct round_fact *fact, const struct input *in,
                int64_t now)
{
    struct arena *arena = a->job.arena;
    struct allocation_plan *plan = arena_take(arena, sizeof(*plan));
    if (!plan)
        return -ENOMEM;
    *plan = (struct allocation_plan){ .id = fact->allocation_id,
                                      .at = now,
                                      .place_count = fact->session_count,
                                      .count = fact->person_count,
                                      .places = arena_take(arena, (fact->session_count + 1) * sizeof(int64_t)),
                                      .outcomes = arena_take(arena, (fact->person_count + 1) *
                                                                        sizeof(struct outcome)) };
    if (!plan->places || !plan->outcomes)
        return -ENOMEM;
    a->plan = plan;
    for (size_t i = 0; i < fact->session_count; i++) {
        struct place *place = fact->sessions[i].place;
        plan->places[i] = place->id;
        place->allocated = true;
        place->touched = true;
    }
    for (size_t i = 0; i < fact->person_count; i++) {
        int r = plan_person(a, facts, fact, in, i);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Whoever changes a wish until then would find it overruled. */
static bool is_early(const struct allocation *a, int64_t now)
{
    const struct event_programme *programme = &a->event->definition->programme;
    const int round = programme_round(programme, a->round);
    return a->lock && round >= 0 && now < programme->rounds[round].wishes_until;
}

static int allocation_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct allocation *a = (struct allocation *)job;
    const struct round_fact *fact = facts_allocation(facts, a->event->event_id, a->round);
    struct input in;

    if (!fact)
        return -ENOENT;
    if (fact->allocated || fact->session_count == 0) {
        a->result = fact->allocated ? ALLOCATION_ALREADY : ALLOCATION_NO_ROUND;
        return 0;
    }
    if (is_early(a, moment->now)) {
        a->result = ALLOCATION_EARLY;
        return 0;
    }
    int r = make_input(a, fact, &in);
    if (r == 0)
        r = allocate_round(&in.round, in.themes);
    if (r == 0)
        r = tell(a, fact, &in);
    if (r == 0 && a->lock)
        r = plan(a, facts, fact, &in, moment->now);
    if (r < 0)
        return r;
    a->result = ALLOCATION_DONE;
    job->writes = a->lock;
    return 0;
}

static int write_allocation(const struct allocation *a, struct db *db)
{
    struct query *query = db_query(db, "allocation_insert");
    db_bind_int(query, ":id", a->plan->id);
    db_bind_int(query, ":event", a->event->event_id);
    db_bind_text(query, ":round", a->round);
    db_bind_text(query, ":seed", a->seed);
    db_bind_int(query, ":people", (int64_t)a->people);
    db_bind_int(query, ":placed", (int64_t)a->placed);
    db_bind_int(query, ":rank_sum", a->rank_sum);
    db_bind_int(query, ":at", a->plan->at);
    db_bind_text(query, ":actor", a->actor);
    int r = db_run(query);
    for (size_t i = 0; r == 0 && i < a->plan->place_count; i++) {
        query = db_query(db, "allocation_place");
        db_bind_int(query, ":at", a->plan->at);
        db_bind_int(query, ":id", a->plan->places[i]);
        r = db_run(query);
    }
    return r;
}

static int write_claim(const struct allocation *a, const struct outcome *outcome, struct db *db)
{
    struct query *query = db_query(db, "claim_insert");
    db_bind_int(query, ":registration", outcome->registration_id);
    db_bind_int(query, ":place", outcome->place_id);
    db_bind_text(query, ":state", "taken");
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "allocation_registration");
    db_bind_int(query, ":at", a->plan->at);
    db_bind_int(query, ":id", outcome->registration_id);
    return db_run(query);
}

static int write_audit(const struct allocation *a, const struct outcome *outcome, struct db *db)
{
    const char *data = outcome->key ? arena_format(a->job.arena, "{\"round\":\"%s\",\"place\":\"%s\",\"rank\":%" PRId64
                                                   "}", a->round, outcome->key, outcome->rank)
                                    : arena_format(a->job.arena, "{\"round\":\"%s\",\"place\":null}", a->round);
    if (!data)
        return -ENOMEM;
    const struct audit audit = { .at = a->plan->at,
                                 .event_id = a->event->event_id,
                                 .registration_id = outcome->registration_id,
                                 .actor = a->actor,
                                 .action = "allocate",
                                 .data = data };
    return audit_write(db, &audit);
}

static int allocation_apply(const struct store_job *job, struct db *db)
{
    const struct allocation *a = (const struct allocation *)job;
    int r = write_allocation(a, db);
    for (size_t i = 0; r == 0 && i < a->plan->count; i++) {
        const struct outcome *outcome = &a->plan->outcomes[i];
        if (outcome->place_id != 0)
            r = write_claim(a, outcome, db);
        if (r == 0 && outcome->mail.kind)
            r = mail_row_insert(db, &outcome->mail);
        if (r == 0)
            r = write_audit(a, outcome, db);
    }
    return r;
}

static void allocation_reset(struct store_job *job)
{
    ((struct allocation *)job)->plan = NULL;
}

const struct change_kind change_allocate = {
    .name = "allocate",
    .facts = allocation_facts,
    .decide = allocation_decide,
    .apply = allocation_apply,
    .reset = allocation_reset,
};

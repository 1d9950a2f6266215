/* SPDX-License-Identifier: EUPL-1.2 */
/* Plans and writes moves of registrations, of a booker with the guests. Called by the changes: planned in decide,
 * written in apply. */
#include "change/move.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/empty.h"
#include "change/holding.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

struct planned {
    struct planned *next;
    struct move move;
    int64_t id, event_id, sequence, offer_id, new_offer, link_version, waiting_since;
    enum state from;
    struct holding holding;
    const char *places; /* of a new offer: JSON array of their ids */
    struct mail_row mail;
};

struct moves {
    struct arena *arena;
    const char *domain;
    int64_t now;
    struct planned *first, *last;
    size_t freed_count, freed_room;
    struct place **freed;
};

int moves_new(struct arena *arena, const char *domain, int64_t now, struct moves **ret_moves)
{
    struct moves *moves = arena_take(arena, sizeof(*moves));
    if (!moves)
        return -ENOMEM;
    *moves = (struct moves){ .arena = arena, .domain = domain, .now = now };
    *ret_moves = moves;
    return 0;
}

bool moves_any(const struct moves *moves)
{
    return moves->first != NULL;
}

/* It was neither the person nor a clock. */
static bool is_organiser(const char *actor)
{
    return actor && strcmp(actor, "convenectl") == 0;
}

static int plan_mail(struct moves *moves, struct facts *facts, const struct registration_fact *registration,
                     struct planned *planned)
{
    const struct move *move = &planned->move;
    planned->mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                                       .subject_id = registration->id,
                                       .event_id = registration->event_id,
                                       .revision_id = registration->revision_id,
                                       .instance = move->instance,
                                       .kind = move->mail,
                                       .recipient = arena_copy(moves->arena, registration->email),
                                       .language = arena_copy(moves->arena, registration->language),
                                       .data = arena_format(moves->arena,
                                                            "{\"was\":\"%s\",\"until\":%" PRId64 ",\"organiser\":%s}",
                                                            state_name(planned->from), move->expires_at,
                                                            is_organiser(move->actor) ? "true" : "false"),
                                       .born_at = moves->now,
                                       .due_at = moves->now };
    planned->mail.message_id = mail_row_message_id(moves->arena, planned->mail.id, moves->domain);
    const struct mail_row *mail = &planned->mail;
    return mail->recipient && mail->language && mail->data && mail->message_id ? 0 : -ENOMEM;
}

int moves_freed(struct moves *moves, struct place *place)
{
    if (!place->limited || place->kind == PLACE_RESERVE) /* nobody waits for it; a reserve's people wait for its mode */
        return 0;
    for (size_t i = 0; i < moves->freed_count; i++)
        if (moves->freed[i] == place)
            return 0;
    struct place **freed =
        arena_grow(moves->arena, moves->freed, moves->freed_count, &moves->freed_room, sizeof(*freed));
    if (!freed)
        return -ENOMEM;
    moves->freed = freed;
    moves->freed[moves->freed_count++] = place;
    return 0;
}

static int free_claims(struct moves *moves, struct facts *facts, struct registration_fact *registration)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < registration->claim_count; i++) {
        struct place *place = facts_place(facts, registration->claims[i].place_id);
        if (!place)
            continue;
        places_free(place, 1);
        r = moves_freed(moves, place);
    }
    registration->claim_count = 0;
    return r;
}

/* What all of them ask for, claimed; who leaves a list leaves it first, so that he does not count as waiting for
 * himself. */
static int claim_asked(struct facts *facts, struct party *party, bool held)
{
    int r = holding_party_asks(facts, party);
    for (size_t i = 0; r == 0 && i < party->count; i++) {
        holding_stop_asking(facts, party->members[i]);
        r = holding_claim(facts, party->members[i], &party->sets[i], held);
    }
    return r;
}

static int join_lists(struct moves *moves, struct facts *facts, struct party *party)
{
    int r = holding_party_asks(facts, party);
    if (r < 0)
        return r;
    for (size_t i = 0; i < party->count; i++) {
        holding_stop_asking(facts, party->members[i]);
        party->members[i]->waiting_since = moves->now;
    }
    r = holding_ask(facts, party, true);
    return r < 0 ? r : facts_add_waiter(facts, party->members[0]);
}

/* Those with whom a guest waits may fit now that he does not come. */
static int make_room(struct moves *moves, struct facts *facts, const struct registration_fact *registration)
{
    int r = 0;
    if (!registration->booker || registration->status != STATE_WAITLISTED)
        return 0;
    for (size_t i = 0; r == 0 && i < registration->ask_count; i++) {
        struct place *place = facts_place(facts, registration->asks[i].place_id);
        if (place)
            r = moves_freed(moves, place);
    }
    return r;
}

static int drop_all(struct moves *moves, struct facts *facts, struct registration_fact *registration)
{
    int r = make_room(moves, facts, registration);
    if (r == 0)
        r = free_claims(moves, facts, registration);
    holding_stop_asking(facts, registration);
    return r;
}

/* The counters, claims and asks of all of PARTY in memory, as they will be. */
static int change_facts(struct moves *moves, struct facts *facts, struct party *party, enum move_claims claims)
{
    int r = 0;
    switch (claims) {
    case MOVE_KEEP:
        break;
    case MOVE_DROP:
        for (size_t i = 0; r == 0 && i < party->count; i++)
            r = drop_all(moves, facts, party->members[i]);
        break;
    case MOVE_TAKE:
        for (size_t i = 0; i < party->count; i++)
            for (size_t k = 0; k < party->members[i]->claim_count; k++)
                party->members[i]->claims[k].held = false;
        break;
    case MOVE_HOLD:
    case MOVE_OWN:
        r = claim_asked(facts, party, claims == MOVE_HOLD);
        break;
    case MOVE_WAIT:
        r = join_lists(moves, facts, party);
        break;
    }
    return r;
}

/* A note of what has changed, for the rows. */
static int note(struct moves *moves, struct registration_fact *registration, struct planned *planned)
{
    enum move_claims claims = planned->move.claims;
    planned->holding.claims = claims != MOVE_KEEP && claims != MOVE_WAIT;
    planned->holding.asks = claims != MOVE_KEEP && claims != MOVE_TAKE;
    if (planned->move.empties) {
        registration->wish_count = 0;
        planned->holding.wishes = true;
    }
    return holding_note(moves->arena, registration, &planned->holding);
}

/* Which places an offer holds. */
static const char *list_places(struct moves *moves, const struct registration_fact *registration)
{
    const char *list = "[";
    for (size_t i = 0; list && i < registration->claim_count; i++)
        list = arena_format(moves->arena, "%s%s%" PRId64, list, i > 0 ? "," : "", registration->claims[i].place_id);
    return list ? arena_format(moves->arena, "%s]", list) : NULL;
}

static int keep_texts(struct moves *moves, struct move *move)
{
    const char *actor = arena_copy(moves->arena, move->actor), *reason = arena_copy(moves->arena, move->reason);
    if (!actor || (move->reason && !reason))
        return -ENOMEM;
    move->actor = actor;
    move->reason = reason;
    return 0;
}

/* Only who booked is asked to do something; of what came of it a guest hears whether he is in it. NULL: nothing. */
static const char *kind_for(const struct registration_fact *registration, const char *mail)
{
    if (!mail || !registration->email || (registration->booker && strcmp(mail, "offer") == 0))
        return NULL;
    bool answered = strcmp(mail, "declined") == 0 || strcmp(mail, "offer_lapsed") == 0;
    return registration->booker && answered ? "cancelled" : mail;
}

/* One of a party, whose holdings are as they will be. */
static int add_one(struct moves *moves, struct facts *facts, struct registration_fact *registration,
                   const struct move *move)
{
    struct planned *planned = arena_take(moves->arena, sizeof(*planned));
    if (!planned)
        return -ENOMEM;
    *planned = (struct planned){ .move = *move,
                                 .id = registration->id,
                                 .event_id = registration->event_id,
                                 .from = registration->status,
                                 .offer_id = move->offer_outcome ? registration->offer_id : 0,
                                 .link_version = move->empties ? (int64_t)randombytes_uniform(INT32_MAX) : 0 };
    if (move->to == STATE_OFFERED)
        planned->move.instance = planned->new_offer = facts_fresh_id(facts, FACTS_OFFER);
    /* RFC 5546 section 2.1.4: a cancellation outranks the invitation */
    bool leaves = registration->status == STATE_CONFIRMED && move->to != STATE_CONFIRMED;
    planned->sequence = registration->ical_sequence + leaves;
    int r = keep_texts(moves, &planned->move);
    planned->move.mail = kind_for(registration, move->mail);
    if (r == 0 && planned->move.mail)
        r = plan_mail(moves, facts, registration, planned);
    if (r == 0)
        r = note(moves, registration, planned);
    if (r == 0 && planned->new_offer != 0) {
        planned->places = list_places(moves, registration);
        r = planned->places ? 0 : -ENOMEM;
    }
    if (r < 0)
        return r;
    if (move->to != STATE_WAITLISTED)
        registration->waiting_since = 0;
    planned->waiting_since = registration->waiting_since;
    if (!state_is_live(move->to))
        facts_release_key(facts, registration);
    registration->status = move->to;
    registration->ical_sequence = planned->sequence;
    registration->has_expires = move->expires_at != 0;
    registration->expires_at = move->expires_at;
    registration->offer_id =
        planned->new_offer != 0 ? planned->new_offer : planned->offer_id != 0 ? 0 : registration->offer_id;
    if (moves->last)
        moves->last->next = planned;
    else
        moves->first = planned;
    moves->last = planned;
    return 0;
}

int moves_add(struct moves *moves, struct facts *facts, struct registration_fact *registration, const struct move *move)
{
    struct party party;
    int r = holding_party(facts, registration, &party);
    if (r < 0)
        return r;
    if (move->alone)
        party.count = 1;
    for (size_t i = 0; i < party.count; i++)
        if (!state_may_move(party.members[i]->status, move->to))
            return -EPERM;
    r = change_facts(moves, facts, &party, move->claims);
    for (size_t i = 0; r == 0 && i < party.count; i++)
        r = add_one(moves, facts, party.members[i], move);
    return r;
}

int moves_offer_to(struct moves *moves, struct facts *facts, struct registration_fact *registration, const char *actor,
                   const char *reason)
{
    int64_t until = holding_accept_by(registration->event_starts, moves->now);
    if (until == 0) /* out of turn and late: the organiser knows; the offer stands until the event begins */
        until = registration->event_starts;
    const struct move move = { .to = STATE_OFFERED,
                               .claims = MOVE_HOLD,
                               .actor = actor,
                               .action = "offer",
                               .reason = reason,
                               .expires_at = until,
                               .mail = "offer" };
    return moves_add(moves, facts, registration, &move);
}

/* Those of the freed places from which an offer may still come; they come first, and their number is returned. */
static size_t still_open(struct moves *moves)
{
    size_t count = 0;
    for (size_t i = 0; i < moves->freed_count; i++) {
        struct place *place = moves->freed[i];
        bool offers = !place->retired && !place->closed && !place->approval &&
                      holding_accept_by(place->event_starts, moves->now) != 0;
        if (offers && (places_fit(place, 1) || place->reserved_open > 0)) {
            moves->freed[i] = moves->freed[count];
            moves->freed[count++] = place;
        }
    }
    return count;
}

static int offer_if_it_fits(struct moves *moves, struct facts *facts, struct registration_fact *waiter)
{
    struct party party;
    struct place *lacking;
    int r = holding_party(facts, waiter, &party);
    if (r == 0)
        r = holding_party_asks(facts, &party);
    if (r == -ENOENT || (r == 0 && party.sets[0].mode->approval))
        return 0;
    if (r == 0)
        r = holding_lacking(facts, party.count, party.sets, &lacking);
    if (r < 0 || lacking)
        return r;
    return moves_offer_to(moves, facts, waiter, "daemon", NULL);
}

int moves_offer(struct moves *moves, struct facts *facts)
{
    struct registration_fact *waiter;
    struct waiter_walk *walk;
    size_t open = still_open(moves);
    int r = 0;

    if (open > 0)
        r = facts_walk_waiters(facts, open, moves->freed, false, &walk);
    while (open > 0 && r == 0 && (r = facts_next_waiter(walk, &waiter)) > 0) {
        r = offer_if_it_fits(moves, facts, waiter);
        if (r == 0 && still_open(moves) == 0)
            break;
    }
    if (r < 0)
        return r;
    moves->freed_count = 0;
    return 0;
}

static int write_registration(const struct moves *moves, const struct planned *planned, struct db *db)
{
    const struct move *move = &planned->move;
    struct query *query;
    if (move->empties) {
        query = db_query(db, "registration_empty");
        db_bind_int(query, ":link_version", planned->link_version);
    } else {
        query = db_query(db, "registration_move");
        db_bind_text(query, ":status", state_name(move->to));
        db_bind_text(query, ":reason", move->reason);
        db_bind_int(query, ":sequence", planned->sequence);
        if (planned->waiting_since != 0)
            db_bind_int(query, ":waiting_since", planned->waiting_since);
        else
            db_bind_null(query, ":waiting_since");
        if (move->expires_at != 0)
            db_bind_int(query, ":expires", move->expires_at);
        else
            db_bind_null(query, ":expires");
    }
    db_bind_int(query, ":at", moves->now);
    db_bind_text(query, ":actor", move->actor);
    db_bind_int(query, ":id", planned->id);
    return db_run(query);
}

static int write_offer(const struct moves *moves, const struct planned *planned, struct db *db)
{
    struct query *query;
    int r = 0;
    if (planned->offer_id != 0) {
        query = db_query(db, "offer_end");
        db_bind_int(query, ":at", moves->now);
        db_bind_text(query, ":outcome", planned->move.offer_outcome);
        db_bind_int(query, ":id", planned->offer_id);
        r = db_run(query);
    }
    if (r == 0 && planned->new_offer != 0) {
        query = db_query(db, "offer_insert");
        db_bind_int(query, ":id", planned->new_offer);
        db_bind_int(query, ":registration", planned->id);
        db_bind_text(query, ":places", planned->places);
        db_bind_int(query, ":at", moves->now);
        db_bind_int(query, ":accept_by", planned->move.expires_at);
        r = db_run(query);
    }
    return r;
}

/* Mails that have not gone and are no longer owed; every move makes the former words about the state untrue. */
static int write_mails(const struct moves *moves, const struct planned *planned, struct db *db)
{
    struct query *query = db_query(db, "mails_supersede");
    db_bind_int(query, ":at", moves->now);
    db_bind_int(query, ":registration", planned->id);
    db_bind_int(query, ":all", planned->move.empties);
    int r = db_run(query);
    if (r == 0 && planned->move.mail)
        r = mail_row_insert(db, &planned->mail);
    if (r == 0 && planned->move.empties) {
        query = db_query(db, "mails_empty");
        db_bind_int(query, ":registration", planned->id);
        r = db_run(query);
    }
    return r;
}

static int write_audit(const struct moves *moves, const struct planned *planned, struct db *db)
{
    const struct audit audit = { .at = moves->now,
                                 .event_id = planned->event_id,
                                 .registration_id = planned->id,
                                 .actor = planned->move.actor,
                                 .action = planned->move.action,
                                 .from = planned->from,
                                 .to = planned->move.to };
    return audit_write(db, &audit);
}

int moves_apply(const struct moves *moves, struct db *db)
{
    int r = 0;
    for (const struct planned *planned = moves->first; r == 0 && planned; planned = planned->next) {
        r = planned->move.empties ? empty_write(db, planned->id, moves->now) : 0;
        if (r == 0)
            r = write_registration(moves, planned, db);
        if (r == 0)
            r = holding_write(db, &planned->holding, true);
        if (r == 0)
            r = write_offer(moves, planned, db);
        if (r == 0)
            r = write_mails(moves, planned, db);
        if (r == 0)
            r = write_audit(moves, planned, db);
    }
    return r;
}

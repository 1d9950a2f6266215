/* SPDX-License-Identifier: EUPL-1.2 */
/* Plans and writes moves of registrations. Called by the changes: planned in decide, written in apply. */
#include "change/move.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/empty.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

#define OFFER_SECONDS (48 * 3600)
#define OFFER_SHORTEST (24 * 3600) /* nobody is asked to answer within less */

struct planned {
    struct planned *next;
    struct move move;
    int64_t id, event_id, place_id, sequence, offer_id, new_offer, link_version;
    enum state from;
    struct mail_row mail;
};

struct moves {
    struct arena *arena;
    const char *domain;
    int64_t now;
    struct planned *first, *last;
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

static int plan_mail(struct moves *moves, struct facts *facts, const struct registration_fact *registration,
                     struct planned *planned)
{
    const struct move *move = &planned->move;
    planned->mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                                       .registration_id = registration->id,
                                       .event_id = registration->event_id,
                                       .revision_id = registration->revision_id,
                                       .instance = move->instance,
                                       .kind = move->mail,
                                       .recipient = arena_copy(moves->arena, registration->email),
                                       .language = arena_copy(moves->arena, registration->language),
                                       .data = arena_format(moves->arena, "{\"was\":\"%s\",\"until\":%" PRId64 "}",
                                                            state_name(planned->from), move->expires_at),
                                       .priority = MAIL_AT_ONCE,
                                       .born_at = moves->now,
                                       .due_at = moves->now };
    planned->mail.message_id = mail_row_message_id(moves->arena, planned->mail.id, moves->domain);
    const struct mail_row *mail = &planned->mail;
    return mail->recipient && mail->language && mail->data && mail->message_id ? 0 : -ENOMEM;
}

static void free_claims(struct facts *facts, struct registration_fact *registration)
{
    for (size_t i = 0; i < registration->claim_count; i++) {
        struct place *place = facts_place(facts, registration->claims[i].place_id);
        if (place)
            places_free(place, 1);
    }
    registration->claim_count = 0;
}

static int add_claim(struct moves *moves, struct facts *facts, struct registration_fact *registration, bool held)
{
    struct place *place = facts_place(facts, registration->mode_place);
    if (!place)
        return -ENOENT;
    struct claim_fact *claims = arena_take(facts_arena(facts), sizeof(*claims));
    if (!claims)
        return -ENOMEM;
    (void)moves;
    *claims = (struct claim_fact){ .place_id = place->id, .held = held };
    registration->claims = claims;
    registration->claim_count = 1;
    places_take(place, 1);
    return 0;
}

/* The counters and claims in memory, as they will be. */
static int change_facts(struct moves *moves, struct facts *facts, struct registration_fact *registration,
                        const struct move *move)
{
    struct place *place = facts_place(facts, registration->mode_place);
    if (registration->status == STATE_WAITLISTED && move->to != STATE_WAITLISTED && place)
        places_wait(place, -1);
    if (move->to == STATE_WAITLISTED && registration->status != STATE_WAITLISTED && place) {
        places_wait(place, 1);
        int r = facts_add_waiter(facts, place->id, registration);
        if (r < 0)
            return r;
    }
    switch (move->claims) {
    case MOVE_KEEP:
        return 0;
    case MOVE_DROP:
        free_claims(facts, registration);
        return 0;
    case MOVE_TAKE:
        for (size_t i = 0; i < registration->claim_count; i++)
            registration->claims[i].held = false;
        return 0;
    case MOVE_HOLD:
    case MOVE_OWN:
        return add_claim(moves, facts, registration, move->claims == MOVE_HOLD);
    }
    return 0;
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

static int add(struct moves *moves, struct facts *facts, struct registration_fact *registration,
               const struct move *move, int64_t new_offer)
{
    struct planned *planned = arena_take(moves->arena, sizeof(*planned));
    if (!planned)
        return -ENOMEM;
    if (!state_may_move(registration->status, move->to))
        return -EPERM;
    *planned = (struct planned){ .move = *move,
                                 .id = registration->id,
                                 .event_id = registration->event_id,
                                 .place_id = registration->mode_place,
                                 .from = registration->status,
                                 .new_offer = new_offer,
                                 .offer_id = move->offer_outcome ? registration->offer_id : 0,
                                 .link_version = move->empties ? (int64_t)randombytes_uniform(INT32_MAX) : 0 };
    /* RFC 5546 section 2.1.4: a cancellation outranks the invitation */
    bool leaves = registration->status == STATE_CONFIRMED && move->to != STATE_CONFIRMED;
    planned->sequence = registration->ical_sequence + leaves;
    int r = keep_texts(moves, &planned->move);
    if (r == 0 && move->mail)
        r = plan_mail(moves, facts, registration, planned);
    if (r == 0)
        r = change_facts(moves, facts, registration, move);
    if (r < 0)
        return r;
    if (!state_is_live(move->to))
        facts_release_key(facts, registration);
    registration->status = move->to;
    registration->ical_sequence = planned->sequence;
    registration->has_expires = move->expires_at != 0;
    registration->expires_at = move->expires_at;
    registration->offer_id = new_offer != 0 ? new_offer : planned->offer_id != 0 ? 0 : registration->offer_id;
    if (moves->last)
        moves->last->next = planned;
    else
        moves->first = planned;
    moves->last = planned;
    return 0;
}

int moves_add(struct moves *moves, struct facts *facts, struct registration_fact *registration, const struct move *move)
{
    return add(moves, facts, registration, move, 0);
}

/* Until when an offer made now may be accepted; 0: there is no time for one. */
static int64_t accept_by(const struct moves *moves, const struct registration_fact *registration)
{
    int64_t until = moves->now + OFFER_SECONDS;
    if (until > registration->event_starts)
        until = registration->event_starts;
    return until - moves->now >= OFFER_SHORTEST ? until : 0;
}

int moves_offer_to(struct moves *moves, struct facts *facts, struct registration_fact *registration, const char *actor,
                   const char *reason)
{
    int64_t until = accept_by(moves, registration), offer = facts_fresh_id(facts, FACTS_OFFER);
    if (until == 0) /* out of turn and late: the organiser knows; the offer stands until the event begins */
        until = registration->event_starts;
    const struct move move = { .to = STATE_OFFERED,
                               .claims = MOVE_HOLD,
                               .actor = actor,
                               .action = "offer",
                               .reason = reason,
                               .expires_at = until,
                               .mail = "offer",
                               .instance = offer };
    return add(moves, facts, registration, &move, offer);
}

int moves_offer(struct moves *moves, struct facts *facts, struct place *place)
{
    struct registration_fact **waiters = NULL;
    size_t count = facts_waiters(facts, place->id, &waiters);
    if (place->approval || place->retired || place->closed)
        return 0;
    for (size_t i = 0; i < count && places_fit(place, 1); i++) {
        if (waiters[i]->status != STATE_WAITLISTED) /* an earlier job of the batch has moved him */
            continue;
        if (accept_by(moves, waiters[i]) == 0)
            return 0;
        int r = moves_offer_to(moves, facts, waiters[i], "daemon", NULL);
        if (r < 0)
            return r;
    }
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
        if (move->to == STATE_WAITLISTED)
            db_bind_int(query, ":waiting_since", moves->now);
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

static int write_claims(const struct planned *planned, struct db *db)
{
    struct query *query;
    switch (planned->move.claims) {
    case MOVE_KEEP:
        return 0;
    case MOVE_DROP:
        query = db_query(db, "claims_delete");
        break;
    case MOVE_TAKE:
        query = db_query(db, "claims_hold");
        db_bind_text(query, ":state", "taken");
        break;
    default:
        query = db_query(db, "claim_insert");
        db_bind_int(query, ":place", planned->place_id);
        db_bind_text(query, ":state", planned->move.claims == MOVE_HOLD ? "held" : "taken");
        break;
    }
    db_bind_int(query, ":registration", planned->id);
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
        char places[32];
        (void)snprintf(places, sizeof(places), "[%" PRId64 "]", planned->place_id);
        query = db_query(db, "offer_insert");
        db_bind_int(query, ":id", planned->new_offer);
        db_bind_int(query, ":registration", planned->id);
        db_bind_text(query, ":places", places);
        db_bind_int(query, ":at", moves->now);
        db_bind_int(query, ":accept_by", planned->move.expires_at);
        r = db_run(query);
    }
    return r;
}

/* Mails that have not gone and are no longer owed; every move makes the former words untrue. */
static int write_mails(const struct moves *moves, const struct planned *planned, struct db *db)
{
    struct query *query = db_query(db, "mails_supersede");
    db_bind_int(query, ":at", moves->now);
    db_bind_int(query, ":registration", planned->id);
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
            r = write_claims(planned, db);
        if (r == 0)
            r = write_offer(moves, planned, db);
        if (r == 0)
            r = write_mails(moves, planned, db);
        if (r == 0)
            r = write_audit(moves, planned, db);
    }
    return r;
}

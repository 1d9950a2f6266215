/* SPDX-License-Identifier: EUPL-1.2 */
/* Ends what nobody answered in time, forgets addresses that were not confirmed, releases reserves, and passes the
 * places on. Called by the writer through the descriptor. */
#include "change/expire.h"

#include "change/move.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

#define EXPIRE_MAX 200 /* one batch; the timer comes again at once for more */
#define UNCONFIRMED_KEPT \
    (7 * 86400) /* then nothing of the person stays: whoever typed the address may not have been its owner */

static int expire_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_expired(wanted, EXPIRE_MAX);
}

static int expire_one(struct expire *expire, struct facts *facts, struct registration_fact *registration)
{
    struct move move = { .actor = "daemon", .claims = MOVE_DROP, .action = "expire" };
    switch (registration->status) {
    case STATE_PENDING_EMAIL: /* a guest's time is his booker's, who takes him along */
        move.to = STATE_EXPIRED;
        move.expires_at = registration->expires_at + UNCONFIRMED_KEPT;
        break;
    case STATE_OFFERED:
        move.to = STATE_EXPIRED;
        move.mail = "offer_lapsed";
        move.offer_outcome = "lapsed";
        break;
    case STATE_CONFIRMED: /* restricted, and its evidence is no longer due */
    case STATE_EXPIRED:
        move.to = STATE_ERASED;
        move.action = "erase";
        move.empties = move.alone = true;
        break;
    default:
        return 0; /* answered by an earlier job of this batch */
    }
    expire->expired++;
    if (registration->booker && !move.empties)
        return 0;
    return moves_add(expire->moves, facts, registration, &move);
}

/* What is free of a reserve is everybody's from now on. */
static int release(struct expire *expire, struct place *reserve)
{
    if (reserve->released || !reserve->parent)
        return 0;
    places_release(reserve);
    expire->expired++;
    expire->released = true;
    return moves_freed(expire->moves, reserve->parent);
}

static int expire_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct expire *expire = (struct expire *)job;
    struct registration_fact **expired;
    struct place **reserves;
    size_t count = facts_expired(facts, &expired);
    int r = moves_new(job->arena, expire->message_domain, moment->now, &expire->moves);
    expire->expired = 0;
    expire->released = false;
    for (size_t i = 0; r == 0 && i < count; i++)
        if (expired[i]->has_expires && expired[i]->expires_at <= moment->now)
            r = expire_one(expire, facts, expired[i]);
    count = facts_releases(facts, &reserves);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = release(expire, reserves[i]);
    if (r == 0)
        r = moves_offer(expire->moves, facts);
    expire->addresses = facts_expired_addresses(facts);
    expire->privates = facts_privates_due(facts) > 0;
    expire->expired += facts_privates_due(facts);
    expire->at = moment->now;
    job->writes = r == 0 && (moves_any(expire->moves) || expire->released || expire->addresses || expire->privates);
    return r;
}

static int expire_apply(const struct store_job *job, struct db *db)
{
    const struct expire *expire = (const struct expire *)job;
    int r = moves_apply(expire->moves, db);
    if (r == 0 && expire->addresses) {
        struct query *query = db_query(db, "addresses_expire");
        db_bind_int(query, ":at", expire->at);
        r = db_run(query);
    }
    if (r == 0 && expire->privates) {
        struct query *query = db_query(db, "private_due_delete");
        db_bind_int(query, ":now", expire->at);
        r = db_run(query);
    }
    return r;
}

static void expire_reset(struct store_job *job)
{
    ((struct expire *)job)->moves = NULL;
}

const struct change_kind change_expire = {
    .name = "expire",
    .inside = true,
    .facts = expire_facts,
    .decide = expire_decide,
    .apply = expire_apply,
    .reset = expire_reset,
};

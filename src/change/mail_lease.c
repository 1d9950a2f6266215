/* SPDX-License-Identifier: EUPL-1.2 */
/* Leases due mails to this process, the urgent ones first. Called by the writer through the descriptor. */
#include "change/mail_lease.h"

#include <errno.h>

#include "base/arena.h"
#include "change/mail_kind.h"
#include "store/db.h"
#include "store/facts.h"

#define UNPARK 500 /* at once */

static int lease_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct mail_lease *lease = (const struct mail_lease *)job;
    int r = wanted_pauses(wanted);
    for (unsigned priority = 0; r == 0 && priority < STORE_MAIL_PRIORITIES; priority++)
        if ((priority == MAIL_AT_ONCE ? lease->urgent : lease->others) > 0)
            r = wanted_due(wanted, priority, lease->look);
    return r;
}

/* The fact goes with the batch, the job keeps a copy. */
static int take(struct mail_lease *lease, struct mail_fact *fact)
{
    struct arena *arena = lease->job.arena;
    struct leased_mail mail = { .id = fact->id,
                                .subject_id = fact->subject_id,
                                .event_id = fact->event_id,
                                .revision_id = fact->revision_id,
                                .attempts = fact->attempts,
                                .due_at = fact->due_at,
                                .born_at = fact->born_at,
                                .tried_from = fact->tried_from,
                                .expires_at = fact->has_expires ? fact->expires_at : INT64_MAX,
                                .instance = fact->instance,
                                .priority = fact->priority,
                                .subject_kind = arena_copy(arena, fact->subject_kind),
                                .kind = arena_copy(arena, fact->kind),
                                .recipient = arena_copy(arena, fact->recipient),
                                .language = arena_copy(arena, fact->language),
                                .data = arena_copy(arena, fact->data),
                                .message_id = arena_copy(arena, fact->message_id) };
    if (!mail.subject_kind || !mail.kind || !mail.recipient || !mail.language || !mail.data || !mail.message_id)
        return -ENOMEM;
    lease->mails[lease->count++] = mail;
    fact->leased_by = lease->process;
    return 0;
}

static void move(struct mail_lease *lease, struct mail_fact *fact, struct mail_move how)
{
    how.id = fact->id;
    lease->moves[lease->move_count++] = how;
    lease->expired += how.move == MAIL_MOVE_EXPIRE;
    lease->paced += how.move == MAIL_MOVE_PACE;
    lease->parked += how.move == MAIL_MOVE_PARK;
    fact->leased_by = -1; /* nobody's, and no longer due for a later job of this batch */
}

/* Those of one priority that could go, after what has expired or is paused was moved out of the way. */
static size_t sort_out(struct mail_lease *lease, struct facts *facts, unsigned priority, int64_t now,
                       struct mail_fact ***ret_ready)
{
    size_t count = facts_due(facts, priority, ret_ready), kept = 0;
    struct mail_fact **due = *ret_ready;
    for (size_t i = 0; i < count; i++) {
        struct mail_fact *fact = due[i];
        const struct pause_fact *pause;
        if (fact->leased_by != 0) /* by an earlier job of this batch */
            continue;
        pause = fact->event_id != 0 ? facts_pause(facts, fact->event_id) : NULL;
        if (fact->has_expires && fact->expires_at <= now)
            move(lease, fact, (struct mail_move){ .move = MAIL_MOVE_EXPIRE, .at = now });
        else if (pause && !pause->resumed)
            move(lease, fact, (struct mail_move){ .move = MAIL_MOVE_PARK, .at = now });
        else
            due[kept++] = fact;
    }
    return kept;
}

/* Asks the gate for one. 1: it is leased or moved; 0: nothing more of its priority now. */
static int let_go(struct mail_lease *lease, struct mail_fact *fact, int64_t now)
{
    int64_t due = now;
    enum mail_gate_verdict verdict =
        lease->gate ? lease->gate(lease->gate_user, fact->recipient, fact->priority, now, &due) : MAIL_GATE_GO;
    if (verdict == MAIL_GATE_SHUT)
        return 0;
    if (verdict == MAIL_GATE_LATER) {
        if (fact->has_expires && due > fact->expires_at)
            due = fact->expires_at; /* then it is over, whatever the pace */
        move(lease, fact, (struct mail_move){ .move = MAIL_MOVE_PACE, .at = due });
        return 1;
    }
    int r = take(lease, fact);
    return r < 0 ? r : 1;
}

static int lease_all(struct mail_lease *lease, size_t const counts[], struct mail_fact **const ready[], int64_t now)
{
    int64_t others = lease->others;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        int64_t room = priority == MAIL_AT_ONCE ? lease->urgent : others;
        for (size_t i = 0; i < counts[priority] && room > 0; i++) {
            size_t before = lease->count;
            int r = let_go(lease, ready[priority][i], now);
            if (r <= 0)
                return r; /* shut: the less urgent ones have to wait too */
            room -= (int64_t)(lease->count - before);
        }
        if (priority != MAIL_AT_ONCE)
            others = room;
    }
    return 0;
}

/* One of all, another one each time: one mail that breaks every connection does not keep the others from going. */
static int lease_probe(struct mail_lease *lease, size_t const counts[], struct mail_fact **const ready[], int64_t now)
{
    size_t all = 0, turn;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++)
        all += counts[priority];
    if (all == 0)
        return 0;
    turn = (size_t)lease->turn % all;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        if (turn < counts[priority]) {
            int r = let_go(lease, ready[priority][turn], now);
            return r < 0 ? r : 0;
        }
        turn -= counts[priority];
    }
    return 0;
}

static int lease_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_lease *lease = (struct mail_lease *)job;
    struct mail_fact **ready[STORE_MAIL_PRIORITIES];
    size_t counts[STORE_MAIL_PRIORITIES], seen = 0;

    lease->count = lease->move_count = lease->expired = lease->paced = lease->parked = 0;
    lease->unpark = 0;
    lease->unparked = false;
    if (facts_pause(facts, 0))
        return 0;
    lease->mails = arena_take(job->arena, (size_t)(lease->urgent + lease->others) * sizeof(*lease->mails));
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++)
        seen += facts_due(facts, priority, &ready[priority]);
    lease->moves = arena_take(job->arena, (seen + 1) * sizeof(*lease->moves));
    if (!lease->mails || !lease->moves)
        return -ENOMEM;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++)
        counts[priority] = sort_out(lease, facts, priority, moment->now, &ready[priority]);
    int r = lease->probe ? lease_probe(lease, counts, ready, moment->now)
                         : lease_all(lease, counts, ready, moment->now);
    if (r < 0)
        return r;
    struct pause_fact *resumed = facts_pause_resumed(facts);
    if (resumed) {
        lease->unpark = resumed->scope;
        lease->unparked = true;
    }
    job->writes = lease->count > 0 || lease->move_count > 0 || lease->unparked;
    return 0;
}

static int apply_move(const struct mail_move *move, struct db *db)
{
    struct query *query;
    switch (move->move) {
    case MAIL_MOVE_EXPIRE:
        query = db_query(db, "mail_expire");
        db_bind_int(query, ":at", move->at);
        break;
    case MAIL_MOVE_PARK:
        query = db_query(db, "mail_park");
        db_bind_int(query, ":at", move->at);
        break;
    default:
        query = db_query(db, "mail_pace");
        db_bind_int(query, ":due", move->at);
        break;
    }
    db_bind_int(query, ":id", move->id);
    return db_run(query);
}

static int apply_unpark(int64_t event_id, struct db *db)
{
    struct query *query = db_query(db, "mail_unpark");
    db_bind_int(query, ":scope", event_id);
    db_bind_int(query, ":limit", UNPARK);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mail_pause_end");
    db_bind_int(query, ":scope", event_id);
    return db_run(query);
}

static int lease_apply(const struct store_job *job, struct db *db)
{
    const struct mail_lease *lease = (const struct mail_lease *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < lease->count; i++) {
        struct query *query = db_query(db, "lease_mail");
        db_bind_int(query, ":until", lease->until);
        db_bind_int(query, ":process", lease->process);
        db_bind_int(query, ":id", lease->mails[i].id);
        r = db_run(query);
    }
    for (size_t i = 0; r == 0 && i < lease->move_count; i++)
        r = apply_move(&lease->moves[i], db);
    if (r == 0 && lease->unpark != 0)
        r = apply_unpark(lease->unpark, db);
    return r;
}

const struct change_kind change_mail_lease = {
    .name = "mail_lease",
    .inside = true,
    .facts = lease_facts,
    .decide = lease_decide,
    .apply = lease_apply,
};

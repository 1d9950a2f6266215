/* SPDX-License-Identifier: EUPL-1.2 */
/* Erases a registration at its owner's wish (GDPR, article 17): it ends, its places go to who waits, and nothing of the
 * person stays. Where a funder may still ask who took part, what proves it stays until the day the definition names and
 * is restricted to that use (articles 17(3) and 18); all else goes at once. Called by the writer through the
 * descriptor. */
#include "change/act.h"
#include "change/audit.h"
#include "change/empty.h"
#include "change/move.h"
#include "signup/evidence.h"
#include "store/db.h"
#include "store/facts.h"

/* Nothing that is sent or looked for finds it any more; the timer erases it when the evidence is no longer due. */
static void restrict_fact(const struct act *act, struct facts *facts, struct registration_fact *registration)
{
    facts_release_key(facts, registration);
    registration->email = NULL;
    registration->version++;
    registration->has_expires = true;
    registration->expires_at = act->evidence_until;
}

static int erase_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (evidence_is_due(registration->status, registration->event_starts, act->evidence_until, moment->now)) {
        act->result = ACT_KEPT;
        act->at = moment->now;
        act->event_id = registration->event_id;
        if (!registration->email) /* it is restricted already */
            return 0;
        restrict_fact(act, facts, registration);
        job->writes = true;
        return 0;
    }
    const struct move move = { .to = STATE_ERASED,
                               .claims = MOVE_DROP,
                               .actor = act->actor,
                               .action = "erase",
                               .offer_outcome = "cancelled",
                               .empties = true };
    act->result = ACT_DONE;
    r = moves_add(act->moves, facts, registration, &move);
    if (r == 0)
        r = moves_offer(act->moves, facts);
    job->writes = r == 0;
    return r;
}

static int write_restricted(const struct act *act, struct db *db)
{
    int r = empty_write(db, act->registration_id, act->at);
    if (r < 0)
        return r;
    struct query *query = db_query(db, "registration_restrict");
    db_bind_int(query, ":id", act->registration_id);
    db_bind_int(query, ":at", act->at);
    db_bind_int(query, ":until", act->evidence_until);
    db_bind_text(query, ":kept", act->kept);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_supersede");
    db_bind_int(query, ":at", act->at);
    db_bind_int(query, ":registration", act->registration_id);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_empty");
    db_bind_int(query, ":registration", act->registration_id);
    return db_run(query);
}

static int erase_apply(const struct store_job *job, struct db *db)
{
    const struct act *act = (const struct act *)job;
    if (act->result != ACT_KEPT)
        return moves_apply(act->moves, db);
    const struct audit audit = { .at = act->at,
                                 .event_id = act->event_id,
                                 .registration_id = act->registration_id,
                                 .actor = act->actor,
                                 .action = "restrict" };
    int r = write_restricted(act, db);
    return r < 0 ? r : audit_write(db, &audit);
}

const struct change_kind change_erase = {
    .name = "erase",
    .facts = act_facts,
    .decide = erase_decide,
    .apply = erase_apply,
    .reset = act_reset,
};

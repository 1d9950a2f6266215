/* SPDX-License-Identifier: EUPL-1.2 */
/* Withdraws one consent of a registration (GDPR, article 7(3)). What was agreed to stays on record with both times, for
 * it proves what was lawful until then; the answer becomes "no". The registration itself stands. Called by the writer
 * through the descriptor. */
#include <errno.h>

#include "base/arena.h"
#include "change/act.h"
#include "change/audit.h"
#include "change/own.h"
#include "change/private.h"
#include "store/db.h"
#include "store/facts.h"

static int withdraw_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct act *act = (const struct act *)job;
    int r = wanted_registration(wanted, act->registration_id);
    return r < 0 ? r : wanted_consent(wanted, act->registration_id, act->purpose);
}

static int withdraw_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    struct consent_fact *consent = facts_consent(facts, act->registration_id, act->purpose);
    if (!consent || !consent->given) {
        act->result = ACT_ALREADY;
        return 0;
    }
    consent->given = false;
    own_decide(registration, act->actor);
    act->at = moment->now;
    act->event_id = registration->event_id;
    act->result = ACT_DONE;
    job->writes = true;
    return 0;
}

static int withdraw_apply(const struct store_job *job, struct db *db)
{
    const struct act *act = (const struct act *)job;
    struct query *query = db_query(db, "consent_withdraw");
    db_bind_int(query, ":registration", act->registration_id);
    db_bind_text(query, ":purpose", act->purpose);
    db_bind_int(query, ":at", act->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    const char *path = arena_format(job->arena, "$.%s", act->field); /* ids are [a-z][a-z0-9_]* */
    const char *data = arena_format(job->arena, "{\"field\":\"%s\"}", act->field);
    if (!path || !data)
        return -ENOMEM;
    r = private_erase(db, act->registration_id, act->field); /* a special need goes with its consent */
    if (r < 0)
        return r;
    query = db_query(db, "registration_deny");
    db_bind_int(query, ":id", act->registration_id);
    db_bind_text(query, ":path", path);
    db_bind_int(query, ":at", act->at);
    r = db_run(query);
    if (r == 0)
        r = own_apply(db, act->registration_id, act->actor, act->at);
    if (r < 0)
        return r;
    const struct audit audit = { .at = act->at,
                                 .event_id = act->event_id,
                                 .registration_id = act->registration_id,
                                 .actor = act->actor,
                                 .action = "withdraw_consent",
                                 .data = data };
    return audit_write(db, &audit);
}

const struct change_kind change_withdraw = {
    .name = "withdraw",
    .facts = withdraw_facts,
    .decide = withdraw_decide,
    .apply = withdraw_apply,
    .reset = act_reset,
};

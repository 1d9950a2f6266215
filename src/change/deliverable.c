/* SPDX-License-Identifier: EUPL-1.2 */
/* An organiser's word that the address of a registration is good after all: mail goes to it again, and what came back
 * until now counts no more. Called by the writer through the descriptor. */
#include "change/act.h"

#include "change/audit.h"
#include "store/db.h"
#include "store/facts.h"

static int deliverable_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (!registration->undeliverable) {
        act->result = ACT_ALREADY;
        return 0;
    }
    registration->undeliverable = false;
    act->at = moment->now;
    act->event_id = registration->event_id;
    act->result = ACT_DONE;
    job->writes = true;
    return 0;
}

static int deliverable_apply(const struct store_job *job, struct db *db)
{
    const struct act *act = (const struct act *)job;
    struct query *query = db_query(db, "registration_deliverable");
    db_bind_int(query, ":id", act->registration_id);
    db_bind_int(query, ":at", act->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "bounces_clear");
    db_bind_int(query, ":registration", act->registration_id);
    db_bind_int(query, ":at", act->at);
    r = db_run(query);
    if (r < 0)
        return r;
    return audit_write(db, &(struct audit){ .at = act->at,
                                            .event_id = act->event_id,
                                            .registration_id = act->registration_id,
                                            .actor = act->actor,
                                            .action = "deliverable" });
}

const struct change_kind change_deliverable = {
    .name = "deliverable",
    .facts = act_facts,
    .decide = deliverable_decide,
    .apply = deliverable_apply,
    .reset = act_reset,
};

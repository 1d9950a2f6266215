/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails are held back and let go. Called by convenectl through the descriptor.
 *
 * The mails of an event that were put aside meanwhile are let go by the lease, some at a time: so the row of its pause
 * stays until the last one, marked as resumed. */
#include "change/mail_pause.h"

#include "change/audit.h"
#include "store/db.h"
#include "store/facts.h"

static int pause_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_pauses(wanted);
}

static int pause_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_pause *pause = (struct mail_pause *)job;
    const struct pause_fact *fact = facts_pause(facts, pause->scope);
    bool held = fact && !fact->resumed;
    pause->already = held != pause->resume;
    pause->at = moment->now;
    job->writes = !pause->already;
    return 0;
}

static struct query *statement(const struct mail_pause *pause, struct db *db)
{
    struct query *query;
    if (pause->resume && pause->scope == 0)
        return db_query(db, "mail_resume_all");
    query = db_query(db, pause->resume ? "mail_resume" : "mail_pause_put");
    db_bind_int(query, ":scope", pause->scope);
    db_bind_int(query, ":at", pause->at);
    if (!pause->resume)
        db_bind_text(query, ":actor", pause->actor);
    return query;
}

static int pause_apply(const struct store_job *job, struct db *db)
{
    const struct mail_pause *pause = (const struct mail_pause *)job;
    const struct audit audit = { .at = pause->at,
                                 .event_id = pause->scope,
                                 .actor = pause->actor,
                                 .action = pause->resume ? "mail_resume" : "mail_pause" };
    int r = db_run(statement(pause, db));
    return r < 0 ? r : audit_write(db, &audit);
}

const struct change_kind change_mail_pause = {
    .name = "mail_pause",
    .facts = pause_facts,
    .decide = pause_decide,
    .apply = pause_apply,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Stops what a registration's owner may stop (RFC 8058), and what of it waits to be sent. Called by the writer through
 * the descriptor. */
#include "change/stop.h"

#include "change/audit.h"
#include "change/mail_kind.h"
#include "change/own.h"
#include "store/db.h"
#include "store/facts.h"

static int stop_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_registration(wanted, ((const struct stop *)job)->registration_id);
}

static int stop_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct stop *stop = (struct stop *)job;
    struct registration_fact *registration = facts_registration(facts, stop->registration_id);

    stop->gone = !registration || registration->status == STATE_ERASED ||
                 registration->link_version != stop->link_version;
    if (stop->gone || registration->stopped == stop->stops) /* mail providers ask more than once */
        return 0;
    registration->stopped = stop->stops;
    own_decide(registration, stop->actor);
    stop->at = moment->now;
    stop->event_id = registration->event_id;
    job->writes = true;
    return 0;
}

/* What is under way is sent; the letter of what waits would find out by itself, but the log shall say it now. */
static int supersede(const struct stop *stop, struct db *db)
{
    int r = 0;
    for (size_t i = 0; r == 0 && mail_kind_at(i); i++) {
        const struct mail_kind *kind = mail_kind_at(i);
        if (!kind->stoppable)
            continue;
        struct query *query = db_query(db, "mails_supersede_stopped");
        db_bind_int(query, ":at", stop->at);
        db_bind_int(query, ":registration", stop->registration_id);
        db_bind_text(query, ":kind", kind->name);
        r = db_run(query);
    }
    return r;
}

static int stop_apply(const struct store_job *job, struct db *db)
{
    const struct stop *stop = (const struct stop *)job;
    const struct audit audit = { .at = stop->at,
                                 .event_id = stop->event_id,
                                 .registration_id = stop->registration_id,
                                 .actor = stop->actor,
                                 .action = stop->stops ? "stop_mail" : "resume_mail" };
    struct query *query = db_query(db, "registration_stop");
    db_bind_int(query, ":id", stop->registration_id);
    if (stop->stops)
        db_bind_int(query, ":at", stop->at);
    else
        db_bind_null(query, ":at");
    int r = db_run(query);
    if (r == 0 && stop->stops)
        r = supersede(stop, db);
    if (r == 0)
        r = own_apply(db, stop->registration_id, stop->actor, stop->at);
    return r < 0 ? r : audit_write(db, &audit);
}

static void stop_reset(struct store_job *job)
{
    ((struct stop *)job)->gone = false;
}

const struct change_kind change_stop = {
    .name = "stop",
    .facts = stop_facts,
    .decide = stop_decide,
    .apply = stop_apply,
    .reset = stop_reset,
};

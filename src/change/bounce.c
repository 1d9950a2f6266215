/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what came back. A mail that was sent stays sent: that it came back stands beside it. Called by convenectl
 * through the descriptor. */
#include "change/bounce.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "config/settings.h"
#include "store/db.h"
#include "store/facts.h"

static int bounce_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct bounce *bounce = (const struct bounce *)job;
    return bounce->mail_id != 0 ? wanted_returned(wanted, bounce->mail_id) : 0;
}

/* For good, or so often for now that nobody believes it any more. */
static bool is_final(const struct bounce *bounce, const struct returned_fact *returned)
{
    if (bounce->verdict == VERDICT_TRANSIENT)
        return returned->transients + 1 >= bounce->settings->mail.bounce_limit;
    return bounce->verdict == VERDICT_PERMANENT;
}

static int bounce_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct bounce *bounce = (struct bounce *)job;
    const struct returned_fact *returned = bounce->mail_id != 0 ? facts_returned(facts, bounce->mail_id) : NULL;

    bounce->at = moment->now;
    bounce->plan = NULL;
    job->writes = true;
    if (!returned || strcmp(returned->mail->recipient, bounce->recipient) != 0) { /* or it has just got another one */
        bounce->mail_id = 0;
        return 0;
    }
    if (returned->mail->recipient[0] == '\0') { /* of somebody whose data were erased: no word of it is kept */
        bounce->reply = NULL;
        return 0;
    }
    if (!is_final(bounce, returned))
        return 0;
    const struct undeliverable what = {
        .address = returned->mail->recipient,
        .why = bounce->reply ? bounce->reply : bounce->status,
        .mail_id = bounce->mail_id,
    };
    int r = undeliverable_decide(job->arena, facts, bounce->settings, &bounce->events, &what, moment->now,
                                 &bounce->plan);
    bounce->marked = undeliverable_count(bounce->plan);
    return r;
}

static int count(const struct bounce *bounce, struct db *db)
{
    struct query *query = db_query(db, "returned_count");
    db_bind_text(query, ":sort", bounce->sort);
    return db_run(query);
}

static int write_bounce(const struct bounce *bounce, struct db *db)
{
    struct query *query = db_query(db, "bounce_insert");
    db_bind_int(query, ":mail", bounce->mail_id);
    db_bind_int(query, ":at", bounce->at);
    db_bind_text(query, ":sort", verdict_name(bounce->verdict));
    db_bind_text(query, ":status", bounce->status);
    db_bind_text(query, ":reply", bounce->reply);
    return db_run(query);
}

static int write_answer(const struct bounce *bounce, struct db *db)
{
    struct query *query = db_query(db, "calendar_reply_insert");
    db_bind_int(query, ":registration", bounce->registration_id);
    db_bind_int(query, ":at", bounce->at);
    db_bind_text(query, ":answer", bounce->answer);
    return db_run(query);
}

static int bounce_apply(const struct store_job *job, struct db *db)
{
    const struct bounce *bounce = (const struct bounce *)job;
    int r = count(bounce, db);
    if (r == 0 && bounce->mail_id != 0)
        r = write_bounce(bounce, db);
    if (r == 0)
        r = undeliverable_apply(bounce->plan, db);
    if (r == 0 && bounce->registration_id != 0)
        r = write_answer(bounce, db);
    return r;
}

const struct change_kind change_bounce = {
    .name = "bounce",
    .facts = bounce_facts,
    .decide = bounce_decide,
    .apply = bounce_apply,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* The life of a mailing. Its mails are born by change/plan when it is due. Called by convenectl through the
 * descriptors. */
#include "change/mailing.h"

#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "store/db.h"
#include "store/facts.h"

#define EXPIRES_AFTER (INT64_C(30) * 86400) /* what could not be sent by then is no news any more */

static int write_audit(const struct mailing *mailing, const char *action, struct db *db)
{
    const char *data = arena_format(mailing->job.arena, "{\"mailing\":%" PRId64 "}", mailing->id);
    if (!data)
        return -ENOMEM;
    const struct audit audit = {
        .at = mailing->at, .event_id = mailing->event_id, .actor = mailing->actor, .action = action, .data = data
    };
    return audit_write(db, &audit);
}

static int known_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_mailing(wanted, ((const struct mailing *)job)->id);
}

/* NULL: there is none, and the result says so. */
static struct mailing_fact *find(struct mailing *mailing, struct facts *facts, const struct moment *moment)
{
    struct mailing_fact *fact = facts_mailing(facts, mailing->id);
    mailing->at = moment->now;
    mailing->result = fact ? MAILING_DONE : MAILING_GONE;
    if (fact)
        mailing->event_id = fact->event_id;
    return fact;
}

/* ---- write ---- */

static int write_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job; /* nothing but a fresh id */
    (void)wanted;
    return 0;
}

static int write_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mailing *mailing = (struct mailing *)job;
    mailing->at = moment->now;
    mailing->id = facts_fresh_id(facts, FACTS_MAILING);
    mailing->result = MAILING_DONE;
    job->writes = true;
    return 0;
}

static int write_apply(const struct store_job *job, struct db *db)
{
    const struct mailing *mailing = (const struct mailing *)job;
    struct query *query = db_query(db, "mailing_insert");
    db_bind_int(query, ":id", mailing->id);
    db_bind_int(query, ":event", mailing->event_id);
    db_bind_text(query, ":filter", mailing->filter);
    db_bind_text(query, ":texts", mailing->texts);
    db_bind_int(query, ":news", mailing->news);
    db_bind_text(query, ":author", mailing->actor);
    db_bind_int(query, ":at", mailing->at);
    int r = db_run(query);
    return r < 0 ? r : write_audit(mailing, "mailing_write", db);
}

/* ---- try on oneself ---- */

static int try_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mailing *mailing = (struct mailing *)job;
    if (!find(mailing, facts, moment))
        return 0;
    mailing->mail_id = facts_fresh_id(facts, FACTS_MAIL);
    mailing->message_id = mail_row_message_id(job->arena, mailing->mail_id, mailing->message_domain);
    job->writes = true;
    return mailing->message_id ? 0 : -ENOMEM;
}

static int try_apply(const struct store_job *job, struct db *db)
{
    const struct mailing *mailing = (const struct mailing *)job;
    const struct mail_row mail = { .id = mailing->mail_id, .kind = "bulk_test", .subject_id = mailing->id,
                                   .event_id = mailing->event_id, .instance = mailing->mail_id,
                                   .recipient = mailing->recipient, .language = mailing->language,
                                   .message_id = mailing->message_id, .born_at = mailing->at,
                                   .due_at = mailing->at };
    int r = mail_row_insert(db, &mail);
    return r < 0 ? r : write_audit(mailing, "mailing_try", db);
}

/* ---- send ---- */

static int send_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mailing *mailing = (struct mailing *)job;
    struct mailing_fact *fact = find(mailing, facts, moment);
    if (!fact)
        return 0;
    if (fact->sent || fact->recalled) {
        mailing->result = fact->recalled ? MAILING_RECALLED : MAILING_SENT;
        return 0;
    }
    fact->sent = true;
    if (mailing->due_at < moment->now)
        mailing->due_at = moment->now;
    job->writes = true;
    return 0;
}

static int send_apply(const struct store_job *job, struct db *db)
{
    const struct mailing *mailing = (const struct mailing *)job;
    struct query *query = db_query(db, "mail_plan_put");
    db_bind_int(query, ":event", mailing->event_id);
    db_bind_text(query, ":kind", "bulk");
    db_bind_int(query, ":instance", mailing->id);
    db_bind_text(query, ":data", "{}");
    db_bind_int(query, ":due", mailing->due_at);
    db_bind_int(query, ":expires", mailing->due_at + EXPIRES_AFTER);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mailing_sent");
    db_bind_int(query, ":id", mailing->id);
    db_bind_int(query, ":at", mailing->at);
    r = db_run(query);
    return r < 0 ? r : write_audit(mailing, "mailing_send", db);
}

/* ---- recall ---- */

static int recall_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mailing *mailing = (struct mailing *)job;
    struct mailing_fact *fact = find(mailing, facts, moment);
    if (!fact)
        return 0;
    if (!fact->sent || fact->recalled) {
        mailing->result = fact->recalled ? MAILING_RECALLED : MAILING_UNSENT;
        return 0;
    }
    fact->recalled = true;
    job->writes = true;
    return 0;
}

static int recall_apply(const struct store_job *job, struct db *db)
{
    const struct mailing *mailing = (const struct mailing *)job;
    struct query *query = db_query(db, "mailing_recall");
    db_bind_int(query, ":id", mailing->id);
    db_bind_int(query, ":at", mailing->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mailing_plan_drop");
    db_bind_int(query, ":id", mailing->id);
    db_bind_int(query, ":event", mailing->event_id);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_cancel_batch");
    db_bind_int(query, ":id", mailing->id);
    db_bind_int(query, ":at", mailing->at);
    r = db_run(query);
    return r < 0 ? r : write_audit(mailing, "mailing_recall", db);
}

const struct change_kind change_mailing_write = {
    .name = "mailing_write", .facts = write_facts, .decide = write_decide, .apply = write_apply,
};

const struct change_kind change_mailing_try = {
    .name = "mailing_try", .facts = known_facts, .decide = try_decide, .apply = try_apply,
};

const struct change_kind change_mailing_send = {
    .name = "mailing_send", .facts = known_facts, .decide = send_decide, .apply = send_apply,
};

const struct change_kind change_mailing_recall = {
    .name = "mailing_recall", .facts = known_facts, .decide = recall_decide, .apply = recall_apply,
};

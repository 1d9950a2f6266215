/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails are sent again, with the Message-ID that they have, or taken out of the queue. Called by convenectl through the
 * descriptor. */
#include "change/mail_act.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "store/db.h"
#include "store/facts.h"

static int act_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct mail_act *act = (const struct mail_act *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < act->count; i++)
        r = wanted_mail(wanted, act->ids[i]);
    return r;
}

static bool is(const struct mail_fact *mail, const char *state)
{
    return strcmp(mail->state, state) == 0;
}

static enum mail_act_result judge_retry(const struct mail_fact *mail, int64_t now)
{
    if (is(mail, "superseded"))
        return MAIL_ACT_SUPERSEDED;
    if (is(mail, "queued"))
        return MAIL_ACT_WAITS;
    if (mail->undeliverable)
        return MAIL_ACT_UNDELIVERABLE;
    if (is(mail, "expired") || (mail->has_expires && mail->expires_at <= now))
        return MAIL_ACT_EXPIRED;
    return MAIL_ACT_DONE; /* failed, cancelled, or deferred: at once */
}

static enum mail_act_result judge_cancel(const struct mail_fact *mail)
{
    return is(mail, "queued") || is(mail, "deferred") ? MAIL_ACT_DONE : MAIL_ACT_ENDED;
}

static enum mail_act_result judge(const struct mail_act *act, const struct mail_fact *mail, int64_t now)
{
    if (!mail)
        return MAIL_ACT_GONE;
    if (is(mail, "sent"))
        return MAIL_ACT_SENT;
    if (is(mail, "leased"))
        return MAIL_ACT_ON_ITS_WAY;
    if (*mail->recipient == '\0')
        return MAIL_ACT_ERASED;
    return act->act == MAIL_ACT_RETRY ? judge_retry(mail, now) : judge_cancel(mail);
}

static int act_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_act *act = (struct mail_act *)job;
    act->at = moment->now;
    for (size_t i = 0; i < act->count; i++) {
        struct mail_fact *mail = facts_mail(facts, act->ids[i]);
        act->results[i] = judge(act, mail, moment->now);
        if (act->results[i] != MAIL_ACT_DONE)
            continue;
        mail->state = act->act == MAIL_ACT_RETRY ? "queued" : "cancelled"; /* the same id may be named twice */
        act->rows[i].event_id = mail->event_id;
        act->rows[i].registration_id = strcmp(mail->subject_kind, "registration") == 0 ? mail->subject_id : 0;
        job->writes = true;
    }
    return 0;
}

static int write_one(const struct mail_act *act, size_t i, struct db *db)
{
    const char *data = arena_format(act->job.arena, "{\"mail\":%" PRId64 "}", act->ids[i]);
    struct query *query = db_query(db, act->act == MAIL_ACT_RETRY ? "mail_retry" : "mail_cancel");
    db_bind_int(query, ":at", act->at);
    db_bind_int(query, ":id", act->ids[i]);
    int r = db_run(query);
    if (r < 0)
        return r;
    if (!data)
        return -ENOMEM;
    const struct audit audit = { .at = act->at,
                                 .event_id = act->rows[i].event_id,
                                 .registration_id = act->rows[i].registration_id,
                                 .actor = act->actor,
                                 .action = act->act == MAIL_ACT_RETRY ? "mail_retry" : "mail_cancel",
                                 .data = data };
    return audit_write(db, &audit);
}

static int act_apply(const struct store_job *job, struct db *db)
{
    const struct mail_act *act = (const struct mail_act *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < act->count; i++)
        if (act->results[i] == MAIL_ACT_DONE)
            r = write_one(act, i, db);
    return r;
}

const struct change_kind change_mail_act = {
    .name = "mail_act",
    .facts = act_facts,
    .decide = act_decide,
    .apply = act_apply,
};

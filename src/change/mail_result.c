/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what became of a leased mail. Called by the writer through the descriptor. */
#include "change/mail_result.h"

#include <string.h>

#include "change/undeliverable.h"
#include "change/verdict.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

bool mail_result_is_recipients_fault(const struct mail_result *result)
{
    if (result->outcome != MAIL_FAILED || result->code < 500 || !result->reply || !result->recipient)
        return false;
    struct verdict_status status = verdict_read(result->reply);
    return status.class == 5 && verdict_of(status) == VERDICT_PERMANENT &&
           (status.subject == 1 || (status.subject == 2 && status.detail == 1));
}

static int result_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct mail_result *result = (const struct mail_result *)job;
    int r = wanted_mail(wanted, result->mail_id);
    return r == 0 && mail_result_is_recipients_fault(result) ? wanted_addressees(wanted, result->recipient) : r;
}

static int mark_recipient(struct mail_result *result, struct facts *facts, int64_t now)
{
    const struct undeliverable_events events = { .edition = result->job.edition };
    const struct undeliverable what = { .address = result->recipient, .why = result->reply,
                                        .mail_id = result->mail_id };
    return undeliverable_decide(result->job.arena, facts, result->job.edition->settings, &events, &what, now,
                                &result->plan);
}

static int result_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_result *result = (struct mail_result *)job;
    struct mail_fact *mail = facts_mail(facts, result->mail_id);
    result->applies = mail && mail->leased_by == result->process && strcmp(mail->state, "leased") == 0;
    if (result->applies) {
        mail->leased_by = 0; /* a second result for it in this batch finds no lease */
        result->attempts = mail->attempts + 1;
        result->at = moment->now;
    }
    job->writes = result->applies;
    if (result->applies && mail_result_is_recipients_fault(result))
        return mark_recipient(result, facts, moment->now);
    return 0;
}

static int give_back(const struct mail_result *result, struct db *db)
{
    struct query *query = db_query(db, "mail_return");
    db_bind_int(query, ":id", result->mail_id);
    return db_run(query);
}

static int result_apply(const struct store_job *job, struct db *db)
{
    static const char *const states[] = {
        [MAIL_SENT] = "sent", [MAIL_DEFERRED] = "deferred", [MAIL_FAILED] = "failed", [MAIL_SUPERSEDED] = "superseded"
    };
    const struct mail_result *result = (const struct mail_result *)job;

    if (result->outcome == MAIL_RETURNED)
        return give_back(result, db);
    struct query *query = db_query(db, "mail_result");
    db_bind_text(query, ":state", states[result->outcome]);
    if (result->outcome == MAIL_DEFERRED)
        db_bind_int(query, ":due", result->due_at);
    else
        db_bind_null(query, ":due"); /* stays as it was */
    db_bind_int(query, ":attempts", result->outcome == MAIL_SUPERSEDED ? result->attempts - 1 : result->attempts);
    if (result->outcome == MAIL_SENT)
        db_bind_int(query, ":sent", result->at);
    else
        db_bind_null(query, ":sent");
    db_bind_int(query, ":at", result->at);
    if (result->code != 0)
        db_bind_int(query, ":code", result->code);
    else
        db_bind_null(query, ":code");
    db_bind_text(query, ":reply", result->reply);
    db_bind_text(query, ":hash", result->body_hash);
    db_bind_int(query, ":id", result->mail_id);
    int r = db_run(query);
    return r < 0 ? r : undeliverable_apply(result->plan, db);
}

static void result_reset(struct store_job *job)
{
    ((struct mail_result *)job)->plan = NULL;
}

const struct change_kind change_mail_result = {
    .name = "mail_result",
    .inside = true,
    .facts = result_facts,
    .decide = result_decide,
    .apply = result_apply,
    .reset = result_reset,
};

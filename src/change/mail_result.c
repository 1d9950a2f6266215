/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what became of a leased mail. Called by the writer through the descriptor. */
#include "change/mail_result.h"

#include <string.h>

#include "change/undeliverable.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

bool mail_result_is_recipients_fault(long code, const char *enhanced)
{
    /* RFC 3463 section 3.2, RFC 7505; not 5.1.5 (it is good), 5.1.7 and 5.1.8 (ours). Exchange says 5.4.1 of a mailbox
     * that a domain does not have. */
    static const char *const faults[] = { "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.4",
                                          "5.1.6", "5.1.10", "5.2.1", "5.4.1" };
    if (code < 500 || code > 599)
        return false;
    if (!enhanced || !*enhanced)
        return code == 550 || code == 551 || code == 553; /* RFC 5321 section 4.2.3: the mailbox */
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (strcmp(enhanced, faults[i]) == 0)
            return true;
    return false;
}

/* Whether nothing more is to be sent to the recipient. One bare 550 is not enough for that: a relay that is not set up
 * for us says it to everybody ("550 relay not permitted"). */
static bool marks_recipient(const struct mail_result *result)
{
    return result->outcome == MAIL_FAILED && result->at_recipient && result->recipient && result->reply &&
           result->enhanced && *result->enhanced && mail_result_is_recipients_fault(result->code, result->enhanced);
}

static int result_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct mail_result *result = (const struct mail_result *)job;
    int r = wanted_mail(wanted, result->mail_id);
    return r == 0 && marks_recipient(result) ? wanted_addressees(wanted, result->recipient) : r;
}

static int mark_recipient(struct mail_result *result, struct facts *facts, int64_t now)
{
    const struct undeliverable_events events = { .edition = result->job.edition };
    const struct undeliverable what = { .address = result->recipient, .why = result->reply,
                                        .mail_id = result->mail_id };
    return undeliverable_decide(result->job.arena, facts, result->job.edition->settings, &events, &what, now,
                                &result->plan);
}

/* The address was changed while it was under way: what a former one was not sent is owed to the new one. */
static bool goes_elsewhere(const struct mail_result *result, const struct mail_fact *mail)
{
    bool ended = result->outcome == MAIL_SUPERSEDED || result->outcome == MAIL_FAILED;
    return ended && !mail->overtaken && result->recipient && *mail->recipient != '\0' &&
           strcmp(mail->recipient, result->recipient) != 0;
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
        /* or it would hold up what has replaced it; the statement knows it too of what came in this very batch */
        if (mail->overtaken && result->outcome == MAIL_DEFERRED)
            result->outcome = MAIL_SUPERSEDED;
        result->gives_back = result->outcome == MAIL_RETURNED || goes_elsewhere(result, mail);
    }
    job->writes = result->applies;
    if (result->applies && marks_recipient(result))
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
        [MAIL_SENT] = "sent", [MAIL_DEFERRED] = "deferred", [MAIL_FAILED] = "failed",
        [MAIL_SUPERSEDED] = "superseded", [MAIL_EXPIRED] = "expired"
    };
    const struct mail_result *result = (const struct mail_result *)job;

    if (result->gives_back) {
        int r = give_back(result, db);
        return r < 0 ? r : undeliverable_apply(result->plan, db);
    }
    struct query *query = db_query(db, "mail_result");
    db_bind_text(query, ":state", states[result->outcome]);
    if (result->outcome == MAIL_DEFERRED)
        db_bind_int(query, ":due", result->due_at);
    else
        db_bind_null(query, ":due"); /* stays as it was */
    bool counts = result->tried || (result->outcome != MAIL_SUPERSEDED && result->outcome != MAIL_EXPIRED);
    db_bind_int(query, ":attempts", counts ? result->attempts : result->attempts - 1);
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
    db_bind_text(query, ":recipient", result->recipient);
    db_bind_text(query, ":message_id", result->message_id);
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

/* SPDX-License-Identifier: EUPL-1.2 */
/* Owes a registration the mail `data_ready`, to the address that is stored: whoever calls says nothing of an address.
 * Called by the writer through the descriptor. */
#include "change/data_ready.h"

#include <errno.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "store/facts.h"

#define HOUR 3600

static int data_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_registration(wanted, ((const struct data_ready *)job)->registration_id);
}

static int plan_mail(struct data_ready *ready, struct facts *facts, const struct registration_fact *registration,
                     int64_t now)
{
    struct arena *arena = ready->job.arena;
    struct mail_row *mail = arena_take(arena, sizeof(*mail));
    if (!mail)
        return -ENOMEM;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = registration->id,
                               .event_id = registration->event_id,
                               .revision_id = registration->revision_id,
                               .instance = now / HOUR,
                               .kind = "data_ready",
                               .recipient = arena_copy(arena, registration->email),
                               .language = arena_copy(arena, registration->language),
                               .born_at = now,
                               .due_at = now };
    mail->message_id = mail_row_message_id(arena, mail->id, ready->message_domain);
    if (!mail->recipient || !mail->language || !mail->message_id)
        return -ENOMEM;
    ready->mail = mail;
    return 0;
}

static int data_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct data_ready *ready = (struct data_ready *)job;
    const struct registration_fact *registration = facts_registration(facts, ready->registration_id);
    if (!registration || registration->status == STATE_ERASED) {
        ready->result = DATA_READY_GONE;
        return 0;
    }
    if (!registration->email) {
        ready->result = DATA_READY_NO_ADDRESS;
        return 0;
    }
    ready->result = DATA_READY_DONE;
    int r = plan_mail(ready, facts, registration, moment->now);
    job->writes = r == 0;
    return r;
}

static int data_apply(const struct store_job *job, struct db *db)
{
    const struct data_ready *ready = (const struct data_ready *)job;
    const struct audit audit = { .at = ready->mail->born_at,
                                 .event_id = ready->mail->event_id,
                                 .registration_id = ready->mail->subject_id,
                                 .actor = ready->actor,
                                 .action = "data_ready" };
    int r = mail_row_insert(db, ready->mail);
    return r < 0 ? r : audit_write(db, &audit);
}

static void data_reset(struct store_job *job)
{
    ((struct data_ready *)job)->mail = NULL;
}

const struct change_kind change_data_ready = {
    .name = "data_ready",
    .facts = data_facts,
    .decide = data_decide,
    .apply = data_apply,
    .reset = data_reset,
};

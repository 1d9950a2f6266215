/* SPDX-License-Identifier: EUPL-1.2 */
/* Owes the mail `again` to every live registration that an address has at an event. Known or not, the job goes through
 * the same transaction and counts for the mailbox, so that neither the answer nor a limit tells who is registered.
 * Called by the writer through the descriptor. */
#include "change/find.h"

#include <errno.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

#define HOUR 3600

struct find_plan {
    int64_t at;
    struct mail_limit limit;
    size_t count;
    struct mail_row *mails;
};

static int find_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct find *find = (const struct find *)job;
    int r = wanted_address(wanted, find->event_id, find->email, find->folded);
    return r < 0 ? r : wanted_mailbox(wanted, find->mailbox);
}

static int plan_mail(struct find *find, struct facts *facts, const struct registration_fact *registration)
{
    struct arena *arena = find->job.arena;
    struct mail_row *mail = &find->plan->mails[find->plan->count];
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = registration->id,
                               .event_id = registration->event_id,
                               .revision_id = registration->revision_id,
                               .instance = find->plan->at / HOUR, /* one an hour */
                               .kind = "again",
                               /* the fact goes with the batch, the plan must not */
                               .recipient = arena_copy(arena, registration->email),
                               .language = arena_copy(arena, registration->language),
                               .born_at = find->plan->at,
                               .due_at = find->plan->at };
    mail->message_id =
        mail_row_message_id(arena, mail->id, mail_row_domain(find->job.edition->settings->mail.from_address));
    if (!mail->recipient || !mail->language || !mail->message_id)
        return -ENOMEM;
    find->plan->count++;
    return 0;
}

static int find_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct find *find = (struct find *)job;
    struct registration_fact **found = NULL;
    int64_t max = job->edition->settings->limits.mails_per_address_per_hour;

    if (mail_limit_reached(facts, find->mailbox, max, moment->now, &find->retry_after)) {
        find->limited = true;
        return 0;
    }
    size_t count = facts_address(facts, find->event_id, find->email, &found);
    find->plan = arena_take(job->arena, sizeof(*find->plan));
    if (!find->plan)
        return -ENOMEM;
    find->plan->at = moment->now;
    find->plan->mails = arena_take(job->arena, (count + 1) * sizeof(*find->plan->mails));
    if (!find->plan->mails)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!state_is_live(found[i]->status) || !found[i]->email)
            continue;
        int r = plan_mail(find, facts, found[i]);
        if (r < 0)
            return r;
    }
    mail_limit_count(facts, find->mailbox, moment->now, &find->plan->limit);
    job->writes = true;
    return 0;
}

static int find_apply(const struct store_job *job, struct db *db)
{
    const struct find_plan *plan = ((const struct find *)job)->plan;
    int r = mail_limit_write(db, &plan->limit, plan->at);

    for (size_t i = 0; r == 0 && i < plan->count; i++) {
        const struct audit audit = { .at = plan->at,
                                     .event_id = plan->mails[i].event_id,
                                     .registration_id = plan->mails[i].subject_id,
                                     .actor = "person",
                                     .action = "find" };
        r = mail_row_insert(db, &plan->mails[i]);
        if (r == 0)
            r = audit_write(db, &audit);
    }
    return r;
}

static void find_reset(struct store_job *job)
{
    struct find *find = (struct find *)job;
    find->plan = NULL;
    find->limited = false;
}

const struct change_kind change_find = {
    .name = "find",
    .facts = find_facts,
    .decide = find_decide,
    .apply = find_apply,
    .reset = find_reset,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Leases due mails to this process, the urgent ones first. Called by the writer through the descriptor. */
#include "change/mail_lease.h"

#include <errno.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts.h"

static int lease_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct mail_lease *lease = (const struct mail_lease *)job;
    int r = 0;
    for (unsigned priority = 0; r == 0 && priority < STORE_MAIL_PRIORITIES; priority++)
        r = wanted_due(wanted, priority, lease->limit);
    return r;
}

/* The fact goes with the batch, the job keeps a copy. */
static int take(struct mail_lease *lease, const struct mail_fact *fact)
{
    struct arena *arena = lease->job.arena;
    struct leased_mail mail = { .id = fact->id,
                                .subject_id = fact->subject_id,
                                .event_id = fact->event_id,
                                .revision_id = fact->revision_id,
                                .attempts = fact->attempts,
                                .due_at = fact->due_at,
                                .born_at = fact->born_at,
                                .instance = fact->instance,
                                .subject_kind = arena_copy(arena, fact->subject_kind),
                                .kind = arena_copy(arena, fact->kind),
                                .recipient = arena_copy(arena, fact->recipient),
                                .language = arena_copy(arena, fact->language),
                                .data = arena_copy(arena, fact->data),
                                .message_id = arena_copy(arena, fact->message_id) };
    if (!mail.subject_kind || !mail.kind || !mail.recipient || !mail.language || !mail.data || !mail.message_id)
        return -ENOMEM;
    lease->mails[lease->count++] = mail;
    return 0;
}

static int lease_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_lease *lease = (struct mail_lease *)job;
    (void)moment;
    lease->count = 0;
    lease->mails = arena_take(job->arena, (size_t)lease->limit * sizeof(*lease->mails));
    if (!lease->mails)
        return -ENOMEM;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        struct mail_fact **due;
        size_t count = facts_due(facts, priority, &due);
        for (size_t i = 0; i < count && lease->count < (size_t)lease->limit; i++) {
            if (due[i]->leased_by != 0) /* by an earlier job of this batch */
                continue;
            int r = take(lease, due[i]);
            if (r < 0)
                return r;
            due[i]->leased_by = lease->process;
        }
    }
    job->writes = lease->count > 0;
    return 0;
}

static int lease_apply(const struct store_job *job, struct db *db)
{
    const struct mail_lease *lease = (const struct mail_lease *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < lease->count; i++) {
        struct query *query = db_query(db, "lease_mail");
        db_bind_int(query, ":until", lease->until);
        db_bind_int(query, ":process", lease->process);
        db_bind_int(query, ":id", lease->mails[i].id);
        r = db_run(query);
    }
    return r;
}

const struct change_kind change_mail_lease = {
    .name = "mail_lease",
    .inside = true,
    .facts = lease_facts,
    .decide = lease_decide,
    .apply = lease_apply,
};

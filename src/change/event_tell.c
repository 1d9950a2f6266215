/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails about the event itself. Called by convenectl through the descriptor. */
#include "change/event_tell.h"

#include <errno.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "signup/state.h"
#include "store/db.h"
#include "store/facts.h"

struct event_tell_plan {
    int64_t at;
    size_t count;
    struct mail_row *mails;
};

static const char *const kinds[] = { [EVENT_NEWS_OFF] = "event_off", [EVENT_NEWS_MOVED] = "event_moved" };

static int tell_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct event_tell *tell = (const struct event_tell *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < tell->count; i++)
        r = wanted_registration(wanted, tell->people[i].registration_id);
    return r;
}

/* Whoever has ended, or wants nothing kept, since the list was made is left alone. */
static bool is_told(const struct event_tell *tell, const struct registration_fact *registration)
{
    if (!registration || registration->event_id != tell->event_id || !registration->email)
        return false;
    return tell->news == EVENT_NEWS_OFF ? state_is_live(registration->status)
                                        : registration->status == STATE_CONFIRMED;
}

static int plan_mail(const struct event_tell *tell, struct facts *facts, const struct registration_fact *registration,
                     const char *data, struct mail_row *mail)
{
    struct arena *arena = tell->job.arena;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = registration->id,
                               .event_id = tell->event_id,
                               .revision_id = registration->revision_id,
                               .instance = tell->instance,
                               .kind = kinds[tell->news],
                               .recipient = arena_copy(arena, registration->email),
                               .language = arena_copy(arena, registration->language),
                               .data = data,
                               .born_at = tell->plan->at,
                               .due_at = tell->plan->at };
    mail->message_id = mail_row_message_id(arena, mail->id, tell->message_domain);
    return mail->recipient && mail->language && mail->message_id ? 0 : -ENOMEM;
}

static int tell_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct event_tell *tell = (struct event_tell *)job;
    struct event_tell_plan *plan = arena_take(job->arena, sizeof(*plan));
    if (!plan)
        return -ENOMEM;
    *plan = (struct event_tell_plan){ .at = moment->now,
                                      .mails = arena_take(job->arena, (tell->count + 1) * sizeof(*plan->mails)) };
    if (!plan->mails)
        return -ENOMEM;
    tell->plan = plan;
    for (size_t i = 0; i < tell->count; i++) {
        const struct event_told *person = &tell->people[i];
        const struct registration_fact *registration = facts_registration(facts, person->registration_id);
        if (!is_told(tell, registration))
            continue;
        int r = plan_mail(tell, facts, registration, person->data, &plan->mails[plan->count]);
        if (r < 0)
            return r;
        plan->count++;
    }
    tell->told = plan->count;
    job->writes = plan->count > 0;
    return 0;
}

/* What was owed before and would now say something that is not so. */
static int supersede(const struct event_tell *tell, int64_t registration_id, struct db *db)
{
    struct query *query = db_query(db, tell->news == EVENT_NEWS_OFF ? "mails_supersede_off" : "mails_supersede_kind");
    db_bind_int(query, ":registration", registration_id);
    db_bind_int(query, ":at", tell->plan->at);
    if (tell->news == EVENT_NEWS_MOVED)
        db_bind_text(query, ":kind", kinds[tell->news]);
    return db_run(query);
}

/* RFC 5546 section 3.2.5: what takes an entry out of a calendar has a higher SEQUENCE than what brought it. */
static int count_up(int64_t registration_id, struct db *db)
{
    struct query *query = db_query(db, "registration_resequence");
    db_bind_int(query, ":id", registration_id);
    return db_run(query);
}

static int tell_apply(const struct store_job *job, struct db *db)
{
    const struct event_tell *tell = (const struct event_tell *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < tell->plan->count; i++) {
        const struct mail_row *mail = &tell->plan->mails[i];
        const struct audit audit = { .at = tell->plan->at,
                                     .event_id = tell->event_id,
                                     .registration_id = mail->subject_id,
                                     .actor = tell->actor,
                                     .action = mail->kind };
        r = supersede(tell, mail->subject_id, db);
        if (r == 0 && tell->news == EVENT_NEWS_OFF)
            r = count_up(mail->subject_id, db);
        if (r == 0)
            r = mail_row_insert(db, mail);
        if (r == 0)
            r = audit_write(db, &audit);
    }
    return r;
}

static void tell_reset(struct store_job *job)
{
    ((struct event_tell *)job)->plan = NULL;
}

const struct change_kind change_event_tell = {
    .name = "event_tell",
    .facts = tell_facts,
    .decide = tell_decide,
    .apply = tell_apply,
    .reset = tell_reset,
};

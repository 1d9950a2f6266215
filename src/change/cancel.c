/* SPDX-License-Identifier: EUPL-1.2 */
/* Cancels a registration: frees exactly what it had claimed, stops the mails it is no longer owed, owes its own. Called
 * by the writer (and by convenectl) through the descriptor. */
#include "change/cancel.h"

#include <errno.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

struct cancel_plan {
    int64_t at, event_id, sequence;
    enum state from;
    struct mail_row mail;
};

static int cancel_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_registration(wanted, ((const struct cancel *)job)->registration_id);
}

static void free_places(struct facts *facts, struct registration_fact *registration)
{
    for (size_t i = 0; i < registration->claim_count; i++) {
        struct place *place = facts_place(facts, registration->claims[i].place_id);
        if (place)
            places_free(place, 1);
    }
    registration->claim_count = 0;
    if (registration->status == STATE_WAITLISTED) {
        struct place *place = facts_place(facts, registration->mode_place);
        if (place)
            places_wait(place, -1);
    }
}

static int plan_mail(struct cancel *c, struct facts *facts, const struct registration_fact *registration)
{
    struct arena *arena = c->job.arena;
    struct mail_row *mail = &c->plan->mail;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .registration_id = registration->id,
                               .event_id = registration->event_id,
                               .revision_id = registration->revision_id,
                               .kind = "cancelled",
                               .recipient = arena_copy(arena, registration->email),
                               .language = arena_copy(arena, registration->language),
                               .data = arena_format(arena, "{\"was\":\"%s\"}", state_name(registration->status)),
                               .priority = MAIL_AT_ONCE,
                               .born_at = c->plan->at,
                               .due_at = c->plan->at };
    mail->message_id = mail_row_message_id(arena, mail->id, c->message_domain);
    return mail->recipient && mail->language && mail->data && mail->message_id ? 0 : -ENOMEM;
}

static int cancel_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct cancel *c = (struct cancel *)job;
    struct registration_fact *registration = facts_registration(facts, c->registration_id);

    if (!registration || registration->status == STATE_ERASED ||
        (c->link_version >= 0 && c->link_version != registration->link_version)) {
        c->result = CANCEL_GONE;
        return 0;
    }
    if (!state_may_move(registration->status, STATE_CANCELLED)) {
        c->result = CANCEL_ALREADY;
        return 0;
    }
    c->result = CANCEL_DONE;
    c->plan = arena_take(job->arena, sizeof(*c->plan));
    if (!c->plan)
        return -ENOMEM;
    c->plan->at = moment->now;
    c->plan->event_id = registration->event_id;
    c->plan->from = registration->status;
    c->plan->sequence =
        registration->ical_sequence + 1; /* RFC 5546 section 2.1.4: a cancellation outranks the invitation */
    int r = plan_mail(c, facts, registration);
    if (r < 0)
        return r;
    free_places(facts, registration);
    facts_release_key(facts, registration);
    registration->status = STATE_CANCELLED;
    registration->ical_sequence = c->plan->sequence;
    job->writes = true;
    return 0;
}

static int cancel_apply(const struct store_job *job, struct db *db)
{
    const struct cancel *c = (const struct cancel *)job;
    const struct cancel_plan *plan = c->plan;
    const struct audit audit = { .at = plan->at,
                                 .event_id = plan->event_id,
                                 .registration_id = c->registration_id,
                                 .actor = c->actor,
                                 .action = "cancel",
                                 .from = plan->from,
                                 .to = STATE_CANCELLED };
    struct query *query = db_query(db, "registration_move");
    db_bind_text(query, ":status", state_name(STATE_CANCELLED));
    db_bind_int(query, ":at", plan->at);
    db_bind_text(query, ":reason", c->reason);
    db_bind_text(query, ":actor", c->actor);
    db_bind_int(query, ":sequence", plan->sequence);
    db_bind_int(query, ":id", c->registration_id);
    int r = db_run(query);
    if (r == 0) {
        query = db_query(db, "claims_delete");
        db_bind_int(query, ":registration", c->registration_id);
        r = db_run(query);
    }
    if (r == 0) {
        query = db_query(db, "mails_supersede");
        db_bind_int(query, ":at", plan->at);
        db_bind_int(query, ":registration", c->registration_id);
        r = db_run(query);
    }
    if (r == 0)
        r = mail_row_insert(db, &plan->mail);
    if (r == 0)
        r = audit_write(db, &audit);
    return r;
}

static void cancel_reset(struct store_job *job)
{
    ((struct cancel *)job)->plan = NULL;
}

const struct change_kind change_cancel = {
    .name = "cancel",
    .facts = cancel_facts,
    .decide = cancel_decide,
    .apply = cancel_apply,
    .reset = cancel_reset,
};

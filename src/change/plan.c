/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails that are sent on a date, born of their plan when it is due. The cursor moves in the transaction that writes the
 * mails, and a mail's subject, kind and instance are unique: whatever crashes, nobody gets one twice and nobody is left
 * out. Called by the writer through the descriptor. */
#include "change/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_kind.h"
#include "change/mail_row.h"
#include "change/revision_plans.h"
#include "event/definition.h"
#include "store/db.h"
#include "store/facts.h"

#define PLAN_STEP 200

/* One step of a plan as it is decided. */
struct step {
    struct plan *plan;
    struct facts *facts;
    const struct plan_fact *fact;
    const struct event_definition *definition; /* today's */
    int64_t now;
    bool has_day; /* the plan is of a day of the event, not of its slots alone */
    int64_t day, starts, ends;
};

static int plan_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_plan(wanted, PLAN_STEP);
}

static int64_t number_in(const json_t *data, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(data, key));
}

/* A row to RECIPIENT for this plan; what differs is set by the caller. */
static int add_mail(struct step *step, const struct mail_row *what)
{
    struct plan *plan = step->plan;
    struct arena *arena = plan->job.arena;
    struct mail_row *mail = &plan->mails[plan->count];
    *mail = *what;
    mail->id = facts_fresh_id(step->facts, FACTS_MAIL);
    mail->event_id = step->fact->event_id;
    mail->kind = arena_copy(arena, step->fact->kind);
    /* the facts go with the batch, the rows must not */
    mail->recipient = arena_copy(arena, what->recipient);
    mail->language = arena_copy(arena, what->language);
    mail->message_id = mail_row_message_id(arena, mail->id, plan->message_domain);
    mail->born_at = step->now;
    if (mail->due_at < step->now)
        mail->due_at = step->now;
    if (!mail->kind || !mail->recipient || !mail->language || !mail->message_id || !mail->data)
        return -ENOMEM;
    plan->count++;
    return 0;
}

/* ---- mails to people ---- */

/* When this person comes on the plan's date, and when the mail is due; false: not then. Who has booked a time comes at
 * that time. */
static bool comes(const struct step *step, const struct plan_person *person, int64_t *ret_starts, int64_t *ret_ends,
                  int64_t *ret_due)
{
    const struct event_definition *definition = step->definition;
    struct wall wall;

    *ret_starts = step->starts;
    *ret_ends = step->ends;
    *ret_due = step->fact->due_at;
    if (person->slot_starts == 0) {
        int mode = person->mode ? event_mode(definition, person->mode) : -1;
        return step->has_day && !(mode >= 0 && programme_has_slots(&definition->programme, mode));
    }
    zone_to_wall(definition->zone, person->slot_starts, &wall);
    if (wall_day(&wall) != step->fact->instance / REVISION_PLANS_DAY)
        return false;
    *ret_starts = person->slot_starts;
    *ret_ends = person->slot_ends > person->slot_starts ? person->slot_ends : person->slot_starts;
    *ret_due += person->slot_starts - step->starts;
    return true;
}

/* Whoever was confirmed after the mail was due has just been told all of it. */
static bool is_concerned(const struct plan_person *person, const struct mail_kind *kind, int64_t due)
{
    return person->status == STATE_CONFIRMED && person->email && !person->undeliverable && person->status_at < due &&
           !(kind->stoppable && person->stopped);
}

static int plan_thanks(struct step *step, const struct plan_person *person, const struct mail_kind *kind)
{
    const struct plan_fact *fact = step->fact;
    const struct mail_row mail = { .subject_id = person->id, .revision_id = person->revision_id, .data = "{}",
                                   .instance = fact->instance, .recipient = person->email,
                                   .language = person->language, .due_at = fact->due_at,
                                   .expires_at = fact->expires_at };
    return is_concerned(person, kind, fact->due_at) ? add_mail(step, &mail) : 0;
}

/* The statement knows whom it is for; whoever signs up while it goes out is among them or not, as he comes. */
static int plan_bulk(struct step *step, const struct plan_person *person)
{
    const struct plan_fact *fact = step->fact;
    const struct mail_row mail = { .subject_id = person->id, .revision_id = person->revision_id,
                                   .mailing_id = fact->instance, .instance = fact->instance,
                                   .data = fact->news ? "{\"news\":true}" : "{}", .recipient = person->email,
                                   .language = person->language, .due_at = step->now,
                                   .expires_at = fact->expires_at };
    bool wanted = person->meant && person->email && !person->undeliverable && !(fact->news && person->stopped);
    return wanted ? add_mail(step, &mail) : 0;
}

static bool is_online(const struct step *step, const struct plan_person *person)
{
    int mode = person->mode ? event_mode(step->definition, person->mode) : -1;
    return mode >= 0 && event_mode_is_online(&step->definition->modes[mode]);
}

static int plan_date(struct step *step, const struct plan_person *person, const struct mail_kind *kind)
{
    bool join = strcmp(kind->name, "join") == 0;
    int64_t starts, ends, due;

    if (!comes(step, person, &starts, &ends, &due) || !is_concerned(person, kind, due))
        return 0;
    int64_t expires = join ? ends : starts;
    if (expires <= step->now || (join && !is_online(step, person)))
        return 0;
    const struct mail_row mail = {
        .subject_id = person->id, .revision_id = person->revision_id, .instance = step->fact->instance,
        .recipient = person->email, .language = person->language, .due_at = due, .expires_at = expires,
        .data = arena_format(step->plan->job.arena, "{\"day\":%" PRId64 ",\"starts\":%" PRId64 ",\"ends\":%" PRId64 "}",
                             step->day, starts, ends)
    };
    return add_mail(step, &mail);
}

static int plan_person_mail(struct step *step, const struct plan_person *person, const struct mail_kind *kind)
{
    if (strcmp(kind->name, "bulk") == 0)
        return plan_bulk(step, person);
    return strcmp(kind->name, "thanks") == 0 ? plan_thanks(step, person, kind) : plan_date(step, person, kind);
}

static int plan_people(struct step *step)
{
    const struct plan_fact *fact = step->fact;
    const struct mail_kind *kind = mail_kind_find(fact->kind);
    struct plan *plan = step->plan;
    int r = kind ? 0 : -EINVAL;

    for (size_t i = 0; r == 0 && i < fact->person_count; i++)
        r = plan_person_mail(step, &fact->people[i], kind);
    plan->state = fact->last ? "done" : "running";
    if (fact->person_count > 0)
        plan->cursor = fact->people[fact->person_count - 1].id;
    return r;
}

/* ---- the digest ---- */

static int write_digest(struct step *step, int64_t since, int64_t date, int64_t next)
{
    const struct event_definition *definition = step->definition;
    int r = 0;
    for (size_t i = 0; r == 0 && i < definition->notify.to_count; i++) {
        const struct mail_row mail = {
            .subject_id = step->fact->event_id, .revision_id = step->fact->revision_id,
            .instance = date * 100 + (int64_t)i, .recipient = definition->notify.to[i],
            .language = definition->notify.language, .due_at = step->now,
            .expires_at = next != 0 ? next : definition->ends, /* then the next one tells more */
            .data = arena_format(step->plan->job.arena, "{\"since\":%" PRId64 "}", since)
        };
        r = add_mail(step, &mail);
    }
    return r;
}

/* One on a date at most, and only if there is something to tell. The row stays and is due again for the next. */
static int plan_digest(struct step *step, int64_t since, int64_t last)
{
    const struct event_definition *definition = step->definition;
    struct plan *plan = step->plan;
    int64_t next = revision_plans_digest(definition, step->now);
    struct wall wall;
    bool changed = false;
    int r = 0;

    zone_to_wall(definition->zone, step->fact->due_at, &wall);
    int64_t date = wall_day(&wall);
    if (date > last)
        r = facts_event_changed(step->facts, step->fact->event_id, since, &changed);
    if (r == 0 && changed)
        r = write_digest(step, since, date, next);
    plan->data = arena_format(plan->job.arena, "{\"since\":%" PRId64 ",\"day\":%" PRId64 "}",
                              changed ? step->now : since, date > last ? date : last);
    plan->state = next != 0 ? "planned" : "done";
    plan->due_at = next != 0 ? next : step->fact->due_at;
    return r == 0 && !plan->data ? -ENOMEM : r;
}

/* ---- the change ---- */

static int plan_step(struct step *step)
{
    struct plan *plan = step->plan;
    const struct plan_fact *fact = step->fact;
    const struct event_definition *definition;
    const char *text;
    int r = facts_revision_text(step->facts, fact->revision_id, &text);

    if (r == 0)
        r = event_definition_parse(text, strlen(text), "", NULL, &definition);
    if (r == -EINVAL) { /* a text that a newer check no longer accepts: no page shows the event either */
        plan->state = "dropped";
        return 0;
    }
    if (r < 0)
        return r;
    step->definition = definition;
    json_t *data = json_loads(fact->data, 0, NULL); /* the store keeps nothing but JSON */
    step->has_day = json_is_integer(json_object_get(data, "day"));
    step->day = number_in(data, "day");
    step->starts = number_in(data, "starts");
    step->ends = number_in(data, "ends");
    size_t room = fact->person_count + definition->notify.to_count + 1;
    plan->mails = arena_take(plan->job.arena, room * sizeof(*plan->mails));
    if (!plan->mails || !data)
        r = -ENOMEM;
    else if (strcmp(fact->kind, "digest") == 0)
        r = plan_digest(step, number_in(data, "since"), step->day);
    else
        r = plan_people(step);
    json_decref(data);
    event_definition_unref(definition);
    return r;
}

static int plan_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct plan *plan = (struct plan *)job;
    const struct plan_fact *fact = facts_plan(facts);
    struct step step = { .plan = plan, .facts = facts, .fact = fact, .now = moment->now };
    int r = 0;

    plan->found = fact != NULL;
    plan->count = 0;
    if (!fact)
        return 0;
    plan->id = fact->id;
    plan->due_at = fact->due_at;
    plan->cursor = fact->cursor;
    plan->data = arena_copy(job->arena, fact->data);
    if (!plan->data)
        return -ENOMEM;
    if (fact->expires_at <= moment->now)
        plan->state = "dropped";
    else if (fact->outdated)
        plan->state = "done";
    else
        r = plan_step(&step);
    job->writes = r == 0;
    return r;
}

static int plan_apply(const struct store_job *job, struct db *db)
{
    const struct plan *plan = (const struct plan *)job;
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->count; i++)
        r = mail_row_insert(db, &plan->mails[i]);
    if (r < 0)
        return r;
    struct query *query = db_query(db, "mail_plan_step");
    db_bind_text(query, ":state", plan->state);
    db_bind_int(query, ":cursor", plan->cursor);
    db_bind_int(query, ":due", plan->due_at);
    db_bind_text(query, ":data", plan->data);
    db_bind_int(query, ":id", plan->id);
    return db_run(query);
}

static void plan_reset(struct store_job *job)
{
    struct plan *plan = (struct plan *)job;
    plan->mails = NULL;
    plan->count = 0;
}

const struct change_kind change_plan = {
    .name = "plan",
    .inside = true,
    .facts = plan_facts,
    .decide = plan_decide,
    .apply = plan_apply,
    .reset = plan_reset,
};

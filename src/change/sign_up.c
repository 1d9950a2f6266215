/* SPDX-License-Identifier: EUPL-1.2 */
/* Registers a person: place, registration, consents, submission and mail in one transaction, so that a reply means
 * durable. Called by the writer through the descriptor.
 *
 * For an address that is known already it decides twice: what a new one would get (all the page's words rest on it, so
 * that nobody learns who is registered) and what is owed (the mail `again` with the link; the first answers stand). */
#include "change/sign_up.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/holding.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "change/private.h"
#include "config/settings.h"
#include "event/book.h"
#include "signup/phase.h"
#include "signup/places.h"
#include "signup/reference.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

#define SAME_ANSWERS_SECONDS 600 /* unique = none: the same answers within ten minutes are one sign-up */
#define HOUR 3600

struct sign_up_plan {
    bool known;
    enum state status;       /* of the new registration */
    struct holding holding;  /* what it claims, asks for and wishes */
    const char *reason;      /* why it waits; NULL */
    int64_t expires_at;      /* 0: never */
    int64_t registration_id; /* new or known */
    int64_t link_version;
    int64_t release_id; /* an older registration gives its key up; 0: none */
    char reference[REFERENCE_SIZE];
    struct mail_row mail, reminder; /* reminder.kind NULL: none */
    struct mail_limit limit;
};

static int sign_up_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct sign_up *s = (const struct sign_up *)job;
    const struct ask *ask = &s->ask;
    int r = wanted_place(wanted, ask->mode);
    for (size_t i = 0; r == 0 && i < ask->place_count; i++)
        r = wanted_place(wanted, ask->places[i]);
    for (size_t i = 0; r == 0 && i < ask->reserve_count; i++)
        r = wanted_place(wanted, ask->reserves[i]);
    for (size_t i = 0; r == 0 && i < ask->cap_count; i++)
        r = wanted_cap(wanted, s->event->event_id, ask->caps[i].key, ask->caps[i].title, ask->caps[i].max);
    if (r == 0 && s->invitation_id != 0)
        r = wanted_invitation(wanted, s->invitation_id);
    if (r == 0)
        r = wanted_key(wanted, s->event->event_id, s->dedupe);
    if (r == 0 && s->mailbox)
        r = wanted_mailbox(wanted, s->mailbox);
    return r;
}

/* The registration that this person has already. With unique = none only one of the last ten minutes counts; an older
 * one keeps its place and gives its key up. */
static struct registration_fact *known_registration(struct sign_up *s, struct facts *facts, int64_t now)
{
    struct registration_fact *known = facts_key(facts, s->event->event_id, s->dedupe);
    if (!known || s->event->definition->unique != EVENT_UNIQUE_NONE || now - known->created_at < SAME_ANSWERS_SECONDS)
        return known;
    s->plan->release_id = known->id;
    facts_release_key(facts, known);
    return NULL;
}

static int plan_mail(struct sign_up *s, struct facts *facts, const char *kind, const char *recipient,
                     const char *language, int64_t revision_id, int64_t instance)
{
    struct mail_row *mail = &s->plan->mail;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .registration_id = s->plan->registration_id,
                               .event_id = s->event->event_id,
                               .revision_id = revision_id,
                               .instance = instance,
                               .kind = kind,
                               .recipient = recipient,
                               .language = language,
                               .priority = MAIL_AT_ONCE,
                               .born_at = s->at,
                               .due_at = s->at };
    mail->message_id =
        mail_row_message_id(s->job.arena, mail->id, mail_row_domain(s->job.edition->settings->mail.from_address));
    return mail->message_id ? 0 : -ENOMEM;
}

static int plan_known(struct sign_up *s, struct facts *facts, const struct registration_fact *known)
{
    s->plan->known = true;
    s->plan->registration_id = known->id;
    /* the fact goes with the batch, the plan must not */
    const char *recipient = arena_copy(s->job.arena, known->email),
               *language = arena_copy(s->job.arena, known->language);
    if (!recipient || !language)
        return -ENOMEM;
    return plan_mail(s, facts, "again", recipient, language, known->revision_id, s->at / HOUR);
}

/* Whether the invitation still lets somebody in; its uses are a limit like others. */
static bool invited(const struct sign_up *s, struct facts *facts, int64_t now)
{
    const struct invitation_fact *invitation = facts_invitation(facts, s->invitation_id);
    return invitation && invitation->event_id == s->event->event_id && !invitation->revoked &&
           invitation->link_version == s->invitation_version &&
           (!invitation->has_expires || invitation->expires_at > now);
}

/* Which limit of the ask PLACE is; -1: none. */
static int cap_of(const struct sign_up *s, const struct place *place)
{
    for (size_t i = 0; place->kind == PLACE_CAP && i < s->ask.cap_count; i++)
        if (strcmp(s->ask.caps[i].key, place->key) == 0)
            return (int)i;
    return -1;
}

static void refuse(struct sign_up *s, const struct place *lacking)
{
    s->result = SIGN_UP_FULL;
    s->full_place = lacking->id;
    s->full_cap = cap_of(s, lacking);
    if (s->full_cap >= 0 && strncmp(s->ask.caps[s->full_cap].key, "invite:", 7) == 0)
        s->result = SIGN_UP_UNINVITED;
}

/* A booked slot or a used invitation is not waited for: another one is asked for. */
static bool can_wait(const struct sign_up *s, const struct place *lacking)
{
    int cap = cap_of(s, lacking);
    return s->event->definition->waiting_list && lacking->kind != PLACE_SLOT && !lacking->retired &&
           !(cap >= 0 && strncmp(s->ask.caps[cap].key, "invite:", 7) == 0);
}

static struct place *taken_slot(const struct place_set *set)
{
    for (size_t i = 0; i < set->needed_count; i++)
        if (set->needed[i]->kind == PLACE_SLOT && !places_fit(set->needed[i], 1))
            return set->needed[i];
    return NULL;
}

/* What stands between a new person and SET. */
struct judgement {
    struct place *lacking; /* the first that is full; NULL: all fit */
    bool blocked;          /* somebody waits who comes first */
    bool approval;         /* an organiser decides */
    bool holds;            /* … and the place is kept meanwhile */
};

/* What a new address gets: the state, and false if it gets nothing. With approval that holds no place there may be more
 * applications than places. */
static bool judge(struct sign_up *s, const struct place_set *set, const struct judgement *judgement)
{
    const struct event_definition *definition = s->event->definition;
    struct place *lacking = judgement->lacking ? judgement->lacking : judgement->blocked ? set->mode : NULL;

    if (judgement->approval && !judgement->holds)
        lacking = NULL;
    if (lacking && definition->waiting_list && taken_slot(set)) /* not waited for, whatever else is full too */
        lacking = taken_slot(set);
    if (lacking && !can_wait(s, lacking)) {
        refuse(s, lacking);
        return false;
    }
    if (definition->confirm)
        s->result = SIGN_UP_PENDING;
    else if (lacking)
        s->result = SIGN_UP_WAITLISTED;
    else
        s->result = judgement->approval ? SIGN_UP_AWAITING : SIGN_UP_CONFIRMED;
    return true;
}

static enum state state_of(enum sign_up_outcome outcome)
{
    switch (outcome) {
    case SIGN_UP_CONFIRMED:
        return STATE_CONFIRMED;
    case SIGN_UP_PENDING:
        return STATE_PENDING_EMAIL;
    case SIGN_UP_AWAITING:
        return STATE_AWAITING_APPROVAL;
    case SIGN_UP_WAITLISTED:
        return STATE_WAITLISTED;
    default:
        return STATE_NONE;
    }
}

/* Why it waits, for the organiser. */
static const char *waits_for(const struct sign_up *s, const struct judgement *judgement)
{
    const struct place *lacking = judgement->lacking;
    if (!lacking)
        return "somebody waits who comes first";
    return arena_format(s->job.arena, "%s %s is full", place_kind_name(lacking->kind), lacking->key);
}

/* The places that go with the state; an address that is to be confirmed keeps some only if they are free now. Who gets
 * none asks for them. */
static int take_places(struct sign_up *s, struct facts *facts, struct registration_fact *fact,
                       const struct place_set *set, const struct judgement *judgement)
{
    struct sign_up_plan *plan = s->plan;
    bool free = !judgement->lacking && !judgement->blocked, claims = false;
    int r;
    switch (plan->status) {
    case STATE_CONFIRMED:
        claims = true;
        break;
    case STATE_AWAITING_APPROVAL:
        claims = judgement->holds;
        break;
    case STATE_PENDING_EMAIL:
        claims = free && (!judgement->approval || judgement->holds);
        plan->expires_at = s->at + s->event->definition->hold_hours * HOUR;
        break;
    case STATE_WAITLISTED:
        plan->reason = waits_for(s, judgement);
        if (!plan->reason)
            return -ENOMEM;
        fact->waiting_since = s->at;
        break;
    default:
        break;
    }
    if (claims)
        r = holding_claim(facts, fact, set, plan->status != STATE_CONFIRMED);
    else
        r = holding_ask(facts, fact, set, plan->status == STATE_WAITLISTED);
    if (r == 0 && plan->status == STATE_WAITLISTED)
        r = facts_add_waiter(facts, fact); /* a place may be freed in this very batch */
    return r;
}

static int take_wishes(struct sign_up *s, struct facts *facts, struct registration_fact *fact)
{
    struct wish_fact *wishes = arena_take(facts_arena(facts), (s->ask.wish_count + 1) * sizeof(*wishes));
    if (!wishes)
        return -ENOMEM;
    for (size_t i = 0; i < s->ask.wish_count; i++)
        wishes[i] = (struct wish_fact){ s->ask.wishes[i].round, s->ask.wishes[i].rank, s->ask.wishes[i].place };
    fact->wishes = wishes;
    fact->wish_count = s->ask.wish_count;
    return 0;
}

/* One reminder half way, for the mail may have been overlooked. */
static int plan_reminder(struct sign_up *s, struct facts *facts)
{
    struct mail_row *reminder = &s->plan->reminder;
    *reminder = s->plan->mail;
    reminder->id = facts_fresh_id(facts, FACTS_MAIL);
    reminder->kind = "confirm_reminder";
    reminder->priority = MAIL_REMINDER;
    reminder->due_at = s->at + (s->plan->expires_at - s->at) / 2;
    reminder->message_id =
        mail_row_message_id(s->job.arena, reminder->id, mail_row_domain(s->job.edition->settings->mail.from_address));
    return reminder->message_id ? 0 : -ENOMEM;
}

static int plan_new(struct sign_up *s, struct facts *facts, const struct place_set *set,
                    const struct judgement *judgement)
{
    struct registration_fact *fact;
    struct sign_up_plan *plan = s->plan;
    int r = facts_add_registration(facts, s->event->event_id, s->dedupe, &fact);
    if (r < 0)
        return r;
    plan->registration_id = fact->id;
    plan->link_version = randombytes_uniform(INT32_MAX);
    plan->status = state_of(s->result);
    fact->status = plan->status;
    fact->revision_id = s->revision_id;
    fact->created_at = s->at;
    fact->link_version = plan->link_version;
    fact->mode_place = set->mode->id;
    fact->event_starts = s->event->definition->starts;
    fact->invitation_id = s->invitation_id;
    fact->proposes = s->ask.proposal != NULL;
    fact->email = arena_copy(facts_arena(facts), s->email);
    fact->language = arena_copy(facts_arena(facts), s->language);
    if (!fact->email || !fact->language)
        return -ENOMEM;
    r = take_places(s, facts, fact, set, judgement);
    if (r == 0)
        r = take_wishes(s, facts, fact);
    plan->holding.claims = plan->holding.asks = plan->holding.wishes = true;
    if (r == 0)
        r = holding_note(s->job.arena, fact, &plan->holding);
    if (r < 0)
        return r;
    const char *kind = plan->status == STATE_PENDING_EMAIL ? "confirm" : state_name(plan->status);
    r = plan_mail(s, facts, kind, s->email, s->language, s->revision_id, 0);
    if (r == 0 && plan->expires_at != 0)
        r = plan_reminder(s, facts);
    return r;
}

static int look(const struct sign_up *s, struct facts *facts, const struct place_set *set,
                struct judgement *ret_judgement)
{
    struct place *reserve = NULL;
    struct judgement judgement = { .lacking = places_lacking(set, 1, &reserve) };
    bool invitation = s->invitation_id != 0;
    /* who proposes a time of his own is answered by a person, whatever the definition says */
    judgement.approval = s->ask.proposal || (set->mode->approval && !invitation);
    judgement.holds = set->mode->approval_holds || !set->mode->approval;
    int r = holding_blocked(facts, set, s->at, NULL, &judgement.blocked);
    if (r < 0)
        return r;
    *ret_judgement = judgement;
    return 0;
}

static int plan(struct sign_up *s, struct facts *facts, const struct place_set *set, const struct judgement *judgement)
{
    s->plan = arena_take(s->job.arena, sizeof(*s->plan));
    if (!s->plan)
        return -ENOMEM;
    s->submission_id = facts_fresh_id(facts, FACTS_SUBMISSION);
    int r = reference_make(s->submission_id, s->plan->reference);
    if (r < 0)
        return r;
    const struct registration_fact *known = known_registration(s, facts, s->at);
    r = known ? plan_known(s, facts, known) : plan_new(s, facts, set, judgement);
    if (r == 0)
        mail_limit_count(facts, s->mailbox, s->at, &s->plan->limit);
    return r;
}

static int sign_up_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct sign_up *s = (struct sign_up *)job;
    struct judgement judgement;
    struct place_set set;

    int r = holding_of_ask(facts, s->event->event_id, &s->ask, &set);
    if (r < 0)
        return r;
    s->at = moment->now;
    s->full_cap = -1;
    if (phase_of(s->event, moment->now) != PHASE_OPEN || set.mode->retired || set.mode->closed) {
        s->result = SIGN_UP_CLOSED;
        return 0;
    }
    if (s->invitation_id != 0 && !invited(s, facts, moment->now)) {
        s->result = SIGN_UP_UNINVITED;
        return 0;
    }
    r = look(s, facts, &set, &judgement);
    if (r < 0 || !judge(s, &set, &judgement))
        return r;
    if (mail_limit_reached(facts, s->mailbox, job->edition->settings->limits.mails_per_address_per_hour, s->at,
                           &s->retry_after)) {
        s->result = SIGN_UP_LIMITED;
        return 0;
    }
    r = plan(s, facts, &set, &judgement);
    job->writes = r == 0;
    return r;
}

static int write_registration(const struct sign_up *s, struct db *db)
{
    const struct sign_up_plan *plan = s->plan;
    struct query *query = db_query(db, "registration_insert");
    db_bind_int(query, ":id", plan->registration_id);
    db_bind_int(query, ":event", s->event->event_id);
    db_bind_int(query, ":revision", s->revision_id);
    db_bind_text(query, ":status", state_name(plan->status));
    db_bind_int(query, ":at", s->at);
    db_bind_text(query, ":actor", s->actor ? s->actor : "person");
    db_bind_text(query, ":reason", plan->reason);
    db_bind_text(query, ":reference", plan->reference);
    db_bind_text(query, ":language", s->language);
    db_bind_text(query, ":name", s->name);
    db_bind_text(query, ":email", s->email);
    db_bind_text(query, ":dedupe", s->dedupe);
    db_bind_text(query, ":organisation", s->organisation);
    db_bind_text(query, ":registry_number", s->registry_number);
    db_bind_text(query, ":country", s->country);
    db_bind_text(query, ":stakeholder", s->stakeholder);
    db_bind_text(query, ":mode", s->mode_id);
    db_bind_text(query, ":answers", s->answers);
    db_bind_text(query, ":search", s->search);
    db_bind_int(query, ":link_version", plan->link_version);
    if (plan->status == STATE_WAITLISTED)
        db_bind_int(query, ":waiting_since", s->at);
    else
        db_bind_null(query, ":waiting_since");
    if (plan->expires_at != 0)
        db_bind_int(query, ":expires", plan->expires_at);
    else
        db_bind_null(query, ":expires");
    db_bind_text(query, ":proposal", s->ask.proposal);
    if (s->invitation_id != 0)
        db_bind_int(query, ":invitation", s->invitation_id);
    else
        db_bind_null(query, ":invitation");
    return db_run(query);
}

static int write_submission(const struct sign_up *s, struct db *db)
{
    struct query *query = db_query(db, "submission_insert");
    db_bind_int(query, ":id", s->submission_id);
    db_bind_text(query, ":reference", s->plan->reference);
    db_bind_int(query, ":event", s->event->event_id);
    db_bind_int(query, ":registration", s->plan->registration_id);
    db_bind_text(query, ":outcome", state_name(state_of(s->result)));
    db_bind_text(query, ":language", s->language);
    db_bind_int(query, ":at", s->at);
    return db_run(query);
}

static int write_new(const struct sign_up *s, struct db *db)
{
    int r = 0;
    if (s->plan->release_id != 0) {
        struct query *query = db_query(db, "registration_release");
        db_bind_int(query, ":id", s->plan->release_id);
        r = db_run(query);
    }
    if (r == 0)
        r = write_registration(s, db);
    if (r == 0)
        r = holding_write(db, &s->plan->holding, false);
    for (size_t i = 0; r == 0 && i < s->consent_count; i++)
        r = sign_up_consent_insert(db, s->plan->registration_id, &s->consents[i], s->at);
    if (r == 0 && s->private_count > 0)
        r = private_write(db, s->plan->registration_id, s->event->definition, s->private_count, s->privates);
    return r;
}

static int sign_up_apply(const struct store_job *job, struct db *db)
{
    const struct sign_up *s = (const struct sign_up *)job;
    const struct audit audit = { .at = s->at,
                                 .event_id = s->event->event_id,
                                 .registration_id = s->plan->registration_id,
                                 .actor = s->actor ? s->actor : "person",
                                 .action = s->plan->known ? "sign_up_again" : "sign_up",
                                 .to = s->plan->status };

    int r = s->plan->known ? 0 : write_new(s, db);
    if (r == 0)
        r = write_submission(s, db);
    if (r == 0)
        r = mail_row_insert(db, &s->plan->mail);
    if (r == 0 && s->plan->reminder.kind)
        r = mail_row_insert(db, &s->plan->reminder);
    if (r == 0)
        r = mail_limit_write(db, &s->plan->limit, s->at);
    if (r == 0)
        r = audit_write(db, &audit);
    return r;
}

static void sign_up_reset(struct store_job *job)
{
    ((struct sign_up *)job)->plan = NULL;
}

const struct change_kind change_sign_up = {
    .name = "sign_up",
    .facts = sign_up_facts,
    .decide = sign_up_decide,
    .apply = sign_up_apply,
    .reset = sign_up_reset,
};

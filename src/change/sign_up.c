/* SPDX-License-Identifier: EUPL-1.2 */
/* Registers a person, and who comes with him: places, registrations, consents, submission and mails in one transaction,
 * so that a reply means durable. Called by the writer through the descriptor.
 *
 * For an address that is known already it decides twice: what a new one would get (all the page's words rest on it, so
 * that nobody learns who is registered) and what is owed (the mail `again` with the link; the first answers stand). */
#include "change/sign_up.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/holding.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "change/notice.h"
#include "change/sign_up_person.h"
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
    enum state status;       /* of the new registrations */
    const char *reason;      /* why they wait; NULL */
    int64_t expires_at;      /* 0: never */
    int64_t registration_id; /* new or known */
    int64_t release_id;      /* an older registration gives its key up; 0: none */
    char reference[REFERENCE_SIZE];
    struct mail_row mail, reminder; /* to who signs up; reminder.kind NULL: none */
    struct notices notices; /* to the organisers */
    size_t person_count;
    struct sign_up_person *persons; /* who signs up, then the guests */
};

static int ask_facts(const struct sign_up *s, const struct ask *ask, struct wanted *wanted)
{
    int r = wanted_place(wanted, ask->mode);
    for (size_t i = 0; r == 0 && i < ask->place_count; i++)
        r = wanted_place(wanted, ask->places[i]);
    for (size_t i = 0; r == 0 && i < ask->reserve_count; i++)
        r = wanted_place(wanted, ask->reserves[i]);
    for (size_t i = 0; r == 0 && i < ask->cap_count; i++)
        r = wanted_cap(wanted, s->event->event_id, ask->caps[i].key, ask->caps[i].title, ask->caps[i].max);
    return r;
}

static int sign_up_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct sign_up *s = (const struct sign_up *)job;
    int r = ask_facts(s, &s->ask, wanted);
    for (size_t i = 0; r == 0 && i < s->guest_count; i++)
        r = ask_facts(s, &s->guests[i].ask, wanted);
    if (r == 0 && s->invitation_id != 0)
        r = wanted_invitation(wanted, s->invitation_id);
    if (r == 0)
        r = wanted_key(wanted, s->event->event_id, s->dedupe);
    if (r == 0 && s->mailbox)
        r = wanted_mailbox(wanted, s->mailbox);
    for (size_t i = 0; r == 0 && i < s->guest_count; i++)
        if (s->guests[i].mailbox)
            r = wanted_mailbox(wanted, s->guests[i].mailbox);
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
                               .subject_id = s->plan->registration_id,
                               .event_id = s->event->event_id,
                               .revision_id = revision_id,
                               .instance = instance,
                               .kind = kind,
                               .recipient = recipient,
                               .language = language,
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

static const struct ask_cap *cap_in(const struct ask *ask, const struct place *place)
{
    for (size_t i = 0; i < ask->cap_count; i++)
        if (strcmp(ask->caps[i].key, place->key) == 0)
            return &ask->caps[i];
    return NULL;
}

/* Which limit of somebody's ask PLACE is; NULL: none. */
static const struct ask_cap *cap_of(const struct sign_up *s, const struct place *place)
{
    if (place->kind != PLACE_CAP)
        return NULL;
    const struct ask_cap *cap = cap_in(&s->ask, place);
    for (size_t i = 0; !cap && i < s->guest_count; i++)
        cap = cap_in(&s->guests[i].ask, place);
    return cap;
}

static bool is_invitation(const struct ask_cap *cap)
{
    return cap && strncmp(cap->key, "invite:", 7) == 0;
}

static void refuse(struct sign_up *s, const struct place *lacking)
{
    s->result = SIGN_UP_FULL;
    s->full_place = lacking->id;
    s->full_cap = cap_of(s, lacking);
    if (is_invitation(s->full_cap))
        s->result = SIGN_UP_UNINVITED;
}

/* A booked slot or a used invitation is not waited for: another one is asked for. Nor is what would be too small for
 * all who come together if nobody else had any of it. */
static bool can_wait(const struct sign_up *s, const struct place_set *sets, const struct place *lacking)
{
    size_t count = 1 + s->guest_count;
    return s->event->definition->waiting_list && lacking->kind != PLACE_SLOT && !lacking->retired &&
           !is_invitation(cap_of(s, lacking)) &&
           (count == 1 || !lacking->limited || holding_wanting(count, sets, lacking) <= lacking->capacity);
}

static struct place *taken_slot(const struct place_set *set)
{
    for (size_t i = 0; i < set->needed_count; i++)
        if (set->needed[i]->kind == PLACE_SLOT && !places_fit(set->needed[i], 1))
            return set->needed[i];
    return NULL;
}

/* What stands between new people and their sets. */
struct judgement {
    struct place *lacking; /* the first that is full; NULL: all fit */
    struct place *blocked; /* of which somebody waits who comes first; NULL */
    bool approval;         /* an organiser decides */
    bool holds;            /* … and the place is kept meanwhile */
};

/* What a new address gets: the state, and false if it gets nothing. With approval that holds no place there may be more
 * applications than places. */
static bool judge(struct sign_up *s, const struct place_set *sets, const struct judgement *judgement)
{
    const struct event_definition *definition = s->event->definition;
    struct place *lacking = judgement->lacking ? judgement->lacking : judgement->blocked;

    if (judgement->approval && !judgement->holds)
        lacking = NULL;
    if (lacking && definition->waiting_list && taken_slot(sets)) /* not waited for, whatever else is full too */
        lacking = taken_slot(sets);
    if (lacking && !can_wait(s, sets, lacking)) {
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
static int take_places(struct sign_up *s, struct facts *facts, const struct party *party,
                       const struct judgement *judgement)
{
    struct sign_up_plan *plan = s->plan;
    bool free = !judgement->lacking && !judgement->blocked, claims = false;
    int r = 0;
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
        for (size_t i = 0; i < party->count; i++)
            party->members[i]->waiting_since = s->at;
        break;
    default:
        break;
    }
    if (!claims)
        r = holding_ask(facts, party, plan->status == STATE_WAITLISTED);
    for (size_t i = 0; r == 0 && claims && i < party->count; i++)
        r = holding_claim(facts, party->members[i], &party->sets[i], plan->status != STATE_CONFIRMED);
    if (r == 0 && plan->status == STATE_WAITLISTED)
        r = facts_add_waiter(facts, party->members[0]); /* a place may be freed in this very batch */
    return r;
}

/* One reminder half way, for the mail may have been overlooked. */
static int plan_reminder(struct sign_up *s, struct facts *facts)
{
    struct mail_row *reminder = &s->plan->reminder;
    *reminder = s->plan->mail;
    reminder->id = facts_fresh_id(facts, FACTS_MAIL);
    reminder->kind = "confirm_reminder";
    reminder->due_at = s->at + (s->plan->expires_at - s->at) / 2;
    reminder->message_id =
        mail_row_message_id(s->job.arena, reminder->id, mail_row_domain(s->job.edition->settings->mail.from_address));
    return reminder->message_id ? 0 : -ENOMEM;
}

/* A guest is told too, once the address of who brings him is known to be his. */
static int plan_guest_mail(struct sign_up *s, struct facts *facts, struct sign_up_person *person)
{
    if (!person->said.email || s->plan->status == STATE_PENDING_EMAIL)
        return 0;
    person->mail = s->plan->mail;
    person->mail.id = facts_fresh_id(facts, FACTS_MAIL);
    person->mail.subject_id = person->id;
    person->mail.recipient = person->said.email;
    person->mail.message_id = mail_row_message_id(s->job.arena, person->mail.id,
                                                  mail_row_domain(s->job.edition->settings->mail.from_address));
    return person->mail.message_id ? 0 : -ENOMEM;
}

static int plan_mails(struct sign_up *s, struct facts *facts)
{
    struct sign_up_plan *plan = s->plan;
    const char *kind = plan->status == STATE_PENDING_EMAIL ? "confirm" : state_name(plan->status);
    int r = plan_mail(s, facts, kind, s->email, s->language, s->revision_id, 0);
    if (r == 0 && plan->expires_at != 0)
        r = plan_reminder(s, facts);
    for (size_t i = 1; r == 0 && i < plan->person_count; i++)
        r = plan_guest_mail(s, facts, &plan->persons[i]);
    if (r == 0 && plan->status != STATE_PENDING_EMAIL) /* else when the address is confirmed */
        r = notices_plan(s->job.arena, facts, s->event->definition,
                         mail_row_domain(s->job.edition->settings->mail.from_address), &plan->mail, &plan->notices);
    return r;
}

/* The facts of all who come, for the jobs that follow; who signs up leads them. */
static int add_facts(struct sign_up *s, struct facts *facts, struct place_set *sets, struct party *ret_party)
{
    struct sign_up_plan *plan = s->plan;
    struct party party = { .count = plan->person_count, .sets = sets };
    party.members = arena_take(facts_arena(facts), party.count * sizeof(*party.members));
    int r = party.members ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < party.count; i++)
        r = sign_up_person_fact(s, facts, &plan->persons[i], i == 0 ? NULL : party.members[0], plan->status,
                                &party.members[i]);
    if (r < 0)
        return r;
    party.members[0]->guests = party.members + 1;
    party.members[0]->guest_count = party.count - 1;
    *ret_party = party;
    return 0;
}

static int plan_new(struct sign_up *s, struct facts *facts, struct place_set *sets, const struct judgement *judgement)
{
    struct sign_up_plan *plan = s->plan;
    struct party party;
    plan->status = state_of(s->result);
    int r = add_facts(s, facts, sets, &party);
    if (r < 0)
        return r;
    plan->registration_id = party.members[0]->id;
    r = take_places(s, facts, &party, judgement);
    for (size_t i = 0; r == 0 && i < party.count; i++)
        r = sign_up_person_note(s, facts, &plan->persons[i], party.members[i]);
    return r < 0 ? r : plan_mails(s, facts);
}

static int look(const struct sign_up *s, struct facts *facts, const struct place_set *sets,
                struct judgement *ret_judgement)
{
    const struct place *mode = sets[0].mode;
    size_t count = 1 + s->guest_count;
    struct judgement judgement = { .lacking = NULL };
    bool invitation = s->invitation_id != 0;
    /* who proposes a time of his own is answered by a person, whatever the definition says */
    judgement.approval = s->ask.proposal || (mode->approval && !invitation);
    judgement.holds = mode->approval_holds || !mode->approval;
    int r = holding_lacking(facts, count, sets, &judgement.lacking);
    if (r == 0)
        r = holding_blocked(facts, count, sets, s->at, NULL, &judgement.blocked);
    if (r < 0)
        return r;
    *ret_judgement = judgement;
    return 0;
}

static int plan_persons(struct sign_up *s)
{
    struct sign_up_plan *plan = s->plan;
    plan->person_count = 1 + s->guest_count;
    plan->persons = arena_take(s->job.arena, plan->person_count * sizeof(*plan->persons));
    if (!plan->persons)
        return -ENOMEM;
    for (size_t i = 0; i < plan->person_count; i++) {
        int r = sign_up_person_take(s, i, plan->reference, i + 1, &plan->persons[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int plan(struct sign_up *s, struct facts *facts, struct place_set *sets, const struct judgement *judgement)
{
    s->plan = arena_take(s->job.arena, sizeof(*s->plan));
    if (!s->plan)
        return -ENOMEM;
    s->submission_id = facts_fresh_id(facts, FACTS_SUBMISSION);
    int r = reference_make(s->submission_id, s->plan->reference);
    if (r == 0)
        r = plan_persons(s);
    if (r < 0)
        return r;
    const struct registration_fact *known = known_registration(s, facts, s->at);
    r = known ? plan_known(s, facts, known) : plan_new(s, facts, sets, judgement);
    for (size_t i = 0; r == 0 && i < s->plan->person_count; i++)
        mail_limit_count(facts, s->plan->persons[i].said.mailbox, s->at, &s->plan->persons[i].limit);
    return r;
}

static const char *mailbox_of(const struct sign_up *s, size_t i)
{
    return i == 0 ? s->mailbox : s->guests[i - 1].mailbox;
}

/* Some mailbox has had as many mails as it may, or would get more than that from this form alone. */
static bool limited(struct sign_up *s, struct facts *facts)
{
    int64_t most = s->job.edition->settings->limits.mails_per_address_per_hour;
    for (size_t i = 0; i <= s->guest_count; i++) {
        const char *mailbox = mailbox_of(s, i);
        int64_t same = 0;
        for (size_t k = 0; mailbox && k < i; k++)
            same += mailbox_of(s, k) && strcmp(mailbox_of(s, k), mailbox) == 0;
        if (same > 0 && same >= most) {
            s->retry_after = HOUR;
            return true;
        }
        if (mail_limit_reached(facts, mailbox, most - same, s->at, &s->retry_after))
            return true;
    }
    return false;
}

static int sets_of(struct sign_up *s, struct facts *facts, struct place_set **ret_sets)
{
    struct place_set *sets = arena_take(facts_arena(facts), (1 + s->guest_count) * sizeof(*sets));
    int r = sets ? holding_of_ask(facts, s->event->event_id, &s->ask, &sets[0]) : -ENOMEM;
    for (size_t i = 0; r == 0 && i < s->guest_count; i++)
        r = holding_of_ask(facts, s->event->event_id, &s->guests[i].ask, &sets[i + 1]);
    if (r < 0)
        return r;
    *ret_sets = sets;
    return 0;
}

static int sign_up_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct sign_up *s = (struct sign_up *)job;
    struct judgement judgement;
    struct place_set *sets;

    int r = sets_of(s, facts, &sets);
    if (r < 0)
        return r;
    s->at = moment->now;
    s->full_cap = NULL;
    if (phase_of(s->event, moment->now) != PHASE_OPEN || sets[0].mode->retired || sets[0].mode->closed) {
        s->result = SIGN_UP_CLOSED;
        return 0;
    }
    if (s->invitation_id != 0 && !invited(s, facts, moment->now)) {
        s->result = SIGN_UP_UNINVITED;
        return 0;
    }
    r = look(s, facts, sets, &judgement);
    if (r < 0 || !judge(s, sets, &judgement))
        return r;
    if (limited(s, facts)) {
        s->result = SIGN_UP_LIMITED;
        return 0;
    }
    r = plan(s, facts, sets, &judgement);
    job->writes = r == 0;
    return r;
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
    const struct sign_up_plan *plan = s->plan;
    int r = 0;
    if (plan->release_id != 0) {
        struct query *query = db_query(db, "registration_release");
        db_bind_int(query, ":id", plan->release_id);
        r = db_run(query);
    }
    const struct sign_up_row row = { .status = plan->status,
                                     .reason = plan->reason,
                                     .expires_at = plan->expires_at,
                                     .waiting_since = plan->status == STATE_WAITLISTED ? s->at : 0,
                                     .party_id = plan->registration_id };
    for (size_t i = 0; r == 0 && i < plan->person_count; i++)
        r = sign_up_person_write(s, &plan->persons[i], &row, db);
    return r;
}

static int sign_up_apply(const struct store_job *job, struct db *db)
{
    const struct sign_up *s = (const struct sign_up *)job;
    const struct sign_up_plan *plan = s->plan;
    const struct audit audit = { .at = s->at,
                                 .event_id = s->event->event_id,
                                 .registration_id = plan->registration_id,
                                 .actor = s->actor ? s->actor : "person",
                                 .action = "sign_up_again" };

    int r = plan->known ? audit_write(db, &audit) : write_new(s, db);
    if (r == 0)
        r = write_submission(s, db);
    if (r == 0)
        r = mail_row_insert(db, &plan->mail);
    if (r == 0 && plan->reminder.kind)
        r = mail_row_insert(db, &plan->reminder);
    if (r == 0)
        r = notices_write(&plan->notices, db);
    for (size_t i = 0; r == 0 && i < plan->person_count; i++)
        r = mail_limit_write(db, &plan->persons[i].limit, s->at);
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

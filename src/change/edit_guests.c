/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along with somebody who changes his registration: what each of them is to have, and those who are added.
 * They are written as a sign-up writes its guests. Called by change/edit; the writer's thread, or convenectl's only
 * one. */
#include <errno.h>
#include <stdlib.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/edit_plan.h"
#include "change/mail_limit.h"
#include "change/sign_up_person.h"
#include "config/settings.h"
#include "event/book.h"
#include "store/db.h"
#include "view/edition.h"

#define HOUR 3600

size_t edit_guests_new(const struct edit *edit)
{
    size_t count = 0;
    for (size_t i = 0; i < edit->guest_count; i++)
        count += edit->guests[i].id == 0;
    return count;
}

static const struct registration_fact *live_guest(const struct registration_fact *owner, int64_t id)
{
    for (size_t i = 0; i < owner->guest_count; i++)
        if (owner->guests[i]->id == id && state_is_live(owner->guests[i]->status))
            return owner->guests[i];
    return NULL;
}

/* He has not left, and his address is not his own affair by now. */
static bool may_be_said(const struct registration_fact *owner, const struct edit_guest *guest)
{
    const struct registration_fact *fact = live_guest(owner, guest->id);
    return fact && !(guest->readdressed && fact->own);
}

enum edit_result edit_guests_stand(const struct edit *edit, const struct registration_fact *owner)
{
    size_t live = 0, added = edit_guests_new(edit);
    for (size_t i = 0; i < edit->guest_count; i++)
        if (edit->guests[i].id != 0 && !may_be_said(owner, &edit->guests[i]))
            return EDIT_STALE;
    for (size_t i = 0; i < owner->guest_count; i++)
        live += state_is_live(owner->guests[i]->status);
    /* the form counted them before */
    return added > 0 && 1 + live + added > (size_t)edit->event->definition->group_max ? EDIT_STALE : EDIT_DONE;
}

/* ---- what each is to have ---- */

/* The round of the session that PLACE_ID is of, -1: it is no session of a round. */
static int round_of(const struct event_entry *entry, int64_t place_id)
{
    const struct event_programme *programme = &entry->definition->programme;
    const size_t modes = entry->definition->mode_count;
    for (size_t i = 0; i < programme->session_count * modes; i++)
        if (entry->session_places[i] == place_id)
            return programme->sessions[i / modes].round;
    return -1;
}

static int64_t held_place(const struct registration_fact *registration, size_t i)
{
    return i < registration->claim_count ? registration->claims[i].place_id
                                         : registration->asks[i - registration->claim_count].place_id;
}

static bool in_lead(const struct place_set *lead, int64_t place_id)
{
    for (size_t i = 0; i < lead->needed_count; i++)
        if (lead->needed[i]->id == place_id)
            return true;
    return false;
}

/* The owner has in ROUND what he had. */
static bool round_stays(const struct edit *edit, const struct place_set *lead, const struct registration_fact *owner,
                        int round)
{
    for (size_t i = 0; i < lead->needed_count; i++)
        if (round_of(edit->event, lead->needed[i]->id) == round && !edit_has(owner, lead->needed[i]->id))
            return false;
    for (size_t i = 0; i < owner->claim_count + owner->ask_count; i++) {
        int64_t id = held_place(owner, i);
        if (round_of(edit->event, id) == round && !in_lead(lead, id))
            return false;
    }
    return true;
}

/* Sessions: who booked leads. Where he stays in a round so do the others, be they in another session of it: wishes are
 * allocated to each of them alone. */
static void add_sessions(const struct edit *edit, struct facts *facts, const struct place_set *lead,
                         const struct registration_fact *owner, const struct registration_fact *guest,
                         struct place_set *set)
{
    for (size_t i = 0; i < lead->needed_count; i++) {
        int round = round_of(edit->event, lead->needed[i]->id);
        if (lead->needed[i]->kind == PLACE_SESSION && (round < 0 || !round_stays(edit, lead, owner, round)))
            set->needed[set->needed_count++] = lead->needed[i];
    }
    for (size_t i = 0; i < guest->claim_count + guest->ask_count; i++) {
        struct place *place = facts_place(facts, held_place(guest, i));
        int round = place && place->kind == PLACE_SESSION ? round_of(edit->event, place->id) : -1;
        if (round >= 0 && round_stays(edit, lead, owner, round))
            set->needed[set->needed_count++] = place;
    }
}

/* Limits and reserves are each person's own: as they are worked out anew (ASKED), or those that he has. */
static void add_own(struct facts *facts, const struct place_set *lead, const struct registration_fact *guest,
                    const struct place_set *asked, struct place_set *set)
{
    for (size_t i = 0; asked && i < asked->needed_count; i++)
        if (asked->needed[i]->kind == PLACE_CAP)
            set->needed[set->needed_count++] = asked->needed[i];
    for (size_t i = 0; asked && i < asked->reserve_count; i++)
        set->reserves[set->reserve_count++] = asked->reserves[i];
    for (size_t i = 0; !asked && i < guest->claim_count + guest->ask_count; i++) {
        struct place *place = facts_place(facts, held_place(guest, i));
        if (place && place->kind == PLACE_CAP)
            set->needed[set->needed_count++] = place;
        else if (place && place->kind == PLACE_RESERVE && place->parent == lead->mode)
            set->reserves[set->reserve_count++] = place;
    }
}

static int old_set(const struct edit *edit, struct facts *facts, const struct place_set *lead,
                   const struct registration_fact *owner, const struct edit_member *member, struct place_set *ret_set)
{
    const struct registration_fact *guest = member->fact;
    struct arena *arena = facts_arena(facts);
    struct place_set asked = { 0 }, set = { .mode = lead->mode };
    int r = member->guest ? holding_of_ask(facts, edit->event->event_id, &member->guest->said.ask, &asked) : 0;
    if (r < 0)
        return r;
    size_t most = lead->needed_count + asked.needed_count + asked.reserve_count + guest->claim_count + guest->ask_count;
    set.needed = arena_take(arena, (most + 1) * sizeof(*set.needed));
    set.reserves = arena_take(arena, (most + 1) * sizeof(*set.reserves));
    if (!set.needed || !set.reserves)
        return -ENOMEM;
    add_sessions(edit, facts, lead, owner, guest, &set);
    add_own(facts, lead, guest, member->guest ? &asked : NULL, &set);
    *ret_set = set;
    return 0;
}

static const struct edit_guest *said_of(const struct edit *edit, int64_t id)
{
    for (size_t i = 0; i < edit->guest_count; i++)
        if (edit->guests[i].id == id)
            return &edit->guests[i];
    return NULL;
}

static int gather_old(struct edit *edit, struct facts *facts, const struct party *party, const struct place_set *lead)
{
    struct edit_plan *plan = edit->plan;
    int r = 0;
    plan->sets[0] = *lead;
    for (size_t i = 0; r == 0 && i < party->count; i++) {
        struct registration_fact *fact = party->members[i];
        struct edit_member *member = &plan->members[plan->member_count++];
        *member = (struct edit_member){ .fact = fact, .before = *fact, .id = fact->id };
        if (i == 0)
            continue;
        member->guest = said_of(edit, fact->id);
        r = old_set(edit, facts, lead, party->members[0], member, &plan->sets[i]);
    }
    plan->old_count = plan->member_count;
    return r;
}

/* ---- who is added ---- */

/* The end of the next guest's reference: those who have left keep theirs. */
static size_t next_number(const struct registration_fact *owner)
{
    size_t last = 1;
    for (size_t i = 0; i < owner->guest_count; i++) {
        const char *slash = owner->guests[i]->reference ? strrchr(owner->guests[i]->reference, '/') : NULL;
        size_t number = slash ? strtoul(slash + 1, NULL, 10) : 0;
        if (number > last)
            last = number;
    }
    return last + 1;
}

static int new_sign_up(struct edit *edit, const struct registration_fact *owner, size_t count)
{
    struct arena *arena = edit->job.arena;
    struct sign_up *joining = arena_take(arena, sizeof(*joining));
    struct sign_up_guest *guests = arena_take(arena, count * sizeof(*guests));
    if (!joining || !guests)
        return -ENOMEM;
    *joining = (struct sign_up){ .job = { .arena = arena },
                                 .event = edit->event,
                                 .revision_id = edit->revision_id,
                                 .invitation_id = owner->invitation_id,
                                 .actor = edit->actor,
                                 .mode_id = edit->mode_id,
                                 .language = arena_copy(arena, owner->language),
                                 .guests = guests,
                                 .at = edit->plan->at };
    for (size_t i = 0; i < edit->guest_count; i++)
        if (edit->guests[i].id == 0)
            guests[joining->guest_count++] = edit->guests[i].said;
    edit->plan->joining = joining;
    return joining->language ? 0 : -ENOMEM;
}

static int gather_new(struct edit *edit, struct facts *facts, const struct registration_fact *owner)
{
    struct edit_plan *plan = edit->plan;
    size_t added = edit_guests_new(edit), number = next_number(owner);
    int r = added > 0 ? new_sign_up(edit, owner, added) : 0;
    for (size_t i = 0; r == 0 && i < edit->guest_count; i++) {
        if (edit->guests[i].id != 0)
            continue;
        size_t n = plan->member_count - plan->old_count;
        struct edit_member *member = &plan->members[plan->member_count];
        *member = (struct edit_member){ .guest = &edit->guests[i],
                                        .person = arena_take(edit->job.arena, sizeof(*member->person)) };
        if (!member->person)
            return -ENOMEM;
        r = sign_up_person_take(plan->joining, n + 1, owner->reference, number + n, member->person);
        if (r == 0)
            r = holding_of_ask(facts, edit->event->event_id, &edit->guests[i].said.ask,
                               &plan->sets[plan->member_count]);
        plan->member_count++;
    }
    return r;
}

int edit_guests_gather(struct edit *edit, struct facts *facts, struct registration_fact *owner,
                       const struct place_set *lead)
{
    struct edit_plan *plan = edit->plan;
    struct party party;
    int r = holding_party(facts, owner, &party);
    if (r < 0)
        return r;
    size_t most = party.count + edit->guest_count;
    plan->members = arena_take(edit->job.arena, most * sizeof(*plan->members));
    plan->sets = arena_take(facts_arena(facts), most * sizeof(*plan->sets));
    if (!plan->members || !plan->sets)
        return -ENOMEM;
    r = gather_old(edit, facts, &party, lead);
    return r < 0 ? r : gather_new(edit, facts, owner);
}

const char *edit_guests_reached(const struct edit_member *member)
{
    return member->guest && !member->person && member->guest->readdressed ? member->guest->said.mailbox : NULL;
}

bool edit_guests_corrected(const struct edit_member *member)
{
    return member->guest && !member->person && member->guest->readdressed && member->before.email;
}

int edit_guests_readdress(struct edit *edit, struct facts *facts, struct edit_member *member)
{
    struct registration_fact *fact = member->fact;
    const char *email = member->guest->said.email;
    int r = facts_readdress(facts, fact, email, NULL); /* a guest may sign up himself too */
    if (r < 0)
        return r;
    fact->undeliverable = false;
    if (email)
        mail_limit_count(facts, edit_guests_reached(member), edit->plan->at, &member->limit);
    if (edit_guests_corrected(member))
        fact->link_version = member->link_version = randombytes_uniform(INT32_MAX);
    return 0;
}

/* Of who is told by this change at an address that was not there before. */
static const char *mailbox_of(const struct edit_member *member)
{
    return member->person ? member->person->said.mailbox : edit_guests_reached(member);
}

bool edit_guests_limited(struct edit *edit, struct facts *facts)
{
    const struct edit_plan *plan = edit->plan;
    for (size_t i = 1; i < plan->member_count; i++) {
        const char *mailbox = mailbox_of(&plan->members[i]);
        int64_t most = mailbox ? edit->job.edition->settings->limits.mails_per_address_per_hour : 0, same = 0;
        for (size_t k = 1; mailbox && k < i; k++) {
            const char *other = mailbox_of(&plan->members[k]);
            same += other && strcmp(other, mailbox) == 0;
        }
        edit->retry_after = HOUR;
        if (mailbox && ((same > 0 && same >= most) ||
                        mail_limit_reached(facts, mailbox, most - same, plan->at, &edit->retry_after)))
            return true;
    }
    return false;
}

int edit_guests_join(struct edit *edit, struct facts *facts, struct registration_fact *owner)
{
    struct edit_plan *plan = edit->plan;
    size_t added = plan->member_count - plan->old_count, count = owner->guest_count;
    struct registration_fact **guests = arena_take(facts_arena(facts), (count + added + 1) * sizeof(*guests));
    if (!guests)
        return -ENOMEM;
    if (count > 0)
        memcpy(guests, owner->guests, count * sizeof(*guests));
    for (size_t i = plan->old_count; i < plan->member_count; i++) {
        struct edit_member *member = &plan->members[i];
        int r = sign_up_person_fact(plan->joining, facts, member->person, owner, plan->status, &member->fact);
        if (r < 0)
            return r;
        member->id = member->fact->id;
        member->fact->waiting_since = owner->waiting_since;
        mail_limit_count(facts, member->person->said.mailbox, plan->at, &member->person->limit);
        guests[count++] = member->fact;
    }
    owner->guests = guests;
    owner->guest_count = count;
    return 0;
}

/* He is told as he would have been at the sign-up. */
static int plan_mail(struct edit *edit, struct facts *facts, const struct edit_member *member)
{
    struct sign_up_person *person = member->person;
    struct mail_row *mail = &person->mail;
    if (!person->said.email)
        return 0;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = person->id,
                               .event_id = edit->event->event_id,
                               .revision_id = edit->revision_id,
                               .kind = state_name(edit->plan->status),
                               .recipient = person->said.email,
                               .language = edit->plan->joining->language,
                               .born_at = edit->plan->at,
                               .due_at = edit->plan->at };
    mail->message_id = mail_row_message_id(edit->job.arena, mail->id, edit->message_domain);
    return mail->message_id ? 0 : -ENOMEM;
}

int edit_guests_note(struct edit *edit, struct facts *facts, struct edit_member *member)
{
    struct holding *holding = &member->person->holding;
    member->fact->wishes = edit->plan->wishes;
    member->fact->wish_count = edit->plan->wish_count;
    holding->claims = holding->asks = holding->wishes = true;
    int r = holding_note(edit->job.arena, member->fact, holding);
    return r < 0 ? r : plan_mail(edit, facts, member);
}

int edit_guests_write(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    const struct edit_plan *plan = edit->plan;
    const struct sign_up_row row = { .status = plan->status,
                                     .waiting_since = plan->members[0].before.waiting_since,
                                     .party_id = edit->registration_id };
    int r = sign_up_person_write(plan->joining, member->person, &row, db);
    return r < 0 ? r : mail_limit_write(db, &member->person->limit, plan->at);
}

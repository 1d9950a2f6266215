/* SPDX-License-Identifier: EUPL-1.2 */
/* Changes what a registration has, asks for and has answered; those who came with it move along. In memory the old is
 * given back and the new is taken; if the new does not fit, the old is taken again and nothing is written.
 * Called by the writer (and by convenectl) through the descriptor. */
#include "change/edit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/holding.h"
#include "change/mail_row.h"
#include "change/move.h"
#include "event/book.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

/* Who moves: the registration itself, then its guests. */
struct edit_member {
    struct registration_fact *fact, before; /* for decide alone */
    int64_t id, sequence;
    struct holding holding;
    struct mail_row mail; /* kind NULL: none */
    const char *audit_data;
};

struct edit_plan {
    int64_t at;
    enum state status;
    struct moves *moves; /* offers of what was given up */
    size_t written;      /* of the members: all, or none of the guests */
    size_t member_count;
    struct edit_member *members;
    struct place_set *sets; /* as they shall be; for decide alone */
    bool wishes_change;
    size_t wish_count;
    struct wish_fact *wishes;
};

static int edit_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct edit *edit = (const struct edit *)job;
    const struct ask *ask = &edit->ask;
    int r = wanted_registration(wanted, edit->registration_id);
    if (r == 0)
        r = wanted_place(wanted, ask->mode);
    for (size_t i = 0; r == 0 && i < ask->place_count; i++)
        r = wanted_place(wanted, ask->places[i]);
    for (size_t i = 0; r == 0 && i < ask->reserve_count; i++)
        r = wanted_place(wanted, ask->reserves[i]);
    for (size_t i = 0; r == 0 && i < ask->wish_count; i++)
        r = wanted_place(wanted, ask->wishes[i].place);
    for (size_t i = 0; r == 0 && i < ask->cap_count; i++)
        r = wanted_cap(wanted, edit->event->event_id, ask->caps[i].key, ask->caps[i].title, ask->caps[i].max);
    return r;
}

/* ---- may it be changed at all ---- */

static enum edit_result may_change(const struct edit *edit, const struct registration_fact *registration,
                                   const struct place_set *set, const struct place *old_mode, int64_t now)
{
    const struct event_definition *definition = edit->event->definition;
    enum state status = registration->status;
    if (status != STATE_CONFIRMED && status != STATE_WAITLISTED && status != STATE_AWAITING_APPROVAL)
        return EDIT_CLOSED;
    if (registration->restricted || registration->booker) /* a guest's places are those of who booked */
        return EDIT_CLOSED;
    if (set->mode->closed || set->mode->retired)
        return EDIT_CLOSED;
    if (!edit->late && now >= definition->changes_until)
        return EDIT_CLOSED;
    if (edit->version >= 0 && edit->version != registration->version)
        return EDIT_STALE;
    /* who was let in where nobody approves does not walk over to where somebody does */
    bool lets_in = set->mode->approval && !(old_mode && old_mode->approval) && registration->invitation_id == 0;
    return lets_in && !edit->late && status != STATE_AWAITING_APPROVAL ? EDIT_APPROVAL : EDIT_DONE;
}

/* ---- is it other than it was ---- */

static bool has(const struct registration_fact *registration, int64_t place_id)
{
    for (size_t i = 0; i < registration->claim_count; i++)
        if (registration->claims[i].place_id == place_id)
            return true;
    for (size_t i = 0; i < registration->ask_count; i++)
        if (registration->asks[i].place_id == place_id)
            return true;
    return false;
}

static bool in_set(const struct place_set *set, int64_t place_id)
{
    bool found = set->mode->id == place_id;
    for (size_t i = 0; i < set->needed_count; i++)
        found |= set->needed[i]->id == place_id;
    for (size_t i = 0; i < set->reserve_count; i++)
        found |= set->reserves[i]->id == place_id;
    return found;
}

static bool same_wishes(const struct wish_fact *a, size_t a_count, const struct wish_fact *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        bool found = false;
        for (size_t k = 0; k < b_count; k++)
            found |= a[i].rank == b[k].rank && a[i].place_id == b[k].place_id && strcmp(a[i].round, b[k].round) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* A form no longer asks for wishes of a round that is allocated, or about to be: those that were made stay. */
static bool wish_stands(const struct edit *edit, struct facts *facts, const struct wish_fact *wish, int64_t now)
{
    const struct event_programme *programme = &edit->event->definition->programme;
    const struct place *place = facts_place(facts, wish->place_id);
    int round = programme_round(programme, wish->round);
    for (size_t i = 0; i < edit->ask.wish_count; i++)
        if (strcmp(edit->ask.wishes[i].round, wish->round) == 0)
            return false;
    return round < 0 || !place || place->allocated || now >= programme->rounds[round].wishes_until;
}

/* The wishes as they shall be. */
static int gather_wishes(struct edit *edit, struct facts *facts, const struct registration_fact *registration)
{
    struct edit_plan *plan = edit->plan;
    size_t count = 0;
    plan->wishes = arena_take(facts_arena(facts),
                              (edit->ask.wish_count + registration->wish_count + 1) * sizeof(*plan->wishes));
    if (!plan->wishes)
        return -ENOMEM;
    for (size_t i = 0; i < edit->ask.wish_count; i++)
        plan->wishes[count++] =
            (struct wish_fact){ edit->ask.wishes[i].round, edit->ask.wishes[i].rank, edit->ask.wishes[i].place };
    for (size_t i = 0; i < registration->wish_count; i++)
        if (wish_stands(edit, facts, &registration->wishes[i], plan->at))
            plan->wishes[count++] = registration->wishes[i];
    plan->wish_count = count;
    plan->wishes_change = !same_wishes(plan->wishes, count, registration->wishes, registration->wish_count);
    return 0;
}

static bool same_places(const struct registration_fact *registration, const struct place_set *set)
{
    bool same = has(registration, set->mode->id);
    for (size_t i = 0; i < set->needed_count; i++)
        same &= has(registration, set->needed[i]->id);
    for (size_t i = 0; i < registration->claim_count; i++)
        same &= in_set(set, registration->claims[i].place_id);
    for (size_t i = 0; i < registration->ask_count; i++)
        same &= in_set(set, registration->asks[i].place_id);
    return same;
}

/* ---- the places ---- */

/* What GUEST asks for when his booker asks for LEAD: the same sessions, the limits and reserves that are his own. */
static int guest_set(struct facts *facts, const struct place_set *lead, const struct registration_fact *guest,
                     struct place_set *ret_set)
{
    struct arena *arena = facts_arena(facts);
    size_t own = guest->claim_count + guest->ask_count;
    struct place_set set = { .mode = lead->mode };
    set.needed = arena_take(arena, (lead->needed_count + own + 1) * sizeof(*set.needed));
    set.reserves = arena_take(arena, (own + 1) * sizeof(*set.reserves));
    if (!set.needed || !set.reserves)
        return -ENOMEM;
    for (size_t i = 0; i < lead->needed_count; i++)
        if (lead->needed[i]->kind == PLACE_SESSION)
            set.needed[set.needed_count++] = lead->needed[i];
    for (size_t i = 0; i < own; i++) {
        int64_t id = i < guest->claim_count ? guest->claims[i].place_id : guest->asks[i - guest->claim_count].place_id;
        struct place *place = facts_place(facts, id);
        if (place && place->kind == PLACE_CAP)
            set.needed[set.needed_count++] = place;
        else if (place && place->kind == PLACE_RESERVE && place->parent == lead->mode)
            set.reserves[set.reserve_count++] = place;
    }
    *ret_set = set;
    return 0;
}

static int gather_members(struct edit *edit, struct facts *facts, struct registration_fact *registration,
                          const struct place_set *set)
{
    struct edit_plan *plan = edit->plan;
    struct party party;
    int r = holding_party(facts, registration, &party);
    if (r < 0)
        return r;
    plan->members = arena_take(edit->job.arena, party.count * sizeof(*plan->members));
    plan->sets = arena_take(facts_arena(facts), party.count * sizeof(*plan->sets));
    if (!plan->members || !plan->sets)
        return -ENOMEM;
    plan->member_count = party.count;
    plan->sets[0] = *set;
    for (size_t i = 0; r == 0 && i < party.count; i++) {
        struct registration_fact *fact = party.members[i];
        plan->members[i] = (struct edit_member){ .fact = fact, .before = *fact, .id = fact->id };
        if (i > 0)
            r = guest_set(facts, set, fact, &plan->sets[i]);
    }
    return r;
}

static int give_back(struct edit_plan *plan, struct facts *facts, const struct registration_fact *old)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < old->claim_count; i++) {
        struct place *place = facts_place(facts, old->claims[i].place_id);
        if (!place)
            continue;
        places_free(place, 1);
        r = moves_freed(plan->moves, place);
    }
    return r;
}

static void take_again(struct facts *facts, const struct registration_fact *old)
{
    for (size_t i = 0; i < old->claim_count; i++) {
        struct place *place = facts_place(facts, old->claims[i].place_id);
        if (place)
            places_take(place, 1);
    }
}

static void refuse(struct edit *edit, const struct place *lacking)
{
    edit->result = EDIT_FULL;
    edit->full_place = lacking->id;
    for (size_t i = 0; lacking->kind == PLACE_CAP && i < edit->ask.cap_count; i++)
        if (strcmp(edit->ask.caps[i].key, lacking->key) == 0)
            edit->full_cap = (int)i;
}

/* Of SET only what is new: nobody who waits for what this person has already comes before him. */
static int new_part(struct facts *facts, const struct registration_fact *registration, const struct place_set *set,
                    struct place_set *ret_part)
{
    struct place_set part = *set;
    part.needed = arena_take(facts_arena(facts), (set->needed_count + 1) * sizeof(*part.needed));
    if (!part.needed)
        return -ENOMEM;
    part.needed_count = 0;
    for (size_t i = 0; i < set->needed_count; i++)
        if (!has(registration, set->needed[i]->id))
            part.needed[part.needed_count++] = set->needed[i];
    *ret_part = part;
    return 0;
}

static bool anything_new(const struct registration_fact *registration, const struct place_set *part)
{
    return part->needed_count > 0 || !has(registration, part->mode->id);
}

/* Whether somebody waits who comes before all of them together; everything of theirs is given back. */
static int look_blocked(struct edit *edit, struct facts *facts, struct place_set *parts, bool *ret_blocked)
{
    struct edit_plan *plan = edit->plan;
    bool any = false;
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->member_count; i++) {
        r = new_part(facts, &plan->members[i].before, &plan->sets[i], &parts[i]);
        any |= r == 0 && anything_new(&plan->members[i].before, &parts[i]);
    }
    for (size_t i = 0; r == 0 && i < plan->member_count; i++)
        r = give_back(plan, facts, &plan->members[i].before);
    if (r == 0 && any)
        r = holding_blocked(facts, plan->member_count, parts, plan->at, plan->members[0].fact, ret_blocked);
    return r;
}

static int swap_claims(struct edit *edit, struct facts *facts)
{
    struct edit_plan *plan = edit->plan;
    const struct registration_fact *old = &plan->members[0].before;
    bool held = old->claim_count > 0 && old->claims[0].held, blocked = false;
    struct place_set *parts = arena_take(facts_arena(facts), plan->member_count * sizeof(*parts));
    struct place *lacking;
    int r = parts ? look_blocked(edit, facts, parts, &blocked) : -ENOMEM;
    if (r == 0)
        r = holding_lacking(facts, plan->member_count, plan->sets, &lacking);
    if (r < 0)
        return r;
    if (!lacking && blocked && !edit->late)
        lacking = parts[0].needed_count > 0 ? parts[0].needed[0] : parts[0].mode;
    if (lacking) {
        for (size_t i = 0; i < plan->member_count; i++)
            take_again(facts, &plan->members[i].before);
        refuse(edit, lacking);
        return 0;
    }
    for (size_t i = 0; r == 0 && i < plan->member_count; i++) {
        plan->members[i].holding.claims = true;
        r = holding_claim(facts, plan->members[i].fact, &plan->sets[i], held);
    }
    return r;
}

/* What is asked for may fit now. */
static int look_again(struct edit_plan *plan, const struct place_set *set)
{
    int r = moves_freed(plan->moves, set->mode);
    for (size_t i = 0; r == 0 && i < set->needed_count; i++)
        r = moves_freed(plan->moves, set->needed[i]);
    return r;
}

/* Who waits keeps his time on the list. */
static int swap_asks(struct edit *edit, struct facts *facts)
{
    struct edit_plan *plan = edit->plan;
    struct party party = { .count = plan->member_count, .sets = plan->sets };
    bool waits = plan->status == STATE_WAITLISTED;
    party.members = arena_take(facts_arena(facts), party.count * sizeof(*party.members));
    if (!party.members)
        return -ENOMEM;
    for (size_t i = 0; i < party.count; i++) {
        party.members[i] = plan->members[i].fact;
        plan->members[i].holding.asks = true;
        holding_stop_asking(facts, party.members[i]);
    }
    int r = holding_ask(facts, &party, waits);
    if (r == 0 && waits)
        r = facts_add_waiter(facts, party.members[0]);
    for (size_t i = 0; r == 0 && waits && i < party.count; i++)
        r = look_again(plan, &party.sets[i]);
    return r;
}

/* ---- what is told ---- */

/* Kind and key of each place of the one side that the other has not; caps and reserves are nobody's words. */
static json_t *list_changes(struct facts *facts, const struct registration_fact *before,
                            const struct registration_fact *after)
{
    json_t *list = json_array();
    size_t count = before->claim_count + before->ask_count;
    int r = list ? 0 : -1;
    for (size_t i = 0; r == 0 && i < count; i++) {
        int64_t id =
            i < before->claim_count ? before->claims[i].place_id : before->asks[i - before->claim_count].place_id;
        const struct place *place = facts_place(facts, id);
        if (!place || has(after, id) || place->kind == PLACE_CAP || place->kind == PLACE_RESERVE)
            continue;
        r = json_array_append_new(list,
                                  json_pack("{s:s, s:s}", "kind", place_kind_name(place->kind), "key", place->key));
    }
    if (r < 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* What changed, by ids. */
static json_t *describe(const struct edit *edit, struct facts *facts, const struct registration_fact *before,
                        const struct registration_fact *after)
{
    bool told = edit->fields && !after->booker;
    json_t *fields = told ? json_loads(edit->fields, JSON_REJECT_DUPLICATES, NULL) : json_array();
    return json_pack("{s:s, s:{s:o, s:o}, s:b, s:o}", "was", state_name(before->status), "places", "dropped",
                     list_changes(facts, before, after), "added", list_changes(facts, after, before), "wishes",
                     edit->plan->wishes_change, "fields", fields);
}

/* The mail tells the organiser's reason too; the audit trail does not, for it outlives the person's data. */
static int tell(struct edit *edit, struct facts *facts, struct edit_member *member)
{
    json_t *data = describe(edit, facts, &member->before, member->fact);
    char *audit = data ? json_dumps(data, JSON_COMPACT) : NULL, *mail = NULL;
    if (data && (!edit->reason || json_object_set_new(data, "reason", json_string(edit->reason)) == 0))
        mail = json_dumps(data, JSON_COMPACT);
    json_decref(data);
    member->audit_data = audit ? arena_copy(edit->job.arena, audit) : NULL;
    member->mail.data = mail ? arena_copy(edit->job.arena, mail) : NULL;
    free(audit);
    free(mail);
    return member->audit_data && member->mail.data ? 0 : -ENOMEM;
}

static int plan_mail(struct edit *edit, struct facts *facts, struct edit_member *member)
{
    const struct registration_fact *after = member->fact;
    struct arena *arena = edit->job.arena;
    struct mail_row *mail = &member->mail;
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = after->id,
                               .event_id = after->event_id,
                               .revision_id = after->revision_id,
                               .instance = after->version,
                               .kind = "changed",
                               .recipient = arena_copy(arena, after->email),
                               .language = arena_copy(arena, after->language),
                               .born_at = edit->plan->at,
                               .due_at = edit->plan->at };
    mail->message_id = mail_row_message_id(arena, mail->id, edit->message_domain);
    return mail->recipient && mail->language && mail->message_id ? 0 : -ENOMEM;
}

/* ---- the change ---- */

/* Calendars move with the place and the time of a slot, for who has them. RFC 5546 section 2.1.4 */
static bool moves_calendar(struct facts *facts, const struct registration_fact *before,
                           const struct registration_fact *after)
{
    if (before->status != STATE_CONFIRMED)
        return false;
    bool moved = before->mode_place != after->mode_place;
    for (size_t i = 0; i < after->claim_count; i++) {
        const struct place *place = facts_place(facts, after->claims[i].place_id);
        moved |= place && place->kind == PLACE_SLOT && !has(before, place->id);
    }
    return moved;
}

/* One of them, once all the places are swapped. */
static int finish_member(struct edit *edit, struct facts *facts, size_t i)
{
    struct edit_plan *plan = edit->plan;
    struct edit_member *member = &plan->members[i];
    struct registration_fact *fact = member->fact;
    fact->wishes = plan->wishes;
    fact->wish_count = plan->wish_count;
    member->holding.wishes = plan->wishes_change;
    fact->version++;
    fact->proposes = i == 0 && edit->ask.proposal;
    fact->ical_sequence += moves_calendar(facts, &member->before, fact);
    if (edit->answers && i == 0)
        fact->revision_id = edit->revision_id;
    member->sequence = fact->ical_sequence;
    int r = holding_note(edit->job.arena, fact, &member->holding);
    /* a guest is told if he moves */
    if (r == 0 && (i == 0 || (fact->email && !same_places(&member->before, &plan->sets[i]))))
        r = plan_mail(edit, facts, member);
    return r < 0 ? r : tell(edit, facts, member);
}

static int swap_all(struct edit *edit, struct facts *facts, struct registration_fact *registration,
                    const struct place_set *set)
{
    struct edit_plan *plan = edit->plan;
    bool proposes = edit->ask.proposal != NULL;
    bool same = same_places(registration, set) && registration->proposes == proposes;
    int r = gather_wishes(edit, facts, registration);
    if (r == 0)
        r = gather_members(edit, facts, registration, set);
    if (r < 0)
        return r;
    bool answered = edit->answers && !(edit->fields && strcmp(edit->fields, "[]") == 0);
    if (same && !plan->wishes_change && !answered) {
        edit->result = EDIT_SAME;
        return 0;
    }
    if (!same)
        r = registration->claim_count > 0 ? swap_claims(edit, facts) : swap_asks(edit, facts);
    if (r < 0 || edit->result != EDIT_DONE)
        return r;
    plan->written = same && !plan->wishes_change ? 1 : plan->member_count;
    for (size_t i = 0; r == 0 && i < plan->written; i++)
        r = finish_member(edit, facts, i);
    return r < 0 ? r : moves_offer(plan->moves, facts);
}

static int edit_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct edit *edit = (struct edit *)job;
    struct registration_fact *registration = facts_registration(facts, edit->registration_id);
    struct place_set set;

    edit->full_cap = -1;
    if (!registration || registration->status == STATE_ERASED || registration->event_id != edit->event->event_id ||
        (edit->link_version >= 0 && edit->link_version != registration->link_version)) {
        edit->result = EDIT_GONE;
        return 0;
    }
    int r = holding_of_ask(facts, edit->event->event_id, &edit->ask, &set);
    if (r < 0)
        return r;
    edit->result = may_change(edit, registration, &set, facts_place(facts, registration->mode_place), moment->now);
    if (edit->result != EDIT_DONE)
        return 0;
    edit->plan = arena_take(job->arena, sizeof(*edit->plan));
    if (!edit->plan)
        return -ENOMEM;
    edit->plan->at = moment->now;
    edit->plan->status = registration->status;
    r = moves_new(job->arena, edit->message_domain, moment->now, &edit->plan->moves);
    if (r == 0)
        r = swap_all(edit, facts, registration, &set);
    job->writes = r == 0 && edit->result == EDIT_DONE;
    return r;
}

static int write_place(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    struct query *query = db_query(db, "registration_place");
    db_bind_int(query, ":id", member->id);
    db_bind_text(query, ":mode", edit->mode_id);
    db_bind_text(query, ":proposal", member->id == edit->registration_id ? edit->ask.proposal : NULL);
    db_bind_int(query, ":sequence", member->sequence);
    db_bind_text(query, ":reason", edit->reason);
    db_bind_int(query, ":at", edit->plan->at);
    return db_run(query);
}

static int write_answers(const struct edit *edit, struct db *db)
{
    struct query *query = db_query(db, "registration_answer");
    db_bind_int(query, ":id", edit->registration_id);
    db_bind_int(query, ":revision", edit->revision_id);
    db_bind_text(query, ":name", edit->name);
    db_bind_text(query, ":organisation", edit->organisation);
    db_bind_text(query, ":registry_number", edit->registry_number);
    db_bind_text(query, ":country", edit->country);
    db_bind_text(query, ":stakeholder", edit->stakeholder);
    db_bind_text(query, ":answers", edit->answers);
    db_bind_text(query, ":search", edit->search);
    return db_run(query);
}

static int write_privates(const struct edit *edit, struct db *db)
{
    int r = private_write(db, edit->registration_id, edit->event->definition, edit->private_count, edit->privates);
    for (size_t i = 0; r == 0 && i < edit->consent_count; i++)
        r = sign_up_consent_renew(db, edit->registration_id, &edit->consents[i], edit->plan->at);
    return r;
}

static int write_audit(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    const struct audit audit = { .at = edit->plan->at,
                                 .event_id = edit->event->event_id,
                                 .registration_id = member->id,
                                 .actor = edit->actor,
                                 .action = "change",
                                 .from = edit->plan->status,
                                 .to = edit->plan->status,
                                 .data = member->audit_data };
    return audit_write(db, &audit);
}

static int write_member(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    int r = write_place(edit, member, db);
    if (r == 0)
        r = holding_write(db, &member->holding, true);
    if (r == 0 && member->mail.kind)
        r = mail_row_insert(db, &member->mail);
    return r < 0 ? r : write_audit(edit, member, db);
}

static int edit_apply(const struct store_job *job, struct db *db)
{
    const struct edit *edit = (const struct edit *)job;
    const struct edit_plan *plan = edit->plan;
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->written; i++)
        r = write_member(edit, &plan->members[i], db);
    if (r == 0 && edit->answers)
        r = write_answers(edit, db);
    if (r == 0 && edit->answers)
        r = write_privates(edit, db);
    return r < 0 ? r : moves_apply(plan->moves, db);
}

static void edit_reset(struct store_job *job)
{
    ((struct edit *)job)->plan = NULL;
}

const struct change_kind change_edit = {
    .name = "edit",
    .facts = edit_facts,
    .decide = edit_decide,
    .apply = edit_apply,
    .reset = edit_reset,
};

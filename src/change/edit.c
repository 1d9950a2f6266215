/* SPDX-License-Identifier: EUPL-1.2 */
/* Changes what a registration has, asks for and has answered; those who came with it move along. In memory the old is
 * given back and the new is taken; if the new does not fit, the old is taken again and nothing is written.
 * Called by the writer (and by convenectl) through the descriptor. */
#include "change/edit.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/edit_plan.h"
#include "change/move.h"
#include "event/book.h"
#include "signup/places.h"
#include "store/facts.h"

static int ask_facts(const struct edit *edit, const struct ask *ask, struct wanted *wanted)
{
    int r = wanted_place(wanted, ask->mode);
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

static int edit_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct edit *edit = (const struct edit *)job;
    int r = wanted_registration(wanted, edit->registration_id);
    if (r == 0)
        r = ask_facts(edit, &edit->ask, wanted);
    if (r == 0 && edit->dedupe)
        r = wanted_key(wanted, edit->event->event_id, edit->dedupe);
    for (size_t i = 0; r == 0 && i < edit->guest_count; i++) {
        const struct sign_up_guest *said = &edit->guests[i].said;
        r = ask_facts(edit, &said->ask, wanted);
        if (r == 0 && said->mailbox)
            r = wanted_mailbox(wanted, said->mailbox);
    }
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
    /* who was let in where nobody approves does not walk over to where somebody does, nor brings others in */
    bool lets_in = set->mode->approval && registration->invitation_id == 0 &&
                   (!(old_mode && old_mode->approval) || edit_guests_new(edit) > 0);
    if (lets_in && !edit->late && status != STATE_AWAITING_APPROVAL)
        return EDIT_APPROVAL;
    return edit_guests_stand(edit, registration);
}

/* Somebody else goes by that name and address. */
static bool is_other(const struct edit *edit, struct facts *facts, const struct registration_fact *registration)
{
    const struct registration_fact *known =
        edit->dedupe ? facts_key(facts, edit->event->event_id, edit->dedupe) : NULL;
    return known && known != registration;
}

/* ---- is it other than it was ---- */

bool edit_has(const struct registration_fact *registration, int64_t place_id)
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
    bool same = edit_has(registration, set->mode->id);
    for (size_t i = 0; i < set->needed_count; i++)
        same &= edit_has(registration, set->needed[i]->id);
    for (size_t i = 0; registration->ask_count > 0 && i < set->reserve_count; i++) /* each is asked for */
        same &= edit_has(registration, set->reserves[i]->id);
    for (size_t i = 0; i < registration->claim_count; i++)
        same &= in_set(set, registration->claims[i].place_id);
    for (size_t i = 0; i < registration->ask_count; i++)
        same &= in_set(set, registration->asks[i].place_id);
    return same;
}

/* ---- the places ---- */

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

static const struct ask_cap *cap_in(const struct ask *ask, const struct place *place)
{
    for (size_t i = 0; place->kind == PLACE_CAP && i < ask->cap_count; i++)
        if (strcmp(ask->caps[i].key, place->key) == 0)
            return &ask->caps[i];
    return NULL;
}

/* The first whom something new of SETS brings to the limit: of a place that was enough for those who were there, who
 * is added. */
static int who_is_too_many(const struct edit *edit, const struct place *lacking, bool enough_before)
{
    const struct edit_plan *plan = edit->plan;
    bool own = cap_in(&edit->ask, lacking) && !edit_has(&plan->members[0].before, lacking->id);
    for (size_t i = 1; i < plan->member_count; i++) {
        const struct edit_member *member = &plan->members[i];
        bool his = lacking->kind == PLACE_CAP ? !own && member->guest && cap_in(&member->guest->said.ask, lacking) &&
                                                    !edit_has(&member->before, lacking->id)
                                              : enough_before && member->person;
        if (his)
            return (int)(member->guest - edit->guests);
    }
    return -1;
}

static void refuse(struct edit *edit, const struct place *lacking, bool enough_before)
{
    edit->result = EDIT_FULL;
    edit->full_place = lacking->id;
    edit->full_cap = cap_in(&edit->ask, lacking);
    for (size_t i = 0; !edit->full_cap && i < edit->guest_count; i++)
        edit->full_cap = cap_in(&edit->guests[i].said.ask, lacking);
    edit->full_guest = who_is_too_many(edit, lacking, enough_before);
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
        if (!edit_has(registration, set->needed[i]->id))
            part.needed[part.needed_count++] = set->needed[i];
    *ret_part = part;
    return 0;
}

static bool anything_new(const struct registration_fact *registration, const struct place_set *part)
{
    return part->needed_count > 0 || !edit_has(registration, part->mode->id);
}

/* Of which place somebody waits who comes before all of them together; everything of theirs is given back. */
static int look_blocked(struct edit *edit, struct facts *facts, struct place_set *parts, struct place **ret_blocked)
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

/* What stands in the way; NULL: nothing. Everything of theirs is given back meanwhile. */
static int look_lacking(struct edit *edit, struct facts *facts, struct place **ret_lacking)
{
    struct edit_plan *plan = edit->plan;
    struct place_set *parts = arena_take(facts_arena(facts), plan->member_count * sizeof(*parts));
    struct place *lacking, *blocked = NULL, *without = NULL;
    bool old_new = false;
    int r = parts ? look_blocked(edit, facts, parts, &blocked) : -ENOMEM;
    if (r == 0)
        r = holding_lacking(facts, plan->member_count, plan->sets, &lacking);
    if (r == 0 && lacking)
        r = holding_lacking(facts, plan->old_count, plan->sets, &without);
    if (r < 0)
        return r;
    for (size_t i = 0; !lacking && i < plan->old_count; i++)
        old_new |= anything_new(&plan->members[i].before, &parts[i]);
    if (!lacking && !edit->late)
        lacking = blocked;
    if (lacking) {
        refuse(edit, lacking, !without && !old_new);
        for (size_t i = 0; i < plan->old_count; i++)
            take_again(facts, &plan->members[i].before);
    }
    *ret_lacking = lacking;
    return 0;
}

static int swap_claims(struct edit *edit, struct facts *facts)
{
    struct edit_plan *plan = edit->plan;
    const struct registration_fact *old = &plan->members[0].before;
    bool held = old->claim_count > 0 && old->claims[0].held;
    struct place *lacking;
    int r = look_lacking(edit, facts, &lacking);
    if (r < 0 || lacking)
        return r;
    r = edit_guests_join(edit, facts, plan->members[0].fact);
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

/* What could never hold all of them is not waited for. */
static const struct place *never_enough(const struct edit_plan *plan)
{
    for (size_t i = 0; plan->member_count > 1 && i < plan->member_count; i++) {
        const struct place_set *set = &plan->sets[i];
        for (size_t k = 0; k <= set->needed_count; k++) {
            const struct place *place = k == 0 ? set->mode : set->needed[k - 1];
            if (place->limited && holding_wanting(plan->member_count, plan->sets, place) > place->capacity)
                return place;
        }
    }
    return NULL;
}

/* Who waits keeps his time on the list. */
static int swap_asks(struct edit *edit, struct facts *facts)
{
    struct edit_plan *plan = edit->plan;
    struct party party = { .count = plan->member_count, .sets = plan->sets };
    bool waits = plan->status == STATE_WAITLISTED;
    const struct place *never = waits ? never_enough(plan) : NULL;
    if (never) {
        refuse(edit, never, plan->member_count > plan->old_count);
        return 0;
    }
    int r = edit_guests_join(edit, facts, plan->members[0].fact);
    if (r < 0)
        return r;
    party.members = arena_take(facts_arena(facts), party.count * sizeof(*party.members));
    if (!party.members)
        return -ENOMEM;
    for (size_t i = 0; i < party.count; i++) {
        party.members[i] = plan->members[i].fact;
        plan->members[i].holding.asks = true;
        holding_stop_asking(facts, party.members[i]);
    }
    r = holding_ask(facts, &party, waits);
    if (r == 0 && waits)
        r = facts_add_waiter(facts, party.members[0]);
    for (size_t i = 0; r == 0 && waits && i < party.count; i++)
        r = look_again(plan, &party.sets[i]);
    return r;
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
        moved |= place && place->kind == PLACE_SLOT && !edit_has(before, place->id);
    }
    return moved;
}

/* One of them, once all the places are swapped. */
static int finish_member(struct edit *edit, struct facts *facts, size_t i)
{
    struct edit_plan *plan = edit->plan;
    struct edit_member *member = &plan->members[i];
    struct registration_fact *fact = member->fact;
    bool answers = i == 0 ? edit->answers != NULL : member->guest && member->guest->said.answers;
    fact->wishes = plan->wishes;
    fact->wish_count = plan->wish_count;
    member->holding.wishes = plan->wishes_change;
    fact->version++;
    fact->proposes = i == 0 && edit->ask.proposal;
    fact->ical_sequence += moves_calendar(facts, &member->before, fact);
    if (answers)
        fact->revision_id = edit->revision_id;
    member->sequence = fact->ical_sequence;
    int r = holding_note(edit->job.arena, fact, &member->holding);
    if (r == 0 && member->guest && member->guest->readdressed)
        r = edit_guests_readdress(edit, facts, member);
    if (r < 0)
        return r;
    /* who comes along is told if he moves, or is said to be somebody else */
    bool told = i == 0 || edit_guests_corrected(member) ||
                (fact->email && (edit_answered(member) || edit_tell_moved(facts, &member->before, fact)));
    return edit_tell(edit, facts, member, told);
}

/* Those who are added first: who booked reads of them. */
static int finish_all(struct edit *edit, struct facts *facts, bool same)
{
    struct edit_plan *plan = edit->plan;
    int r = 0;
    for (size_t i = plan->old_count; r == 0 && i < plan->member_count; i++)
        r = edit_guests_note(edit, facts, &plan->members[i]);
    for (size_t i = 0; r == 0 && i < plan->old_count; i++) {
        struct edit_member *member = &plan->members[i];
        member->written = i == 0 || !same || plan->wishes_change || edit_answered(member);
        if (member->written)
            r = finish_member(edit, facts, i);
    }
    if (r == 0 && edit->dedupe)
        r = facts_rekey(facts, plan->members[0].fact, edit->dedupe);
    return r < 0 ? r : moves_offer(plan->moves, facts);
}

static bool all_same(const struct edit *edit, const struct registration_fact *registration)
{
    const struct edit_plan *plan = edit->plan;
    bool proposes = edit->ask.proposal != NULL;
    bool same = plan->member_count == plan->old_count && registration->proposes == proposes;
    for (size_t i = 0; i < plan->old_count; i++)
        same &= same_places(plan->members[i].fact, &plan->sets[i]);
    return same;
}

static bool anything_answered(const struct edit *edit)
{
    bool answered = edit->answers && !(edit->fields && strcmp(edit->fields, "[]") == 0);
    for (size_t i = 1; i < edit->plan->old_count; i++)
        answered |= edit_answered(&edit->plan->members[i]);
    return answered;
}

static int swap_all(struct edit *edit, struct facts *facts, struct registration_fact *registration,
                    const struct place_set *set)
{
    struct edit_plan *plan = edit->plan;
    int r = gather_wishes(edit, facts, registration);
    if (r == 0)
        r = edit_guests_gather(edit, facts, registration, set);
    if (r < 0)
        return r;
    bool same = all_same(edit, registration);
    if (same && !plan->wishes_change && !anything_answered(edit)) {
        edit->result = EDIT_SAME;
        return 0;
    }
    if (edit_guests_limited(edit, facts)) {
        edit->result = EDIT_LIMITED;
        return 0;
    }
    if (!same)
        r = registration->claim_count > 0 ? swap_claims(edit, facts) : swap_asks(edit, facts);
    return r < 0 || edit->result != EDIT_DONE ? r : finish_all(edit, facts, same);
}

static int first_new(const struct edit *edit)
{
    for (size_t i = 0; i < edit->guest_count; i++)
        if (edit->guests[i].id == 0)
            return (int)i;
    return -1;
}

static int edit_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct edit *edit = (struct edit *)job;
    struct registration_fact *registration = facts_registration(facts, edit->registration_id);
    struct place_set set;

    edit->full_cap = NULL;
    edit->full_guest = -1;
    if (!registration || registration->status == STATE_ERASED || registration->event_id != edit->event->event_id ||
        (edit->link_version >= 0 && edit->link_version != registration->link_version)) {
        edit->result = EDIT_GONE;
        return 0;
    }
    int r = holding_of_ask(facts, edit->event->event_id, &edit->ask, &set);
    if (r < 0)
        return r;
    edit->result = may_change(edit, registration, &set, facts_place(facts, registration->mode_place), moment->now);
    if (edit->result == EDIT_APPROVAL && set.mode->id == registration->mode_place)
        edit->full_guest = first_new(edit);
    if (edit->result == EDIT_DONE && is_other(edit, facts, registration))
        edit->result = EDIT_OTHER;
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

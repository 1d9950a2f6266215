/* SPDX-License-Identifier: EUPL-1.2 */
/* What all acts on one registration share. Called by the changes beside it. */
#include "change/act.h"

#include <errno.h>

#include "change/holding.h"
#include "change/move.h"
#include "signup/places.h"
#include "store/facts.h"

int act_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_registration(wanted, ((const struct act *)job)->registration_id);
}

int act_apply(const struct store_job *job, struct db *db)
{
    return moves_apply(((const struct act *)job)->moves, db);
}

void act_reset(struct store_job *job)
{
    ((struct act *)job)->moves = NULL;
    ((struct act *)job)->notices = NULL;
}

struct registration_fact *act_begin(struct act *act, struct facts *facts, const struct moment *moment, int *ret_error)
{
    struct registration_fact *registration = facts_registration(facts, act->registration_id);
    *ret_error = 0;
    if (!registration || registration->status == STATE_ERASED ||
        (act->link_version >= 0 && act->link_version != registration->link_version)) {
        act->result = ACT_GONE;
        return NULL;
    }
    *ret_error = moves_new(act->job.arena, act->message_domain, moment->now, &act->moves);
    return *ret_error == 0 ? registration : NULL;
}

static int look(struct facts *facts, struct registration_fact *registration, int64_t now,
                struct act_view *ret_view)
{
    struct place *lacking, *blocked;
    struct party party;
    *ret_view = (struct act_view){ .registration = registration,
                                   .mode = facts_place(facts, registration->mode_place),
                                   .now = now };
    if (registration->ask_count == 0)
        return 0;
    int r = holding_party(facts, registration, &party);
    if (r == 0)
        r = holding_party_asks(facts, &party);
    if (r == 0)
        r = holding_lacking(facts, party.count, party.sets, &lacking);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    ret_view->fits = !lacking;
    r = holding_blocked(facts, party.count, party.sets, now, registration, &blocked);
    ret_view->blocked = r == 0 && blocked;
    return r;
}

/* A guest may leave, and may be refused; all else is done to the whole party, by the booker or an organiser. NULL: he
 * may not do it. */
static struct registration_fact *whose(const struct act *act, struct registration_fact *registration)
{
    const struct change_kind *kind = act->job.kind;
    if (!registration->booker || kind == &change_cancel || kind == &change_reject)
        return registration;
    return act->link_version < 0 ? registration->booker : NULL;
}

int act_decide(struct store_job *job, struct facts *facts, const struct moment *moment, act_rule *rule)
{
    struct act *act = (struct act *)job;
    struct act_view view;
    struct move move = { .to = STATE_NONE };
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    registration = whose(act, registration);
    if (!registration || registration->restricted) { /* only evidence is left, which nobody acts on */
        act->result = ACT_ALREADY;
        return 0;
    }
    r = look(facts, registration, moment->now, &view);
    if (r < 0)
        return r;
    act->result = rule(&view, &move);
    if (act->result != ACT_DONE)
        return 0;
    act->guest_count = 0;
    for (size_t i = 0; i < registration->guest_count; i++)
        act->guest_count += state_is_live(registration->guests[i]->status);
    move.actor = act->actor;
    move.reason = act->reason;
    if (move.to == STATE_OFFERED)
        r = moves_offer_to(act->moves, facts, registration, act->actor, act->reason);
    else
        r = moves_add(act->moves, facts, registration, &move);
    if (r == 0)
        r = moves_offer(act->moves, facts);
    job->writes = r == 0;
    return r;
}

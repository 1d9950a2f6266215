/* SPDX-License-Identifier: EUPL-1.2 */
/* The organiser's decisions: approve, reject, offer a place out of turn. None oversells. Called by the writer (and by
 * convenectl) through the descriptors. */
#include "change/act.h"
#include "change/move.h"
#include "signup/places.h"
#include "store/facts.h"

static int approve_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    struct place *place = facts_place(facts, registration->mode_place);
    if (registration->status != STATE_AWAITING_APPROVAL || !place) {
        act->result = ACT_ALREADY;
        return 0;
    }
    bool held = registration->claim_count > 0;
    if (!held && !places_fit(place, 1)) {
        act->result = ACT_FULL;
        return 0;
    }
    const struct move move = { .to = STATE_CONFIRMED,
                               .claims = held ? MOVE_TAKE : MOVE_OWN,
                               .actor = act->actor,
                               .action = "approve",
                               .reason = act->reason,
                               .mail = "confirmed" };
    r = moves_add(act->moves, facts, registration, &move);
    act->result = ACT_DONE;
    job->writes = r == 0;
    return r;
}

static int reject_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (!state_may_move(registration->status, STATE_REJECTED)) {
        act->result = ACT_ALREADY;
        return 0;
    }
    struct place *place = facts_place(facts, registration->mode_place);
    const struct move move = { .to = STATE_REJECTED,
                               .claims = MOVE_DROP,
                               .actor = act->actor,
                               .action = "reject",
                               .reason = act->reason,
                               .mail = "rejected" };
    r = moves_add(act->moves, facts, registration, &move);
    if (r == 0 && place)
        r = moves_offer(act->moves, facts, place);
    act->result = ACT_DONE;
    job->writes = r == 0;
    return r;
}

static int promote_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    struct place *place = facts_place(facts, registration->mode_place);
    if (registration->status != STATE_WAITLISTED || !place || place->closed ||
        registration->event_starts <= moment->now) {
        act->result = ACT_ALREADY;
        return 0;
    }
    if (!places_fit(place, 1)) {
        act->result = ACT_FULL;
        return 0;
    }
    r = moves_offer_to(act->moves, facts, registration, act->actor, act->reason);
    act->result = ACT_DONE;
    job->writes = r == 0;
    return r;
}

const struct change_kind change_approve = {
    .name = "approve",
    .facts = act_facts,
    .decide = approve_decide,
    .apply = act_apply,
    .reset = act_reset,
};

const struct change_kind change_reject = {
    .name = "reject",
    .facts = act_facts,
    .decide = reject_decide,
    .apply = act_apply,
    .reset = act_reset,
};

const struct change_kind change_promote = {
    .name = "promote",
    .facts = act_facts,
    .decide = promote_decide,
    .apply = act_apply,
    .reset = act_reset,
};

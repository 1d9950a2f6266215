/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer to an offer. The place is held meanwhile, so accepting changes no counter and cannot oversell; declining
 * passes it on at once. Called by the writer through the descriptors. */
#include "change/act.h"
#include "change/move.h"
#include "store/facts.h"

static enum act_result may_answer(const struct act_view *view)
{
    const struct registration_fact *registration = view->registration;
    if (registration->status != STATE_OFFERED)
        return ACT_ALREADY;
    return registration->has_expires && registration->expires_at <= view->now ? ACT_LATE : ACT_DONE;
}

static enum act_result accept_offer(const struct act_view *view, struct move *ret_move)
{
    *ret_move = (struct move){
        .to = STATE_CONFIRMED, .claims = MOVE_TAKE, .action = "accept", .mail = "confirmed", .offer_outcome = "accepted"
    };
    return may_answer(view);
}

static enum act_result decline_offer(const struct act_view *view, struct move *ret_move)
{
    *ret_move = (struct move){
        .to = STATE_DECLINED, .claims = MOVE_DROP, .action = "decline", .mail = "declined", .offer_outcome = "declined"
    };
    return may_answer(view);
}

static int accept_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, accept_offer);
}

static int decline_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, decline_offer);
}

const struct change_kind change_accept = {
    .name = "accept",
    .facts = act_facts,
    .decide = accept_decide,
    .apply = act_apply,
    .reset = act_reset,
};

const struct change_kind change_decline = {
    .name = "decline",
    .facts = act_facts,
    .decide = decline_decide,
    .apply = act_apply,
    .reset = act_reset,
};

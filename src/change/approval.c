/* SPDX-License-Identifier: EUPL-1.2 */
/* The organiser's decisions: approve, reject, offer a place out of turn. None oversells. Called by the writer (and by
 * convenectl) through the descriptors. */
#include "change/act.h"
#include "change/move.h"
#include "signup/places.h"
#include "store/facts.h"

/* Who proposed a time of his own has no slot until an organiser moves him to one; that drops the proposal. */
static enum act_result approve(const struct act_view *view, struct move *ret_move)
{
    bool held = view->registration->claim_count > 0;
    if (view->registration->status != STATE_AWAITING_APPROVAL || !view->mode)
        return ACT_ALREADY;
    if (view->mode->closed)
        return ACT_OFF;
    if (view->registration->proposes)
        return ACT_NO_SLOT;
    if (!held && !view->fits)
        return ACT_FULL;
    *ret_move = (struct move){
        .to = STATE_CONFIRMED, .claims = held ? MOVE_TAKE : MOVE_OWN, .action = "approve", .mail = "confirmed"
    };
    return ACT_DONE;
}

static enum act_result reject(const struct act_view *view, struct move *ret_move)
{
    if (!state_may_move(view->registration->status, STATE_REJECTED))
        return ACT_ALREADY;
    *ret_move = (struct move){ .to = STATE_REJECTED, .claims = MOVE_DROP, .action = "reject", .mail = "rejected" };
    return ACT_DONE;
}

static enum act_result promote(const struct act_view *view, struct move *ret_move)
{
    if (view->registration->status != STATE_WAITLISTED || !view->mode ||
        view->registration->event_starts <= view->now)
        return ACT_ALREADY;
    if (view->mode->closed)
        return ACT_OFF;
    if (!view->fits)
        return ACT_FULL;
    *ret_move = (struct move){ .to = STATE_OFFERED };
    return ACT_DONE;
}

static int approve_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, approve);
}

static int reject_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, reject);
}

static int promote_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, promote);
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

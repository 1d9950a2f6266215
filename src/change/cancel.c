/* SPDX-License-Identifier: EUPL-1.2 */
/* Cancels a registration. Called by the writer (and by convenectl) through the descriptor. */
#include "change/act.h"
#include "change/move.h"
#include "store/facts.h"

static enum act_result cancel(const struct act_view *view, struct move *ret_move)
{
    const struct registration_fact *registration = view->registration;
    if (!state_may_move(registration->status, STATE_CANCELLED))
        return ACT_ALREADY;
    *ret_move = (struct move){ .to = STATE_CANCELLED,
                               .claims = MOVE_DROP,
                               .action = "cancel",
                               .offer_outcome = "cancelled",
                               /* who never confirmed the address gets no more mail */
                               .mail = registration->status == STATE_PENDING_EMAIL ? NULL : "cancelled" };
    return ACT_DONE;
}

static int cancel_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return act_decide(job, facts, moment, cancel);
}

const struct change_kind change_cancel = {
    .name = "cancel",
    .facts = act_facts,
    .decide = cancel_decide,
    .apply = act_apply,
    .reset = act_reset,
};

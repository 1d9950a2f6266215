/* SPDX-License-Identifier: EUPL-1.2 */
/* Cancels a registration. Called by the writer (and by convenectl) through the descriptor. */
#include "change/act.h"

#include "change/move.h"
#include "store/facts.h"

static int cancel_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (!state_may_move(registration->status, STATE_CANCELLED)) {
        act->result = ACT_ALREADY;
        return 0;
    }
    const struct move move = { .to = STATE_CANCELLED,
                               .claims = MOVE_DROP,
                               .actor = act->actor,
                               .action = "cancel",
                               .reason = act->reason,
                               .offer_outcome = "cancelled",
                               /* who never confirmed the address gets no more mail */
                               .mail = registration->status == STATE_PENDING_EMAIL ? NULL : "cancelled" };
    struct place *place = facts_place(facts, registration->mode_place);
    r = moves_add(act->moves, facts, registration, &move);
    if (r == 0 && place)
        r = moves_offer(act->moves, facts, place);
    act->result = ACT_DONE;
    job->writes = r == 0;
    return r;
}

const struct change_kind change_cancel = {
    .name = "cancel",
    .facts = act_facts,
    .decide = cancel_decide,
    .apply = act_apply,
    .reset = act_reset,
};

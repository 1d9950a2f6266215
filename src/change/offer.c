/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer to an offer. The place is held meanwhile, so accepting changes no counter and cannot oversell; declining
 * passes it on at once. Called by the writer through the descriptors. */
#include "change/act.h"
#include "change/move.h"
#include "store/facts.h"

static int answer(struct store_job *job, struct facts *facts, const struct moment *moment, const struct move *move)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (registration->status != STATE_OFFERED) {
        act->result = ACT_ALREADY;
        return 0;
    }
    if (registration->has_expires && registration->expires_at <= moment->now) {
        act->result = ACT_LATE;
        return 0;
    }
    struct place *place = facts_place(facts, registration->mode_place);
    struct move whole = *move;
    whole.actor = act->actor;
    whole.reason = act->reason;
    r = moves_add(act->moves, facts, registration, &whole);
    if (r == 0 && move->claims == MOVE_DROP && place)
        r = moves_offer(act->moves, facts, place);
    act->result = ACT_DONE;
    job->writes = r == 0;
    return r;
}

static int accept_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return answer(job, facts, moment,
                  &(struct move){ .to = STATE_CONFIRMED,
                                  .claims = MOVE_TAKE,
                                  .action = "accept",
                                  .mail = "confirmed",
                                  .offer_outcome = "accepted" });
}

static int decline_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    return answer(job, facts, moment,
                  &(struct move){ .to = STATE_DECLINED,
                                  .claims = MOVE_DROP,
                                  .action = "decline",
                                  .mail = "declined",
                                  .offer_outcome = "declined" });
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

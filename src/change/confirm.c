/* SPDX-License-Identifier: EUPL-1.2 */
/* The person confirms the address: the held place becomes his, or his request goes to the organiser, or he joins the
 * list. Called by the writer through the descriptor. */
#include <errno.h>

#include "base/arena.h"
#include "change/act.h"
#include "change/move.h"
#include "change/notice.h"
#include "event/book.h"
#include "signup/places.h"
#include "store/facts.h"
#include "view/edition.h"

/* What an address that is confirmed gets. A held claim is a place already; who came without one waits in order. Who was
 * invited, or proposed a time of his own, needs no approval, or one in any case. */
static struct move decide_move(const struct registration_fact *registration, const struct place *mode)
{
    bool held = registration->claim_count > 0;
    if (registration->proposes || (mode->approval && registration->invitation_id == 0))
        return (struct move){ .to = STATE_AWAITING_APPROVAL,
                              .mail = "awaiting_approval",
                              .claims = held || !mode->approval_holds ? MOVE_KEEP : MOVE_HOLD };
    return (struct move){ .to = STATE_CONFIRMED, .mail = "confirmed", .claims = held ? MOVE_TAKE : MOVE_OWN };
}

static enum act_result confirm(const struct act_view *view, struct move *ret_move)
{
    const struct registration_fact *registration = view->registration;
    if (registration->status != STATE_PENDING_EMAIL || !view->mode)
        return ACT_ALREADY;
    if (registration->has_expires && registration->expires_at <= view->now)
        return ACT_LATE; /* the expiry is under way */
    struct move move = decide_move(registration, view->mode);
    bool wants = move.claims == MOVE_HOLD || move.claims == MOVE_OWN;
    if (wants && (!view->fits || view->blocked))
        move = (struct move){ .to = STATE_WAITLISTED, .mail = "waitlisted", .claims = MOVE_WAIT };
    move.action = "confirm";
    *ret_move = move;
    return ACT_DONE;
}

/* An address that is not confirmed may be anybody's: organisers hear of it only now. */
static int tell_organisers(struct act *act, struct facts *facts, int64_t now)
{
    const struct registration_fact *registration = facts_registration(facts, act->registration_id);
    const struct edition *edition = act->job.edition;
    const struct event_entry *event =
        edition && registration ? event_book_by_id(edition->events, registration->event_id) : NULL;
    if (!event)
        return 0;
    const struct mail_row what = { .subject_id = registration->id, .event_id = registration->event_id,
                                   .revision_id = registration->revision_id, .born_at = now };
    act->notices = arena_take(act->job.arena, sizeof(*act->notices));
    return act->notices ? notices_plan(act->job.arena, facts, event->definition, act->message_domain, &what,
                                       act->notices)
                        : -ENOMEM;
}

static int confirm_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r = act_decide(job, facts, moment, confirm);
    return r == 0 && act->result == ACT_DONE ? tell_organisers(act, facts, moment->now) : r;
}

static int confirm_apply(const struct store_job *job, struct db *db)
{
    const struct act *act = (const struct act *)job;
    int r = act_apply(job, db);
    return r == 0 && act->notices ? notices_write(act->notices, db) : r;
}

const struct change_kind change_confirm = {
    .name = "confirm",
    .facts = act_facts,
    .decide = confirm_decide,
    .apply = confirm_apply,
    .reset = act_reset,
};

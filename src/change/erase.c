/* SPDX-License-Identifier: EUPL-1.2 */
/* Erases a registration at its owner's wish (GDPR, article 17): it ends, its places go to who waits, and nothing of the
 * person stays. Guests end with who booked; those without an address, who have no way to ask for it, are erased too.
 * Where a funder may still ask who took part, what proves it stays until the day the definition names and
 * is restricted to that use (articles 17(3) and 18); all else goes at once. Called by the writer through the
 * descriptor. */
#include "change/act.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/empty.h"
#include "change/mail_row.h"
#include "change/move.h"
#include "signup/evidence.h"
#include "store/db.h"
#include "store/facts.h"

/* Nothing that is sent or looked for finds it any more; the timer erases it when the evidence is no longer due. */
static void restrict_fact(const struct act *act, struct facts *facts, struct registration_fact *registration)
{
    facts_release_key(facts, registration);
    registration->email = NULL;
    registration->restricted = true;
    registration->version++;
    registration->has_expires = true;
    registration->expires_at = act->evidence_until;
}

/* Those whose data only the booker can ask about. */
static bool is_in_care(const struct registration_fact *guest)
{
    return !guest->email && !guest->restricted && guest->status != STATE_ERASED;
}

/* The guests of a booker who goes: who has an address is told that it is cancelled, and has a link to ask for more. */
static int release_guests(struct act *act, struct facts *facts, struct registration_fact *booker,
                          const struct move *erase, int64_t now)
{
    bool over = booker->event_starts <= now; /* then nobody can be cancelled any more */
    const struct move cancel = { .to = STATE_CANCELLED,
                                 .claims = MOVE_DROP,
                                 .actor = act->actor,
                                 .action = "cancel",
                                 .offer_outcome = "cancelled",
                                 .mail = booker->status == STATE_PENDING_EMAIL ? NULL : "cancelled" };
    int r = 0;
    for (size_t i = 0; r == 0 && i < booker->guest_count; i++) {
        struct registration_fact *guest = booker->guests[i];
        if (is_in_care(guest))
            r = moves_add(act->moves, facts, guest, erase);
        else if (!over && state_may_move(guest->status, STATE_CANCELLED))
            r = moves_add(act->moves, facts, guest, &cancel);
    }
    return r;
}

/* What proves that they took part stays of those too who have no address. */
static int restrict_all(struct act *act, struct facts *facts, struct registration_fact *registration)
{
    int64_t *ids = arena_take(act->job.arena, (registration->guest_count + 1) * sizeof(*ids));
    if (!ids)
        return -ENOMEM;
    act->kept_ids = ids;
    restrict_fact(act, facts, registration);
    ids[act->kept_count++] = registration->id;
    for (size_t i = 0; i < registration->guest_count; i++) {
        struct registration_fact *guest = registration->guests[i];
        if (!is_in_care(guest) || guest->status != registration->status)
            continue;
        restrict_fact(act, facts, guest);
        ids[act->kept_count++] = guest->id;
    }
    return 0;
}

/* The last mail, to the address that goes now: a copy of what the facts hold, before they are changed. */
static int plan_mail(struct act *act, struct facts *facts, const struct registration_fact *registration, bool kept,
                     int64_t now)
{
    struct arena *arena = act->job.arena;
    if (!registration->email || !act->title.text)
        return 0;
    struct mail_row *mail = arena_take(arena, sizeof(*mail));
    json_t *data = json_pack("{s:s, s:s, s:s, s:I}", "title", act->title.text, "language", act->title.language,
                             "zone", act->title.zone, "until", (json_int_t)(kept ? act->evidence_until : 0));
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    if (mail) {
        *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                                   .subject_id = registration->id,
                                   .event_id = registration->event_id,
                                   .revision_id = registration->revision_id,
                                   .kind = "erased",
                                   .recipient = arena_copy(arena, registration->email),
                                   .language = arena_copy(arena, registration->language),
                                   .data = arena_copy(arena, text),
                                   .born_at = now,
                                   .due_at = now };
        mail->message_id = mail_row_message_id(arena, mail->id, act->message_domain);
    }
    free(text);
    json_decref(data);
    if (!mail || !mail->recipient || !mail->language || !mail->data || !mail->message_id)
        return -ENOMEM;
    act->last_mail = mail;
    return 0;
}

static int erase_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct act *act = (struct act *)job;
    int r;
    struct registration_fact *registration = act_begin(act, facts, moment, &r);
    if (!registration)
        return r;
    if (evidence_is_due(registration->status, registration->event_starts, act->evidence_until, moment->now)) {
        act->result = ACT_KEPT;
        act->at = moment->now;
        act->event_id = registration->event_id;
        if (registration->restricted)
            return 0;
        r = plan_mail(act, facts, registration, true, moment->now);
        if (r == 0)
            r = restrict_all(act, facts, registration);
        job->writes = r == 0;
        return r;
    }
    const struct move move = { .to = STATE_ERASED,
                               .claims = MOVE_DROP,
                               .actor = act->actor,
                               .action = "erase",
                               .offer_outcome = "cancelled",
                               .empties = true,
                               .alone = true };
    act->result = ACT_DONE;
    r = plan_mail(act, facts, registration, false, moment->now);
    if (r == 0)
        r = release_guests(act, facts, registration, &move, moment->now);
    if (r == 0)
        r = moves_add(act->moves, facts, registration, &move);
    if (r == 0)
        r = moves_offer(act->moves, facts);
    job->writes = r == 0;
    return r;
}

static int write_restricted(const struct act *act, int64_t id, struct db *db)
{
    const struct audit audit = { .at = act->at,
                                 .event_id = act->event_id,
                                 .registration_id = id,
                                 .actor = act->actor,
                                 .action = "restrict" };
    int r = empty_write(db, id, act->at);
    if (r < 0)
        return r;
    struct query *query = db_query(db, "registration_restrict");
    db_bind_int(query, ":id", id);
    db_bind_int(query, ":at", act->at);
    db_bind_int(query, ":until", act->evidence_until);
    db_bind_text(query, ":kept", act->kept);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_supersede");
    db_bind_int(query, ":at", act->at);
    db_bind_int(query, ":registration", id);
    db_bind_int(query, ":all", 1);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_empty");
    db_bind_int(query, ":registration", id);
    r = db_run(query);
    return r < 0 ? r : audit_write(db, &audit);
}

static int erase_apply(const struct store_job *job, struct db *db)
{
    const struct act *act = (const struct act *)job;
    int r = act->result == ACT_KEPT ? 0 : moves_apply(act->moves, db);
    for (size_t i = 0; r == 0 && i < act->kept_count; i++)
        r = write_restricted(act, act->kept_ids[i], db);
    if (r == 0 && act->last_mail)
        r = mail_row_insert(db, act->last_mail); /* after the mails before it have been emptied */
    return r;
}

static void erase_reset(struct store_job *job)
{
    act_reset(job);
    ((struct act *)job)->kept_count = 0;
    ((struct act *)job)->last_mail = NULL;
}

const struct change_kind change_erase = {
    .name = "erase",
    .facts = act_facts,
    .decide = erase_decide,
    .apply = erase_apply,
    .reset = erase_reset,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Asks for and takes another email address. The old links die with the change: whoever reads the old mailbox has no
 * business with the registration any more, but is told that the address was changed. Called by the writer through the
 * descriptors. */
#include "change/address.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "change/move.h"
#include "change/own.h"
#include "change/recount.h"
#include "config/settings.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

#define PERSON "person" /* nobody else asks for another address in this way */

struct address_plan {
    int64_t at, id, registration_id, event_id;
    int64_t link_version; /* new: of the change's link, or of the registration's */
    const char *email, *dedupe;
    struct mail_limit limit;
    struct moves *moves;     /* take: offers of what is counted no more */
    struct recount *recount; /* take: NULL: nothing is counted anew */
    struct mail_row mails[2]; /* ask: to the new address; take: the link to the new, the news to the old */
};

static struct address_plan *new_plan(const struct store_job *job, const struct registration_fact *registration,
                                     int64_t now)
{
    struct address_plan *plan = arena_take(job->arena, sizeof(*plan));
    if (plan)
        *plan = (struct address_plan){ .at = now,
                                       .registration_id = registration->id,
                                       .event_id = registration->event_id,
                                       .link_version = randombytes_uniform(INT32_MAX) };
    return plan;
}

static int plan_mail(const struct store_job *job, struct facts *facts, const struct registration_fact *registration,
                     const struct address_plan *plan, const struct mail_row *what, struct mail_row *ret_mail)
{
    struct arena *arena = job->arena;
    struct mail_row mail = *what;
    mail.id = facts_fresh_id(facts, FACTS_MAIL);
    mail.subject_id = registration->id;
    mail.event_id = registration->event_id;
    mail.revision_id = registration->revision_id;
    mail.recipient = arena_copy(arena, what->recipient); /* the fact goes with the batch, the plan must not */
    mail.language = arena_copy(arena, registration->language);
    mail.born_at = mail.due_at = plan->at;
    mail.message_id = mail_row_message_id(arena, mail.id, mail_row_domain(job->edition->settings->mail.from_address));
    if (!mail.recipient || !mail.language || !mail.message_id)
        return -ENOMEM;
    *ret_mail = mail;
    return 0;
}

/* A registration whose address may change: it has one, and it is confirmed or need not be. */
static bool may_change(const struct registration_fact *registration)
{
    return state_is_live(registration->status) && registration->status != STATE_PENDING_EMAIL && registration->email;
}

/* ---- asking ---- */

static int ask_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct address_ask *ask = (const struct address_ask *)job;
    int r = wanted_registration(wanted, ask->registration_id);
    if (r == 0)
        r = wanted_address_change(wanted, ask->registration_id);
    return r < 0 ? r : wanted_mailbox(wanted, ask->mailbox);
}

static int plan_ask(struct address_ask *ask, struct facts *facts, struct registration_fact *registration, int64_t now)
{
    struct address_plan *plan = new_plan(&ask->job, registration, now);
    if (!plan)
        return -ENOMEM;
    plan->id = facts_fresh_id(facts, FACTS_ADDRESS);
    plan->email = ask->email;
    const struct mail_row what = { .kind = "new_address",
                                   .instance = plan->id,
                                   .recipient = ask->email,
                                   .data = arena_format(ask->job.arena,
                                                        "{\"change\":%" PRId64 ",\"version\":%" PRId64
                                                        ",\"until\":%" PRId64 "}",
                                                        plan->id, plan->link_version, now + ADDRESS_HOURS * 3600) };
    int r = what.data ? plan_mail(&ask->job, facts, registration, plan, &what, &plan->mails[0]) : -ENOMEM;
    if (r == 0)
        r = facts_open_address_change(facts, &(struct address_fact){ .id = plan->id,
                                                                     .registration_id = registration->id,
                                                                     .link_version = plan->link_version,
                                                                     .expires_at = now + ADDRESS_HOURS * 3600,
                                                                     .email = plan->mails[0].recipient });
    if (r < 0)
        return r;
    mail_limit_count(facts, ask->mailbox, now, &plan->limit);
    own_decide(registration, PERSON);
    ask->plan = plan;
    return 0;
}

static int ask_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct address_ask *ask = (struct address_ask *)job;
    struct registration_fact *registration = facts_registration(facts, ask->registration_id);
    int64_t max = job->edition->settings->limits.mails_per_address_per_hour;

    if (!registration || registration->link_version != ask->link_version) {
        ask->result = ADDRESS_GONE;
        return 0;
    }
    if (!may_change(registration)) {
        ask->result = ADDRESS_CLOSED;
        return 0;
    }
    if (mail_limit_reached(facts, ask->mailbox, max, moment->now, &ask->retry_after)) {
        ask->result = ADDRESS_LIMITED;
        return 0;
    }
    ask->result = ADDRESS_DONE;
    int r = plan_ask(ask, facts, registration, moment->now);
    job->writes = r == 0;
    return r;
}

static int write_change(const struct address_plan *plan, struct db *db)
{
    struct query *query = db_query(db, "address_insert");
    db_bind_int(query, ":id", plan->id);
    db_bind_int(query, ":registration", plan->registration_id);
    db_bind_text(query, ":email", plan->email);
    db_bind_int(query, ":link_version", plan->link_version);
    db_bind_int(query, ":at", plan->at);
    db_bind_int(query, ":expires", plan->at + ADDRESS_HOURS * 3600);
    return db_run(query);
}

static int end_changes(const struct address_plan *plan, struct db *db)
{
    struct query *query = db_query(db, "addresses_end");
    db_bind_int(query, ":registration", plan->registration_id);
    db_bind_int(query, ":at", plan->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_supersede_kind"); /* its link has just died */
    db_bind_int(query, ":registration", plan->registration_id);
    db_bind_text(query, ":kind", "new_address");
    db_bind_int(query, ":at", plan->at);
    return db_run(query);
}

static int write_audit(const struct address_plan *plan, const char *action, struct db *db)
{
    return audit_write(db, &(struct audit){ .at = plan->at,
                                            .event_id = plan->event_id,
                                            .registration_id = plan->registration_id,
                                            .actor = PERSON,
                                            .action = action });
}

static int ask_apply(const struct store_job *job, struct db *db)
{
    const struct address_plan *plan = ((const struct address_ask *)job)->plan;
    int r = end_changes(plan, db);
    if (r == 0)
        r = write_change(plan, db);
    if (r == 0)
        r = mail_row_insert(db, &plan->mails[0]);
    if (r == 0)
        r = mail_limit_write(db, &plan->limit, plan->at);
    if (r == 0)
        r = own_apply(db, plan->registration_id, PERSON, plan->at);
    return r < 0 ? r : write_audit(plan, "ask_address", db);
}

static void ask_reset(struct store_job *job)
{
    ((struct address_ask *)job)->plan = NULL;
}

const struct change_kind change_address_ask = {
    .name = "address_ask",
    .facts = ask_facts,
    .decide = ask_decide,
    .apply = ask_apply,
    .reset = ask_reset,
};

/* ---- taking ---- */

static int take_facts(const struct store_job *job, struct wanted *wanted)
{
    const struct address_take *take = (const struct address_take *)job;
    int r = wanted_registration(wanted, take->registration_id);
    if (r == 0)
        r = wanted_address_change(wanted, take->registration_id);
    if (r == 0 && take->cap.key)
        r = wanted_cap(wanted, take->event_id, take->cap.key, take->cap.title, take->cap.max);
    return r < 0 ? r : wanted_key(wanted, take->event_id, take->dedupe);
}

/* False in *ret_room: a limit is in the way, and nothing has changed. */
static int count_anew(struct address_take *take, struct facts *facts, struct registration_fact *registration,
                      struct address_plan *plan, bool *ret_room)
{
    const struct ask_cap *cap = take->cap.key ? &take->cap : NULL;
    bool full = false;
    int r = moves_new(take->job.arena, mail_row_domain(take->job.edition->settings->mail.from_address), plan->at,
                      &plan->moves);
    if (r == 0 && take->counted)
        r = recount_decide(take->job.arena, facts, plan->moves, registration, cap, &full, &plan->recount);
    *ret_room = !full;
    return r;
}

static int plan_take(struct address_take *take, struct facts *facts, struct registration_fact *registration,
                     const struct address_fact *change, int64_t now)
{
    struct address_plan *plan = new_plan(&take->job, registration, now);
    bool room;
    if (!plan)
        return -ENOMEM;
    int r = count_anew(take, facts, registration, plan, &room);
    if (r < 0 || !room) {
        take->result = ADDRESS_FULL;
        return r;
    }
    plan->id = change->id;
    plan->email = arena_copy(take->job.arena, change->email);
    if (!plan->email)
        return -ENOMEM;
    plan->dedupe = registration->booker ? NULL : take->dedupe; /* a guest may sign up himself too */
    /* not one an hour like others of its kind: what went to the old address leads nowhere now */
    const struct mail_row link = { .kind = "again", .instance = -change->id, .recipient = change->email };
    const struct mail_row news = { .kind = "address_changed", .instance = change->id,
                                   .recipient = registration->email };
    r = plan_mail(&take->job, facts, registration, plan, &link, &plan->mails[0]);
    if (r == 0)
        r = plan_mail(&take->job, facts, registration, plan, &news, &plan->mails[1]);
    if (r == 0)
        r = facts_readdress(facts, registration, change->email, plan->dedupe);
    if (r < 0)
        return r;
    registration->link_version = plan->link_version;
    registration->version++;
    facts_end_address_change(facts, registration->id);
    take->plan = plan;
    return moves_offer(plan->moves, facts); /* it may be this one's, at the new address */
}

static enum address_result judge_take(const struct address_take *take, struct facts *facts,
                                      const struct registration_fact *registration, const struct address_fact *change,
                                      int64_t now)
{
    if (!registration || registration->status == STATE_ERASED)
        return ADDRESS_GONE;
    if (!change || change->id != take->change_id || change->link_version != take->link_version ||
        change->expires_at <= now)
        return ADDRESS_LATE;
    if (!may_change(registration))
        return ADDRESS_CLOSED;
    if (registration->version != take->version)
        return ADDRESS_STALE;
    const struct registration_fact *known = facts_key(facts, registration->event_id, take->dedupe);
    return !registration->booker && known && known != registration ? ADDRESS_OTHER : ADDRESS_DONE;
}

static int take_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct address_take *take = (struct address_take *)job;
    struct registration_fact *registration = facts_registration(facts, take->registration_id);
    const struct address_fact *change = facts_address_change(facts, take->registration_id);

    take->result = judge_take(take, facts, registration, change, moment->now);
    if (take->result != ADDRESS_DONE)
        return 0;
    int r = plan_take(take, facts, registration, change, moment->now);
    job->writes = r == 0 && take->result == ADDRESS_DONE;
    return r;
}

static int write_address(const struct address_take *take, struct db *db)
{
    const struct address_plan *plan = take->plan;
    struct query *query = db_query(db, "registration_readdress");
    db_bind_int(query, ":id", plan->registration_id);
    db_bind_text(query, ":email", plan->email);
    db_bind_text(query, ":dedupe", plan->dedupe);
    db_bind_int(query, ":link_version", plan->link_version);
    db_bind_int(query, ":at", plan->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_readdress"); /* what has not gone yet goes to the new one */
    db_bind_int(query, ":registration", plan->registration_id);
    db_bind_text(query, ":recipient", plan->email);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "bounces_clear"); /* they were about the former one */
    db_bind_int(query, ":registration", plan->registration_id);
    db_bind_int(query, ":at", plan->at);
    return db_run(query);
}

static int take_apply(const struct store_job *job, struct db *db)
{
    const struct address_take *take = (const struct address_take *)job;
    const struct address_plan *plan = take->plan;
    int r = write_address(take, db);
    if (r == 0)
        r = end_changes(plan, db);
    if (r == 0)
        r = recount_apply(plan->recount, db);
    if (r == 0)
        r = moves_apply(plan->moves, db); /* before the mails: a move makes those untrue that are there */
    for (size_t i = 0; r == 0 && i < sizeof(plan->mails) / sizeof(plan->mails[0]); i++)
        r = mail_row_insert(db, &plan->mails[i]);
    return r < 0 ? r : write_audit(plan, "change_address", db);
}

static void take_reset(struct store_job *job)
{
    ((struct address_take *)job)->plan = NULL;
}

const struct change_kind change_address_take = {
    .name = "address_take",
    .facts = take_facts,
    .decide = take_decide,
    .apply = take_apply,
    .reset = take_reset,
};

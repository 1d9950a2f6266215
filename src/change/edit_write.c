/* SPDX-License-Identifier: EUPL-1.2 */
/* The rows of a change of a registration. Called by change/edit in its apply; the writer's thread, or convenectl's only
 * one. */
#include <errno.h>
#include <string.h>

#include "change/audit.h"
#include "change/edit_plan.h"
#include "change/move.h"
#include "event/book.h"
#include "store/db.h"

bool edit_answered(const struct edit_member *member)
{
    const struct edit_guest *guest = member->guest;
    return guest && guest->said.answers && guest->fields && strcmp(guest->fields, "[]") != 0;
}

static int write_place(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    struct query *query = db_query(db, "registration_place");
    db_bind_int(query, ":id", member->id);
    db_bind_text(query, ":mode", edit->mode_id);
    db_bind_text(query, ":proposal", member->id == edit->registration_id ? edit->ask.proposal : NULL);
    db_bind_int(query, ":sequence", member->sequence);
    db_bind_text(query, ":reason", edit->reason);
    db_bind_int(query, ":at", edit->plan->at);
    return db_run(query);
}

static int write_answers(const struct edit *edit, int64_t id, const struct sign_up_guest *said, struct db *db)
{
    struct query *query = db_query(db, "registration_answer");
    db_bind_int(query, ":id", id);
    db_bind_int(query, ":revision", edit->revision_id);
    db_bind_text(query, ":name", said->name);
    db_bind_text(query, ":organisation", said->organisation);
    db_bind_text(query, ":registry_number", said->registry_number);
    db_bind_text(query, ":country", said->country);
    db_bind_text(query, ":stakeholder", said->stakeholder);
    db_bind_text(query, ":answers", said->answers);
    db_bind_text(query, ":search", said->search);
    int r = db_run(query);
    if (r == 0)
        r = private_write(db, id, edit->event->definition, said->private_count, said->privates);
    for (size_t i = 0; r == 0 && i < said->consent_count; i++)
        r = sign_up_consent_renew(db, id, &said->consents[i], edit->plan->at);
    return r;
}

/* Another address than was mistyped. What has not gone yet goes there; of a mail that went the former one hears that
 * nothing more comes, and what it brought is sent anew. */
static int write_corrected(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    const char *email = member->guest->said.email;
    struct query *query = db_query(db, "mails_of_address");
    db_bind_int(query, ":registration", member->id);
    db_bind_text(query, ":recipient", member->before.email);
    db_bind_text(query, ":kind", member->mail.kind);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    bool went = db_int(query, 0) != 0, waits = db_int(query, 1) != 0;
    db_reset(query);
    query = db_query(db, "registration_readdress");
    db_bind_int(query, ":id", member->id);
    db_bind_text(query, ":email", email);
    db_bind_null(query, ":dedupe");
    db_bind_int(query, ":link_version", member->link_version);
    db_bind_int(query, ":at", edit->plan->at);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, email ? "mails_readdress" : "mails_supersede");
    db_bind_int(query, ":registration", member->id);
    if (email) {
        db_bind_text(query, ":recipient", email);
    } else {
        db_bind_int(query, ":all", 0);
        db_bind_int(query, ":at", edit->plan->at);
    }
    r = db_run(query);
    if (r == 0 && member->mail.kind && !waits)
        r = mail_row_insert(db, &member->mail);
    if (r == 0 && member->news.kind && went)
        r = mail_row_insert(db, &member->news);
    return r < 0 || !email ? r : mail_limit_write(db, &member->limit, edit->plan->at);
}

/* An address for who had none. */
static int write_reached(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    if (!edit_guests_reached(member))
        return 0;
    struct query *query = db_query(db, "registration_reach");
    db_bind_int(query, ":id", member->id);
    db_bind_text(query, ":email", member->guest->said.email);
    int r = db_run(query);
    return r < 0 ? r : mail_limit_write(db, &member->limit, edit->plan->at);
}

static int write_own_answers(const struct edit *edit, struct db *db)
{
    const struct sign_up_guest said = { .name = edit->name,
                                        .organisation = edit->organisation,
                                        .registry_number = edit->registry_number,
                                        .country = edit->country,
                                        .stakeholder = edit->stakeholder,
                                        .answers = edit->answers,
                                        .search = edit->search,
                                        .consent_count = edit->consent_count,
                                        .consents = edit->consents,
                                        .private_count = edit->private_count,
                                        .privates = edit->privates };
    int r = edit->answers ? write_answers(edit, edit->registration_id, &said, db) : 0;
    if (r < 0 || !edit->dedupe)
        return r;
    struct query *query = db_query(db, "registration_rekey");
    db_bind_int(query, ":id", edit->registration_id);
    db_bind_text(query, ":dedupe", edit->dedupe);
    return db_run(query);
}

static int write_audit(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    const struct audit audit = { .at = edit->plan->at,
                                 .event_id = edit->event->event_id,
                                 .registration_id = member->id,
                                 .actor = edit->actor,
                                 .action = "change",
                                 .from = edit->plan->status,
                                 .to = edit->plan->status,
                                 .data = member->audit_data };
    return audit_write(db, &audit);
}

static int write_member(const struct edit *edit, const struct edit_member *member, struct db *db)
{
    int r = write_place(edit, member, db);
    if (r == 0)
        r = holding_write(db, &member->holding, true);
    if (r == 0 && edit_answered(member))
        r = write_answers(edit, member->id, &member->guest->said, db);
    if (r == 0)
        r = edit_guests_corrected(member) ? write_corrected(edit, member, db) : write_reached(edit, member, db);
    if (r == 0 && member->mail.kind && !edit_guests_corrected(member))
        r = mail_row_insert(db, &member->mail);
    return r < 0 ? r : write_audit(edit, member, db);
}

int edit_apply(const struct store_job *job, struct db *db)
{
    const struct edit *edit = (const struct edit *)job;
    const struct edit_plan *plan = edit->plan;
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->old_count; i++)
        if (plan->members[i].written)
            r = write_member(edit, &plan->members[i], db);
    for (size_t i = plan->old_count; r == 0 && i < plan->member_count; i++)
        r = edit_guests_write(edit, &plan->members[i], db);
    if (r == 0)
        r = write_own_answers(edit, db);
    return r < 0 ? r : moves_apply(plan->moves, db);
}

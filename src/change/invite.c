/* SPDX-License-Identifier: EUPL-1.2 */
/* Invitations come and go. Who has registered by one stays registered when it is revoked. Called by convenectl through
 * the descriptors. */
#include "change/invite.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>

#include "base/arena.h"
#include "change/audit.h"
#include "store/db.h"
#include "store/facts.h"

static int write_audit(const struct invite *invite, const char *action, struct db *db)
{
    const char *data = arena_format(invite->job.arena, "{\"invitation\":%" PRId64 "}", invite->id);
    if (!data)
        return -ENOMEM;
    const struct audit audit = {
        .at = invite->at, .event_id = invite->event_id, .actor = invite->actor, .action = action, .data = data
    };
    return audit_write(db, &audit);
}

/* ---- make one ---- */

static int invite_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job; /* nothing but a fresh id */
    (void)wanted;
    return 0;
}

static int invite_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct invite *invite = (struct invite *)job;
    invite->at = moment->now;
    invite->id = facts_fresh_id(facts, FACTS_INVITATION);
    invite->link_version = (int64_t)randombytes_uniform(INT32_MAX);
    invite->result = INVITE_DONE;
    job->writes = true;
    return 0;
}

static int invite_apply(const struct store_job *job, struct db *db)
{
    const struct invite *invite = (const struct invite *)job;
    struct query *query = db_query(db, "invitation_insert");
    db_bind_int(query, ":id", invite->id);
    db_bind_int(query, ":event", invite->event_id);
    db_bind_text(query, ":email", invite->email);
    db_bind_text(query, ":reserve", invite->reserve);
    db_bind_text(query, ":note", invite->note);
    db_bind_int(query, ":uses", invite->uses);
    if (invite->expires_at != 0)
        db_bind_int(query, ":expires", invite->expires_at);
    else
        db_bind_null(query, ":expires");
    db_bind_int(query, ":link_version", invite->link_version);
    db_bind_int(query, ":at", invite->at);
    db_bind_text(query, ":actor", invite->actor);
    int r = db_run(query);
    return r < 0 ? r : write_audit(invite, "invite", db);
}

/* ---- revoke one ---- */

static int revoke_facts(const struct store_job *job, struct wanted *wanted)
{
    return wanted_invitation(wanted, ((const struct invite *)job)->id);
}

static int revoke_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct invite *invite = (struct invite *)job;
    struct invitation_fact *invitation = facts_invitation(facts, invite->id);
    if (!invitation || invitation->revoked) {
        invite->result = invitation ? INVITE_ALREADY : INVITE_GONE;
        return 0;
    }
    invitation->revoked = true;
    invite->at = moment->now;
    invite->event_id = invitation->event_id;
    invite->result = INVITE_DONE;
    job->writes = true;
    return 0;
}

static int revoke_apply(const struct store_job *job, struct db *db)
{
    const struct invite *invite = (const struct invite *)job;
    struct query *query = db_query(db, "invitation_revoke");
    db_bind_int(query, ":id", invite->id);
    db_bind_int(query, ":at", invite->at);
    int r = db_run(query);
    return r < 0 ? r : write_audit(invite, "revoke_invitation", db);
}

const struct change_kind change_invite = {
    .name = "invite",
    .facts = invite_facts,
    .decide = invite_decide,
    .apply = invite_apply,
};

const struct change_kind change_revoke = {
    .name = "revoke",
    .facts = revoke_facts,
    .decide = revoke_decide,
    .apply = revoke_apply,
};

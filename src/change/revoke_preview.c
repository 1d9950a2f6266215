/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts the version up that links to a draft speak of. Called by the writer through the descriptor. */
#include "change/revoke_preview.h"

#include "change/audit.h"
#include "store/db.h"

static int name_nothing(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    (void)wanted;
    return 0;
}

static int decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    (void)facts;
    ((struct revoke_preview *)job)->at = moment->now;
    job->writes = true;
    return 0;
}

static int apply(const struct store_job *job, struct db *db)
{
    const struct revoke_preview *revoke = (const struct revoke_preview *)job;
    const struct audit audit = { .at = revoke->at,
                                 .event_id = revoke->event_id,
                                 .actor = revoke->actor,
                                 .action = "revoke_preview" };
    struct query *query = db_query(db, "preview_revoke");
    db_bind_int(query, ":event", revoke->event_id);
    int r = db_run(query);
    return r < 0 ? r : audit_write(db, &audit);
}

const struct change_kind change_revoke_preview = {
    .name = "revoke_preview",
    .facts = name_nothing,
    .decide = decide,
    .apply = apply,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes one row of the audit trail. Called by each change's apply. */
#include "change/audit.h"

#include "store/db.h"

static void bind_id(struct query *query, const char *parameter, int64_t id)
{
    if (id != 0)
        db_bind_int(query, parameter, id);
    else
        db_bind_null(query, parameter);
}

int audit_write(struct db *db, const struct audit *audit)
{
    struct query *query = db_query(db, "audit_insert");
    db_bind_int(query, ":at", audit->at);
    db_bind_text(query, ":actor", audit->actor);
    db_bind_text(query, ":action", audit->action);
    bind_id(query, ":event", audit->event_id);
    bind_id(query, ":registration", audit->registration_id);
    db_bind_text(query, ":from", audit->from == STATE_NONE ? NULL : state_name(audit->from));
    db_bind_text(query, ":to", audit->to == STATE_NONE ? NULL : state_name(audit->to));
    db_bind_text(query, ":data", audit->data);
    return db_run(query);
}

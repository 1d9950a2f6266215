/* SPDX-License-Identifier: EUPL-1.2 */
/* What a registration keeps apart from its answers. Called by sign_up, edit, withdraw and move in their apply, on the
 * writer's thread. */
#include "change/private.h"

#include "event/definition.h"
#include "store/db.h"

#define DAY 86400

int64_t private_ends(int64_t ends)
{
    return ends + (int64_t)PRIVATE_KEPT_DAYS * DAY;
}

int private_erase(struct db *db, int64_t registration_id, const char *field)
{
    struct query *query = db_query(db, "private_delete");
    db_bind_int(query, ":registration", registration_id);
    db_bind_text(query, ":field", field);
    return db_run(query);
}

int private_write(struct db *db, int64_t registration_id, const struct event_definition *definition, size_t count,
                  const struct private_answer *answers)
{
    int r = private_erase(db, registration_id, NULL);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct query *query = db_query(db, "private_insert");
        db_bind_int(query, ":registration", registration_id);
        db_bind_text(query, ":field", answers[i].field);
        db_bind_text(query, ":value", answers[i].value);
        db_bind_text(query, ":class", answers[i].retention);
        db_bind_int(query, ":erase_at", private_ends(definition->ends));
        r = db_run(query);
    }
    return r;
}

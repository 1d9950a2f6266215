/* SPDX-License-Identifier: EUPL-1.2 */
/* Empties the tables beside a registration. Called by move and erase in apply. */
#include "change/empty.h"

#include <stddef.h>

#include "store/db.h"

int empty_write(struct db *db, int64_t registration_id, int64_t at)
{
    static const char *const names[] = { "invitation_empty", "wishes_delete", "registration_forget" };
    struct query *query = db_query(db, "addresses_end");
    db_bind_int(query, ":registration", registration_id);
    db_bind_int(query, ":at", at);
    int r = db_run(query);
    for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        query = db_query(db, names[i]);
        db_bind_int(query, ":registration", registration_id);
        r = db_run(query);
    }
    return r;
}

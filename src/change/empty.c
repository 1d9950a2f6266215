/* SPDX-License-Identifier: EUPL-1.2 */
/* Empties the tables beside a registration. Called by move and erase in apply. */
#include "change/empty.h"

#include <stdbool.h>
#include <stddef.h>

#include "change/private.h"
#include "store/db.h"

int empty_write(struct db *db, int64_t registration_id, int64_t at)
{
    static const struct { const char *name; bool dated; } steps[] = {
        { "addresses_end", true }, { "invitation_empty", true }, { "wishes_delete", false },
        { "bounces_empty", false }, { "calendar_replies_delete", false },
        { "registration_forget", false }, /* last: the invitation is found by it */
    };
    int r = private_erase(db, registration_id, NULL);
    for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct query *query = db_query(db, steps[i].name);
        db_bind_int(query, ":registration", registration_id);
        if (steps[i].dated)
            db_bind_int(query, ":at", at);
        r = db_run(query);
    }
    return r;
}

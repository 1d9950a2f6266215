/* SPDX-License-Identifier: EUPL-1.2 */
/* What a person agreed to, and what not. Called by page/page_record; a reader's thread. */
#include "report/consent.h"

#include <errno.h>

#include "base/arena.h"
#include "store/db.h"

int consents_read(struct db *db, struct arena *arena, int64_t registration_id, struct consents *ret_consents)
{
    struct consents consents = { 0 };
    struct query *query = db_query(db, "consents_of");
    size_t room = 0;
    int r;
    db_bind_int(query, ":registration", registration_id);
    while ((r = db_step(query)) > 0) {
        struct consent *items = arena_grow(arena, consents.items, consents.count, &room, sizeof(*items));
        struct consent consent = { .purpose = arena_copy(arena, db_text(query, 0)),
                                   .text = arena_copy(arena, db_text(query, 1)),
                                   .language = arena_copy(arena, db_text(query, 2)),
                                   .given_at = db_int(query, 3),
                                   .withdrawn_at = db_int(query, 4) };
        if (!items || !consent.purpose || !consent.text || !consent.language) {
            db_reset(query);
            return -ENOMEM;
        }
        consents.items = items;
        consents.items[consents.count++] = consent;
    }
    if (r == 0)
        *ret_consents = consents;
    return r;
}

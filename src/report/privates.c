/* SPDX-License-Identifier: EUPL-1.2 */
/* What one registration keeps apart from its answers. Called by page/page_record; a reader's thread. */
#include "report/privates.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"

int privates_read(struct db *db, struct arena *arena, int64_t registration_id, struct privates *ret_privates)
{
    struct privates privates = { 0 };
    struct query *query = db_query(db, "privates_of");
    size_t room = 0;
    int r;

    db_bind_int(query, ":registration", registration_id);
    while ((r = db_step(query)) > 0) {
        struct private_item *items = arena_grow(arena, privates.items, privates.count, &room, sizeof(*items));
        struct private_item item = { .field = arena_copy(arena, db_text(query, 0)),
                                     .value = arena_copy(arena, db_text(query, 1)) };
        if (!items || !item.field || !item.value) {
            db_reset(query);
            return -ENOMEM;
        }
        privates.items = items;
        privates.items[privates.count++] = item;
    }
    if (r == 0)
        *ret_privates = privates;
    return r;
}

const char *privates_value(const struct privates *privates, const char *field)
{
    for (size_t i = 0; i < privates->count; i++)
        if (strcmp(privates->items[i].field, field) == 0)
            return privates->items[i].value;
    return NULL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What is held back by hand, for the change that leases mails. Part of the facts; the writer's thread or convenectl's
 * only one. */
#include <errno.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

int facts_load_pauses(struct facts *facts)
{
    struct query *query = db_query(facts->db, "mail_pauses");
    size_t room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        struct pause_fact *pauses = arena_grow(facts->arena, facts->pauses, facts->pause_count, &room, sizeof(*pauses));
        if (!pauses) {
            db_reset(query);
            return -ENOMEM;
        }
        facts->pauses = pauses;
        facts->pauses[facts->pause_count++] =
            (struct pause_fact){ .scope = db_int(query, 0), .resumed = db_int(query, 1) != 0 };
    }
    return r;
}

int wanted_pauses(struct wanted *wanted)
{
    wanted->pauses = true;
    return 0;
}

struct pause_fact *facts_pause(struct facts *facts, int64_t scope)
{
    for (size_t i = 0; i < facts->pause_count; i++)
        if (facts->pauses[i].scope == scope)
            return &facts->pauses[i];
    return NULL;
}

struct pause_fact *facts_pause_resumed(struct facts *facts)
{
    for (size_t i = 0; i < facts->pause_count; i++)
        if (facts->pauses[i].resumed)
            return &facts->pauses[i];
    return NULL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Loads who came together with a registration. Called by facts_load.c; the writer's thread or convenectl's only one. */
#include <errno.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

/* The ids first: loading a registration runs statements of its own. */
static int load_guests(struct facts *facts, struct registration_fact *booker)
{
    struct query *query = db_query(facts->db, "party_guests");
    db_bind_int(query, ":party", booker->id);
    int64_t *ids = NULL;
    size_t count = 0, room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        int64_t *more = arena_grow(facts->arena, ids, count, &room, sizeof(*more));
        if (!more) {
            db_reset(query);
            return -ENOMEM;
        }
        ids = more;
        ids[count++] = db_int(query, 0);
    }
    if (r < 0 || count == 0)
        return r;
    booker->guests = arena_take(facts->arena, count * sizeof(struct registration_fact *));
    if (!booker->guests)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = facts_load_registration(facts, ids[i], &booker->guests[i]);
        booker->guest_count = i + 1;
    }
    return r;
}

int facts_load_party(struct facts *facts, struct registration_fact *fact)
{
    if (fact->party_id != fact->id)
        return facts_load_registration(facts, fact->party_id, &fact->booker);
    return load_guests(facts, fact);
}

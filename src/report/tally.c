/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts an event's registrations and places. Called by mail/subject; a reader's thread. */
#include "report/tally.h"

#include <errno.h>

#include "base/arena.h"
#include "store/db.h"

static int read_states(struct db *db, struct arena *arena, int64_t event_id, int64_t since, struct tally *tally)
{
    struct query *query = db_query(db, "tally_states");
    size_t room = 0;
    int r;
    db_bind_int(query, ":event", event_id);
    db_bind_int(query, ":since", since);
    while ((r = db_step(query)) > 0) {
        enum state state = state_by_name(db_text(query, 0));
        struct tally_state *states = arena_grow(arena, tally->states, tally->state_count, &room, sizeof(*states));
        if (!states) {
            db_reset(query);
            return -ENOMEM;
        }
        tally->states = states;
        states[tally->state_count++] = (struct tally_state){ state, db_int(query, 1) };
        tally->signed_up += db_int(query, 2);
        if (state == STATE_CANCELLED)
            tally->cancelled += db_int(query, 3);
        if (state_is_live(state))
            tally->undeliverable += db_int(query, 4);
    }
    return r;
}

static int read_modes(struct db *db, struct arena *arena, int64_t event_id, struct tally *tally)
{
    struct query *query = db_query(db, "tally_modes");
    size_t room = 0;
    int r;
    db_bind_int(query, ":event", event_id);
    while ((r = db_step(query)) > 0) {
        struct tally_mode *modes = arena_grow(arena, tally->modes, tally->mode_count, &room, sizeof(*modes));
        const char *key = arena_copy(arena, db_text(query, 0));
        if (!modes || !key) {
            db_reset(query);
            return -ENOMEM;
        }
        tally->modes = modes;
        modes[tally->mode_count++] =
            (struct tally_mode){ key, db_int(query, 1), db_is_null(query, 2) ? -1 : db_int(query, 2) };
    }
    return r;
}

int tally_read(struct db *db, struct arena *arena, int64_t event_id, int64_t since, struct tally *ret_tally)
{
    struct tally tally = { 0 };
    int r = read_states(db, arena, event_id, since, &tally);
    if (r == 0)
        r = read_modes(db, arena, event_id, &tally);
    if (r == 0)
        *ret_tally = tally;
    return r;
}

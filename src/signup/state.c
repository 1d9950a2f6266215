/* SPDX-License-Identifier: EUPL-1.2 */
/* The states of a registration and the one table of allowed moves. Callers: change (every move is asked here first),
 * store, page, mail, report. Pure. Any thread. */
#include "signup/state.h"

#include <string.h>

#define TO(name) (1u << STATE_##name)

struct state_row {
    const char *name;
    bool live;
    unsigned moves; /* the states it may go to */
};

static const struct state_row rows[STATES] = {
    [STATE_NONE] = { "", false,
        TO(PENDING_EMAIL) | TO(AWAITING_APPROVAL) | TO(CONFIRMED) | TO(WAITLISTED) | TO(SUBMITTED) },
    [STATE_PENDING_EMAIL] = { "pending_email", true,
        TO(AWAITING_APPROVAL) | TO(CONFIRMED) | TO(WAITLISTED) | TO(EXPIRED) | TO(CANCELLED) | TO(ERASED) },
    [STATE_AWAITING_APPROVAL] = { "awaiting_approval", true,
        TO(CONFIRMED) | TO(REJECTED) | TO(WAITLISTED) | TO(CANCELLED) | TO(ERASED) },
    [STATE_CONFIRMED] = { "confirmed", true, TO(CANCELLED) | TO(REJECTED) | TO(ERASED) },
    [STATE_WAITLISTED] = { "waitlisted", true,
        TO(OFFERED) | TO(CONFIRMED) | TO(REJECTED) | TO(CANCELLED) | TO(EXPIRED) | TO(ERASED) },
    [STATE_OFFERED] = { "offered", true,
        TO(CONFIRMED) | TO(DECLINED) | TO(EXPIRED) | TO(WAITLISTED) | TO(CANCELLED) | TO(ERASED) },
    /* What has ended stays ended: who wants to come after all signs up again and gets a new row. */
    [STATE_REJECTED] = { "rejected", false, TO(ERASED) },
    [STATE_DECLINED] = { "declined", false, TO(ERASED) },
    [STATE_EXPIRED] = { "expired", false, TO(ERASED) },
    [STATE_CANCELLED] = { "cancelled", false, TO(ERASED) },
    [STATE_ERASED] = { "erased", false, 0 },
    [STATE_SUBMITTED] = { "submitted", true, TO(ERASED) },
};

const char *state_name(enum state state)
{
    return rows[state].name;
}

enum state state_by_name(const char *name)
{
    for (unsigned i = STATE_NONE + 1; i < STATES; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return (enum state)i;
    }
    return STATE_NONE;
}

bool state_is_live(enum state state)
{
    return rows[state].live;
}

bool state_may_move(enum state from, enum state to)
{
    return rows[from].moves >> to & 1;
}

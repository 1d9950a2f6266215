/* SPDX-License-Identifier: EUPL-1.2 */
/* The states of a registration and the one table of allowed moves. Pure. Any thread. */
#pragma once

#include <stdbool.h>

enum state {
    STATE_NONE, /* before the row exists */
    STATE_PENDING_EMAIL, STATE_AWAITING_APPROVAL, STATE_CONFIRMED, STATE_WAITLISTED, STATE_OFFERED, STATE_REJECTED,
    STATE_DECLINED, STATE_EXPIRED, STATE_CANCELLED, STATE_ERASED, STATE_SUBMITTED,
    STATES
};

const char *state_name(enum state state);                  /* as in the column `status` */
enum state state_by_name(const char *name);                /* STATE_NONE: no such */
bool state_is_live(enum state state);                      /* holds the address: a second sign-up meets it */
bool state_may_move(enum state from, enum state to);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The audit trail: who did what to which registration. Ids and field names, never values. Used by the changes. */
#pragma once

#include <stdint.h>

#include "signup/state.h"

struct db;

struct audit {
    int64_t at, event_id, registration_id; /* ids: 0 for none */
    const char *actor, *action;
    enum state from, to; /* STATE_NONE: none */
    const char *data;    /* JSON; may be NULL */
};

int audit_write(struct db *db, const struct audit *audit) __attribute__((warn_unused_result));

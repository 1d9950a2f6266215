/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes away what hangs on a registration and is its owner's, in the tables beside it. Used by move (erasure at a
 * deadline or on request) and erase. */
#pragma once

#include <stdint.h>

struct db;

/* Special needs, wishes, a proposed time, an invitation to one person, addresses that were not confirmed. The row
 * itself, its claims and mails are the caller's; it must still hold its address. */
int empty_write(struct db *db, int64_t registration_id, int64_t at) __attribute__((warn_unused_result));

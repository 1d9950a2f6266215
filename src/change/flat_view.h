/* SPDX-License-Identifier: EUPL-1.2 */
/* The flat view of an event, event_<slug with _ for ->: the columns of `registrations`, then one per field. A contract
 * with organisers. Used by take_revision, only when a definition has changed. */
#pragma once

#include <stdint.h>

struct db;

/* Drops and makes the view anew from the fields that stand in event_field. */
int flat_view_make(struct db *db, int64_t event_id, const char *slug) __attribute__((warn_unused_result));

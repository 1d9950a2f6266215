/* SPDX-License-Identifier: EUPL-1.2 */
/* The flat view of an event, event_<slug with _ for ->: the columns of `registrations`, then one per field; of a
 * ranking and an organisation one per part; of choices their ids with `; ` between them; none of a special need or a
 * statement. A contract with organisers. Used by take_revision, only when a definition has changed. */
#pragma once

#include <stdint.h>

struct db;
struct event_definition;

/* Drops and makes the view anew from the fields that stand in event_field; DEFINITION: as it is now. */
int flat_view_make(struct db *db, int64_t event_id, const char *slug, const struct event_definition *definition)
    __attribute__((warn_unused_result));

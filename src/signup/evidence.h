/* SPDX-License-Identifier: EUPL-1.2 */
/* What must be kept although its owner asks for erasure: that somebody took part, for as long as a funder may look
 * (GDPR, article 17(3)). Pure. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "signup/state.h"

struct arena;
struct event_definition;
struct event_field;

/* The first instant at which DEFINITION's evidence need not be kept any more; 0: it never need be. */
int64_t evidence_until(const struct event_definition *definition);

/* Whether a registration in STATUS is evidence at NOW: of somebody who had a place at an event that has begun at
 * STARTS. UNTIL: from evidence_until. */
bool evidence_is_due(enum state status, int64_t starts, int64_t until, int64_t now);

/* FIELD's answer belongs to it: who took part and for whom, and what the definition says is of the class evidence. */
bool evidence_has(const struct event_field *field);

/* The ids of the answers that belong to it as a JSON array, `["organisation","country"]`. In ARENA; NULL: no memory.
 * */
const char *evidence_fields(struct arena *arena, const struct event_definition *definition);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Where an event stands on the way from "opens on" to "over". Pure. Any thread. */
#pragma once

#include <stdint.h>

struct event_entry;

enum phase { PHASE_SOON, /* uses what is not served yet */ PHASE_BEFORE, PHASE_OPEN, PHASE_CLOSED, PHASE_OVER,
    PHASE_OFF, PHASE_WITHDRAWN, PHASE_HIDDEN };

/* Where it would stand if it were public. */
enum phase phase_of_draft(const struct event_entry *entry, int64_t now);
enum phase phase_of(const struct event_entry *entry, int64_t now);

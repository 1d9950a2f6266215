/* SPDX-License-Identifier: EUPL-1.2 */
/* Where an event stands on the way from "opens on" to "over". Callers: page, change/sign_up. Pure. Any thread. */
#include "signup/phase.h"

#include "event/book.h"

enum phase phase_of(const struct event_entry *entry, int64_t now)
{
    const struct event_definition *definition = entry->definition;

    if (entry->state == EVENT_WITHDRAWN)
        return PHASE_WITHDRAWN;
    if (entry->state == EVENT_DRAFT_STATE || definition->visibility == EVENT_DRAFT)
        return PHASE_HIDDEN;
    return phase_of_draft(entry, now);
}

enum phase phase_of_draft(const struct event_entry *entry, int64_t now)
{
    const struct event_definition *definition = entry->definition;

    if (entry->state == EVENT_OFF)
        return PHASE_OFF;
    if (now >= definition->ends)
        return PHASE_OVER;
    if (now >= definition->closes)
        return PHASE_CLOSED;
    if (definition->unserved)
        return PHASE_SOON;
    if (definition->has_opens && now < definition->opens)
        return PHASE_BEFORE;
    return PHASE_OPEN;
}

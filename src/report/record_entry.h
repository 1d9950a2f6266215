/* SPDX-License-Identifier: EUPL-1.2 */
/* The calendar entry of one registration: the event, or its slot alone; the same whether a mail brings it or a page.
 * Called by mail/letter and page/page_calendar; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "view/calendar.h"

struct arena;
struct catalogue;
struct event_definition;
struct event_entry;
struct record;
struct settings;
struct words;

struct record_entry {
    const struct settings *settings;
    const struct catalogue *catalogue;
    struct words *words;
    const struct event_entry *event; /* today's; NULL: it is gone */
    const struct record *record;
    enum calendar_method method;
    bool called_off;                 /* for this person, or for all; with CALENDAR_CANCEL unsaid */
    bool sessions;                   /* each chosen one as an entry of its own too; with CALENDAR_PUBLISH only */
    const char *address; /* of the attendee; not with CALENDAR_PUBLISH */
    int64_t now;
};

/* Whether RECORD, while it is confirmed, has an entry: where slots are booked, only who has one knows when to come. */
bool record_entry_is_due(const struct record *record, const struct event_definition *today);

/* Whether somebody stands at a door with RECORD, where its reference is asked for: not who takes part online, nor where
 * nothing takes place. */
bool record_entry_has_code(const struct record *record, const struct event_definition *today, bool off);

/* The mode of RECORD by today's definition, else by the one that its owner saw, which *ret_definition (may be NULL)
 * tells; NULL: neither has it. */
const struct event_mode *record_entry_mode(const struct record *record, const struct event_definition *today,
                                           const struct event_definition **ret_definition);

/* iCalendar text with CRLF in ARENA. -ENOMEM, -EINVAL. */
int record_entry_make(struct arena *arena, const struct record_entry *wanted, char **ret_text)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands in the calendar entry of an event: the same words, place and name, whether a mail brings it or a page.
 * Called by report/record_entry and page/page_calendar. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/calendar.h"

struct arena;
struct catalogue;
struct event_definition;
struct settings;

/* A session that has an entry of its own, under a name that stays while it is chosen. */
struct entry_session {
    const char *key, *title;
    int64_t starts, ends;
};

struct entry {
    const struct settings *settings;
    const struct catalogue *catalogue; /* of the words, and their language */
    const struct event_definition *definition;
    const char *slug;
    enum calendar_method method;
    bool called_off;
    int64_t sequence, stamp;

    /* one person's entry; reference NULL: the event's own, without a link to join */
    const char *reference;
    bool online;                /* takes part online */
    const char *part;           /* of the event, that the entry is for: "Event: Part"; NULL: all of it */
    int64_t starts, ends;       /* of that part; starts 0: the event's days */
    const char *sessions;       /* lines for the description; may be NULL */
    size_t session_count;       /* those that stand beside it too, with CALENDAR_PUBLISH only */
    const struct entry_session *own;
    const char *name, *address; /* of the attendee; not with CALENDAR_PUBLISH */
};

/* iCalendar text with CRLF in ARENA. -ENOMEM, -EINVAL. */
int entry_make(struct arena *arena, const struct entry *entry, char **ret_text) __attribute__((warn_unused_result));

/* The reference (4F7K-2Q9, of a guest 4F7K-2Q9/2) and the slug of the event that UID speaks of, in ARENA. -EINVAL: it
 * is not the name of a person's entry of ours; whether there is such a registration is not known yet. -ENOMEM. */
int entry_read_uid(struct arena *arena, const struct settings *settings, const char *uid, const char **ret_reference,
                   const char **ret_slug) __attribute__((warn_unused_result));

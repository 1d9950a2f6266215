/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that takes event definitions over: new revisions, places, fields, flat views, withdrawals. It refuses what
 * would break what is stored, with the numbers, and then the event keeps its last good revision. Submitted by main at
 * start and at reload. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/book.h"
#include "store/store.h"

/* One file of the folder. definition NULL: it has faults, so the event that last came from this file stays. */
struct revision_file {
    const char *name;
    const char *text;
    size_t size;
    const struct event_definition *definition;
};

/* One event as it stands after the change. text: its good revision's; NULL if the definition is that of a file above.
 */
struct revision_event {
    const char *slug;
    const struct event_definition *definition; /* NULL: parse TEXT */
    const char *text;
    int64_t event_id, revision_id, ical_sequence;
    enum event_state state;
    size_t row_count;
    const struct event_row *rows; /* of its places that are not retired */
};

/* Why a file was not taken over: "capacity of mode onsite: 20 is below the 31 taken". A file may have several. */
struct revision_refusal {
    const char *file, *slug, *reason;
};

struct take_revision {
    struct store_job job; /* first */

    /* asked, in job.arena */
    const char *message_domain; /* of offers that a raised capacity brings */
    bool may_withdraw;          /* the folder is readable, not empty, and every file parses */
    size_t file_count;
    struct revision_file *files;

    /* answered, in job.arena */
    size_t event_count;
    struct revision_event *events;
    size_t refusal_count;
    struct revision_refusal *refusals;
    size_t changed; /* events whose revision or state is new */

    struct take_revision_plan *plan;
};

extern const struct change_kind change_take_revision;

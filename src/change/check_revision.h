/* SPDX-License-Identifier: EUPL-1.2 */
/* Would these definitions be taken over as the store stands? Nothing is written. Run by convenectl. */
#pragma once

#include <stddef.h>

#include "change/revision_check.h"
#include "store/store.h"

struct event_definition;

struct check_revision {
    struct store_job job; /* first */

    /* asked, in job.arena; the definitions are the caller's and outlive the job */
    size_t count;
    const struct event_definition **definitions; /* NULL: passed over */

    /* answered, in job.arena: why each would be refused, with the numbers; none: it would not */
    struct revision_reasons *reasons;
};

extern const struct change_kind change_check_revision;

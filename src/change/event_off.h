/* SPDX-License-Identifier: EUPL-1.2 */
/* Calls an event off: from then on nobody signs up and no place is offered. What everybody is told is event_tell's. Run
 * by convenectl; the daemon sees it within a second and takes it into a new edition. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct event_off {
    struct store_job job; /* first */

    /* asked, in job.arena */
    int64_t event_id;
    const char *reason, *actor;

    /* answered */
    bool already; /* it was off: nothing is written, its reason stands */

    int64_t at; /* when it was decided */
};

extern const struct change_kind change_event_off;

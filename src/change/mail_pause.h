/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that holds mails back, all or those of one event, and lets them go again. Run by convenectl; the daemon
 * notices within a second. What a sender has already still goes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct mail_pause {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    const char *actor;
    int64_t scope; /* the id of an event; 0: the whole queue */
    bool resume;

    /* answered */
    bool already; /* it was so before */

    /* decided, for apply alone */
    int64_t at;
};

extern const struct change_kind change_mail_pause;

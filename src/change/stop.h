/* SPDX-License-Identifier: EUPL-1.2 */
/* A registration's owner wants no more reminders, surveys and news, or wants them again. Nothing else of the
 * registration is touched: neither its state nor its version. Submitted by page/page_stop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct stop {
    struct store_job job; /* first */

    /* asked */
    int64_t registration_id;
    int64_t link_version; /* the link that was used must still be good */
    bool stops;           /* else: wants them again */
    const char *actor;    /* as the audit trail shows it */

    /* answered */
    bool gone; /* no such registration, or the link is no longer good */

    /* decided, for apply alone */
    int64_t at, event_id;
};

extern const struct change_kind change_stop;

/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that cancels a registration: frees exactly what was claimed, stops mails that are no longer owed, sends
 * its own. Submitted by page/cancel and convenectl. */
#pragma once

#include <stdint.h>

#include "store/store.h"

struct cancel {
    struct store_job job; /* first */

    /* asked */
    int64_t registration_id;
    int64_t link_version;       /* the link that was used must still be good; -1: convenectl needs none */
    const char *actor;          /* "person", "convenectl" … as audit and `actor` show it */
    const char *reason;         /* may be NULL */
    const char *message_domain; /* of the new Message-ID */

    /* answered */
    enum { CANCEL_DONE, CANCEL_ALREADY, CANCEL_GONE } result;

    /* decided, for apply alone */
    struct cancel_plan *plan;
};

extern const struct change_kind change_cancel;

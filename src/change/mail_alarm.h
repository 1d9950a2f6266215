/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that owes an alarm to whoever looks after the installation: one mail a sort and hour, whatever crashes.
 * Submitted by mail/queue. */
#pragma once

#include <stdint.h>

#include "store/store.h"

struct mail_alarm {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    int64_t sort;          /* 0 to 9 */
    const char *recipient, *language;
    const char *domain;    /* of the Message-ID */
    const char *data;      /* JSON */

    /* decided, for apply alone */
    int64_t id, at;
    const char *message_id;
};

extern const struct change_kind change_mail_alarm;

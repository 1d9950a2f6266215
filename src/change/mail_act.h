/* SPDX-License-Identifier: EUPL-1.2 */
/* The change by which an organiser sends mails again or takes them out of the queue. Run by convenectl. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum mail_act_kind { MAIL_ACT_RETRY, MAIL_ACT_CANCEL };

enum mail_act_result {
    MAIL_ACT_DONE,
    MAIL_ACT_GONE,       /* no such mail */
    MAIL_ACT_SENT,       /* it has gone */
    MAIL_ACT_ON_ITS_WAY, /* a sender has it just now */
    MAIL_ACT_WAITS,      /* retry: it waits already and was not tried yet */
    MAIL_ACT_EXPIRED,    /* its time has passed */
    MAIL_ACT_SUPERSEDED, /* it is no longer owed */
    MAIL_ACT_ERASED,     /* its address is erased */
    MAIL_ACT_UNDELIVERABLE, /* retry: what is sent to its address comes back */
    MAIL_ACT_ENDED       /* cancel: it has ended without being sent */
};

struct mail_act {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    const char *actor;
    enum mail_act_kind act;
    size_t count;
    const int64_t *ids;

    /* answered: one for each id; the caller's array of that size */
    enum mail_act_result *results;

    /* decided, for apply alone */
    struct mail_act_row { int64_t event_id, registration_id; } *rows; /* the caller's, likewise */
    int64_t at;
};

extern const struct change_kind change_mail_act;

/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail that brings somebody to the own data, for who asks by phone; one an hour. Submitted by convenectl. */
#pragma once

#include <stdint.h>

#include "store/store.h"

enum data_ready_result {
    DATA_READY_DONE,
    DATA_READY_NO_ADDRESS, /* a guest without one, or only evidence is left */
    DATA_READY_GONE,       /* no such registration */
};

struct data_ready {
    struct store_job job; /* first */

    /* asked */
    int64_t registration_id;
    const char *actor;          /* as the audit trail shows it */
    const char *message_domain; /* of the Message-ID */

    /* answered */
    enum data_ready_result result;

    /* decided, for apply alone */
    const struct mail_row *mail;
};

extern const struct change_kind change_data_ready;

/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that does what time brings: it ends held places of unconfirmed addresses, offers, and after a week the
 * data of those who never confirmed, addresses that were not confirmed, evidence that is no longer due, special needs
 * whose time is up; it releases reserves. Submitted by main's timer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct moves;

struct expire {
    struct store_job job; /* first */
    const char *message_domain;
    int64_t expired; /* answered: how many: registrations, reserves, special needs */
    bool released;   /* a reserve was */
    bool addresses;  /* some were not confirmed in time */
    bool privates;   /* some special needs are due to go */
    int64_t at;
    struct moves *moves;
};

extern const struct change_kind change_expire;

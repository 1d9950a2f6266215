/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that turns a plan that is due into mails: reminders, join links, thanks, the organisers' digest; 200
 * registrations a transaction. Submitted by main's timer until nothing is due. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct mail_row;

struct plan {
    struct store_job job; /* first */
    const char *message_domain;

    /* answered */
    bool found;   /* a plan was due */
    size_t count; /* so many mails were born of it */

    /* decided, for apply alone */
    struct mail_row *mails;
    int64_t id, due_at, cursor;
    const char *state, *data;
};

extern const struct change_kind change_plan;

/* SPDX-License-Identifier: EUPL-1.2 */
/* The change behind "lost my link": who is registered under an address gets the mail with the link again. It answers
 * the same for known and unknown addresses. Submitted by page/page_find. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct find {
    struct store_job job; /* first */

    /* asked: everything in job.arena; job.edition holds the settings */
    int64_t event_id;
    const char *email, *folded; /* checked; and by text_casefold */
    const char *mailbox;        /* address_key of email */

    /* answered */
    bool limited; /* the mailbox has had as many mails as it may: nothing was done */
    int64_t retry_after;

    /* decided, for apply alone */
    struct find_plan *plan;
};

extern const struct change_kind change_find;

/* SPDX-License-Identifier: EUPL-1.2 */
/* Another email address for a registration. Asking for it owes the new address a mail with a link; who opens the link
 * and presses the button has the mailbox, and only then does the address change. Submitted by page/page_address and
 * page/page_new_address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "signup/ask.h"
#include "store/store.h"

#define ADDRESS_HOURS 24 /* for which the link in the mail is good */

enum address_result {
    ADDRESS_DONE,
    ADDRESS_LIMITED, /* ask: the new mailbox has had as many mails as it may: nothing was done */
    ADDRESS_FULL,    /* take: the limit of its domain has no room for all who would count there */
    ADDRESS_OTHER,   /* take: that address has a registration of its own at this event */
    ADDRESS_STALE,   /* take: the registration was changed since it was read */
    ADDRESS_LATE,    /* take: the link is too old, was used, or a newer one was asked for */
    ADDRESS_CLOSED,  /* the registration is not live, or waits for its first address to be confirmed */
    ADDRESS_GONE,    /* no such registration, or the link to it is no longer good */
};

/* The same answer whether the address is registered already or not. */
struct address_ask {
    struct store_job job; /* first */

    /* asked: everything in job.arena; job.edition holds the settings */
    int64_t registration_id;
    int64_t link_version; /* of the registration's link */
    const char *email;    /* checked */
    const char *mailbox;  /* address_key of email */

    /* answered */
    enum address_result result;
    int64_t retry_after; /* ADDRESS_LIMITED: seconds */

    /* decided, for apply alone */
    struct address_plan *plan;
};

struct address_take {
    struct store_job job; /* first */

    /* asked: everything in job.arena; job.edition holds the settings */
    int64_t change_id, registration_id;
    int64_t link_version; /* of the change's link */
    int64_t version;      /* of the registration that DEDUPE was made of */
    int64_t event_id;
    const char *dedupe;   /* the registration's key with the new address */
    bool counted;         /* limits count who has no number of a register by the address … */
    struct ask_cap cap;   /* … and this one from now on; key NULL: the domain has none */

    /* answered */
    enum address_result result;

    /* decided, for apply alone */
    struct address_plan *plan;
};

extern const struct change_kind change_address_ask, change_address_take;

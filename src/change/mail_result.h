/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that writes what became of a leased mail. Submitted by mail/queue. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum mail_outcome {
    MAIL_SENT,
    MAIL_DEFERRED,
    MAIL_FAILED,
    MAIL_SUPERSEDED,
    MAIL_RETURNED /* not tried: no attempt counted */
};

struct undeliverable_plan;

struct mail_result {
    struct store_job job; /* first */
    int64_t mail_id, process;
    enum mail_outcome outcome;
    int64_t due_at;        /* of the next try */
    long code;             /* 0: none */
    const char *reply;     /* may be NULL */
    const char *body_hash; /* of what was sent; may be NULL */
    const char *recipient; /* to whom */

    /* decided, for apply alone */
    bool applies; /* the lease was still ours */
    int64_t attempts, at;
    struct undeliverable_plan *plan;
};

/* Whether the server refused the recipient for good, so that no other mail needs to be tried there: RFC 3463, 5.1.x about
 * the address, 5.2.1 about a mailbox that is closed. A refusal without such a code may be about anything. */
bool mail_result_is_recipients_fault(const struct mail_result *result);

extern const struct change_kind change_mail_result;

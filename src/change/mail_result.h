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
    MAIL_RETURNED, /* not tried: no attempt counted */
    MAIL_EXPIRED   /* its time has passed */
};

struct undeliverable_plan;

struct mail_result {
    struct store_job job; /* first */
    int64_t mail_id, process;
    enum mail_outcome outcome;
    int64_t due_at;        /* of the next try */
    long code;             /* 0: none */
    const char *reply;     /* may be NULL */
    const char *enhanced;  /* enhanced status code of the reply, "5.1.1"; may be NULL */
    bool at_recipient;     /* it was the answer to RCPT */
    bool tried;            /* MAIL_EXPIRED, MAIL_SUPERSEDED: the server was asked, and said not now */
    const char *body_hash; /* of what was sent; may be NULL */
    const char *recipient, *message_id; /* to whom, and as which message */

    /* decided, for apply alone */
    bool applies;    /* the lease was still ours */
    bool gives_back; /* it is sent to the address that its person has by now */
    int64_t attempts, at;
    struct undeliverable_plan *plan;
};

/* Whether a refusal of a recipient says that the address takes no mail: the mailbox or its domain is not there. It is
 * false of what is about the sender, the message, the server or its rules, and of a full mailbox. ENHANCED: may be NULL
 * or empty. Pure. */
bool mail_result_is_recipients_fault(long code, const char *enhanced);

extern const struct change_kind change_mail_result;

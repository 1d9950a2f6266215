/* SPDX-License-Identifier: EUPL-1.2 */
/* A message that arrived where our mail comes back: what it is, and what it says about a mail of ours. It is written by
 * anybody: nothing in it is believed but what is proved otherwise (mail/verp), and reading it costs little whatever it
 * holds. message_setup first. Caller: ctl/bounce; pure but for GMime, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "change/verdict.h"

struct arena;

#define RETURNED_MAX (1024 * 1024)    /* bytes of a message that are read: a report stands before what it returns */
#define RETURNED_RECIPIENTS 100       /* of a report that are looked at: ours go to one */
#define RETURNED_ADDRESSES 32         /* lines that may name the address it came to */

enum returned_sort {
    RETURNED_REPORT,    /* of a delivery, or of none */
    RETURNED_CALENDAR,  /* an answer to an invitation */
    RETURNED_AUTOMATIC, /* out of office, a receipt, a question whether we are human */
    RETURNED_OTHER,     /* a reply, or anything else */
};

enum returned_action { RETURNED_FAILED, RETURNED_DELAYED, RETURNED_DELIVERED /* relayed, expanded */ };

struct returned_recipient {
    enum returned_action action;
    const char *original, *final;    /* addresses; may be NULL */
    const char *status, *diagnostic; /* as they stand there, cleaned; may be NULL */
};

/* All texts are in the arena, one line each, and plain ASCII. */
struct returned {
    enum returned_sort sort;
    size_t address_count;
    const char *addresses[RETURNED_ADDRESSES]; /* whom it was delivered to, the surest line first */

    /* RETURNED_REPORT */
    size_t recipient_count;
    struct returned_recipient *recipients;
    const char *message_id; /* of the mail it speaks of, without <>; may be NULL */

    /* RETURNED_CALENDAR */
    const char *uid, *attendee; /* attendee: an address */
    const char *answer;         /* accepted, declined, tentative */
};

/* 0, whatever DATA is; -ENOMEM. */
int returned_read(struct arena *arena, const char *data, size_t size, struct returned *ret_returned)
    __attribute__((warn_unused_result));

/* What a report says about the delivery to ADDRESS: of its own recipient if one is named so, else of all (an address
 * may have been forwarded). REPLY may become NULL. */
struct returned_verdict {
    enum verdict verdict;
    char status[VERDICT_STATUS_SIZE];
    const char *reply;
};
/* False: it was delivered, or nothing is said. */
bool returned_judge(const struct returned *returned, const char *address, struct returned_verdict *ret_verdict);

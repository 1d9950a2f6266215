/* SPDX-License-Identifier: EUPL-1.2 */
/* How many mails one mailbox may be given within an hour because somebody filled in a form. Every form that is accepted
 * counts, as the mail that a new address would get, even where a known one gets none: the answer must not tell the two
 * apart. Used by the changes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct db;
struct facts;

struct mail_limit {
    const char *mailbox; /* address_key; NULL: not counted */
    int64_t window_at, mails; /* the mailbox's hour, this mail included; mails 0: nothing to write */
};

/* True if the mailbox has had MAX mails in its hour; *ret_retry_after: seconds until it is over. */
bool mail_limit_reached(struct facts *facts, const char *mailbox, int64_t max, int64_t now, int64_t *ret_retry_after);
/* Counts one more, in the facts too. */
void mail_limit_count(struct facts *facts, const char *mailbox, int64_t now, struct mail_limit *ret_limit);
int mail_limit_write(struct db *db, const struct mail_limit *limit, int64_t now) __attribute__((warn_unused_result));

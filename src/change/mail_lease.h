/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that leases due mails to this process: at most one a subject at a time, the lowest id first. Submitted by
 * mail/queue. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct leased_mail {
    int64_t id, subject_id, event_id, revision_id, attempts, due_at, born_at, instance;
    const char *subject_kind, *kind, *recipient, *language, *data, *message_id;
};

struct mail_lease {
    struct store_job job; /* first */

    /* asked */
    int64_t limit;   /* mails at most */
    int64_t process; /* start number */
    int64_t until;   /* the lease ends */

    /* answered, in job.arena */
    size_t count;
    struct leased_mail *mails;
};

extern const struct change_kind change_mail_lease;

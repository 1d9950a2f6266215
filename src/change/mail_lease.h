/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that leases due mails to this process: to one address about one subject one at a time, the lowest id
 * first, the urgent ones before the others. On its way it ends what has expired, sends what is over its pace to a later
 * instant, puts aside what belongs to a paused event and lets go what was put aside before. Submitted by mail/queue. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct leased_mail {
    int64_t id, subject_id, event_id, revision_id, attempts, due_at, born_at, instance;
    int64_t tried_from; /* since when it is tried: born_at, or later by an organiser's hand */
    int64_t expires_at; /* INT64_MAX: never */
    unsigned priority;
    const char *subject_kind, *kind, *recipient, *language, *data, *message_id;
};

/* Whether a mail may go now. Asked on the writer's thread, for one mail after the other, and believed: for each
 * MAIL_GATE_GO the mail is leased. */
enum mail_gate_verdict {
    MAIL_GATE_GO,
    MAIL_GATE_LATER, /* at *ret_due */
    MAIL_GATE_SHUT   /* none of this priority and below now; it stays as it is */
};
typedef enum mail_gate_verdict mail_gate(void *user, const char *recipient, unsigned priority, int64_t now,
                                         int64_t *ret_due);

/* A mail that is not leased but changed. */
struct mail_move {
    enum { MAIL_MOVE_EXPIRE, MAIL_MOVE_PACE, MAIL_MOVE_PARK } move;
    int64_t id, at; /* at: when it is due now; else the present */
};

struct mail_lease {
    struct store_job job; /* first */

    /* asked */
    int64_t urgent;  /* mails of the first priority at most */
    int64_t others;  /* of the others */
    int64_t look;    /* rows of each priority that are looked at, to find so many */
    bool probe;      /* one mail in all: */
    int64_t turn;    /* which of those that could go, in turn */
    int64_t process; /* start number */
    int64_t until;   /* the lease ends */
    mail_gate *gate; /* may be NULL: all may go */
    void *gate_user;

    /* answered, in job.arena */
    size_t count;
    struct leased_mail *mails;
    size_t expired, paced, parked; /* how many were moved */
    bool unparked;                 /* some were let go; there may be more */

    /* decided, for apply alone */
    size_t move_count;
    struct mail_move *moves;
    int64_t unpark; /* the event whose mails are let go; 0: none */
};

extern const struct change_kind change_mail_lease;

/* SPDX-License-Identifier: EUPL-1.2 */
/* What organisers write to some of an event's people: written first, tried on oneself, then sent now or later, and
 * recalled as far as it has not gone. Run by convenectl. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum mailing_result {
    MAILING_DONE,
    MAILING_GONE,     /* no such mailing */
    MAILING_SENT,     /* it has been sent before, or is planned to be */
    MAILING_UNSENT,   /* there is nothing to recall */
    MAILING_RECALLED, /* it was recalled */
};

struct mailing {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    const char *actor;
    int64_t id;                  /* which; change_mailing_write answers it */
    int64_t event_id;            /* this and the next three: change_mailing_write */
    const char *filter, *texts;  /* JSON, as the table mail_batch has them */
    bool news;
    const char *recipient, *language, *message_domain; /* change_mailing_try */
    int64_t due_at;              /* change_mailing_send; 0: at once */

    /* answered */
    enum mailing_result result;

    /* decided, for apply alone */
    int64_t at, mail_id;
    const char *message_id;
};

extern const struct change_kind change_mailing_write, change_mailing_try, change_mailing_send, change_mailing_recall;

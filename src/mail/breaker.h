/* SPDX-License-Identifier: EUPL-1.2 */
/* Whether the mail server can be reached: one breaker for the whole queue. While it is open only probes go out. A mail
 * that meets an outage again and again while others go through is what breaks the connection: it is put off like any
 * other, and holds nobody up. Pure; the caller locks. Used by mail/sender. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mail/retry.h"

#define BREAKER_SUSPECTS 32
#define BREAKER_OUTAGES 3 /* that a mail may meet alone */

struct breaker {
    bool open;
    int64_t reached; /* how often the server has answered since the start */
    unsigned next;   /* place of the next suspect */
    struct breaker_suspect {
        int64_t mail_id, reached; /* as it stood when this mail met its last outage */
        unsigned outages;         /* with others getting through in between */
    } suspects[BREAKER_SUSPECTS];
};

enum breaker_news { BREAKER_SAME, BREAKER_OPENED, BREAKER_CLOSED };

/* What an attempt for MAIL_ID came to, with the reply's CODE (0: none). *ATTEMPT may become another one. */
enum breaker_news breaker_note(struct breaker *breaker, int64_t mail_id, long code, enum attempt *attempt);

/* SPDX-License-Identifier: EUPL-1.2 */
/* When a mail is tried again, from what its last attempt met. Pure. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What an attempt came to. */
enum attempt {
    ATTEMPT_SENT,        /* 250 after the dot */
    ATTEMPT_LATER,       /* 4xx: this mail again later */
    ATTEMPT_NEVER,       /* 5xx: final */
    ATTEMPT_UNREACHABLE, /* no connection, TLS or login refused: the server's trouble, not the mail's; counts no
                          * attempt, holds the queue */
    ATTEMPT_UNKNOWN,     /* lost after the dot: perhaps taken; again with the same Message-ID */
    ATTEMPT_STALE,       /* 421 or a dropped idle connection: at once on a fresh connection, counts no attempt */
};

/* How far a message had come. */
enum progress {
    PROGRESS_NONE, /* the server has not even taken its sender: what it says is not about the recipient */
    PROGRESS_MAIL, /* the sender is taken */
    PROGRESS_ALL,  /* the whole message has been handed over */
};

/* From the result of curl and the last reply code (0: none). */
enum attempt attempt_judge(int curl_code, long reply_code, enum progress progress);

/* The instant of the next try after the ATTEMPTS-th failure (1 is the first), for a mail that is tried since FIRST:
 * 60 s, 5, 15, 30 min, then hourly (RFC 5321 section 4.5.4.1 gives up after 4 to 5 days). INT64_MAX: give up. */
int64_t retry_at(int64_t now, int64_t first, int64_t attempts);

/* The enhanced status code (RFC 3463) that a server's REPLY, "550 5.1.1 no such user", names; empty if it has none, or
 * one of another class than its reply code. */
#define RETRY_ENHANCED_SIZE 12
void retry_enhanced(const char *reply, char ret_status[static RETRY_ENHANCED_SIZE]);

/* Whether a final refusal is about us, our server or our message, not about the address: 5.7.x. Somebody has to
 * look after it. */
bool retry_is_policy(long reply_code, const char *enhanced);

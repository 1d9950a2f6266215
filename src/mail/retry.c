/* SPDX-License-Identifier: EUPL-1.2 */
/* What an SMTP attempt came to, and when the next one is. Callers: smtp, queue, sender. Pure, any thread. */
#include "mail/retry.h"

#include <curl/curl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define GIVE_UP_AFTER (INT64_C(5) * 24 * 3600)

/* An outage of our own server counts no attempt. A mail that waited longer than five days for its end still gets the
 * short steps, or one greylisting reply would lose it. */
#define ATTEMPTS_AT_LEAST 5

static const int64_t steps[] = { 60, 300, 900, 1800, 3600 }; /* the last one repeats */
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* Errors that speak of the way to the server, whatever the last reply was. */
static bool is_servers_trouble(int curl_code)
{
    switch (curl_code) {
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_REMOTE_ACCESS_DENIED: /* EHLO and HELO refused */
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OUT_OF_MEMORY:
        return true;
    default:
        return false;
    }
}

/* RFC 4954 section 6, RFC 3207 section 4: replies about login and TLS. */
static bool is_about_login(long reply_code)
{
    return reply_code == 530 || reply_code == 534 || reply_code == 535 || reply_code == 538 || reply_code == 432 ||
           reply_code == 454;
}

/* Refusals of the sender that are about this message: its size, its parameters. */
static bool is_about_message(long reply_code)
{
    return reply_code == 552 || reply_code == 555;
}

enum attempt attempt_judge(int curl_code, long reply_code, enum progress progress)
{
    bool uploaded = progress == PROGRESS_ALL;

    /* No code of RFC 5321 section 4.2.1: whoever says so is no SMTP server, and has said nothing. Nor has who has only
     * let us in. */
    if (reply_code > 599 || (progress == PROGRESS_NONE && reply_code < 400))
        reply_code = 0;
    if (curl_code == CURLE_OK)
        return reply_code >= 400 ? (reply_code >= 500 ? ATTEMPT_NEVER : ATTEMPT_LATER) : ATTEMPT_SENT;
    if (is_servers_trouble(curl_code) && !uploaded)
        return ATTEMPT_UNREACHABLE;
    /* A 4xx or 5xx greeting is the server's word about itself; about a message libcurl says the same only after the
     * dot. */
    if (curl_code == CURLE_WEIRD_SERVER_REPLY && !uploaded && reply_code != 0)
        return ATTEMPT_UNREACHABLE;
    if (is_about_login(reply_code) && !uploaded)
        return ATTEMPT_UNREACHABLE;
    if (reply_code == 421)
        return ATTEMPT_STALE;
    /* Whose sender is refused can reach nobody until somebody mends that; the recipients are good. */
    if (reply_code >= 500)
        return progress == PROGRESS_NONE && !is_about_message(reply_code) ? ATTEMPT_LATER : ATTEMPT_NEVER;
    if (reply_code >= 400)
        return ATTEMPT_LATER;

    /* No reply says how it ended. */
    if (uploaded)
        return ATTEMPT_UNKNOWN;
    if (curl_code == CURLE_ABORTED_BY_CALLBACK)
        return ATTEMPT_UNREACHABLE; /* broken off by us */
    bool lost = curl_code == CURLE_SEND_ERROR || curl_code == CURLE_RECV_ERROR || curl_code == CURLE_GOT_NOTHING ||
                curl_code == CURLE_WEIRD_SERVER_REPLY;
    if (lost && reply_code < 300)
        return ATTEMPT_STALE;
    /* Slow or lost in the middle of this mail: it must not hold the others. */
    return progress == PROGRESS_NONE ? ATTEMPT_UNREACHABLE : ATTEMPT_LATER;
}

/* The digits at *TEXT, at most three; 0: none. */
static size_t digits(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n <= 3 ? n : 0;
}

void retry_enhanced(const char *reply, char ret_status[static RETRY_ENHANCED_SIZE])
{
    ret_status[0] = '\0';
    if (!reply || digits(reply) != 3 || (reply[3] != ' ' && reply[3] != '-'))
        return;
    const char *status = reply + 4;
    size_t subject = status[0] == reply[0] && status[1] == '.' ? digits(status + 2) : 0;
    size_t detail = subject > 0 && status[2 + subject] == '.' ? digits(status + 3 + subject) : 0;
    size_t size = 3 + subject + detail;
    if (detail == 0 || (status[size] != ' ' && status[size] != '\0'))
        return;
    (void)snprintf(ret_status, RETRY_ENHANCED_SIZE, "%.*s", (int)size, status);
}

bool retry_is_policy(long reply_code, const char *enhanced)
{
    return reply_code >= 500 && enhanced && strncmp(enhanced, "5.7.", 4) == 0;
}

static int64_t step(int64_t attempts)
{
    if (attempts < 1)
        attempts = 1;
    return steps[attempts > (int64_t)STEPS ? STEPS - 1 : (size_t)attempts - 1];
}

int64_t retry_at(int64_t now, int64_t first, int64_t attempts)
{
    int64_t next = now + step(attempts);
    return attempts >= ATTEMPTS_AT_LEAST && next > first + GIVE_UP_AFTER ? INT64_MAX : next;
}

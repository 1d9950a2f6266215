/* SPDX-License-Identifier: EUPL-1.2 */
/* The numbers that a monitoring system reads: one table of counters and gauges (metrics.c: name, type, help), atomic,
 * made by main and handed to whoever counts. Any thread. */
#pragma once

#include <stdint.h>

struct buffer;
struct metrics;

enum metric {
    METRIC_REQUESTS_2XX, METRIC_REQUESTS_3XX, METRIC_REQUESTS_4XX, METRIC_REQUESTS_5XX,
    METRIC_CONNECTIONS,           /* gauge: open now */
    METRIC_REFUSED_CONNECTIONS,   /* cap in all */
    METRIC_REFUSED_ADDRESS,       /* connections over the cap of one address */
    METRIC_TIMEOUT_HEADER, METRIC_TIMEOUT_BODY, METRIC_TIMEOUT_REPLY,
    METRIC_LIMITED_CLIENT,        /* POST or look-up over the rate */
    METRIC_LIMITED_MAILBOX,       /* sign-up over the mails an address may get */
    METRIC_LIMITED_EVENT,         /* refused submissions over an event's rate */
    METRIC_GUARD_HONEYPOT, METRIC_GUARD_FORM_TIME,
    METRIC_SIGN_UPS, METRIC_CANCELS,
    METRIC_STORE_BATCHES, METRIC_STORE_JOBS, METRIC_STORE_REFUSED,
    METRIC_STORE_WAL_BYTES,       /* gauge */
    METRIC_STORE_QUEUE,           /* gauge: outside jobs that wait */
    METRIC_MAILS_SENT, METRIC_MAILS_DEFERRED, METRIC_MAILS_FAILED,
    METRIC_MAILS_EXPIRED,         /* their time had passed */
    METRIC_MAILS_PACED,           /* put off by a set rate */
    METRIC_MAIL_DOWN, /* gauge: 1 while the mail server cannot be reached */
    METRIC_MAIL_QUEUE,            /* gauge: mails that wait */
    METRIC_MAIL_OLDEST,           /* gauge: seconds since when the oldest due one could have gone */
    METRIC_MAIL_PAUSES,           /* gauge: pauses in force */
    METRIC_MAIL_ALARM_AGE, METRIC_MAIL_ALARM_FAILURES, METRIC_MAIL_ALARM_POLICY, /* gauges: 1 while it holds */
    METRICS
};

int metrics_new(struct metrics **ret_metrics) __attribute__((warn_unused_result));
void metrics_free(struct metrics *metrics);

/* METRICS may be NULL (convenectl, unit tests): nothing is counted. */
void metrics_add(struct metrics *metrics, enum metric metric, int64_t n);
void metrics_set(struct metrics *metrics, enum metric metric, int64_t value);
int64_t metrics_get(const struct metrics *metrics, enum metric metric);

/* All in the Prometheus text format (version 0.0.4), `convened_…`. */
void metrics_print(const struct metrics *metrics, struct buffer *out);

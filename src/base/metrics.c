/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of metrics and their counters. Callers: http, store, mail, page count; page/page_metrics prints. Any
 * thread. */
#include "base/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

struct row {
    const char *name, *label; /* rows of one name stand together and differ in their label */
    enum { COUNTER, GAUGE } type;
    const char *help;
};

static const struct row rows[METRICS] = {
    [METRIC_REQUESTS_2XX] = { "convened_requests_total", "class=\"2xx\"", COUNTER, "Requests answered." },
    [METRIC_REQUESTS_3XX] = { "convened_requests_total", "class=\"3xx\"", COUNTER, NULL },
    [METRIC_REQUESTS_4XX] = { "convened_requests_total", "class=\"4xx\"", COUNTER, NULL },
    [METRIC_REQUESTS_5XX] = { "convened_requests_total", "class=\"5xx\"", COUNTER, NULL },
    [METRIC_CONNECTIONS] = { "convened_connections", NULL, GAUGE, "Connections open now." },
    [METRIC_REFUSED_CONNECTIONS] = { "convened_connections_refused_total", "limit=\"all\"", COUNTER,
                                     "Connections over limits.connections or limits.connections_per_address." },
    [METRIC_REFUSED_ADDRESS] = { "convened_connections_refused_total", "limit=\"address\"", COUNTER, NULL },
    [METRIC_TIMEOUT_HEADER] = { "convened_timeouts_total", "part=\"header\"", COUNTER,
                                "Connections ended at a deadline of limits." },
    [METRIC_TIMEOUT_BODY] = { "convened_timeouts_total", "part=\"body\"", COUNTER, NULL },
    [METRIC_TIMEOUT_REPLY] = { "convened_timeouts_total", "part=\"reply\"", COUNTER, NULL },
    [METRIC_LIMITED_CLIENT] = { "convened_limited_total", "limit=\"client\"", COUNTER,
                                "Requests answered with 429: over limits.burst and limits.per_minute (client), "
                                "limits.mails_per_address_per_hour (mailbox), "
                                "limits.refused_per_event_per_minute (event)." },
    [METRIC_LIMITED_MAILBOX] = { "convened_limited_total", "limit=\"mailbox\"", COUNTER, NULL },
    [METRIC_LIMITED_EVENT] = { "convened_limited_total", "limit=\"event\"", COUNTER, NULL },
    [METRIC_GUARD_HONEYPOT] = { "convened_guarded_total", "guard=\"honeypot\"", COUNTER,
                                "Forms that came with the hidden field filled in, or without a good signed time." },
    [METRIC_GUARD_FORM_TIME] = { "convened_guarded_total", "guard=\"form_time\"", COUNTER, NULL },
    [METRIC_SIGN_UPS] = { "convened_sign_ups_total", NULL, COUNTER, "Sign-ups accepted, waiting lists included." },
    [METRIC_CANCELS] = { "convened_cancels_total", NULL, COUNTER, "Registrations cancelled by their owners." },
    [METRIC_STORE_BATCHES] = { "convened_store_batches_total", NULL, COUNTER, "Transactions of the store's writer." },
    [METRIC_STORE_JOBS] = { "convened_store_jobs_total", NULL, COUNTER, "Changes that these transactions held." },
    [METRIC_STORE_REFUSED] = { "convened_store_refused_total", NULL, COUNTER,
                            "Changes refused because the list was full or the store had failed, or not done because "
                               "the disk was full." },
    [METRIC_STORE_WAL_BYTES] = { "convened_store_wal_bytes", NULL, GAUGE,
                                 "Write-ahead log that is not yet in the database." },
    [METRIC_STORE_QUEUE] = { "convened_store_queue", NULL, GAUGE, "Changes that wait for the writer." },
    [METRIC_MAILS_SENT] = { "convened_mails_total", "outcome=\"sent\"", COUNTER,
                            "Mails by what became of a try: sent, deferred after an answer of the server, failed for "
                            "good; and without one: expired, paced." },
    [METRIC_MAILS_DEFERRED] = { "convened_mails_total", "outcome=\"deferred\"", COUNTER, NULL },
    [METRIC_MAILS_FAILED] = { "convened_mails_total", "outcome=\"failed\"", COUNTER, NULL },
    [METRIC_MAILS_EXPIRED] = { "convened_mails_total", "outcome=\"expired\"", COUNTER, NULL },
    [METRIC_MAILS_PACED] = { "convened_mails_total", "outcome=\"paced\"", COUNTER, NULL },
    [METRIC_MAIL_DOWN] = { "convened_mail_server_down", NULL, GAUGE, "1 while the mail server cannot be reached." },
    [METRIC_MAIL_QUEUE] = { "convened_mail_queue", NULL, GAUGE, "Mails that wait, also for later." },
    [METRIC_MAIL_OLDEST] = { "convened_mail_oldest_seconds", NULL, GAUGE,
                             "How long the oldest mail that could go has been due." },
    [METRIC_MAIL_PAUSES] = { "convened_mail_pauses", NULL, GAUGE,
                             "Pauses in force: of the whole queue, and of events." },
    [METRIC_MAIL_ALARM_AGE] = { "convened_mail_alarm", "sort=\"age\"", GAUGE,
                                "1 while an alarm about the mail holds; see convened(8)." },
    [METRIC_MAIL_ALARM_FAILURES] = { "convened_mail_alarm", "sort=\"failures\"", GAUGE, NULL },
    [METRIC_MAIL_ALARM_POLICY] = { "convened_mail_alarm", "sort=\"policy\"", GAUGE, NULL },
};

struct metrics {
    _Atomic int64_t values[METRICS];
};

int metrics_new(struct metrics **ret_metrics)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (!metrics)
        return -ENOMEM;
    *ret_metrics = metrics;
    return 0;
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

void metrics_add(struct metrics *metrics, enum metric metric, int64_t n)
{
    if (metrics)
        (void)atomic_fetch_add_explicit(&metrics->values[metric], n, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, enum metric metric, int64_t value)
{
    if (metrics)
        atomic_store_explicit(&metrics->values[metric], value, memory_order_relaxed);
}

int64_t metrics_get(const struct metrics *metrics, enum metric metric)
{
    return metrics ? atomic_load_explicit(&metrics->values[metric], memory_order_relaxed) : 0;
}

void metrics_print(const struct metrics *metrics, struct buffer *out)
{
    const char *last = "";
    for (unsigned i = 0; i < METRICS; i++) {
        const struct row *row = &rows[i];
        if (strcmp(row->name, last) != 0)
            buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                          row->type == COUNTER ? "counter" : "gauge");
        last = row->name;
        buffer_format(out, row->label ? "%s{%s} %" PRId64 "\n" : "%s%s %" PRId64 "\n", row->name,
                      row->label ? row->label : "", metrics_get(metrics, i));
    }
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The numbers for a monitoring system, in the text format of Prometheus. Called by main; the handler runs on the one
 * worker of the metrics listener. */
#include "page/page_metrics.h"

#include <stddef.h>

#include "base/buffer.h"
#include "base/metrics.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/server.h"

static void send_text(struct request *request, int status, const char *type, const char *text, size_t size)
{
    reply_send(request, &(struct reply){
        .status = status,
        .type = type,
        .cache = REPLY_NO_STORE,
        .data = text,
        .size = size,
    });
}

static void refuse(struct request *request, int status)
{
    static const char text[] = "Only GET /metrics is served here.\n";

    send_text(request, status, "text/plain; charset=utf-8", text, sizeof text - 1);
}

static void handle(struct request *request)
{
    const struct metrics *metrics = request_state(request);
    struct buffer out = { 0 };

    metrics_print(metrics, &out);
    if (buffer_check(&out) < 0)
        refuse(request, 503);
    else
        send_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.size);
    buffer_done(&out);
}

static const struct endpoint endpoint = {
    .name = "metrics",
    .path = "/metrics",
    .methods = HTTP_GET,
    .handle = handle,
};

static const struct endpoint *const table[] = { &endpoint };

static int worker_start(void *context, struct mailbox *mailbox, void **ret_state)
{
    (void)mailbox;
    *ret_state = context;
    return 0;
}

static void worker_stop(void *state)
{
    (void)state;
}

static bool is_language(void *state, const char *code)
{
    (void)state;
    (void)code;
    return false;
}

struct http_site page_metrics_site(struct metrics *metrics)
{
    return (struct http_site){
        .endpoints = table,
        .endpoint_count = sizeof table / sizeof *table,
        .context = metrics,
        .worker_start = worker_start,
        .worker_stop = worker_stop,
        .is_language = is_language,
        .refuse = refuse,
    };
}

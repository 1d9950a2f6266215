/* SPDX-License-Identifier: EUPL-1.2 */
/* The request's client, and what he may still do: the part of request.h that knows limits. Callers: page. Worker's
 * thread. */
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/client.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/guard.h"
#include "http/request.h"
#include "http/server.h"
#include "http/worker.h"

/* All lines of a header, joined in order (RFC 9110 section 5.2); NULL: there is none. Without memory for them what they
 * say is nothing that one can read. */
static const char *join_header(const struct request *request, const char *name)
{
    const struct evkeyval *header;
    const char *all = NULL;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(request->http), next) {
        if (strcasecmp(header->key, name) != 0)
            continue;
        all = all ? arena_format(request->arena, "%s, %s", all, header->value) : header->value;
        if (!all)
            return "";
    }
    return all;
}

static struct client find_client(const struct request *request)
{
    const struct http_options *options = http_worker_options(request->worker);
    const struct http_site *site = options->site;
    const struct trusted *trusted = site->trusted ? site->trusted(http_worker_state(request->worker)) : NULL;
    struct client client = { .known = false };
    bool is_unix, silent;

    if (!request->connection)
        return client;
    const struct client *peer = connection_peer(request->connection, &is_unix);
    client_of_request(trusted, peer, is_unix, join_header(request, "X-Forwarded-For"),
                      join_header(request, "Forwarded"), &client, &silent);
    if (silent && guard_first_silent(options->guard))
        log_warning("http.proxy_silent",
                    LOG_TEXT("why", "a trusted proxy sends no X-Forwarded-For: its visitors are not limited"));
    return client;
}

bool request_allowed(struct request *request, int64_t *ret_retry_after)
{
    const struct http_options *options = http_worker_options(request->worker);
    if (!options->guard || !request->http)
        return true;
    const struct client client = find_client(request);
    if (guard_spend(options->guard, &client, clock_monotonic(), ret_retry_after))
        return true;
    metrics_add(options->metrics, METRIC_LIMITED_CLIENT, 1);
    return false;
}

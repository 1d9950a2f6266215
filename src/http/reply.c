/* SPDX-License-Identifier: EUPL-1.2 */
/* The only way out. Callers: page (any endpoint, at once or when its job has come back). Worker's thread. */
#include "http/reply.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/server.h"
#include "http/worker.h"

#define NUMBER_SIZE 24
#define HSTS "max-age=31536000" /* a year; what the host's other names do is not ours to say */

/* As RFC 9110 words them; evhttp lacks some. */
static const struct { int status; const char *text; } reasons[] = {
    { 200, "OK" }, { 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 403, "Forbidden" },
    { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" }, { 409, "Conflict" },
    { 410, "Gone" }, { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" }, { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 503, "Service Unavailable" },
};

static const char *reason(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return NULL; /* evhttp's own word */
}

static const char *cache_text(enum reply_cache cache)
{
    switch (cache) {
    case REPLY_PRIVATE:
        return "private, no-cache";
    case REPLY_DAY:
        return "public, max-age=86400";
    case REPLY_YEAR:
        return "public, max-age=31536000, immutable";
    case REPLY_NO_STORE:
        break;
    }
    return "no-store";
}

static const char *method_text(enum evhttp_cmd_type type)
{
    switch (type) {
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_POST:
        return "POST";
    default:
        return "other";
    }
}

/* Nothing of ours follows such an answer, so no length either (RFC 9110 sections 8.6 and 15.4.5). */
static bool is_bodiless(int status)
{
    return status < 200 || status == 204 || status == 304;
}

/* Adds a header unless VALUE is NULL; the first failure stays in *r. evhttp refuses CR and LF in values. */
static void add(struct evkeyvalq *headers, int *r, const char *name, const char *value)
{
    if (*r == 0 && value && evhttp_add_header(headers, name, value) != 0)
        *r = -EINVAL;
}

static void add_number(struct evkeyvalq *headers, int *r, const char *name, size_t number)
{
    char text[NUMBER_SIZE];
    (void)snprintf(text, sizeof(text), "%zu", number);
    add(headers, r, name, text);
}

static void add_policy(struct evkeyvalq *headers, int *r, const struct request *request, const struct reply *reply)
{
    const char *frames = reply->frame_ancestors ? reply->frame_ancestors : "'none'", *policy;

    /* One directive only: what a definition says must not write others. */
    if (strpbrk(frames, ";,")) {
        *r = -EINVAL;
        return;
    }
    if (reply->type && strncmp(reply->type, "image/", 6) == 0) /* an SVG that is opened by itself runs nothing */
        policy = "default-src 'none'; sandbox";
    else
        policy = arena_format(request->arena,
                              "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                              "form-action 'self'; base-uri 'none'; frame-ancestors %s", frames);
    if (policy)
        add(headers, r, "Content-Security-Policy", policy);
    else
        *r = -ENOMEM;
    if (!reply->frame_ancestors) /* for browsers that do not know frame-ancestors; it could name no other sites */
        add(headers, r, "X-Frame-Options", "DENY");
}

static void add_security(struct evkeyvalq *headers, int *r, const struct request *request, const struct reply *reply)
{
    add_policy(headers, r, request, reply);
    add(headers, r, "X-Content-Type-Options", "nosniff");
    add(headers, r, "Referrer-Policy", "no-referrer"); /* our paths hold tokens */
    add(headers, r, "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    add(headers, r, "Cross-Origin-Opener-Policy", "same-origin");
    if (reply->https)
        add(headers, r, "Strict-Transport-Security", HSTS);
}

static const char *vary_text(const struct reply *reply)
{
    if (reply->vary_language)
        return reply->vary_encoding ? "Accept-Language, Accept-Encoding" : "Accept-Language";
    return reply->vary_encoding ? "Accept-Encoding" : NULL;
}

/* A path of this site: `//host` and `/\host` would be another's (WHATWG URL standard, relative slash state). */
static bool is_own_path(const char *location)
{
    return location[0] == '/' && location[1] != '/' && location[1] != '\\';
}

static void add_disposition(struct evkeyvalq *headers, int *r, const struct request *request, const char *filename)
{
    if (!filename)
        return;
    for (const char *c = filename; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr(".-_", *c))) {
            *r = -EINVAL;
            return;
        }
    const char *value = arena_format(request->arena, "attachment; filename=\"%s\"", filename);
    if (value)
        add(headers, r, "Content-Disposition", value);
    else
        *r = -ENOMEM;
}

static int add_headers(const struct request *request, const struct reply *reply)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->http);
    int r = 0;

    if (reply->location && !is_own_path(reply->location))
        return -EINVAL;
    add(headers, &r, "Content-Type", reply->type);
    if (!is_bodiless(reply->status))
        add_number(headers, &r, "Content-Length", reply->size); /* evhttp adds none to HEAD, nor to CONNECT */
    add(headers, &r, "Content-Encoding", reply->gzip ? "gzip" : NULL);
    add(headers, &r, "Content-Language", reply->language);
    add(headers, &r, "Cache-Control", cache_text(reply->cache));
    add(headers, &r, "Vary", vary_text(reply));
    add(headers, &r, "Location", reply->location);
    add_disposition(headers, &r, request, reply->filename);
    if (reply->retry_after > 0)
        add_number(headers, &r, "Retry-After", (size_t)reply->retry_after);
    if (reply->status == 405) /* RFC 9110 section 15.5.6 */
        add(headers, &r, "Allow", reply->allow ? reply->allow : request->route.allow);
    add_security(headers, &r, request, reply);
    return r;
}

static int fill(const struct request *request, const struct reply *reply, bool closing)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->http);
    int r = add_headers(request, reply);
    if (r == 0 && closing)
        add(headers, &r, "Connection", "close");
    if (r != 0 || request->head || is_bodiless(reply->status) || reply->size == 0)
        return r; /* evhttp would send a body after HEAD, and the next answer would begin with it */
    struct evbuffer *out = evhttp_request_get_output_buffer(request->http);
    return evbuffer_add(out, reply->data, reply->size) == 0 ? 0 : -ENOMEM;
}

/* Empties what a failed reply has left, for a bare 500. */
static void strip(const struct request *request, bool https)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request->http);
    struct evbuffer *out = evhttp_request_get_output_buffer(request->http);
    evhttp_clear_headers(headers);
    (void)evbuffer_drain(out, evbuffer_get_length(out));
    int r = 0;
    add(headers, &r, "Content-Length", "0");
    add(headers, &r, "Connection", "close");
    add(headers, &r, "Strict-Transport-Security", https ? HSTS : NULL);
}

/* Writes the reply in this turn of the loop instead of waiting for the socket to be reported writable, which saves a
 * round of epoll (a tenth of the time of a GET). evhttp's own callback is always deferred: called from here it would
 * take up the next request inside this one. Only for plain connections, whose output is written to the socket as it
 * is. A short or failed write is left to libevent, which has the write event added already. */
static void flush(struct evhttp_connection *connection)
{
    struct bufferevent *bufferevent = evhttp_connection_get_bufferevent(connection);
    struct evbuffer *out = bufferevent_get_output(bufferevent);
    if (evbuffer_unfreeze(out, 1) != 0)
        return;
    (void)evbuffer_write(out, bufferevent_getfd(bufferevent));
    (void)evbuffer_freeze(out, 1);
    if (evbuffer_get_length(out) == 0)
        bufferevent_trigger(bufferevent, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
}

static void count(const struct request *request, int status)
{
    static const enum metric classes[] = { METRIC_REQUESTS_2XX, METRIC_REQUESTS_3XX, METRIC_REQUESTS_4XX,
                                           METRIC_REQUESTS_5XX };
    if (status >= 200 && status < 600)
        metrics_add(http_worker_options(request->worker)->metrics, classes[status / 100 - 2], 1);
}

void reply_send(struct request *request, const struct reply *reply)
{
    struct evhttp_request *http = request->http;
    const struct endpoint *endpoint = request->route.endpoint;
    const char *name = endpoint ? endpoint->name : "-";

    if (http) {
        struct evhttp_connection *connection = evhttp_request_get_connection(http);
        int status = reply->status;
        int r = fill(request, reply, request->close || http_worker_draining(request->worker));
        if (r != 0) {
            log_error("http.reply_failed", LOG_TEXT("endpoint", name), LOG_INT("status", status), LOG_ERRNO(r));
            strip(request, reply->https);
            status = 500;
        }
        log_debug("http.reply", LOG_TEXT("endpoint", name),
                  LOG_TEXT("method", method_text(evhttp_request_get_command(http))), LOG_INT("status", status));
        count(request, status);
        evhttp_send_reply(http, status, reason(status), NULL); /* without a connection this frees HTTP all the same */
        if (connection)
            flush(connection);
    }
    http_worker_answered(request);
    request_free(request);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* One request from its last byte to its endpoint. All that is refused before an endpoint sees it is refused here, and
 * through the site's own page. Callers: http/worker (receive), page (the questions). Worker's thread. */
#include "http/request.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "http/check.h"
#include "http/decode.h"
#include "http/exchange.h"
#include "http/multipart.h"
#include "http/server.h"
#include "http/worker.h"

#define QUERY_FIELDS 32 /* we ask for a few; what trackers hang on to links counts too */

struct request *request_new(struct http_worker *worker, struct evhttp_request *http)
{
    struct request *request = calloc(1, sizeof(*request));
    if (!request)
        return NULL;
    request->arena = arena_new();
    if (!request->arena) {
        free(request);
        return NULL;
    }
    request->worker = worker;
    request->http = http;
    request->path = "/";
    switch (evhttp_request_get_command(http)) {
    case EVHTTP_REQ_HEAD:
        request->head = true;
        request->method = HTTP_GET;
        break;
    case EVHTTP_REQ_GET:
        request->method = HTTP_GET;
        break;
    case EVHTTP_REQ_POST:
        request->method = HTTP_POST;
        break;
    default: /* 405 by the route */
        break;
    }
    return request;
}

void request_free(struct request *request)
{
    if (!request)
        return;
    arena_free(request->arena);
    free(request);
}

/* Memory is the only thing that can fail; a visitor may try again. */
static int failed(int r)
{
    return r < 0 ? 503 : r;
}

static int find_endpoint(struct request *request)
{
    const struct http_site *site = http_worker_site(request->worker);
    int r = route_find(request->arena, site->endpoints, site->endpoint_count, false, request->path, request->method,
                       &request->route);
    if (r != 404)
        return failed(r);

    size_t size = strcspn(request->path + 1, "/");
    char *language = arena_copy_n(request->arena, request->path + 1, size);
    if (!language)
        return 503;
    if (size == 0 || !site->is_language(request_state(request), language))
        return 404;
    /* Set also if nothing is found behind it: the page of the error speaks it. */
    request->language = language;
    request->path += 1 + size;
    if (!*request->path)
        request->path = "/";
    return failed(route_find(request->arena, site->endpoints, site->endpoint_count, true, request->path,
                             request->method, &request->route));
}

static int read_target(struct request *request)
{
    const char *target = evhttp_request_get_uri(request->http);
    int status = check_target(target);
    if (status != 0)
        return status;
    size_t size = strcspn(target, "?");
    const char *query = target + size + (target[size] == '?');
    char *path = arena_copy_n(request->arena, target, size);
    if (!path)
        return 503;
    request->path = path;
    int r = decode_form(request->arena, query, strlen(query), QUERY_FIELDS, &request->query);
    return r == -E2BIG ? 400 : failed(r);
}

/* Of a body that is multipart/form-data and not coded; NULL: it is something else. */
static const char *find_boundary(struct request *request)
{
    const char *type = request_header(request, "Content-Type");
    if (!type || evhttp_find_header(evhttp_request_get_input_headers(request->http), "Content-Encoding"))
        return NULL;
    return multipart_boundary(request->arena, type);
}

static int read_form(struct request *request)
{
    const struct http_options *options = http_worker_options(request->worker);
    struct evbuffer *body = evhttp_request_get_input_buffer(request->http);
    size_t size = evbuffer_get_length(body);

    if (size > options->body_limit)
        return 413;
    const char *boundary = request->route.endpoint->multipart ? find_boundary(request) : NULL;
    int status = boundary ? 0 : check_form_type(request->http, size);
    if (status != 0 || size == 0)
        return status;
    const char *data = (const char *)evbuffer_pullup(body, -1);
    if (!data)
        return 503;
    int r = boundary
                ? multipart_decode(request->arena, data, size, boundary, options->field_limit, &request->form)
                : decode_form(request->arena, data, size, options->field_limit, &request->form);
    return r == -E2BIG ? 413 : r == -EBADMSG ? 400 : failed(r);
}

static int read_request(struct request *request)
{
    int status = check_message(request->http);
    if (status != 0) {
        request->close = true;
        return status;
    }
    status = read_target(request);
    if (status == 0)
        status = find_endpoint(request);
    if (status == 0 && request->method == HTTP_POST)
        status = read_form(request);
    return status;
}

void request_receive(struct request *request)
{
    int status = request->refused;
    if (status == 0)
        status = read_request(request);
    else if (read_target(request) == 0)
        (void)find_endpoint(request); /* the path's language is the page's */
    if (status != 0)
        http_worker_site(request->worker)->refuse(request, status);
    else
        request->route.endpoint->handle(request);
}

bool request_is_post(const struct request *request)
{
    return request->method == HTTP_POST;
}

const char *request_part(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->route.part_count; i++)
        if (strcmp(request->route.parts[i].name, name) == 0)
            return request->route.parts[i].value;
    return NULL;
}

const char *request_language(const struct request *request)
{
    return request->language;
}

const char *request_path(const struct request *request)
{
    return request->path;
}

const char *request_header(const struct request *request, const char *name)
{
    const struct evkeyval *header;
    const char *value = NULL;
    if (!request->http) /* its headers went with the connection */
        return NULL;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(request->http), next) {
        if (strcasecmp(header->key, name) != 0)
            continue;
        if (value)
            return NULL;
        value = header->value;
    }
    if (!value)
        return NULL;
    size_t size = strlen(value);
    return text_is_utf8(value, size) && !text_has_control(value, size) ? value : NULL;
}

const struct form *request_form(const struct request *request)
{
    return &request->form;
}

const char *request_query(const struct request *request, const char *name)
{
    return form_value(&request->query, name);
}

struct arena *request_arena(struct request *request)
{
    return request->arena;
}

void *request_state(const struct request *request)
{
    return http_worker_state(request->worker);
}

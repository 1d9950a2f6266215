/* SPDX-License-Identifier: EUPL-1.2 */
/* The request's body, shown only to the files of this room that make, answer and end it: worker, request, reply.
 * Worker's thread. */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

#include "base/form.h"
#include "http/route.h"

struct arena;
struct connection;
struct evhttp_request;
struct http_worker;

struct request {
    LIST_ENTRY(request) link;      /* among the worker's open ones */
    struct http_worker *worker;
    struct connection *connection; /* NULL: gone */
    struct evhttp_request *http;   /* libevent's until the reply; NULL: cut off when a drain's grace was over */
    struct arena *arena;
    const char *path, *language;
    struct form form, query;
    struct route route;
    unsigned method;               /* HTTP_GET, HTTP_POST; 0: another */
    bool head;
    bool close;                    /* the connection cannot be trusted after this one */
    int refused;                   /* the status it must have whatever it asks for; 0: none */
};

/* NULL: no memory. */
struct request *request_new(struct http_worker *worker, struct evhttp_request *http);
/* Checks, finds the endpoint and calls it, or has the site refuse. The request may be gone when this returns. */
void request_receive(struct request *request);
/* What HTTP belongs to stays. */
void request_free(struct request *request);

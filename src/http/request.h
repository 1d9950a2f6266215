/* SPDX-License-Identifier: EUPL-1.2 */
/* One request as an endpoint sees it, and the endpoint itself. Lives from the last byte of the body until the reply, on
 * its worker's thread; an endpoint may answer later, when a job comes back to the worker's mailbox. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct form;
struct request;

enum { HTTP_GET = 1, /* and HEAD */ HTTP_POST = 2 };

/* One endpoint: one file of page/ with one const descriptor. */
struct endpoint {
    const char *name;
    const char *path;    /* "/e/{slug}": a segment in braces is handed to the endpoint */
    unsigned methods;    /* others are 405 */
    bool language;       /* also behind /LANG */
    bool multipart;      /* a POST may be multipart/form-data too */
    void (*handle)(struct request *request);
};

bool request_is_post(const struct request *request); /* else GET or HEAD, which are not told apart here */
/* A segment, percent-decoded, valid UTF-8; NULL. */
const char *request_part(const struct request *request, const char *name);
const char *request_language(const struct request *request); /* of the path; NULL: none */
/* The path without /LANG, as it came, always beginning with "/". */
const char *request_path(const struct request *request);
/* The header's value if it came once and is clean; else NULL. */
const char *request_header(const struct request *request, const char *name);
/* The decoded body of a POST (of the types that the endpoint takes, checked before the endpoint is called). */
const struct form *request_form(const struct request *request);
/* The value of NAME in the query string; NULL. */
const char *request_query(const struct request *request, const char *name);

/* Spends one token of the request's client, for a POST or the look-up of a link; the endpoints decide when. False: none
 * is left, and *ret_retry_after are the seconds until there is one. */
bool request_allowed(struct request *request, int64_t *ret_retry_after);

struct arena *request_arena(struct request *request);     /* gone with the reply */
void *request_state(const struct request *request);       /* the site's state of this worker */

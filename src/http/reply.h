/* SPDX-License-Identifier: EUPL-1.2 */
/* The only way out: every answer of the daemon leaves through reply_send, with its length, its security headers and
 * its cache rule. Worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct request;

enum reply_cache {
    REPLY_PRIVATE,  /* private, no-cache: pages (no-store would empty the form on Back) */
    REPLY_NO_STORE, /* what belongs to one person */
    REPLY_DAY,      /* public, a day: what has one address for ever and changes rarely */
    REPLY_YEAR,     /* public, immutable: static files with their hash */
};

struct reply {
    int status;
    const char *type;          /* "text/html; charset=utf-8" */
    const char *language;      /* Content-Language; NULL: none */
    bool vary_language;        /* Vary: Accept-Language */
    const char *location;      /* of a 303: a path of ours, never of user text unescaped; NULL */
    const char *filename;      /* a file to keep (RFC 6266): letters, digits, `.`, `-` and `_`; NULL: shown */
    int retry_after;           /* seconds; 0: none */
    const char *allow;         /* of a 405; NULL */
    const char *frame_ancestors; /* CSP; NULL: 'none' */
    bool https;                /* the public reaches us by TLS alone: HSTS */
    bool vary_encoding;        /* Vary: Accept-Encoding */
    bool gzip;                 /* DATA is in the gzip format; the client takes it */
    enum reply_cache cache;
    const char *data;          /* copied */
    size_t size;
};

/* Ends the request: REQUEST is gone afterwards. To HEAD the headers go alone, with the length the body would have. */
void reply_send(struct request *request, const struct reply *reply);

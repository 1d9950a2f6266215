/* SPDX-License-Identifier: EUPL-1.2 */
/* Looks at the bytes of requests as they come, before a parser does, and stops at the first that could be read in two
 * ways (RFC 9112) or goes over a limit. It keeps no bytes and decides nothing about what is asked. Pure. Caller:
 * http/connection, on the worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_limits {
    size_t head; /* bytes of request line and headers */
    size_t body; /* bytes of a body */
};

enum watch_result {
    WATCH_MORE, /* all is well so far */
    WATCH_HEAD, /* the head ends here */
    WATCH_BODY, /* the chunked body ends here */
    WATCH_BAD,  /* .status says how it must be refused; nothing behind can be trusted */
};

struct watch {
    unsigned char stage;
    unsigned char field;   /* which header's value comes */
    bool head_method;      /* HEAD: the refusal has no body */
    bool old;              /* HTTP/1.0 */
    bool chunked;
    unsigned char lengths, codings;
    unsigned char name_size, value_size;
    unsigned short lines;  /* of headers */
    unsigned short chunks; /* of a chunked body */
    unsigned short status; /* of the refusal; may be known before the head ends */
    uint32_t size;         /* of the head so far; of a chunked body: of the line so far */
    uint32_t line_at;      /* where the line began */
    uint32_t target_at, target_size;
    uint32_t language_at, language_size; /* the value of the first Accept-Language */
    uint64_t left, total;  /* chunked: bytes of this chunk to come, of all chunks */
    char name[20], value[20];
};

/* Before the first byte of each request. */
void watch_begin(struct watch *watch);

/* Takes bytes of the head, then of a chunked body; of another body nothing need be shown. *RET_TAKEN: so many were
 * good; with WATCH_BAD the next one was not, or, behind a whole head, what the head says. */
enum watch_result watch_feed(struct watch *watch, const struct watch_limits *limits, const char *data, size_t size,
                             size_t *ret_taken);

/* After a WATCH_BAD in a chunked body: what ends the body in place of the line that was bad, of which so many bytes
 * had been taken. */
const char *watch_end_of_body(const struct watch *watch, size_t *ret_line);

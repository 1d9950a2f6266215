/* SPDX-License-Identifier: EUPL-1.2 */
/* One compiled Mustache template. Private to the room: template.c keeps the set of them, mustache.c makes them,
 * mustache_render.c fills them. Immutable once linked, any thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buffer;
struct catalogue;
struct mustache;

enum mustache_op_kind {
    MUSTACHE_TEXT,
    MUSTACHE_VALUE, /* {{x}} */
    MUSTACHE_RAW,   /* {{{x}}} and {{&x}} */
    MUSTACHE_SECTION,
    MUSTACHE_INVERTED,
    MUSTACHE_END,
    MUSTACHE_PARTIAL,
};

struct mustache_op {
    enum mustache_op_kind kind;
    bool line_start; /* a line of the file begins here: a partial's indentation goes in front */
    unsigned line;
    const char *text; /* TEXT: the bytes; PARTIAL: the indentation of a tag that stands alone, else NULL */
    size_t size;
    const char *name;  /* as written, of all but TEXT */
    const char *rest;  /* NAME behind its first dot; NULL if it has none */
    const char **keys; /* NAME taken apart at its dots */
    size_t key_count;  /* 0: `.`, the value itself */
    size_t end;        /* SECTION, INVERTED: where its END is */
    const struct mustache *partial; /* PARTIAL: NULL if there is none, it then is empty */
};

struct mustache {
    struct arena *arena;
    const char *name; /* page/event.html */
    const char *file; /* the path, for faults */
    bool html;        /* values are escaped */
    bool own;         /* an installation's, and none of ours is called so */
    struct mustache_op *ops;
    size_t count;
};

/* NAME decides the kind of text: what ends in .txt escapes nothing. -EINVAL: a fault, logged with file and line. */
int mustache_compile(const char *name, const char *file, const char *text, size_t size, struct mustache **ret_made)
    __attribute__((warn_unused_result));
void mustache_free(struct mustache *mustache); /* NULL is allowed */

/* Appends to OUT; MODEL may be NULL. -ELOOP: partials too deep; -ENOMEM. */
int mustache_render(const struct mustache *mustache, const json_t *model, const struct catalogue *catalogue,
                    struct buffer *out) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* A growing run of bytes. A failed growth is remembered, so that a writer adds many pieces and asks once.
 * Callers: base, signup, view, change, report, page, mail, ctl. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data; /* always ends in a zero byte that SIZE does not count; NULL while nothing was added */
    size_t size;
    size_t room;
    bool failed; /* memory ran out: DATA is incomplete */
};

void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 0, or -ENOMEM if any addition failed. */
int buffer_check(const struct buffer *buffer) __attribute__((warn_unused_result));

/* The text so far, never NULL. */
const char *buffer_string(const struct buffer *buffer);

void buffer_clear(struct buffer *buffer); /* empty, the memory kept */
void buffer_done(struct buffer *buffer);  /* gives the memory back */

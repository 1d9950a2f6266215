/* SPDX-License-Identifier: EUPL-1.2 */
/* An arena: memory that is taken piece by piece and given back at once.
 * Jobs, requests and parsed definitions live in one each, so nobody frees their parts.
 * Callers: all rooms. One thread at a time; it moves between threads with what it holds. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new, empty arena. NULL: no memory. */
struct arena *arena_new(void);

/* Gives everything back. NULL is allowed. */
void arena_free(struct arena *arena);

/* SIZE zeroed bytes, aligned for any type. NULL: no memory. */
void *arena_take(struct arena *arena, size_t size);

/* Room for one more in an array of COUNT items of SIZE bytes that the arena holds: ITEMS itself while *room allows,
 * else a larger copy. NULL: no memory, and ITEMS stays good. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size);

/* A copy of TEXT, which may be NULL (then NULL comes back, as when there is no memory). */
char *arena_copy(struct arena *arena, const char *text);
/* The same for SIZE bytes, with a zero behind them. */
char *arena_copy_n(struct arena *arena, const char *text, size_t size);

/* printf into the arena. NULL: no memory. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_format_v(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

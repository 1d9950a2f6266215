/* SPDX-License-Identifier: EUPL-1.2 */
/* The parts of a returned message as text: reports by RFC 3464, the plain ones of older servers, answers of calendars.
 * Each reads SIZE bytes that may be anything. Private to the returned_ files; pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct returned;

/* At most MAX bytes as one line of ASCII; NULL: no memory. */
char *returned_clean(struct arena *arena, const char *text, size_t size, size_t max);

/* The next line without its end in *RET_LINE; *AT stands behind it then. False: there is none. */
bool returned_line(const char *data, size_t size, size_t *at, const char **ret_line, size_t *ret_size);

/* message/delivery-status: a block for each recipient. -ENOMEM. */
int returned_read_status(struct arena *arena, const char *data, size_t size, struct returned *returned)
    __attribute__((warn_unused_result));

/* The text of what a server without RFC 3464 wrote. 1: it is one; 0: it is not. -ENOMEM. FAILED: the value of the
 * header X-Failed-Recipients; may be NULL. */
int returned_read_plain(struct arena *arena, const char *data, size_t size, const char *failed,
                        struct returned *returned) __attribute__((warn_unused_result));

/* text/calendar with METHOD:REPLY. 1: it is one; 0: it is not. -ENOMEM. */
int returned_read_calendar(struct arena *arena, const char *data, size_t size, struct returned *returned)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* application/x-www-form-urlencoded, by the WHATWG URL standard, with limits. Pure. Any thread. */
#pragma once

#include <stddef.h>

struct arena;
struct form;

/* -E2BIG: more than LIMIT fields. -ENOMEM. Bad escapes stay as they are (as the standard says); values that are no
 * UTF-8 or hold a zero byte are marked bad. */
int decode_form(struct arena *arena, const char *data, size_t size, size_t limit, struct form *ret_form)
    __attribute__((warn_unused_result));

/* One percent-decoded path segment. -EILSEQ: a zero byte, a slash, a bad escape, no UTF-8. */
int decode_segment(struct arena *arena, const char *data, size_t size, char **ret_text)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* multipart/form-data (RFC 7578), as far as a form without files needs it: what RFC 8058 lets mail providers post.
 * Pure. Any thread. */
#pragma once

#include <stddef.h>

struct arena;
struct form;

/* The boundary that a Content-Type names, in ARENA; NULL: it is another type, or names none that is allowed. */
char *multipart_boundary(struct arena *arena, const char *type);

/* The parts that have a name and are no files, in order. -EBADMSG: not such a body; -E2BIG: more than LIMIT parts;
 * -ENOMEM. Values that are no UTF-8 or hold a zero byte are marked bad. */
int multipart_decode(struct arena *arena, const char *data, size_t size, const char *boundary, size_t limit,
                     struct form *ret_form) __attribute__((warn_unused_result));

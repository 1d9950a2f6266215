/* SPDX-License-Identifier: EUPL-1.2 */
/* What differs between two texts, line by line. Pure. Callers: ctl. Any thread. */
#pragma once

#include <stddef.h>

struct arena;

enum diff_side { DIFF_BOTH, DIFF_OLD, DIFF_NEW };

struct diff_line {
    enum diff_side side; /* where it stands */
    const char *text;    /* inside the text it came from; SIZE bytes, without the line feed */
    size_t size;
};

/* The lines of both texts in one order, with as many in both as can be (where the texts differ in more than some
 * thousand lines each, that part counts as replaced whole). The list is in ARENA. -ENOMEM. */
int diff_lines(struct arena *arena, const char *old, const char *new, size_t *ret_count, struct diff_line **ret_lines)
    __attribute__((warn_unused_result));

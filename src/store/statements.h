/* SPDX-License-Identifier: EUPL-1.2 */
/* The named statements: the only SQL that runs in normal life. Used by the driver alone. */
#pragma once

#include <stddef.h>

struct statement {
    const char *name, *text;
};

/* Sorted by name. */
const struct statement *statements(size_t *ret_count);

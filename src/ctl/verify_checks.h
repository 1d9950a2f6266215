/* SPDX-License-Identifier: EUPL-1.2 */
/* The checks of convenectl verify but that of the file itself. One thread. */
#pragma once

#include <stddef.h>

struct verify_check {
    const char *name;
    const char *sql; /* each row says what is wrong in one sentence; no row: it is well */
};

const struct verify_check *verify_checks(size_t *ret_count);

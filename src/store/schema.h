/* SPDX-License-Identifier: EUPL-1.2 */
/* The migrations, schema/N.sql one after another: applied in order, never changed once released. */
#pragma once

#include <stddef.h>

/* *ret_count texts; the first makes version 1. */
const char *const *schema_steps(size_t *ret_count);

/* SPDX-License-Identifier: EUPL-1.2 */
/* A row of `place`, as the statements of statements.c select it. Used by facts_load.c and writer.c. */
#pragma once

#include <stdint.h>

#include "signup/places.h"

struct query;

/* The row that QUERY stands on, without its texts; the parent's id, 0 for none. */
struct place board_row_read(const struct query *query, int64_t *ret_parent);
#define BOARD_ROW_KEY 15 /* the column of its key */

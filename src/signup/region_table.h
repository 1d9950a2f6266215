/* SPDX-License-Identifier: EUPL-1.2 */
/* The table behind region.h. Of no use to others. Constant; any thread. */
#pragma once

#include <stddef.h>

#include "signup/region.h"

const struct region *region_table(size_t *ret_count); /* by code */

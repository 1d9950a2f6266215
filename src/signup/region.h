/* SPDX-License-Identifier: EUPL-1.2 */
/* The regions of NUTS level 2 (Regulation (EC) No 1059/2003), in their register's own spelling. Pure. Any thread. */
#pragma once

#include <stddef.h>

struct region {
    const char *code; /* EE00 */
    const char *name; /* Eesti */
};

/* The regions of COUNTRY (ISO 3166 alpha-2; Greece is GR there and EL in the codes), by code. */
const struct region *region_list(const char *country, size_t *ret_count);
const struct region *region_by_code(const char *code); /* NULL: no such */

/* SPDX-License-Identifier: EUPL-1.2 */
/* The regions of NUTS level 2, version 2024 (Regulation (EC) No 1059/2003), in their register's own spelling. Pure. Any
 * thread. */
#pragma once

#include <stddef.h>

struct region {
    const char *code; /* EE00 */
    const char *name; /* Eesti */
};

/* The regions of COUNTRY (ISO 3166 alpha-2; Greece is GR there and EL in the codes), by code: those of the EU, of
 * Iceland, Liechtenstein, Norway and Switzerland, and of AL, ME, MK, RS, TR, UA and XK. Åland and the regions of France
 * overseas are countries of their own in ISO and have their one region. NULL, and 0: NUTS knows no regions there. */
const struct region *region_list(const char *country, size_t *ret_count);
const struct region *region_by_code(const char *code); /* NULL: no such */

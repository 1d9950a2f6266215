/* SPDX-License-Identifier: EUPL-1.2 */
/* The countries a form offers: ISO 3166-1 alpha-2, plus XK. Names are ICU's, by view/words. Pure. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum country_group { COUNTRY_EU, COUNTRY_EUROPE, COUNTRY_WORLD, COUNTRY_GROUPS };

struct country { char code[3]; enum country_group group; };

const struct country *country_list(size_t *ret_count); /* by code */
bool country_known(const char *code);

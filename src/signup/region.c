/* SPDX-License-Identifier: EUPL-1.2 */
/* Finds regions of NUTS level 2 by country and by code. Callers: signup/rules, page, report. Pure. Any thread. */
#include "signup/region.h"

#include <stdlib.h>
#include <string.h>

#include "signup/region_table.h"

/* Countries of ISO 3166 whose regions do not begin with their code: Greece, and parts of others that are countries
 * there. */
static const struct {
    char country[3], prefix[5];
} prefixes[] = {
    { "AX", "FI20" }, { "GF", "FRY3" }, { "GP", "FRY1" }, { "GR", "EL" },
    { "MQ", "FRY2" }, { "RE", "FRY4" }, { "SJ", "NO0B" }, { "YT", "FRY5" },
};

const struct region *region_list(const char *country, size_t *ret_count)
{
    const char *prefix = country;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strcmp(prefixes[i].country, country) == 0)
            prefix = prefixes[i].prefix;

    size_t count, first = 0, size = strlen(prefix);
    const struct region *regions = region_table(&count);
    *ret_count = 0;
    /* EL is the prefix of codes, not a country. */
    if (strlen(country) != 2 || strcmp(country, "EL") == 0)
        return NULL;
    while (first < count && strncmp(regions[first].code, prefix, size) != 0)
        first++;
    while (first + *ret_count < count && strncmp(regions[first + *ret_count].code, prefix, size) == 0)
        ++*ret_count;
    return *ret_count > 0 ? &regions[first] : NULL;
}

static int compare(const void *key, const void *row)
{
    return strcmp(key, ((const struct region *)row)->code);
}

const struct region *region_by_code(const char *code)
{
    size_t count;
    const struct region *regions = region_table(&count);
    return bsearch(code, regions, count, sizeof(regions[0]), compare);
}

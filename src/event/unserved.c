/* SPDX-License-Identifier: EUPL-1.2 */
/* The one table of what the contract of definitions has and this version does not serve. An event that uses a row shows
 * its title and dates and no form. Called by the files that read a definition. */
#include "event/unserved.h"

#include <string.h>

static const char *const rows[] = { "kind = survey" };

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void unserved_use(struct parse *parse, const config_setting_t *setting, const char *name)
{
    struct event_definition *definition = parse->definition;

    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i], name) != 0)
            continue;
        source_warn(&parse->source, setting, NULL, "%s is not served by this version: the event will show no form",
                    name);
        if (!definition->unserved)
            definition->unserved = rows[i];
    }
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The one table of what the contract of definitions has and this version does not serve, with the checks of its shapes.
 * An event that uses a row shows its title and dates and no form. Called by the files that read a definition. */
#include "event/unserved.h"

#include <string.h>

/* A check says whether the setting really asks for something that is not served: an empty list, or a word that names
 * what is done anyway, does not. */
typedef bool check(struct parse *parse, const config_setting_t *group, const char *key);

static check reminders_used;

enum place { VALUE, TOP, MODE };

static const struct row {
    const char *name;
    enum place place;
    const char *key;
    check *used;
} rows[] = {
    { "kind = survey", VALUE, NULL, NULL },
    { "reminders", TOP, "reminders", reminders_used },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void use(struct parse *parse, const config_setting_t *setting, const struct row *row)
{
    struct event_definition *definition = parse->definition;
    size_t first = 0;

    source_warn(&parse->source, setting, NULL, "%s is not served by this version: the event will show no form",
                row->name);
    while (definition->unserved && strcmp(rows[first].name, definition->unserved) != 0)
        first++;
    if (!definition->unserved || row < &rows[first])
        definition->unserved = row->name;
}

void unserved_use(struct parse *parse, const config_setting_t *setting, const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            use(parse, setting, &rows[i]);
}

static void check_members(struct parse *parse, const config_setting_t *group, enum place place)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].place != place)
            continue;
        const config_setting_t *setting = config_setting_get_member(group, rows[i].key);
        if (setting && rows[i].used(parse, group, rows[i].key))
            use(parse, setting, &rows[i]);
    }
}

void unserved_keys(struct parse *parse, const config_setting_t *root)
{
    check_members(parse, root, TOP);
}

void unserved_mode(struct parse *parse, const config_setting_t *mode)
{
    check_members(parse, mode, MODE);
}

/* The shapes. */

/* "7d", "3h": so long before the start. */
static bool reminders_used(struct parse *parse, const config_setting_t *root, const char *key)
{
    const config_setting_t *list = config_setting_get_member(root, key);
    int count = source_strings(&parse->source, list, 10, PARSE_LABEL);

    for (int i = 0; i < count; i++) {
        const char *value = config_setting_get_string_elem(list, i);
        size_t digits = strspn(value, "0123456789");
        if (digits < 1 || digits > 3 || (value[digits] != 'd' && value[digits] != 'h') || value[digits + 1])
            source_fault(&parse->source, config_setting_get_elem(list, (unsigned)i), NULL,
                         "\"%s\" is not of the form 7d or 3h", value);
    }
    return count > 0;
}

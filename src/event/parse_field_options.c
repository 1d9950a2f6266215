/* SPDX-License-Identifier: EUPL-1.2 */
/* What a field gives to choose from: options, the countries that stand first, the parts of an organisation. Called by
 * parse_field.c. */
#include <string.h>

#include "event/country.h"
#include "event/parse_field.h"
#include "event/stakeholder.h"

#define OPTIONS_MAX 500
#define FIRST_MAX 50

static const char *const part_names[ORGANISATION_PARTS] = {
    [PART_NAME] = "name", [PART_COUNTRY] = "country", [PART_NUMBER] = "number",
    [PART_SIZE] = "size", [PART_SME] = "sme",
};

const char *organisation_part_name(enum organisation_part part)
{
    return part_names[part];
}

bool organisation_part_depends(enum organisation_part part)
{
    return part != PART_NAME && part != PART_COUNTRY;
}

static void share_options(struct parse *parse, struct event_field *field)
{
    size_t count;
    const struct stakeholder_type *types = stakeholder_types(&count);
    struct event_option *options = parse_take(parse, count, sizeof(*options));

    for (size_t i = 0; options && i < count; i++)
        options[i].id = types[i].code;
    field->options = options;
    field->option_count = options ? count : 0;
    field->shared_options = true;
}

static void read_options(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    static const char *const keys[] = { "id", "label", "help", NULL };
    const config_setting_t *list = config_setting_get_member(group, "options");
    const struct field_kind *kind = parse_field_kind(field->type);

    if (kind->options == NO_OPTIONS) {
        parse_meaningless(parse, group, "options", field);
        return;
    }
    if (!list) {
        if (kind->options == MUST_OPTIONS)
            source_fault(&parse->source, group, "options", "is missing: the type %s needs them", kind->name);
        else
            share_options(parse, field);
        return;
    }
    int count = source_groups(&parse->source, list, OPTIONS_MAX);
    if (count == 0)
        source_fault(&parse->source, list, NULL, "is empty");
    if (count <= 0)
        return;
    struct event_option *options = parse_take(parse, (size_t)count, sizeof(*options));
    for (int i = 0; options && i < count; i++) {
        const config_setting_t *entry = config_setting_get_elem(list, (unsigned)i);
        if (!source_known(&parse->source, entry, keys))
            continue;
        if (parse_given(parse, entry, "id"))
            options[i].id = parse_id(parse, entry, "id", PARSE_OPTION);
        if (parse_given(parse, entry, "label"))
            (void)parse_text(parse, entry, "label", PARSE_LABEL, false, &options[i].label);
        (void)parse_text(parse, entry, "help", PARSE_HELP, true, &options[i].help);
        for (int k = 0; options[i].id && k < i; k++)
            if (options[k].id && strcmp(options[k].id, options[i].id) == 0)
                source_fault(&parse->source, entry, "id", "the option \"%s\" stands twice", options[i].id);
    }
    if (options) {
        field->options = options;
        field->option_count = (size_t)count;
    }
}

static void read_first(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const config_setting_t *list = config_setting_get_member(group, "first");

    if (field->type != FIELD_COUNTRY && field->type != FIELD_ORGANISATION) {
        parse_meaningless(parse, group, "first", field);
        return;
    }
    int count = list ? source_strings(&parse->source, list, FIRST_MAX, PARSE_LABEL) : 0;
    if (count <= 0)
        return;
    const char **codes = parse_take(parse, (size_t)count, sizeof(*codes));
    for (int i = 0; codes && i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        const char *code = config_setting_get_string(setting);
        codes[i] = parse_copy(parse, code);
        if (!country_known(code))
            source_fault(&parse->source, setting, NULL, "\"%s\" is no code of a country such as EE", code);
        for (int k = 0; k < i; k++)
            if (codes[k] && strcmp(codes[k], code) == 0)
                source_fault(&parse->source, setting, NULL, "%s stands twice", code);
    }
    field->first = codes;
    field->first_count = codes ? (size_t)count : 0;
}

/* The parts that the list KEY names are true in ret_parts. False: there is none to go by. */
static bool read_part_names(struct parse *parse, const config_setting_t *group, const char *key,
                            bool ret_parts[ORGANISATION_PARTS])
{
    const config_setting_t *list = config_setting_get_member(group, key);
    int count = list ? source_strings(&parse->source, list, ORGANISATION_PARTS, PARSE_LABEL) : -1;

    for (int i = 0; i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        const char *name = config_setting_get_string(setting);
        size_t part = 0;
        while (part < ORGANISATION_PARTS && strcmp(part_names[part], name) != 0)
            part++;
        if (part == ORGANISATION_PARTS)
            source_fault(&parse->source, setting, NULL, "\"%s\" is none of: name, country, number, size, sme", name);
        else
            ret_parts[part] = true;
    }
    return count >= 0;
}

static void read_parts(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    if (field->type != FIELD_ORGANISATION) {
        parse_meaningless(parse, group, "parts", field);
        parse_meaningless(parse, group, "required_parts", field);
        parse_meaningless(parse, group, "parts_if", field);
        return;
    }
    if (!read_part_names(parse, group, "parts", field->parts))
        for (size_t i = 0; i < ORGANISATION_PARTS; i++)
            field->parts[i] = true;
    (void)read_part_names(parse, group, "required_parts", field->required_parts);
    field->parts[PART_NAME] = field->parts[PART_COUNTRY] = true;
    field->required_parts[PART_NAME] = field->required_parts[PART_COUNTRY] = true;
    for (size_t i = 0; i < ORGANISATION_PARTS; i++)
        if (field->required_parts[i] && !field->parts[i])
            source_fault(&parse->source, group, "required_parts", "\"%s\" is not in parts", part_names[i]);
    field->parts_if = parse_condition(parse, group, "parts_if", &field->parts_if_words);
    if (field->parts_if && !field->parts[PART_NUMBER] && !field->parts[PART_SIZE] && !field->parts[PART_SME])
        source_fault(&parse->source, group, "parts_if", "is about number, size and sme, and none is in parts");
}

void parse_field_options(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    read_options(parse, group, field);
    read_first(parse, group, field);
    read_parts(parse, group, field);
}

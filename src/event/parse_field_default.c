/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands in the control of a field before anybody has typed: it must be an answer that would be taken. Called by
 * parse_field.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/pattern.h"
#include "base/text.h"
#include "event/country.h"
#include "event/parse_field.h"

static void check_text(struct parse *parse, const config_setting_t *group, const struct event_field *field,
                       const char *value)
{
    const double length = (double)text_length(value);
    bool matches = true;

    if (length > (double)field->max_length || (field->has_max && length > field->max))
        source_fault(&parse->source, group, "default", "is longer than an answer may be");
    if (field->has_min && length < field->min)
        source_fault(&parse->source, group, "default", "is shorter than an answer must be");
    if (field->pattern && pattern_matches(field->pattern, value, &matches) < 0)
        parse->no_memory = true;
    if (!matches)
        source_fault(&parse->source, group, "default", "does not match the pattern");
}

static void read_text(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const config_setting_t *setting = config_setting_get_member(group, "default");
    const char *value;

    if (!source_string(&parse->source, setting, PARSE_LONG, field->type == FIELD_TEXTAREA, &value))
        return;
    field->fallback = parse_copy(parse, value);
    check_text(parse, group, field, value);
}

static void read_number(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    double value, shifted;

    if (!parse_number(parse, group, "default", &value))
        return;
    shifted = value * pow(10, field->decimals);
    if ((field->has_min && value < field->min) || (field->has_max && value > field->max) || fabs(value) > 1e9)
        source_fault(&parse->source, group, "default", "is not between the least and the greatest answer");
    else if (fabs(shifted - nearbyint(shifted)) > 1e-6)
        source_fault(&parse->source, group, "default", "has more digits behind the mark than decimals, %d",
                     field->decimals);
    field->fallback = arena_format(parse->arena, "%.*f", field->decimals, value);
    if (!field->fallback)
        parse->no_memory = true;
}

static void read_date(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *value = parse_day(parse, group, "default");

    if (value && ((field->earliest && strcmp(value, field->earliest) < 0) ||
                  (field->latest && strcmp(value, field->latest) > 0)))
        source_fault(&parse->source, group, "default", "is not between the earliest and the latest answer");
    field->fallback = value;
}

/* False, and a fault: the field has no such option. */
static bool is_option(struct parse *parse, const config_setting_t *setting, const struct event_field *field,
                      const char *id)
{
    for (size_t i = 0; i < field->option_count; i++)
        if (!field->options[i].id || strcmp(field->options[i].id, id) == 0)
            return true; /* good, or a fault of its own */
    source_fault(&parse->source, setting, NULL, "no option has the id \"%s\"", id);
    return false;
}

static void read_choice(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *value = parse_string(parse, group, "default", PARSE_LABEL);

    if (value && is_option(parse, config_setting_get_member(group, "default"), field, value))
        field->fallback = value;
}

static void read_choices(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const config_setting_t *list = config_setting_get_member(group, "default");
    int count = source_strings(&parse->source, list, (int)field->option_count, PARSE_LABEL);
    const char *all = NULL;

    for (int i = 0; i < count; i++) {
        const char *id = config_setting_get_string_elem(list, i);
        if (is_option(parse, config_setting_get_elem(list, (unsigned)i), field, id)) {
            all = arena_format(parse->arena, "%s%s%s", all ? all : "", all ? "," : "", id);
            parse->no_memory = parse->no_memory || !all;
        }
    }
    if (count > 0 && field->has_max && count > field->max)
        source_fault(&parse->source, list, NULL, "is more than max");
    field->fallback = all;
}

static void read_country(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *value = parse_string(parse, group, "default", PARSE_LABEL);

    if (value && !country_known(value))
        source_fault(&parse->source, group, "default", "\"%s\" is no code of a country such as EE", value);
    field->fallback = value;
}

void parse_field_default(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    if (!config_setting_get_member(group, "default"))
        return;
    if (!parse_field_kind(field->type)->takes_default) {
        parse_meaningless(parse, group, "default", field);
        return;
    }
    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_SCALE:
        read_number(parse, group, field);
        break;
    case FIELD_DATE:
        read_date(parse, group, field);
        break;
    case FIELD_CHOICE:
    case FIELD_STAKEHOLDER:
        read_choice(parse, group, field);
        break;
    case FIELD_CHOICES:
        read_choices(parse, group, field);
        break;
    case FIELD_COUNTRY:
        read_country(parse, group, field);
        break;
    default:
        read_text(parse, group, field);
    }
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What bounds the answers of a field: length, ends, pattern. Called by parse_field.c. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/pattern.h"
#include "event/parse_field.h"

#define LENGTH_MAX 20000
#define PATTERN_MAX 500 /* characters */
#define DECIMALS_MAX 6
#define NUMBER_MAX 1e9 /* with six digits behind the mark a double is still exact */
#define SCALE_MIN 1
#define SCALE_MAX 5
#define SCALE_STEPS 11 /* what fits in a row of a page */
#define SCALE_FAR 100
#define WISHES 3 /* of a ranking that does not say how many */

static void read_length(struct parse *parse, const config_setting_t *group, struct event_field *field, int64_t length)
{
    field->max_length = length;
    if (!parse_field_kind(field->type)->takes_length)
        parse_meaningless(parse, group, "max_length", field);
    else
        (void)parse_int(parse, group, "max_length", 1, field->type == FIELD_EMAIL ? 254 : LENGTH_MAX,
                        &field->max_length);
}

static bool is_count(double value)
{
    return value >= 0 && value <= LENGTH_MAX && value == floor(value);
}

static void check_counts(struct parse *parse, const config_setting_t *group, const struct event_field *field)
{
    const bool choices = parse_field_kind(field->type)->range == RANGE_CHOICES;
    const struct { const char *key; bool given; double value; } ends[] = {
        { "min", field->has_min, field->min }, { "max", field->has_max, field->max } };

    for (size_t i = 0; i < 2; i++) {
        if (ends[i].given && !is_count(ends[i].value))
            source_fault(&parse->source, group, ends[i].key, "must be a whole number from 0 to %d", LENGTH_MAX);
        else if (ends[i].given && choices && field->option_count > 0 && ends[i].value > (double)field->option_count)
            source_fault(&parse->source, group, ends[i].key, "there are only %zu options", field->option_count);
    }
    if (choices && field->has_max && field->max < 1)
        source_fault(&parse->source, group, "max", "must be at least 1");
    if (field->has_min && !choices && field->min > (double)field->max_length)
        source_fault(&parse->source, group, "min", "is more than the %lld characters of max_length",
                     (long long)field->max_length);
}

/* Not more digits behind the mark than answers may have. */
static bool is_exact(double value, int decimals)
{
    double shifted = value * pow(10, decimals);
    return fabs(shifted - nearbyint(shifted)) < 1e-6;
}

static void check_numbers(struct parse *parse, const config_setting_t *group, const struct event_field *field)
{
    const struct { const char *key; bool given; double value; } ends[] = {
        { "min", field->has_min, field->min }, { "max", field->has_max, field->max } };

    for (size_t i = 0; i < 2; i++) {
        if (!ends[i].given)
            continue;
        if (fabs(ends[i].value) > NUMBER_MAX)
            source_fault(&parse->source, group, ends[i].key, "must be from -%.0f to %.0f", NUMBER_MAX, NUMBER_MAX);
        else if (!is_exact(ends[i].value, field->decimals))
            source_fault(&parse->source, group, ends[i].key, "has more digits behind the mark than decimals, %d",
                         field->decimals);
    }
}

static void check_scale(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *key = config_setting_get_member(group, "max") ? "max" : "min";

    if (!field->has_min)
        field->min = SCALE_MIN;
    if (!field->has_max)
        field->max = SCALE_MAX;
    field->has_min = field->has_max = true;
    if (field->min != floor(field->min) || field->max != floor(field->max) || fabs(field->min) > SCALE_FAR ||
        fabs(field->max) > SCALE_FAR)
        source_fault(&parse->source, group, key, "the ends of a scale are whole numbers from -%d to %d", SCALE_FAR,
                     SCALE_FAR);
    else if (field->min < field->max && field->max - field->min > SCALE_STEPS - 1)
        source_fault(&parse->source, group, key, "a scale has at most %d steps", SCALE_STEPS);
    else if (field->min == field->max)
        source_fault(&parse->source, group, key, "the ends of a scale are different");
}

static void read_dates(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    field->earliest = parse_day(parse, group, "min");
    field->latest = parse_day(parse, group, "max");
    if (field->earliest && field->latest && strcmp(field->earliest, field->latest) > 0)
        source_fault(&parse->source, group, "min", "is after max");
}

static void read_ends(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const enum range range = parse_field_kind(field->type)->range;
    int64_t decimals = 0;

    if (field->type != FIELD_NUMBER)
        parse_meaningless(parse, group, "decimals", field);
    else if (parse_int(parse, group, "decimals", 0, DECIMALS_MAX, &decimals))
        field->decimals = (int)decimals;
    if (range == NO_RANGE) {
        parse_meaningless(parse, group, "min", field);
        parse_meaningless(parse, group, "max", field);
        return;
    }
    if (range == RANGE_DATE) {
        read_dates(parse, group, field);
        return;
    }
    field->has_min = parse_number(parse, group, "min", &field->min);
    field->has_max = parse_number(parse, group, "max", &field->max);
    if (field->type == FIELD_RANKING && !config_setting_get_member(group, "max")) {
        field->has_max = true;
        field->max = field->option_count < WISHES ? (double)field->option_count : WISHES;
    }
    if (field->type == FIELD_SCALE)
        check_scale(parse, group, field);
    else if (field->type == FIELD_NUMBER)
        check_numbers(parse, group, field);
    else
        check_counts(parse, group, field);
    if (field->has_min && field->has_max && field->min > field->max)
        source_fault(&parse->source, group, "min", "is more than max");
}

static void read_pattern(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *pattern;
    int position = 0;

    if (!parse_field_kind(field->type)->takes_pattern) {
        parse_meaningless(parse, group, "pattern", field);
        parse_meaningless(parse, group, "pattern_message", field);
        return;
    }
    pattern = parse_string(parse, group, "pattern", PATTERN_MAX);
    field->has_pattern_message = parse_text(parse, group, "pattern_message", PARSE_LABEL, false,
                                            &field->pattern_message);
    if (field->has_pattern_message && !config_setting_get_member(group, "pattern"))
        source_fault(&parse->source, group, "pattern_message", "has no meaning without a pattern");
    int r = pattern ? pattern_check(pattern, &position) : 0;
    if (r == -ENOMEM)
        parse->no_memory = true;
    else if (r < 0)
        source_fault(&parse->source, group, "pattern", "is no regular expression of ICU, from character %d on",
                     position);
    field->pattern = r == 0 ? pattern : NULL;
}

void parse_field_bounds(struct parse *parse, const config_setting_t *group, struct event_field *field, int64_t length)
{
    read_length(parse, group, field, length);
    read_ends(parse, group, field);
    if (field->type == FIELD_SCALE) {
        field->has_low = parse_text(parse, group, "low", PARSE_LABEL, false, &field->low);
        field->has_high = parse_text(parse, group, "high", PARSE_LABEL, false, &field->high);
    } else {
        parse_meaningless(parse, group, "low", field);
        parse_meaningless(parse, group, "high", field);
    }
    read_pattern(parse, group, field);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads the block of an organisation, and the region, which depends on a country. Called by rules. Pure. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/country.h"
#include "event/definition.h"
#include "event/zone.h"
#include "signup/answers.h"
#include "signup/reading.h"
#include "signup/region.h"
#include "signup/registry.h"

#define NUMBER_MAX 40 /* characters; the longest register writes 24 */

/* Recommendation 2003/361/EC, by the number of persons and by turnover or balance sheet. */
static bool is_size(const char *value)
{
    static const char *const sizes[] = { "micro", "small", "medium", "large" };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        if (strcmp(sizes[i], value) == 0)
            return true;
    return false;
}

/* One of the selects. *ret_text NULL: left empty, or a fault. */
static int read_select(struct reading *reading, const char *control, bool required, bool (*known)(const char *value),
                       const char **ret_text)
{
    const struct form_value *value;

    *ret_text = NULL;
    if (!reading_value(reading, control, required, &value))
        return 0;
    if (value->size == 0) {
        if (required)
            reading_fault(reading, control, RULE_MISSING, 0);
        return 0;
    }
    if (!known(value->value)) {
        reading_fault(reading, control, RULE_NO_SUCH, 0);
        return 0;
    }
    *ret_text = arena_copy(reading->arena, value->value);
    return *ret_text ? 0 : -ENOMEM;
}

static int read_number(struct reading *reading, const char *control, bool required, struct answer_organisation *found)
{
    enum registry_verdict verdict;
    const char *typed, *number;
    int r = reading_line(reading, control, required, NUMBER_MAX, &typed);

    if (r < 0 || !typed || !found->country) /* without its country no register is known: that is a fault already */
        return r;
    r = registry_check(reading->arena, found->country, typed, &verdict, &number);
    if (r < 0)
        return r;
    if (verdict == REGISTRY_FORM || verdict == REGISTRY_DIGITS)
        reading_fault(reading, control, verdict == REGISTRY_FORM ? RULE_NUMBER_FORM : RULE_CHECK_DIGITS, 0);
    else
        found->number = number;
    return 0;
}

/* The form says something of it; the country alone, which may have stood there, does not. */
static bool is_named(const struct reading *reading, const bool asked[ORGANISATION_PARTS],
                     const char *const controls[ORGANISATION_PARTS])
{
    for (size_t part = 0; part < ORGANISATION_PARTS; part++) {
        if (part == PART_COUNTRY || !asked[part])
            continue;
        for (size_t i = 0; i < reading->form->count; i++) {
            const struct form_value *value = &reading->form->values[i];
            if (strcmp(value->name, controls[part]) == 0 && value->size > strspn(value->value, " \t\r\n"))
                return true;
        }
    }
    return false;
}

/* The day of the declaration, where the event is; one that was made before stands. */
static const char *declaration_day(const struct reading *reading)
{
    struct wall wall;

    if (reading->moment->declared_on)
        return arena_copy(reading->arena, reading->moment->declared_on);
    zone_to_wall(reading->definition->zone, reading->moment->now, &wall);
    return arena_format(reading->arena, "%04d-%02d-%02d", wall.year, wall.month, wall.day);
}

int reading_organisation(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    struct answer_organisation found = { 0 };
    const char *controls[ORGANISATION_PARTS], *declared = NULL;
    bool asked[ORGANISATION_PARTS], required[ORGANISATION_PARTS];
    int r = 0;

    for (size_t part = 0; part < ORGANISATION_PARTS; part++) {
        controls[part] = reading_part(reading, field, organisation_part_name((enum organisation_part)part));
        if (!controls[part])
            return -ENOMEM;
        asked[part] = field->parts[part] && !(answer->bare && organisation_part_depends((enum organisation_part)part));
    }
    const bool named = field->required || is_named(reading, asked, controls);
    for (size_t part = 0; part < ORGANISATION_PARTS; part++)
        required[part] = named && field->required_parts[part];
    r = reading_line(reading, controls[PART_NAME], required[PART_NAME], field->max_length, &found.name);
    if (r == 0)
        r = read_select(reading, controls[PART_COUNTRY], required[PART_COUNTRY], country_known, &found.country);
    if (r == 0 && asked[PART_NUMBER])
        r = read_number(reading, controls[PART_NUMBER], required[PART_NUMBER], &found);
    if (r == 0 && asked[PART_SIZE])
        r = read_select(reading, controls[PART_SIZE], required[PART_SIZE], is_size, &found.size);
    if (r == 0 && asked[PART_SME] && reading_ticked(reading, controls[PART_SME], required[PART_SME])) {
        declared = declaration_day(reading);
        r = declared ? 0 : -ENOMEM;
    }
    if (r == 0 && named) {
        found.sme = declared != NULL;
        found.sme_on = declared;
        answer->organisation = found;
    }
    return r;
}

/* The country that the form's person or, failing that, organisation is of, by the first reading. NULL: not said. */
static const char *country_of(const struct reading *reading)
{
    const char *organisation = NULL;

    for (size_t i = 0; reading->known && i < reading->definition->field_count; i++) {
        const struct event_field *field = &reading->definition->fields[i];
        if (field->role == ROLE_COUNTRY && reading->known[i].text)
            return reading->known[i].text;
        if (field->type == FIELD_ORGANISATION)
            organisation = reading->known[i].organisation.country;
    }
    return organisation;
}

static bool is_of(const char *country, const struct region *region)
{
    size_t count;
    const struct region *regions = region_list(country, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(regions[i].code, region->code) == 0)
            return true;
    return false;
}

/* A country without regions of its own asks for none. */
static bool has_regions(const char *country)
{
    size_t count = 1;
    if (country)
        (void)region_list(country, &count);
    return count > 0;
}

int reading_region(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *country = country_of(reading);
    const bool required = field->required && has_regions(country);
    const struct form_value *value;

    if (!reading_value(reading, field->id, required, &value))
        return 0;
    const struct region *region = value->size > 0 ? region_by_code(value->value) : NULL;
    if (value->size == 0) {
        if (required)
            reading_fault(reading, field->id, RULE_MISSING, 0);
    } else if (!region) {
        reading_fault(reading, field->id, RULE_NO_SUCH, 0);
    } else if (country && !is_of(country, region)) {
        reading_fault(reading, field->id, RULE_NO_SUCH_REGION, 0);
    } else {
        answer->text = region->code;
    }
    return 0;
}

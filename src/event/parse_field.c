/* SPDX-License-Identifier: EUPL-1.2 */
/* The questions of a definition. Called by parse.c. */
#include <math.h>
#include <string.h>

#include "event/parse.h"
#include "event/unserved.h"

#define FIELDS_MAX 400 /* the flat view's columns; SQLite takes 2000 and a spreadsheet 1024 */
#define OPTIONS_MAX 500
#define LENGTH_MAX 20000

enum options { NO_OPTIONS, MAY_OPTIONS, MUST_OPTIONS };
enum range { NO_RANGE, RANGE_COUNT, RANGE_NUMBER }; /* of characters or choices: whole; of the number itself */

static const struct type_row {
    const char *name;
    int64_t length;     /* default of max_length */
    bool takes_length;  /* max_length may be said */
    enum range range;
    enum options options;
    enum field_role role; /* its role, unsaid */
} types[FIELD_TYPES] = {
    [FIELD_TEXT] = { "text", 200, true, RANGE_COUNT, NO_OPTIONS, ROLE_NONE },
    [FIELD_TEXTAREA] = { "textarea", 2000, true, RANGE_COUNT, NO_OPTIONS, ROLE_NONE },
    [FIELD_EMAIL] = { "email", 254, true, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_TEL] = { "tel", 40, true, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_URL] = { "url", 500, true, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_NUMBER] = { "number", 40, false, RANGE_NUMBER, NO_OPTIONS, ROLE_NONE },
    [FIELD_DATE] = { "date", 40, false, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_CHOICE] = { "choice", 200, false, NO_RANGE, MUST_OPTIONS, ROLE_NONE },
    [FIELD_CHOICES] = { "choices", 200, false, RANGE_COUNT, MUST_OPTIONS, ROLE_NONE },
    [FIELD_SCALE] = { "scale", 40, false, RANGE_NUMBER, NO_OPTIONS, ROLE_NONE },
    [FIELD_RANKING] = { "ranking", 200, false, RANGE_COUNT, MUST_OPTIONS, ROLE_NONE },
    [FIELD_COUNTRY] = { "country", 40, false, NO_RANGE, NO_OPTIONS, ROLE_COUNTRY },
    [FIELD_REGION] = { "region", 40, false, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_ORGANISATION] = { "organisation", 200, true, NO_RANGE, NO_OPTIONS, ROLE_ORGANISATION },
    [FIELD_STAKEHOLDER] = { "stakeholder", 200, false, NO_RANGE, MAY_OPTIONS, ROLE_STAKEHOLDER },
    [FIELD_CONSENT] = { "consent", 40, false, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_SPECIAL_NEED] = { "special_need", 2000, true, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_STATEMENT] = { "statement", 200, false, NO_RANGE, NO_OPTIONS, ROLE_NONE },
    [FIELD_HIDDEN] = { "hidden", 200, true, NO_RANGE, NO_OPTIONS, ROLE_NONE },
};

/* A role is also the name of a column that everybody may read, so only fields of these types can carry it. */
static const struct role_row {
    const char *name;
    enum field_type types[2];
    int64_t length;           /* default of max_length for a text; 0: the type's */
    const char *autocomplete; /* https://html.spec.whatwg.org/#autofill */
} roles[] = {
    [ROLE_NAME] = { "name", { FIELD_TEXT, FIELD_TEXT }, 120, "name" },
    [ROLE_EMAIL] = { "email", { FIELD_EMAIL, FIELD_EMAIL }, 0, "email" },
    [ROLE_ORGANISATION] = { "organisation", { FIELD_TEXT, FIELD_ORGANISATION }, 0, "organization" },
    [ROLE_REGISTRY_NUMBER] = { "registry_number", { FIELD_TEXT, FIELD_TEXT }, 0, NULL },
    [ROLE_COUNTRY] = { "country", { FIELD_COUNTRY, FIELD_COUNTRY }, 0, "country" },
    [ROLE_STAKEHOLDER] = { "stakeholder", { FIELD_CHOICE, FIELD_STAKEHOLDER }, 0, NULL },
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

/* Columns of the view `registrations` that are no role's, the controls of the mode and the slot, and the name by which
 * a condition asks for an invitation. */
static const char *const reserved[] = { "registration", "reference", "event", "party", "status", "status_reason",
                                        "registered_at", "language", "updated_at", "mode", "slot", "invited",
                                        NULL };

/* What a person can be asked about himself. */
static const char *const autocompletes[] = {
    "name", "honorific-prefix", "given-name", "additional-name", "family-name", "honorific-suffix", "nickname", "email",
    "tel", "organization", "organization-title", "street-address", "address-line1", "address-line2", "address-level1",
    "address-level2", "postal-code", "country", "country-name", "language", "url", "username", NULL };

static const char *const classes[] = { "special", "contact", "evidence", NULL };

const char *field_type_name(enum field_type type)
{
    return types[type].name;
}

/* True if the type is said and known. */
static bool read_type(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *names[FIELD_TYPES + 1] = { NULL }, *role_names[ROLES] = { NULL };

    for (size_t i = 0; i < FIELD_TYPES; i++)
        names[i] = types[i].name;
    for (size_t i = 1; i < ROLES; i++)
        role_names[i - 1] = roles[i].name;
    int type = parse_given(parse, group, "type") ? parse_word(parse, group, "type", names, -1) : -1;
    field->type = type < 0 ? FIELD_TEXT : (enum field_type)type;
    field->role = types[field->type].role;
    int role = parse_word(parse, group, "role", role_names, -1);
    if (role < 0)
        return type >= 0;
    role++;
    const enum field_type *good = roles[role].types;
    if (type >= 0 && field->type != good[0] && field->type != good[1])
        source_fault(&parse->source, group, "role", "a field of type %s cannot have the role %s",
                     types[field->type].name, roles[role].name);
    else
        field->role = (enum field_role)role;
    return type >= 0;
}

static void check_id(struct parse *parse, const config_setting_t *group, const struct event_field *field)
{
    for (size_t i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], field->id) == 0)
            source_fault(&parse->source, group, "id", "\"%s\" is reserved", field->id);
    for (size_t i = 1; i < ROLES; i++)
        if (strcmp(roles[i].name, field->id) == 0 && field->role != (enum field_role)i)
            source_fault(&parse->source, group, "id", "\"%s\" is only for the field of that role", field->id);
}

static bool is_count(double value)
{
    return value >= 0 && value <= LENGTH_MAX && value == floor(value);
}

static void read_bounds(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const struct type_row *type = &types[field->type];

    field->max_length = type->length;
    if (field->role != ROLE_NONE && roles[field->role].length > 0)
        field->max_length = roles[field->role].length;
    if (config_setting_get_member(group, "max_length") && !type->takes_length)
        source_fault(&parse->source, group, "max_length", "has no meaning for the type %s", type->name);
    else
        (void)parse_int(parse, group, "max_length", 1, field->type == FIELD_EMAIL ? 254 : LENGTH_MAX,
                        &field->max_length);

    field->has_min = parse_number(parse, group, "min", &field->min);
    field->has_max = parse_number(parse, group, "max", &field->max);
    const struct { const char *key; bool given; double value; } ends[] = {
        { "min", field->has_min, field->min }, { "max", field->has_max, field->max } };
    for (size_t i = 0; i < 2; i++) {
        if (ends[i].given && type->range == NO_RANGE)
            source_fault(&parse->source, group, ends[i].key, "has no meaning for the type %s", type->name);
        else if (ends[i].given && type->range == RANGE_COUNT && !is_count(ends[i].value))
            source_fault(&parse->source, group, ends[i].key, "must be a whole number from 0 to %d", LENGTH_MAX);
    }
    if (field->has_min && field->has_max && field->min > field->max)
        source_fault(&parse->source, group, "min", "is more than max");
    if (field->has_min && type->takes_length && field->min > (double)field->max_length)
        source_fault(&parse->source, group, "min", "is more than the %lld characters of max_length",
                     (long long)field->max_length);
}

static void read_options(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    static const char *const keys[] = { "id", "label", "help", NULL };
    const struct type_row *type = &types[field->type];
    const config_setting_t *list = config_setting_get_member(group, "options");

    if (!list) {
        if (type->options == MUST_OPTIONS)
            source_fault(&parse->source, group, "options", "is missing: the type %s needs them", type->name);
        return;
    }
    if (type->options == NO_OPTIONS) {
        source_fault(&parse->source, list, NULL, "has no meaning for the type %s", type->name);
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

static void read_words(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    size_t length = field->type == FIELD_STATEMENT ? PARSE_LONG : field->type == FIELD_CONSENT ? PARSE_CONSENT
                                                                                                : PARSE_LABEL;
    if (field->type == FIELD_HIDDEN || parse_given(parse, group, "label"))
        (void)parse_text(parse, group, "label", length, field->type == FIELD_STATEMENT, &field->label);
    field->has_help = parse_text(parse, group, "help", PARSE_HELP, true, &field->help);

    int position = parse_word(parse, group, "class", classes, -1);
    if (position >= 0)
        field->retention = classes[position];
    position = parse_word(parse, group, "autocomplete", autocompletes, -1);
    if (position >= 0)
        field->autocomplete = autocompletes[position];
    else if (field->role != ROLE_NONE)
        field->autocomplete = roles[field->role].autocomplete;

    if (config_setting_get_member(group, "purpose") && field->type != FIELD_CONSENT)
        source_fault(&parse->source, group, "purpose", "has no meaning for the type %s", types[field->type].name);
    else if (field->type == FIELD_CONSENT)
        field->purpose = parse_id(parse, group, "purpose", PARSE_ID);
    if (field->type == FIELD_CONSENT && !field->purpose)
        field->purpose = field->id;
}

static void read_field(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    static const char *const keys[] = { "id", "type", "role", "label", "help", "required", "min", "max", "max_length",
                                        "options", "show_if", "class", "purpose", "autocomplete", NULL };

    if (!source_known(&parse->source, group, keys))
        return;
    if (parse_given(parse, group, "id"))
        field->id = parse_id(parse, group, "id", PARSE_ID);
    bool typed = read_type(parse, group, field);
    if (field->id)
        check_id(parse, group, field);
    field->required = parse_bool(parse, group, "required", false);
    if (field->required && (field->type == FIELD_STATEMENT || field->type == FIELD_HIDDEN))
        source_fault(&parse->source, group, "required", "has no meaning for the type %s", types[field->type].name);
    if (typed) { /* else each of these would be measured by a type that nobody said */
        read_bounds(parse, group, field);
        read_options(parse, group, field);
    }
    read_words(parse, group, field);
    unserved_field(parse, group, field->type);
}

static void check_doubles(struct parse *parse, const config_setting_t *list, const struct event_field *fields,
                          size_t at)
{
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);
    const struct event_field *field = &fields[at];

    for (size_t i = 0; i < at; i++) {
        if (field->id && fields[i].id && strcmp(field->id, fields[i].id) == 0)
            source_fault(&parse->source, group, "id", "the field \"%s\" stands twice", field->id);
        else if (field->purpose && fields[i].purpose && strcmp(field->purpose, fields[i].purpose) == 0)
            source_fault(&parse->source, group, "purpose", "the purpose \"%s\" stands twice", field->purpose);
        if (field->role != ROLE_NONE && field->role == fields[i].role)
            source_fault(&parse->source, group, config_setting_get_member(group, "role") ? "role" : "type",
                         "the role %s stands twice", roles[field->role].name);
    }
}

/* Without a name and an address nobody can be written to. */
static void check_person(struct parse *parse, const config_setting_t *list)
{
    static const enum field_role needed[] = { ROLE_NAME, ROLE_EMAIL };
    const struct event_definition *definition = parse->definition;

    for (size_t i = 0; definition->kind == EVENT_KIND_EVENT && i < 2; i++) {
        const struct event_field *field = event_field_by_role(definition, needed[i]);
        if (!field)
            source_fault(&parse->source, list, NULL, "no field has the role %s", roles[needed[i]].name);
        else if (!field->required)
            source_fault(&parse->source, config_setting_get_elem(list, (unsigned)(field - definition->fields)),
                         "required", "must be true for the role %s", roles[needed[i]].name);
    }
}

void parse_fields(struct parse *parse, const config_setting_t *root)
{
    const config_setting_t *list = config_setting_get_member(root, "fields");
    if (!parse_given(parse, root, "fields"))
        return;
    int count = source_groups(&parse->source, list, FIELDS_MAX);
    if (count < 0)
        return;
    struct event_field *fields = parse_take(parse, (size_t)count, sizeof(*fields));
    if (!fields)
        return;
    for (int i = 0; i < count; i++) {
        read_field(parse, config_setting_get_elem(list, (unsigned)i), &fields[i]);
        check_doubles(parse, list, fields, (size_t)i);
    }
    parse->definition->fields = fields;
    parse->definition->field_count = (size_t)count;
    check_person(parse, list);
}

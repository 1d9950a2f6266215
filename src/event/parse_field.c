/* SPDX-License-Identifier: EUPL-1.2 */
/* The questions of a definition. Called by parse.c. */
#include <string.h>

#include "base/text.h"
#include "event/parse_field.h"

#define FIELDS_MAX 400 /* the flat view's columns; SQLite takes 2000 and a spreadsheet 1024 */

static const struct field_kind kinds[FIELD_TYPES] = {
    [FIELD_TEXT] = { "text", 200, true, RANGE_LENGTH, NO_OPTIONS, ROLE_NONE, true, true },
    [FIELD_TEXTAREA] = { "textarea", 2000, true, RANGE_LENGTH, NO_OPTIONS, ROLE_NONE, true, true },
    [FIELD_EMAIL] = { "email", 254, true, NO_RANGE, NO_OPTIONS, ROLE_NONE, true, false },
    [FIELD_TEL] = { "tel", 40, true, NO_RANGE, NO_OPTIONS, ROLE_NONE, true, false },
    [FIELD_URL] = { "url", 500, true, NO_RANGE, NO_OPTIONS, ROLE_NONE, true, false },
    [FIELD_NUMBER] = { "number", 40, false, RANGE_NUMBER, NO_OPTIONS, ROLE_NONE, false, true },
    [FIELD_DATE] = { "date", 40, false, RANGE_DATE, NO_OPTIONS, ROLE_NONE, false, true },
    [FIELD_CHOICE] = { "choice", 200, false, NO_RANGE, MUST_OPTIONS, ROLE_NONE, false, true },
    [FIELD_CHOICES] = { "choices", 200, false, RANGE_CHOICES, MUST_OPTIONS, ROLE_NONE, false, true },
    [FIELD_SCALE] = { "scale", 40, false, RANGE_NUMBER, NO_OPTIONS, ROLE_NONE, false, true },
    [FIELD_RANKING] = { "ranking", 200, false, RANGE_CHOICES, MUST_OPTIONS, ROLE_NONE, false, false },
    [FIELD_COUNTRY] = { "country", 40, false, NO_RANGE, NO_OPTIONS, ROLE_COUNTRY, false, true },
    [FIELD_REGION] = { "region", 40, false, NO_RANGE, NO_OPTIONS, ROLE_NONE, false, false },
    [FIELD_ORGANISATION] = { "organisation", 200, true, NO_RANGE, NO_OPTIONS, ROLE_ORGANISATION, false, false },
    [FIELD_STAKEHOLDER] = { "stakeholder", 200, false, NO_RANGE, MAY_OPTIONS, ROLE_STAKEHOLDER, false, true },
    [FIELD_CONSENT] = { "consent", 40, false, NO_RANGE, NO_OPTIONS, ROLE_NONE, false, false },
    [FIELD_SPECIAL_NEED] = { "special_need", 2000, true, NO_RANGE, NO_OPTIONS, ROLE_NONE, false, false },
    [FIELD_STATEMENT] = { "statement", 200, false, NO_RANGE, NO_OPTIONS, ROLE_NONE, false, false },
    [FIELD_HIDDEN] = { "hidden", 200, true, NO_RANGE, NO_OPTIONS, ROLE_NONE, false, true },
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

#define CLASS_SPECIAL 0
static const char *const classes[] = { "special", "contact", "evidence", NULL };

const char *field_type_name(enum field_type type)
{
    return kinds[type].name;
}

const struct field_kind *parse_field_kind(enum field_type type)
{
    return &kinds[type];
}

void parse_meaningless(struct parse *parse, const config_setting_t *group, const char *key,
                       const struct event_field *field)
{
    if (config_setting_get_member(group, key))
        source_fault(&parse->source, group, key, "has no meaning for the type %s", kinds[field->type].name);
}

/* True if the type is said and known. */
static bool read_type(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    const char *names[FIELD_TYPES + 1] = { NULL }, *role_names[ROLES] = { NULL };

    for (size_t i = 0; i < FIELD_TYPES; i++)
        names[i] = kinds[i].name;
    for (size_t i = 1; i < ROLES; i++)
        role_names[i - 1] = roles[i].name;
    int type = parse_given(parse, group, "type") ? parse_word(parse, group, "type", names, -1) : -1;
    field->type = type < 0 ? FIELD_TEXT : (enum field_type)type;
    field->role = kinds[field->type].role;
    int role = parse_word(parse, group, "role", role_names, -1);
    if (role < 0)
        return type >= 0;
    role++;
    const enum field_type *good = roles[role].types;
    if (type >= 0 && field->type != good[0] && field->type != good[1])
        source_fault(&parse->source, group, "role", "a field of type %s cannot have the role %s",
                     kinds[field->type].name, roles[role].name);
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

static void read_words(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    size_t length = field->type == FIELD_STATEMENT ? PARSE_LONG : field->type == FIELD_CONSENT ? PARSE_CONSENT
                                                                                                : PARSE_LABEL;
    if (field->type == FIELD_HIDDEN || parse_given(parse, group, "label"))
        (void)parse_text(parse, group, "label", length, field->type == FIELD_STATEMENT, &field->label);
    field->has_help = parse_text(parse, group, "help", PARSE_HELP, true, &field->help);

    int position = parse_word(parse, group, "class", classes, -1);
    if (field->type == FIELD_SPECIAL_NEED && position > CLASS_SPECIAL)
        source_fault(&parse->source, group, "class", "a special need is always of the class special");
    else if (field->type != FIELD_SPECIAL_NEED && position == CLASS_SPECIAL) /* its answer would be in every list */
        source_fault(&parse->source, group, "class", "only a field of type special_need is of the class special");
    if (field->type == FIELD_SPECIAL_NEED)
        position = CLASS_SPECIAL;
    if (position >= 0)
        field->retention = classes[position];
    position = parse_word(parse, group, "autocomplete", autocompletes, -1);
    if (position >= 0)
        field->autocomplete = autocompletes[position];
    else if (field->role != ROLE_NONE)
        field->autocomplete = roles[field->role].autocomplete;

    if (field->type == FIELD_CONSENT) {
        field->purpose = parse_id(parse, group, "purpose", PARSE_ID);
        if (!field->purpose)
            field->purpose = field->id;
    } else if (field->type == FIELD_STATEMENT) {
        parse_meaningless(parse, group, "purpose", field);
    } else {
        field->has_aim = parse_text(parse, group, "purpose", PARSE_LABEL, false, &field->aim);
    }
    if (field->type == FIELD_SPECIAL_NEED)
        field->purpose = field->id; /* of its consent */
    if (field->type == FIELD_SPECIAL_NEED)
        field->has_consent = parse_text(parse, group, "consent", PARSE_CONSENT, false, &field->consent);
    else
        parse_meaningless(parse, group, "consent", field);
}

/* What has nothing to do with the place that one asks for: such a question stands alone, and for the person himself. */
static void read_after_review(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    static const char key[] = "after_review";
    struct source *source = &parse->source;

    field->after_review = parse_bool(parse, group, key, false);
    if (!field->after_review)
        return;
    if (!parse->definition->review)
        source_fault(source, group, key, "needs review = true of the event");
    if (field->type == FIELD_REGION || field->type == FIELD_CONSENT || field->type == FIELD_SPECIAL_NEED ||
        field->type == FIELD_HIDDEN)
        parse_meaningless(parse, group, key, field);
    else if (field->role != ROLE_NONE)
        source_fault(source, group, key, "is not for the role %s", roles[field->role].name);
    if (field->required)
        source_fault(source, group, "required", "nobody must answer what is asked after the review");
    if (field->each)
        source_fault(source, group, "each", "nobody answers for guests what is asked after the review");
    if (config_setting_get_member(group, "default"))
        source_fault(source, group, "default", "no answer is assumed to what is asked after the review");
}

static void read_field(struct parse *parse, const config_setting_t *group, struct event_field *field)
{
    static const char *const keys[] = {
        "id", "type", "role", "label", "help", "required", "min", "max", "max_length", "decimals", "options",
        "first", "parts", "required_parts", "parts_if", "low", "high", "pattern", "pattern_message", "default",
        "show_if", "each", "after_review", "class", "purpose", "consent", "autocomplete", NULL };

    if (!source_known(&parse->source, group, keys))
        return;
    if (parse_given(parse, group, "id"))
        field->id = parse_id(parse, group, "id", PARSE_ID);
    bool typed = read_type(parse, group, field);
    if (field->id)
        check_id(parse, group, field);
    field->required = parse_bool(parse, group, "required", false);
    field->each = parse_bool(parse, group, "each", false);
    if (field->required && (field->type == FIELD_STATEMENT || field->type == FIELD_HIDDEN))
        source_fault(&parse->source, group, "required", "has no meaning for the type %s", kinds[field->type].name);
    if (typed) { /* else each of these would be measured by a type that nobody said */
        const int64_t length = field->role != ROLE_NONE ? roles[field->role].length : 0;
        parse_field_options(parse, group, field);
        parse_field_bounds(parse, group, field, length > 0 ? length : kinds[field->type].length);
        parse_field_default(parse, group, field);
    }
    read_after_review(parse, group, field);
    read_words(parse, group, field);
    field->show_if = parse_condition(parse, group, "show_if", &field->show_if_words);
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

/* A ranking and an organisation have columns for each part: FIELD_1, FIELD_name. */
static bool is_part(const struct event_field *field, const char *rest)
{
    int64_t rank;

    if (field->type == FIELD_RANKING)
        return text_to_int(rest, 1, (int64_t)field->max, &rank) == 0;
    if (field->type != FIELD_ORGANISATION)
        return false;
    for (size_t i = 0; i < ORGANISATION_PARTS; i++)
        if (strcmp(rest, organisation_part_name((enum organisation_part)i)) == 0)
            return true;
    return strcmp(rest, "sme_on") == 0;
}

/* The column NAME of the view would be there twice. */
static bool is_column_of(const struct event_field *field, const char *name)
{
    const size_t size = strlen(field->id);
    return strncmp(name, field->id, size) == 0 && name[size] == '_' && is_part(field, name + size + 1);
}

static void check_columns(struct parse *parse, const config_setting_t *list)
{
    const struct event_definition *definition = parse->definition;

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        if (!field->id)
            continue;
        for (size_t k = 0; k < definition->field_count; k++)
            if (definition->fields[k].id && is_column_of(field, definition->fields[k].id))
                source_fault(&parse->source, group, "id", "its part \"%s\" has the id of a field",
                             definition->fields[k].id);
        for (size_t k = 1; k < ROLES; k++)
            if (is_column_of(field, roles[k].name))
                source_fault(&parse->source, group, "id", "its part \"%s\" is reserved", roles[k].name);
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
        else if (field->show_if)
            source_fault(&parse->source, config_setting_get_elem(list, (unsigned)(field - definition->fields)),
                         "show_if", "the role %s is asked of everybody", roles[needed[i]].name);
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
    check_columns(parse, list);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along: `_guests` says how many, and guest.1.name, guest.1.email and guest.1.FIELD for each. What is not
 * asked of a guest is as who signs up said it, for conditions, limits and reserves. Called by rules. Pure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/answers.h"
#include "signup/number.h"
#include "signup/reading.h"

#define COUNT_CONTROL "_guests"
#define GUEST_PREFIX "guest."

int rules_guest_blocks(const struct event_definition *definition, const struct form *form, size_t already)
{
    const char *text = form_value(form, COUNT_CONTROL);
    if (form_times(form, COUNT_CONTROL) > 1)
        return -1; /* whom the one or the other would leave out nobody knows */
    if (!text || !*text)
        return 0;
    size_t digits = strspn(text, "0123456789");
    long number = digits > 3 || text[digits] ? -1 : strtol(text, NULL, 10);
    return number < definition->group_max || (number > 0 && (size_t)number <= already) ? (int)number : -1;
}

bool rules_guest_field(const struct event_field *field)
{
    return field->role == ROLE_NAME || field->role == ROLE_EMAIL || field->each;
}

/* The form as guest NUMBER would fill it in: his own controls, and those of who signs up that he is not asked. */
struct guest_form {
    struct arena *arena;
    const struct event_definition *definition;
    const struct form *form;
    const char *prefix; /* "guest.2." */
    const char *language;
    struct form merged;
    bool blank; /* nothing was written, nor chosen otherwise than it stood there */
};

/* The field that CONTROL belongs to, `id` or `id.part`. */
static const struct event_field *field_of(const struct event_definition *definition, const char *control)
{
    size_t length = strcspn(control, ".");
    for (size_t i = 0; i < definition->field_count; i++)
        if (strlen(definition->fields[i].id) == length && strncmp(definition->fields[i].id, control, length) == 0)
            return &definition->fields[i];
    return NULL;
}

/* Colleagues come from the same organisation and country: that need not be typed again (WCAG 2.2, 3.3.7). Who declares
 * something declares it himself. */
bool rules_guest_shares(const struct event_definition *definition, const char *control)
{
    const struct event_field *field = field_of(definition, control);
    if (!field || !field->each)
        return false;
    if (field->type == FIELD_ORGANISATION)
        return strcmp(control + strlen(field->id), ".sme") != 0;
    return field->role == ROLE_ORGANISATION || field->role == ROLE_REGISTRY_NUMBER || field->role == ROLE_COUNTRY ||
           field->type == FIELD_REGION;
}

/* Empty, or what stood there: of who books, or the default. */
static bool is_blank(const struct guest_form *guest, const struct event_field *field, const char *control,
                     const struct form_value *value)
{
    if (value->bad)
        return false;
    if (text_is_blank(value->value))
        return true;
    if (rules_guest_shares(guest->definition, control) && form_has(guest->form, control, value->value))
        return true; /* it stood there */
    if (!field->fallback || strcmp(control, field->id) != 0)
        return false;
    double number, fallback;
    int decimals;
    if (field->type == FIELD_NUMBER) /* as the language writes it */
        return number_read(guest->language, value->value, &number, &decimals) == 0 &&
               number_read("en", field->fallback, &fallback, &decimals) == 0 && number == fallback;
    return event_fallback_has(field, value->value) || strcmp(field->fallback, value->value) == 0;
}

static int merge(struct guest_form *guest)
{
    const struct form *form = guest->form;
    struct form_value *values = arena_take(guest->arena, (form->count + 1) * sizeof(*values));
    size_t count = 0, prefix = strlen(guest->prefix);
    if (!values)
        return -ENOMEM;
    guest->blank = true;
    for (size_t i = 0; i < form->count; i++) {
        struct form_value value = form->values[i];
        bool own = strncmp(value.name, guest->prefix, prefix) == 0;
        if (own)
            value.name += prefix;
        else if (strncmp(value.name, GUEST_PREFIX, strlen(GUEST_PREFIX)) == 0)
            continue;
        const struct event_field *field = field_of(guest->definition, value.name);
        bool asked = field && rules_guest_field(field);
        if (own != asked)
            continue;
        if (own && !is_blank(guest, field, value.name, &value))
            guest->blank = false;
        values[count++] = value;
    }
    guest->merged = (struct form){ .count = count, .values = values };
    return 0;
}

/* The definition as it is for guests. */
static int guest_definition(struct arena *arena, const struct event_definition *definition,
                            struct event_definition *ret_definition)
{
    struct event_field *fields = arena_take(arena, (definition->field_count + 1) * sizeof(*fields));
    if (!fields)
        return -ENOMEM;
    *ret_definition = *definition;
    ret_definition->fields = fields;
    for (size_t i = 0; i < definition->field_count; i++) {
        fields[i] = definition->fields[i];
        if (fields[i].role == ROLE_EMAIL)
            fields[i].required = false;
        if (fields[i].role == ROLE_NAME)
            fields[i].required = !definition->guest_name_optional;
    }
    return 0;
}

int rules_guest_ask(struct arena *arena, const struct event_definition *definition, const struct event_field *field,
                    size_t number, struct event_field *ret_field)
{
    struct event_field asked = *field;
    asked.id = arena_format(arena, "guest.%zu.%s", number, field->id);
    if (field->role == ROLE_EMAIL)
        asked.required = false;
    if (field->role == ROLE_NAME)
        asked.required = !definition->guest_name_optional;
    asked.autocomplete = NULL; /* it would fill in the person at the keyboard */
    asked.show_if = NULL; /* it asks for his own answers, which are called otherwise: page_guests says for whom it is */
    if (field->parts_if) { /* its sheet asks who signs up, not this guest: those parts stand there for all */
        asked.parts_if = NULL;
        for (size_t part = 0; part < ORGANISATION_PARTS; part++)
            asked.required_parts[part] = field->required_parts[part] &&
                                         !organisation_part_depends((enum organisation_part)part);
    }
    if (!asked.id)
        return -ENOMEM;
    *ret_field = asked;
    return 0;
}

/* What he said wrong; the rest has been said of who signs up. */
static int take_faults(struct reading *reading, const struct guest_form *guest, const struct rules_result *result)
{
    for (size_t i = 0; i < result->fault_count; i++) {
        struct rules_fault fault = result->faults[i];
        if (fault.field < 0 || !rules_guest_field(&reading->definition->fields[fault.field]))
            continue;
        fault.control = arena_format(reading->arena, "%s%s", guest->prefix, fault.control);
        if (!fault.control)
            return -ENOMEM;
        reading->result->faults[reading->result->fault_count++] = fault;
    }
    return 0;
}

/* The consents and what is kept apart that were asked of him. */
static void take_own(const struct rules_result *result, struct rules_guest *guest)
{
    guest->consents = result->consents;
    guest->privates = result->privates;
    for (size_t i = 0; i < result->consent_count; i++)
        if (result->consents[i].field->each)
            guest->consents[guest->consent_count++] = result->consents[i];
    for (size_t i = 0; i < result->private_count; i++)
        if (result->privates[i].field->each)
            guest->privates[guest->private_count++] = result->privates[i];
}

static bool is_each(const struct event_definition *definition, enum field_role role)
{
    const struct event_field *field = event_field_by_role(definition, role);
    return field && field->each;
}

/* A block of an organisation fills three columns. */
static bool is_each_organisation(const struct event_definition *definition, enum field_role role)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].type == FIELD_ORGANISATION && !event_field_by_role(definition, role))
            return definition->fields[i].each;
    return is_each(definition, role);
}

static void take_columns(const struct event_definition *definition, const struct rules_result *result,
                         struct rules_guest *guest)
{
    guest->name = result->name;
    guest->email = result->email;
    if (is_each(definition, ROLE_ORGANISATION))
        guest->organisation = result->organisation;
    if (is_each_organisation(definition, ROLE_REGISTRY_NUMBER))
        guest->registry_number = result->registry_number;
    if (is_each_organisation(definition, ROLE_COUNTRY))
        guest->country = result->country;
    if (is_each(definition, ROLE_STAKEHOLDER))
        guest->stakeholder = result->stakeholder;
}

static int take_answers(struct reading *reading, const struct answer *answered, struct text_folder *folder,
                        struct rules_guest *guest)
{
    const struct event_definition *definition = reading->definition;
    struct answer *own = arena_take(reading->arena, (definition->field_count + 1) * sizeof(*own));
    char *json, *search;
    if (!own)
        return -ENOMEM;
    for (size_t i = 0; i < definition->field_count; i++)
        own[i] = rules_guest_field(&definition->fields[i]) ? answered[i] : (struct answer){ .skipped = true };
    int r = answers_json(reading->arena, definition, own, &json);
    if (r == 0)
        r = answers_search(reading->arena, folder, definition, own, &search);
    if (r < 0)
        return r;
    guest->answers = json;
    guest->search = search;
    return 0;
}

static int read_guest(struct reading *reading, const struct guest_form *form, size_t number,
                      struct text_folder *folder)
{
    struct rules_result *result = arena_take(reading->arena, sizeof(*result));
    struct event_definition *definition = arena_take(reading->arena, sizeof(*definition));
    struct rules_guest guest = { .number = number, .asks = result };
    if (!result || !definition || guest_definition(reading->arena, reading->definition, definition) < 0)
        return -ENOMEM;
    struct rules_moment moment = *reading->moment;
    moment.declared_on = number <= moment.guests && moment.guests_declared_on
                             ? moment.guests_declared_on[number - 1] : NULL;
    struct reading his = { .arena = reading->arena,
                           .definition = definition,
                           .form = &form->merged,
                           .moment = &moment,
                           .result = result,
                           .guest = true };
    if (rules_read(&his) < 0)
        return -ENOMEM;
    size_t faults = reading->result->fault_count;
    int r = take_faults(reading, form, result);
    if (r < 0)
        return r;
    take_columns(reading->definition, result, &guest);
    take_own(result, &guest);
    if (reading->result->fault_count == faults)
        r = take_answers(reading, result->answered, folder, &guest);
    if (r < 0)
        return r;
    if (!result->email) /* a limit by domain counts him for who brings him */
        result->email = reading->result->email;
    result->slot = -1; /* one person has it */
    result->proposal = NULL;
    reading->result->guests[reading->result->guest_count++] = guest;
    return 0;
}

int rules_guests_read(struct reading *reading, struct text_folder *folder)
{
    struct rules_result *result = reading->result;
    int blocks = rules_guest_blocks(reading->definition, reading->form, reading->moment->guests);
    size_t count = blocks > 0 ? (size_t)blocks : 0;
    struct rules_fault *faults = arena_take(
        reading->arena, (result->fault_count + count * rules_controls(reading->definition) + 1) * sizeof(*faults));
    result->guests = arena_take(reading->arena, (count + 1) * sizeof(*result->guests));
    if (!faults || !result->guests)
        return -ENOMEM;
    if (result->fault_count > 0)
        memcpy(faults, result->faults, result->fault_count * sizeof(*faults));
    result->faults = faults;
    reading->field = -1;
    if (blocks < 0)
        reading_fault(reading, COUNT_CONTROL, RULE_NO_SUCH, 0);
    for (size_t i = 1; i <= count; i++) {
        struct guest_form form = { .arena = reading->arena, .definition = reading->definition, .form = reading->form,
                                   .language = reading->moment->language };
        form.prefix = arena_format(reading->arena, "guest.%zu.", i);
        if (!form.prefix || merge(&form) < 0)
            return -ENOMEM;
        /* where a name is needed an empty block is nobody, but for who is there already; else it is somebody without a
         * name */
        if (form.blank && !reading->definition->guest_name_optional && i > reading->moment->guests)
            continue;
        if (read_guest(reading, &form, i, folder) < 0)
            return -ENOMEM;
    }
    return 0;
}

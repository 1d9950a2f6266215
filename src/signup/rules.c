/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules of registration: what was typed against what the definition asks. Pure: a bad form never reaches the
 * store. Called by page/sign_up on an http worker; main must have called sodium_init. */
#include "signup/rules.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/address.h"
#include "signup/answers.h"
#include "signup/country.h"
#include "signup/reading.h"
#include "signup/step.h"

#define MODE_CONTROL "mode"

static const char *const fault_codes[] = {
    [RULE_MISSING] = "missing",
    [RULE_TOO_LONG] = "too_long",
    [RULE_TOO_SHORT] = "too_short",
    [RULE_BAD_TEXT] = "bad_text",
    [RULE_BAD_ADDRESS] = "bad_address",
    [RULE_BAD_LOCAL] = "bad_local",
    [RULE_NO_SUCH] = "no_such",
    [RULE_TWICE] = "twice",
    [RULE_NOT_IN_MODE] = "not_in_mode",
    [RULE_OVERLAP] = "overlap",
    [RULE_SAME_GROUP] = "same_group",
    [RULE_SAME_WISH] = "same_wish",
    [RULE_NOT_INVITED] = "not_invited",
    [RULE_TOO_SOON] = "too_soon",
};

const char *rule_fault_code(enum rule_fault fault)
{
    return fault_codes[fault];
}

static bool length_fits(struct reading *reading, const struct event_field *field, const char *text)
{
    const int64_t length = (int64_t)text_length(text);
    int64_t most = field->max_length;

    if (field->has_max && field->max < (double)most)
        most = (int64_t)field->max;
    if (length > most) {
        reading_fault(reading, field->id, RULE_TOO_LONG, most);
        return false;
    }
    if (field->has_min && (double)length < field->min) {
        reading_fault(reading, field->id, RULE_TOO_SHORT, (int64_t)field->min);
        return false;
    }
    return true;
}

static int read_text(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const struct form_value *value;
    const char *text;

    if (!reading_value(reading, field->id, field->required, &value))
        return 0;
    int r = reading_clean(reading, field->id, value, field->type == FIELD_TEXTAREA, field->required, &text);
    if (r < 0 || !text)
        return r;
    if (length_fits(reading, field, text))
        answer->text = text;
    return 0;
}

static int read_email(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    /* Without an address there is nothing to confirm to, whatever the definition says. */
    const bool required = field->required || field->role == ROLE_EMAIL;
    const struct form_value *value;
    const char *text;

    if (!reading_value(reading, field->id, required, &value))
        return 0;
    if (text_has_control(value->value, value->size)) { /* never mended: it would go to somebody else */
        reading_fault(reading, field->id, RULE_BAD_ADDRESS, 0);
        return 0;
    }
    int r = reading_clean(reading, field->id, value, false, required, &text);
    if (r < 0 || !text)
        return r;
    if (!length_fits(reading, field, text))
        return 0;
    r = address_check(text);
    if (r == -ENOMEM)
        return r;
    if (r < 0)
        reading_fault(reading, field->id, r == -EAFNOSUPPORT ? RULE_BAD_LOCAL : RULE_BAD_ADDRESS, 0);
    else
        answer->text = text;
    return 0;
}

static bool is_offered(const struct event_field *field, const char *value)
{
    return field->type == FIELD_COUNTRY ? country_known(value) : event_option(field, value) != NULL;
}

static int read_choice(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const struct form_value *value;

    if (!reading_value(reading, field->id, field->required, &value))
        return 0;
    if (value->size == 0) { /* the line "choose" of a list */
        if (field->required)
            reading_fault(reading, field->id, RULE_MISSING, 0);
        return 0;
    }
    if (!is_offered(field, value->value)) {
        reading_fault(reading, field->id, RULE_NO_SUCH, 0);
        return 0;
    }
    answer->text = arena_copy(reading->arena, value->value);
    return answer->text ? 0 : -ENOMEM;
}

static int read_consent(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const struct form_value *value;

    if (!reading_value(reading, field->id, field->required, &value))
        return 0;
    if (strcmp(value->value, "yes") != 0)
        reading_fault(reading, field->id, RULE_NO_SUCH, 0);
    else
        answer->given = true;
    return 0;
}

static int read_field(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_TEXTAREA:
        return read_text(reading, field, answer);
    case FIELD_EMAIL:
        return read_email(reading, field, answer);
    case FIELD_CHOICE:
    case FIELD_COUNTRY:
        return read_choice(reading, field, answer);
    case FIELD_CONSENT:
        return read_consent(reading, field, answer);
    default: /* an event with a field of another type takes no sign-ups: event/unserved */
        return 0;
    }
}

static int read_mode(struct reading *reading)
{
    const struct event_definition *definition = reading->definition;
    struct rules_result *result = reading->result;
    const struct form_value *value;
    int mode = definition->mode_asked ? -1 : 0;

    if (definition->mode_asked && reading_value(reading, MODE_CONTROL, true, &value)) {
        if (value->size > 0)
            mode = event_mode(definition, value->value);
        if (mode < 0)
            reading_fault(reading, MODE_CONTROL, value->size > 0 ? RULE_NO_SUCH : RULE_MISSING, 0);
    }
    reading->mode_known = mode >= 0;
    if (mode < 0)
        mode = 0;
    result->mode_index = mode;
    result->mode = arena_copy(reading->arena, definition->modes[mode].id);
    return result->mode ? 0 : -ENOMEM;
}

static void take_columns(const struct event_definition *definition, const struct answer *answers,
                         struct rules_result *result)
{
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const char *text = answers[i].text;
        switch (field->role) {
        case ROLE_NONE: break;
        case ROLE_NAME: result->name = text; break;
        case ROLE_EMAIL: result->email = text; break;
        case ROLE_ORGANISATION: result->organisation = text; break;
        case ROLE_REGISTRY_NUMBER: result->registry_number = text; break;
        case ROLE_COUNTRY: result->country = text; break;
        case ROLE_STAKEHOLDER: result->stakeholder = text; break;
        }
        if (field->type == FIELD_CONSENT)
            result->consents[result->consent_count++] = (struct rules_consent){ field, answers[i].given };
    }
}

/* What the store is given, of a form without faults. */
static int conclude(struct reading *reading, struct text_folder *folder)
{
    struct rules_result *result = reading->result;
    const char *words;
    char *json, *search, *dedupe;

    int r = answers_json(reading->arena, reading->definition, reading->answers, &json);
    if (r < 0)
        return r;
    r = answers_search(reading->arena, folder, reading->definition, reading->answers, &search);
    if (r < 0)
        return r;
    r = rules_programme_words(reading->arena, reading->definition, result, &words);
    if (r < 0)
        return r;
    r = answers_dedupe(reading->arena, reading->definition, result->email, result->name, result->mode, json, words,
                       &dedupe);
    if (r < 0)
        return r;
    result->answers = json;
    result->search = search;
    result->dedupe = dedupe;
    return 0;
}

int rules_apply(struct arena *arena, const struct event_definition *definition, const struct form *form,
                const struct rules_moment *moment, struct text_folder *folder, struct rules_result *ret_result)
{
    const size_t fields = definition->field_count;
    struct rules_result result = {
        .faults = arena_take(arena, (fields + 1 + rules_programme_controls(&definition->programme)) *
                                        sizeof(struct rules_fault)),
        .consents = arena_take(arena, (fields + 1) * sizeof(struct rules_consent)),
    };
    struct reading reading = {
        .arena = arena,
        .definition = definition,
        .form = form,
        .moment = moment,
        .result = &result,
        .answers = arena_take(arena, (fields + 1) * sizeof(struct answer)),
    };
    if (!result.faults || !result.consents || !reading.answers)
        return -ENOMEM;

    result.answered = reading.answers;
    for (enum step step = 0; step < STEPS; step++) {
        if (step == STEP_TAKING_PART && (read_mode(&reading) < 0 || rules_programme_read(&reading) < 0))
            return -ENOMEM;
        for (size_t i = 0; i < fields; i++) {
            const struct event_field *field = &definition->fields[i];
            if (step_of(field) == step && read_field(&reading, field, &reading.answers[i]) < 0)
                return -ENOMEM;
        }
    }

    take_columns(definition, reading.answers, &result);
    if (result.fault_count == 0 && conclude(&reading, folder) < 0)
        return -ENOMEM;
    *ret_result = result;
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules of registration: what was typed against what the definition asks. Pure: a bad form never reaches the
 * store. Called by page/sign_up on an http worker; main must have called sodium_init. */
#include "signup/rules.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/definition.h"
#include "signup/answers.h"
#include "signup/reading.h"
#include "signup/step.h"

#define MODE_CONTROL "mode"

static const char *const fault_codes[] = {
    [RULE_MISSING] = "missing",
    [RULE_TOO_LONG] = "too_long",
    [RULE_TOO_SHORT] = "too_short",
    [RULE_BAD_TEXT] = "bad_text",
    [RULE_BAD_ADDRESS] = "bad_address",
    [RULE_MISTYPED] = "mistyped",
    [RULE_BAD_LOCAL] = "bad_local",
    [RULE_NO_SUCH] = "no_such",
    [RULE_TWICE] = "twice",
    [RULE_NOT_IN_MODE] = "not_in_mode",
    [RULE_OVERLAP] = "overlap",
    [RULE_SAME_GROUP] = "same_group",
    [RULE_SAME_WISH] = "same_wish",
    [RULE_NOT_INVITED] = "not_invited",
    [RULE_TOO_SOON] = "too_soon",
    [RULE_NOT_NUMBER] = "not_number",
    [RULE_NOT_WHOLE] = "not_whole",
    [RULE_TOO_PRECISE] = "too_precise",
    [RULE_TOO_SMALL] = "too_small",
    [RULE_TOO_LARGE] = "too_large",
    [RULE_NOT_DATE] = "not_date",
    [RULE_TOO_EARLY] = "too_early",
    [RULE_TOO_LATE] = "too_late",
    [RULE_TOO_FEW] = "too_few",
    [RULE_TOO_MANY] = "too_many",
    [RULE_BAD_PHONE] = "bad_phone",
    [RULE_BAD_URL] = "bad_url",
    [RULE_PATTERN] = "pattern",
    [RULE_NUMBER_FORM] = "bad_number_form",
    [RULE_CHECK_DIGITS] = "bad_check_digits",
    [RULE_NO_SUCH_REGION] = "no_such_region",
    [RULE_NEED_CONSENT] = "need_without_consent",
};

const char *rule_fault_code(enum rule_fault fault)
{
    return fault_codes[fault];
}

static int read_field(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_TEXTAREA:
        return reading_text(reading, field, answer);
    case FIELD_EMAIL:
        return reading_email(reading, field, answer);
    case FIELD_TEL:
        return reading_tel(reading, field, answer);
    case FIELD_URL:
        return reading_url(reading, field, answer);
    case FIELD_NUMBER:
        return reading_number(reading, field, answer);
    case FIELD_DATE:
        return reading_date(reading, field, answer);
    case FIELD_CHOICE:
    case FIELD_STAKEHOLDER:
    case FIELD_COUNTRY:
        return reading_choice(reading, field, answer);
    case FIELD_CHOICES:
        return reading_choices(reading, field, answer);
    case FIELD_SCALE:
        return reading_scale(reading, field, answer);
    case FIELD_RANKING:
        return reading_ranking(reading, field, answer);
    case FIELD_REGION:
        return reading_region(reading, field, answer);
    case FIELD_ORGANISATION:
        return reading_organisation(reading, field, answer);
    case FIELD_CONSENT:
        return reading_consent(reading, field, answer);
    case FIELD_SPECIAL_NEED:
        return reading_need(reading, field, answer);
    case FIELD_HIDDEN: /* the organiser's answer, whatever is sent under its name */
        answer->text = field->fallback;
        return 0;
    case FIELD_STATEMENT:
    case FIELD_TYPES:
        break;
    }
    return 0;
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
    }
}

/* The columns of a block of an organisation; a field that has the role says more. */
static void take_organisation(const struct event_definition *definition, const struct answer_organisation *organisation,
                              struct rules_result *result)
{
    result->organisation = organisation->name;
    if (!event_field_by_role(definition, ROLE_REGISTRY_NUMBER))
        result->registry_number = organisation->number;
    if (!event_field_by_role(definition, ROLE_COUNTRY))
        result->country = organisation->country;
}

/* What does not stand in the columns of a person's own words: consents, and what is kept apart. */
static void take_apart(const struct event_definition *definition, const struct answer *answers,
                       struct rules_result *result)
{
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const struct answer *answer = &answers[i];
        if (answer->skipped)
            continue;
        if (field->type == FIELD_ORGANISATION)
            take_organisation(definition, &answer->organisation, result);
        if (field->type == FIELD_CONSENT)
            result->consents[result->consent_count++] = (struct rules_consent){ field, answer->given };
        if (field->type == FIELD_SPECIAL_NEED && answer->text && answer->given) {
            result->consents[result->consent_count++] = (struct rules_consent){ field, true };
            result->privates[result->private_count++] =
                (struct rules_private){ .field = field, .value = answer->text, .retention = field->retention };
        }
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
    for (size_t i = 0; r == 0 && i < result->guest_count; i++) {
        const struct rules_guest *guest = &result->guests[i];
        words = arena_format(reading->arena, "%s\n%s\n%s\n%s", words, guest->name ? guest->name : "",
                             guest->email ? guest->email : "", guest->answers);
        r = words ? 0 : -ENOMEM;
    }
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

size_t rules_controls(const struct event_definition *definition)
{
    size_t count = 1 + rules_programme_controls(&definition->programme);
    for (size_t i = 0; i < definition->field_count; i++)
        count += reading_controls(&definition->fields[i]);
    return count;
}

/* Reads all of the form, in the order of the page, but what is skipped and bare by SHOWN (NULL: nothing is). */
static int read_form(struct reading *reading, const struct answer *shown)
{
    const struct event_definition *definition = reading->definition;
    const size_t fields = definition->field_count;
    struct rules_result *result = reading->result;

    *result = (struct rules_result){
        .faults = arena_take(reading->arena, rules_controls(definition) * sizeof(struct rules_fault)),
        .consents = arena_take(reading->arena, (fields + 1) * sizeof(struct rules_consent)),
        .privates = arena_take(reading->arena, (fields + 1) * sizeof(struct rules_private)),
    };
    reading->answers = arena_take(reading->arena, (fields + 1) * sizeof(struct answer));
    if (!result->faults || !result->consents || !result->privates || !reading->answers)
        return -ENOMEM;
    result->answered = reading->answers;
    for (enum step step = 0; step < STEPS; step++) {
        reading->field = -1;
        if (step == STEP_TAKING_PART && (read_mode(reading) < 0 || rules_programme_read(reading) < 0))
            return -ENOMEM;
        for (size_t i = 0; i < fields; i++) {
            const struct event_field *field = &definition->fields[i];
            if (step_of(field) != step)
                continue;
            reading->field = (int)i;
            if (shown)
                reading->answers[i] = shown[i];
            if (!reading->answers[i].skipped && read_field(reading, field, &reading->answers[i]) < 0)
                return -ENOMEM;
        }
    }
    return 0;
}

/* A field whose asking, or whose answer, depends on others. */
static bool depends(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].show_if || definition->fields[i].parts_if ||
            definition->fields[i].type == FIELD_REGION)
            return true;
    return false;
}

/* Reads again what is asked of this person, now that the first reading says what that is. */
static int read_again(struct reading *reading)
{
    struct rules_result first = *reading->result;
    struct reading before = *reading;
    struct answer *shown = arena_take(reading->arena, (reading->definition->field_count + 1) * sizeof(*shown));

    before.result = &first;
    if (!shown || rules_show(&before, shown) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < reading->definition->field_count; i++)
        if (shown[i].skipped)
            before.answers[i] = shown[i];
    reading->known = before.answers;
    return read_form(reading, shown);
}

int rules_read(struct reading *reading)
{
    if (read_form(reading, NULL) < 0 || (depends(reading->definition) && read_again(reading) < 0))
        return -ENOMEM;
    take_columns(reading->definition, reading->answers, reading->result);
    take_apart(reading->definition, reading->answers, reading->result);
    return 0;
}

int rules_apply(struct arena *arena, const struct event_definition *definition, const struct form *form,
                const struct rules_moment *moment, struct text_folder *folder, struct rules_result *ret_result)
{
    struct rules_result result;
    struct reading reading = {
        .arena = arena,
        .definition = definition,
        .form = form,
        .moment = moment,
        .result = &result,
    };

    if (rules_read(&reading) < 0)
        return -ENOMEM;
    if ((definition->group_max > 1 || moment->guests > 0) && rules_guests_read(&reading, folder) < 0)
        return -ENOMEM;
    if (result.fault_count == 0 && conclude(&reading, folder) < 0)
        return -ENOMEM;
    *ret_result = result;
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The body of a POST: http/decode, then signup/rules on definitions that have every kind of field, of session and
 * of slot, before and after wishes become places. */
#include "fuzz.h"

#include <jansson.h>
#include <sodium.h>
#include <strings.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"
#include "http/decode.h"
#include "signup/address.h"
#include "signup/after_review.h"
#include "signup/answers.h"
#include "signup/rules.h"

#define FIELDS 64
#define DEFINITIONS 10
#define ROUNDS_MAX 16

struct setting {
    struct text_folder *folder;
    const struct event_definition *definitions[DEFINITIONS];
};

static const struct setting *setting(void)
{
    static const char *const names[DEFINITIONS] = { "tests/table/rules/workshop.conf",
                                                    "tests/table/definitions/served.conf",
                                                    "tests/table/rules/programme.conf",
                                                    "tests/table/rules/wishes.conf",
                                                    "tests/table/rules/meetings.conf",
                                                    "tests/table/rules/types.conf",
                                                    "tests/table/rules/required.conf",
                                                    "tests/table/rules/shows.conf",
                                                    "tests/table/definitions/field_types.conf",
                                                    "tests/table/definitions/after_good.conf" };
    static struct setting made;
    if (made.folder)
        return &made;
    FUZZ_PROMISE(sodium_init() >= 0 && zone_setup() == 0 && text_folder_new(&made.folder) == 0);
    for (size_t i = 0; i < DEFINITIONS; i++) {
        size_t size;
        char *text = fuzz_source(names[i], &size);
        FUZZ_PROMISE(event_definition_parse(text, size, names[i], NULL, &made.definitions[i]) == 0);
        free(text);
        FUZZ_PROMISE(made.definitions[i]->programme.round_count <= ROUNDS_MAX);
    }
    return &made;
}

static void check_fault(const struct rules_result *result, size_t at)
{
    const struct rules_fault *fault = &result->faults[at];
    FUZZ_PROMISE(fault->control);
    FUZZ_PROMISE(rule_fault_code(fault->fault));
    for (size_t i = 0; i < at; i++)
        FUZZ_PROMISE(strcmp(result->faults[i].control, fault->control) != 0);
}

/* Nobody is in two places at once, in a room that is not there, or has a wish twice. */
static void check_sessions(const struct event_programme *programme, const struct rules_result *result)
{
    enum rule_fault fault;
    for (size_t i = 0; i < result->session_count; i++) {
        FUZZ_PROMISE(result->sessions[i] < programme->session_count);
        const struct event_session *session = &programme->sessions[result->sessions[i]];
        FUZZ_PROMISE(i == 0 || result->sessions[i - 1] < result->sessions[i]);
        FUZZ_PROMISE(rules_held(session, result->mode_index));
        for (size_t k = 0; k < i; k++)
            FUZZ_PROMISE((session->round < 0 && programme->sessions[result->sessions[k]].round < 0) ||
                         !rules_clash(programme, result->sessions[i], result->sessions[k], &fault));
    }
    for (size_t i = 0; i < result->wish_count; i++) {
        const struct rules_wish *wish = &result->wishes[i], *before = i > 0 ? wish - 1 : NULL;
        FUZZ_PROMISE(programme->sessions[wish->session].round == (int)wish->round);
        FUZZ_PROMISE(rules_held(&programme->sessions[wish->session], result->mode_index));
        FUZZ_PROMISE(wish->rank <= programme->rounds[wish->round].ranks);
        if (before && before->round == wish->round)
            FUZZ_PROMISE(wish->rank == before->rank + 1);
        else
            FUZZ_PROMISE(wish->rank == 1 && (!before || before->round < wish->round));
        for (size_t k = 0; k < i; k++)
            FUZZ_PROMISE(result->wishes[k].session != wish->session);
    }
}

static void check_slot(const struct event_programme *programme, const struct rules_result *result)
{
    FUZZ_PROMISE(!result->proposal || (result->slot < 0 && !text_is_blank(result->proposal) &&
                                       !text_has_control(result->proposal, strlen(result->proposal))));
    if (result->slot < 0)
        return;
    FUZZ_PROMISE((size_t)result->slot < programme->slot_count);
    const int mode = programme->resources[programme->slots[result->slot].resource].mode;
    FUZZ_PROMISE(mode < 0 || mode == result->mode_index);
}

/* What a field says is of its type, and within its bounds; a field that is not asked says nothing. */
static void check_answer(const struct event_field *field, const struct answer *answer)
{
    if (answer->skipped || field->type == FIELD_STATEMENT)
        FUZZ_PROMISE(!answer->text && !answer->given && !answer->has_number && answer->count == 0 &&
                     !answer->organisation.name);
    if (answer->skipped)
        return;
    if (answer->has_number) {
        FUZZ_PROMISE(!field->has_min || answer->number >= field->min);
        FUZZ_PROMISE(!field->has_max || answer->number <= field->max);
    }
    FUZZ_PROMISE(answer->count <= field->option_count);
    for (size_t i = 0; i < answer->count; i++) {
        FUZZ_PROMISE(event_option(field, answer->ids[i]));
        for (size_t k = 0; k < i; k++)
            FUZZ_PROMISE(strcmp(answer->ids[k], answer->ids[i]) != 0);
    }
    if (field->type == FIELD_DATE && answer->text)
        FUZZ_PROMISE(wall_is_day(answer->text) && (!field->earliest || strcmp(answer->text, field->earliest) >= 0));
    if (field->type == FIELD_URL && answer->text)
        FUZZ_PROMISE(strncasecmp(answer->text, "http", 4) == 0 &&
                     !text_has_control(answer->text, strlen(answer->text)));
    FUZZ_PROMISE(!answer->organisation.name == !answer->organisation.country);
}

/* A special need is among what is kept apart, with its consent, and nowhere else. */
static void check_privates(const struct event_definition *definition, const struct rules_result *result)
{
    json_t *answers = json_loads(result->answers, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_PROMISE(answers);
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].type == FIELD_SPECIAL_NEED || result->answered[i].skipped)
            FUZZ_PROMISE(!json_object_get(answers, definition->fields[i].id));
    json_decref(answers);
    for (size_t i = 0; i < result->private_count; i++) {
        bool consented = false;
        for (size_t k = 0; k < result->consent_count; k++)
            consented = consented || (result->consents[k].field == result->privates[i].field &&
                                      result->consents[k].given);
        FUZZ_PROMISE(consented && !text_is_blank(result->privates[i].value));
    }
}

/* What the store, the mails and the tables of an organiser rest on. */
static void check_result(const struct event_definition *definition, const struct rules_result *result)
{
    for (size_t i = 0; i < result->fault_count; i++)
        check_fault(result, i);
    if (result->fault_count > 0)
        return;
    FUZZ_PROMISE(result->name && result->email && result->mode && result->answers && result->search);
    FUZZ_PROMISE(address_check(result->email) == 0);
    FUZZ_PROMISE(!text_has_control(result->name, strlen(result->name)));
    FUZZ_PROMISE(!text_is_blank(result->name));
    FUZZ_PROMISE(text_is_utf8(result->answers, strlen(result->answers)));
    FUZZ_PROMISE(event_mode(definition, result->mode) == result->mode_index);
    for (size_t i = 0; i < result->consent_count; i++)
        FUZZ_PROMISE(result->consents[i].given || !result->consents[i].field->required);
    for (size_t i = 0; i < definition->field_count; i++)
        check_answer(&definition->fields[i], &result->answered[i]);
    check_privates(definition, result);
    check_sessions(&definition->programme, result);
    check_slot(&definition->programme, result);
}

static void apply(const struct setting *made, const struct event_definition *definition, struct arena *arena,
                  const struct form *form, bool allocated)
{
    bool rounds[ROUNDS_MAX];
    struct rules_result result;
    for (size_t i = 0; i < ROUNDS_MAX; i++)
        rounds[i] = allocated;
    const struct rules_moment moment = { .now = definition->starts - 86400, .allocated = rounds };
    FUZZ_PROMISE(rules_apply(arena, definition, form, allocated ? &moment : &(struct rules_moment){ 0 }, made->folder,
                             &result) == 0);
    check_result(definition, &result);
}

/* Nothing that is asked after the review is answered or wrong in the form without it, and nothing else is lost. */
static void apply_before(const struct setting *made, const struct event_definition *definition, struct arena *arena,
                         const struct form *form)
{
    struct rules_result result;
    struct form judged;
    size_t after = 0;
    FUZZ_PROMISE(after_review_drop(arena, definition, form, &judged) == 0);
    for (size_t i = 0; i < form->count; i++)
        after += after_review_control(definition, form->values[i].name);
    FUZZ_PROMISE(judged.count + after == form->count);
    FUZZ_PROMISE(rules_apply(arena, definition, &judged, &(struct rules_moment){ 0 }, made->folder, &result) == 0);
    for (size_t i = 0; i < result.fault_count; i++)
        FUZZ_PROMISE(result.faults[i].field < 0 || !definition->fields[result.faults[i].field].after_review);
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct answer *answer = &result.answered[i];
        FUZZ_PROMISE(!definition->fields[i].after_review || (!answer->text && answer->count == 0 && !answer->given));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct setting *made = setting();
    struct arena *arena = arena_new();
    struct form form;
    FUZZ_PROMISE(arena);
    int r = decode_form(arena, (const char *)data, size, FIELDS, &form);
    FUZZ_PROMISE(r == 0 || r == -E2BIG);
    if (r == 0) {
        FUZZ_PROMISE(form.count <= FIELDS);
        for (size_t i = 0; i < form.count; i++) {
            const struct form_value *value = &form.values[i];
            FUZZ_PROMISE(value->value[value->size] == '\0');
            FUZZ_PROMISE(value->bad || strlen(value->value) == value->size);
            FUZZ_PROMISE(value->bad || text_is_utf8(value->name, strlen(value->name)));
        }
        for (size_t i = 0; i < DEFINITIONS; i++) {
            apply(made, made->definitions[i], arena, &form, false);
            apply(made, made->definitions[i], arena, &form, true);
            apply_before(made, made->definitions[i], arena, &form);
        }
    }
    arena_free(arena);
    return 0;
}

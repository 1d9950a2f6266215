/* SPDX-License-Identifier: EUPL-1.2 */
/* The body of a POST: http/decode, then signup/rules on two definitions that have every kind of field. */
#include "fuzz.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"
#include "http/decode.h"
#include "signup/address.h"
#include "signup/rules.h"

#define FIELDS 64
#define DEFINITIONS 2

struct setting {
    struct text_folder *folder;
    const struct event_definition *definitions[DEFINITIONS];
};

static const struct setting *setting(void)
{
    static const char *const names[DEFINITIONS] = { "tests/table/rules/workshop.conf",
                                                    "tests/table/definitions/served.conf" };
    static struct setting made;
    if (made.folder)
        return &made;
    FUZZ_PROMISE(sodium_init() >= 0 && zone_setup() == 0 && text_folder_new(&made.folder) == 0);
    for (size_t i = 0; i < DEFINITIONS; i++) {
        size_t size;
        char *text = fuzz_source(names[i], &size);
        FUZZ_PROMISE(event_definition_parse(text, size, names[i], NULL, &made.definitions[i]) == 0);
        free(text);
    }
    return &made;
}

/* What the store, the mails and the tables of an organiser rest on. */
static void check_result(const struct event_definition *definition, const struct rules_result *result)
{
    for (size_t i = 0; i < result->fault_count; i++) {
        FUZZ_PROMISE(result->faults[i].control);
        FUZZ_PROMISE(rule_fault_code(result->faults[i].fault));
    }
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
            struct rules_result result;
            FUZZ_PROMISE(rules_apply(arena, made->definitions[i], &form, &(struct rules_moment){ 0 }, made->folder, &result) == 0);
            check_result(made->definitions[i], &result);
        }
    }
    arena_free(arena);
    return 0;
}

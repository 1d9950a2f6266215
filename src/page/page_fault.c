/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts a fault into words. Called by page_form. A worker's thread. */
#include "page/page_fault.h"

#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "page/page.h"
#include "signup/rules.h"
#include "view/catalogue.h"

const struct rules_fault *page_fault_find(const struct rules_result *rules, const char *control)
{
    for (size_t i = 0; rules && i < rules->fault_count; i++)
        if (strcmp(rules->faults[i].control, control) == 0)
            return &rules->faults[i];
    return NULL;
}

/* The first word of the key: roles speak more plainly than types. */
static const char *subject(const struct event_field *field, bool by_role)
{
    static const char *const roles[] = {
        [ROLE_NONE] = NULL,           [ROLE_NAME] = "name",
        [ROLE_EMAIL] = "email",       [ROLE_ORGANISATION] = "organisation",
        [ROLE_REGISTRY_NUMBER] = NULL, [ROLE_COUNTRY] = "country",
        [ROLE_STAKEHOLDER] = NULL,
    };

    if (!field)
        return "mode";
    return by_role ? roles[field->role] : field_type_name(field->type);
}

const char *page_fault_words(struct page *page, const struct event_definition *definition,
                             const struct event_field *field, const struct rules_fault *fault)
{
    const char *code = rule_fault_code(fault->fault), *key = NULL, *words;
    const char *label = field ? event_text_in(definition, &field->label, page->language, NULL)
                              : page_say(page, "form.mode");

    if (fault->fault == RULE_TOO_LONG || fault->fault == RULE_TOO_SHORT) {
        key = arena_format(page->arena, "fault.%s", code);
        words = key ? catalogue_count(page->catalogue, page->arena, key, fault->limit, "label", label, NULL) : NULL;
    } else {
        for (int by_role = 1; by_role >= 0 && !key; by_role--) {
            const char *first = subject(field, by_role);

            key = first ? arena_format(page->arena, "fault.%s.%s", first, code) : NULL;
            if (key && !catalogue_has(page->catalogue, key))
                key = NULL;
        }
        if (!key)
            key = arena_format(page->arena, "fault.%s", code);
        words = key ? catalogue_format(page->catalogue, page->arena, key, "label", label, NULL) : NULL;
    }
    if (!words)
        page->failed = true;
    return words;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Hidden controls. Called by page_form, page_review and page_optional. A worker's thread. */
#include "page/page_carry.h"

#include <stdbool.h>
#include <string.h>

#include "base/form.h"
#include "http/request.h"
#include "page/page.h"
#include "signup/after_review.h"
#include "signup/rules.h"

/* Of the form itself, and wanted on each page of it: its seal, the invitation, how many come along, which addresses are
 * typed as they are meant. */
static bool is_lasting(const char *name)
{
    return strcmp(name, "_form") == 0 || strcmp(name, "_invite") == 0 || strcmp(name, "_guests") == 0 ||
           strcmp(name, RULES_TYPED) == 0;
}

static bool is_carried(const struct event_definition *definition, const char *name, enum page_carry which)
{
    const bool after = after_review_control(definition, name);

    if (which == PAGE_CARRY_AFTER_REVIEW)
        return after;
    if (name[0] == '_' && !is_lasting(name))
        return false;
    return which == PAGE_CARRY_ALL || !after;
}

json_t *page_carry(struct page *page, const struct event_definition *definition, enum page_carry which)
{
    const struct form *form = request_form(page->request);
    json_t *list = page_array(page);

    for (size_t i = 0; form && i < form->count; i++) {
        const struct form_value *value = &form->values[i];
        json_t *control;

        if (value->bad || !is_carried(definition, value->name, which))
            continue;
        control = page_object(page);
        page_put_string(page, control, "name", value->name);
        page_put_string(page, control, "value", value->value);
        page_add(page, list, control);
    }
    return list;
}

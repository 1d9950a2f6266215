/* SPDX-License-Identifier: EUPL-1.2 */
/* Looking things up in a form. Forms are short (http.field_limit) and every rule asks for its own few names, so a
 * walk is enough. Callers: signup, page, http. Any thread. */
#include "base/form.h"

#include <string.h>

const char *form_value(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct form_value *value = &form->values[i];
        if (strcmp(value->name, name) == 0)
            return value->bad ? NULL : value->value;
    }
    return NULL;
}

bool form_has(const struct form *form, const char *name, const char *value)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct form_value *own = &form->values[i];
        if (!own->bad && strcmp(own->name, name) == 0 && strcmp(own->value, value) == 0)
            return true;
    }
    return false;
}

size_t form_times(const struct form *form, const char *name)
{
    size_t times = 0;
    for (size_t i = 0; i < form->count; i++)
        times += strcmp(form->values[i].name, name) == 0;
    return times;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Tells the answers to what is asked after the review from the others. Called by the pages of the form. Pure. */
#include "signup/after_review.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/definition.h"

bool after_review_control(const struct event_definition *definition, const char *control)
{
    const size_t size = strcspn(control, "."); /* of its field; behind it a rank */

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        if (field->after_review && strlen(field->id) == size && strncmp(field->id, control, size) == 0)
            return true;
    }
    return false;
}

int after_review_drop(struct arena *arena, const struct event_definition *definition, const struct form *form,
                      struct form *ret_form)
{
    struct form_value *values = arena_take(arena, (form->count + 1) * sizeof(*values));
    size_t count = 0;

    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < form->count; i++)
        if (!after_review_control(definition, form->values[i].name))
            values[count++] = form->values[i];
    *ret_form = (struct form){ .count = count, .values = values };
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Stored answers as the controls of a form would say them again. Callers: page_prefill, ctl/registration_move. */
#include "signup/fill.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "signup/number.h"

int fill_add(struct fill *fill, const char *name, const char *value)
{
    struct form *form = &fill->form;
    struct form_value *values = arena_grow(fill->arena, form->values, form->count, &fill->room, sizeof(*values));

    if (!name || !value || !values)
        return -ENOMEM;
    form->values = values;
    values[form->count++] = (struct form_value){ .name = name, .value = value, .size = strlen(value) };
    return 0;
}

/* `FIELD.PART`. */
static int add_part(struct fill *fill, const struct event_field *field, const char *part, const char *value)
{
    return fill_add(fill, arena_format(fill->arena, "%s.%s", field->id, part), arena_copy(fill->arena, value));
}

static int add_organisation(struct fill *fill, const struct event_field *field, const json_t *organisation)
{
    int r = 0;

    for (size_t i = 0; i < ORGANISATION_PARTS && r == 0; i++) {
        const char *part = organisation_part_name((enum organisation_part)i);
        const json_t *value = json_object_get(organisation, part);
        if (json_is_true(value))
            r = add_part(fill, field, part, "yes");
        else if (json_is_string(value))
            r = add_part(fill, field, part, json_string_value(value));
    }
    return r;
}

static int add_ids(struct fill *fill, const struct event_field *field, const json_t *ids)
{
    const json_t *id;
    size_t i;
    int r = 0;

    json_array_foreach(ids, i, id) {
        const char *text = json_string_value(id);
        if (r < 0 || !text)
            continue;
        const char *name = field->type == FIELD_RANKING ? arena_format(fill->arena, "%s.%zu", field->id, i + 1)
                                                        : field->id;
        r = fill_add(fill, name, arena_copy(fill->arena, text));
    }
    return r;
}

int fill_answer(struct fill *fill, const struct event_field *field, const json_t *answer)
{
    const char *number;

    switch (field->type) {
    case FIELD_NUMBER:
    case FIELD_SCALE:
        if (!json_is_number(answer))
            return 0;
        number = number_write(fill->arena, fill->language, json_number_value(answer), field->decimals);
        return fill_add(fill, field->id, number);
    case FIELD_CONSENT:
        return json_is_true(answer) ? fill_add(fill, field->id, "yes") : 0;
    case FIELD_CHOICES:
    case FIELD_RANKING:
        return add_ids(fill, field, answer);
    case FIELD_ORGANISATION:
        return add_organisation(fill, field, answer);
    case FIELD_SPECIAL_NEED:
    case FIELD_STATEMENT:
    case FIELD_HIDDEN:
        return 0;
    default:
        return json_is_string(answer) ? fill_add(fill, field->id, arena_copy(fill->arena, json_string_value(answer)))
                                      : 0;
    }
}

int fill_need(struct fill *fill, const struct event_field *field, const char *text)
{
    int r = fill_add(fill, field->id, arena_copy(fill->arena, text));
    return r < 0 ? r : add_part(fill, field, "consent", "yes");
}

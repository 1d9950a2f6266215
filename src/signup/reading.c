/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes single values out of a form and notes what is wrong with them. Called by rules_programme and the other
 * files reading_*. Pure. */
#include "signup/reading.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"

void reading_fault(struct reading *reading, const char *control, enum rule_fault fault, int64_t limit)
{
    struct rules_result *result = reading->result;

    result->faults[result->fault_count++] =
        (struct rules_fault){ .control = control, .fault = fault, .limit = limit, .session = -1,
                              .field = reading->field };
}

bool reading_noted(const struct reading *reading, const char *control)
{
    for (size_t i = 0; i < reading->result->fault_count; i++)
        if (strcmp(reading->result->faults[i].control, control) == 0)
            return true;
    return false;
}

bool reading_value(struct reading *reading, const char *control, bool required, const struct form_value **ret_value)
{
    const struct form_value *found = NULL;

    for (size_t i = 0; i < reading->form->count; i++) {
        const struct form_value *value = &reading->form->values[i];
        if (strcmp(value->name, control) != 0)
            continue;
        if (found) {
            reading_fault(reading, control, RULE_TWICE, 0);
            return false;
        }
        found = value;
    }
    if (found && found->bad) {
        reading_fault(reading, control, RULE_BAD_TEXT, 0);
        return false;
    }
    if (!found) {
        if (required)
            reading_fault(reading, control, RULE_MISSING, 0);
        return false;
    }
    *ret_value = found;
    return true;
}

int reading_clean(struct reading *reading, const char *control, const struct form_value *value, bool many_lines,
                  bool required, const char **ret_text)
{
    char *clean;
    int r = text_clean(reading->arena, value->value, value->size, many_lines, &clean);
    if (r == -EILSEQ) {
        reading_fault(reading, control, RULE_BAD_TEXT, 0);
        *ret_text = NULL;
        return 0;
    }
    if (r < 0)
        return -ENOMEM;
    if (text_is_blank(clean)) {
        if (required)
            reading_fault(reading, control, RULE_MISSING, 0);
        *ret_text = NULL;
        return 0;
    }
    *ret_text = clean;
    return 0;
}

int reading_line(struct reading *reading, const char *control, bool required, int64_t length, const char **ret_text)
{
    const struct form_value *value;
    const char *text = NULL;

    if (reading_value(reading, control, required, &value) &&
        reading_clean(reading, control, value, false, required, &text) < 0)
        return -ENOMEM;
    if (text && (int64_t)text_length(text) > length) {
        reading_fault(reading, control, RULE_TOO_LONG, length);
        text = NULL;
    }
    *ret_text = text;
    return 0;
}

bool reading_ticked(struct reading *reading, const char *control, bool required)
{
    const struct form_value *value;

    if (!reading_value(reading, control, required, &value))
        return false;
    if (strcmp(value->value, "yes") == 0)
        return true;
    reading_fault(reading, control, RULE_NO_SUCH, 0);
    return false;
}

const char *reading_part(struct reading *reading, const struct event_field *field, const char *part)
{
    return arena_format(reading->arena, "%s.%s", field->id, part);
}

size_t reading_controls(const struct event_field *field)
{
    return 1 + ORGANISATION_PARTS + (field->type == FIELD_RANKING ? (size_t)field->max : 0);
}

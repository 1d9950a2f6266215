/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes single values out of a form and notes what is wrong with them. Called by rules and rules_programme. Pure. */
#include "signup/reading.h"

#include <errno.h>
#include <string.h>

#include "base/form.h"
#include "base/text.h"

void reading_fault(struct reading *reading, const char *control, enum rule_fault fault, int64_t limit)
{
    struct rules_result *result = reading->result;

    result->faults[result->fault_count++] =
        (struct rules_fault){ .control = control, .fault = fault, .limit = limit, .session = -1 };
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

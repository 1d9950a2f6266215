/* SPDX-License-Identifier: EUPL-1.2 */
/* What conditions find in a form that was understood. Called by ask and the pages. Pure. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "signup/answers.h"
#include "signup/rules.h"

#define MODE_NAME "mode"
#define SESSION_PREFIX "session."

struct values {
    const struct event_definition *definition;
    const struct rules_result *result;
    const char **numbers; /* of each field: what it says as a number; NULL: none */
};

/* The N-th value of the field at AT. */
static const char *field_value(const struct values *values, size_t at, size_t n)
{
    const struct event_field *field = &values->definition->fields[at];
    const struct answer *answer = &values->result->answered[at];

    if (answer->skipped || field->type == FIELD_SPECIAL_NEED)
        return NULL;
    if (answer->count > 0)
        return n < answer->count ? answer->ids[n] : NULL;
    if (n > 0)
        return NULL;
    if (field->type == FIELD_CONSENT)
        return answer->given ? "yes" : NULL;
    return answer->has_number ? values->numbers[at] : answer->text;
}

/* The N-th session of the round that was chosen; wishes are no choices yet. */
static const char *session_value(const struct values *values, const char *round_id, size_t n)
{
    const struct event_programme *programme = &values->definition->programme;
    const int round = programme_round(programme, round_id);

    for (size_t i = 0; round >= 0 && i < values->result->session_count; i++) {
        const struct event_session *session = &programme->sessions[values->result->sessions[i]];
        if (session->round == round && n-- == 0)
            return session->id;
    }
    return NULL;
}

static const char *find_value(void *arg, const char *name, size_t n)
{
    const struct values *values = arg;

    if (strncmp(name, SESSION_PREFIX, strlen(SESSION_PREFIX)) == 0)
        return session_value(values, name + strlen(SESSION_PREFIX), n);
    if (strcmp(name, MODE_NAME) == 0)
        return n == 0 ? values->result->mode : NULL;
    const struct event_field *field = event_field(values->definition, name);
    return field ? field_value(values, (size_t)(field - values->definition->fields), n) : NULL;
}

int rules_values(struct arena *arena, const struct event_definition *definition, const struct rules_result *result,
                 struct condition_values *ret_values)
{
    struct values *values = arena_take(arena, sizeof(*values));
    const char **numbers = arena_take(arena, (definition->field_count + 1) * sizeof(*numbers));

    if (!values || !numbers)
        return -ENOMEM;
    for (size_t i = 0; i < definition->field_count; i++) {
        if (!result->answered[i].has_number)
            continue;
        numbers[i] = arena_format(arena, "%.*f", definition->fields[i].decimals, result->answered[i].number);
        if (!numbers[i])
            return -ENOMEM;
    }
    *values = (struct values){ .definition = definition, .result = result, .numbers = numbers };
    *ret_values = (struct condition_values){ .value = find_value, .arg = values };
    return 0;
}

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
};

static const char *field_value(const struct values *values, const char *id)
{
    for (size_t i = 0; i < values->definition->field_count; i++) {
        const struct event_field *field = &values->definition->fields[i];
        const struct answer *answer = &values->result->answered[i];
        if (strcmp(field->id, id) != 0)
            continue;
        if (field->type == FIELD_CONSENT)
            return answer->given ? "yes" : NULL;
        return answer->text;
    }
    return NULL;
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
    if (n > 0)
        return NULL;
    return strcmp(name, MODE_NAME) == 0 ? values->result->mode : field_value(values, name);
}

int rules_values(struct arena *arena, const struct event_definition *definition, const struct rules_result *result,
                 struct condition_values *ret_values)
{
    struct values *values = arena_take(arena, sizeof(*values));

    if (!values)
        return -ENOMEM;
    *values = (struct values){ .definition = definition, .result = result };
    *ret_values = (struct condition_values){ .value = find_value, .arg = values };
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Which fields are asked of a person: those whose condition holds for what this person said to fields that are asked
 * themselves. Called by rules. Pure. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "signup/answers.h"
#include "signup/reading.h"

enum mark { NEW, ON_THE_WAY, ASKED, SKIPPED };

struct show {
    const struct reading *reading;
    struct condition_values values; /* of the form, as if every field was asked */
    enum mark *marks;               /* of each field */
};

static bool is_asked(struct show *show, size_t at);

/* What a condition finds under NAME: first it is settled whether that field is asked. */
static const char *find_value(void *arg, const char *name, size_t n)
{
    struct show *show = arg;
    const struct event_definition *definition = show->reading->definition;
    const struct event_field *field = event_field(definition, name);

    if (field && !is_asked(show, (size_t)(field - definition->fields)))
        return NULL;
    if (!show->reading->mode_known && strcmp(name, "mode") == 0)
        return NULL;
    return show->values.value(show->values.arg, name, n);
}

/* Never goes in a circle: a definition that would is refused. */
static bool is_asked(struct show *show, size_t at)
{
    const struct event_field *field = &show->reading->definition->fields[at];
    const struct condition_values values = { .value = find_value, .arg = show };

    if (show->marks[at] == NEW) {
        show->marks[at] = ON_THE_WAY;
        show->marks[at] = !field->show_if || condition_holds(field->show_if, &values) ? ASKED : SKIPPED;
    }
    return show->marks[at] != SKIPPED;
}

int rules_show(const struct reading *reading, struct answer *ret_shown)
{
    const struct event_definition *definition = reading->definition;
    struct show show = { .reading = reading };
    const struct condition_values values = { .value = find_value, .arg = &show };

    show.marks = arena_take(reading->arena, (definition->field_count + 1) * sizeof(*show.marks));
    if (!show.marks || rules_values(reading->arena, definition, reading->result, &show.values) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct condition *parts_if = definition->fields[i].parts_if;
        ret_shown[i] = (struct answer){ .skipped = !is_asked(&show, i),
                                        .bare = parts_if && !condition_holds(parts_if, &values) };
    }
    return 0;
}

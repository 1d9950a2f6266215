/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what is chosen: one of some, several, an order, a country, a consent. Called by rules. Pure. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/country.h"
#include "event/definition.h"
#include "signup/answers.h"
#include "signup/reading.h"

static bool is_offered(const struct event_field *field, const char *value)
{
    return field->type == FIELD_COUNTRY ? country_known(value) : event_option(field, value) != NULL;
}

int reading_choice(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const struct form_value *value;

    if (!reading_value(reading, field->id, field->required, &value))
        return 0;
    if (value->size == 0) { /* the line "choose" of a list */
        if (field->required)
            reading_fault(reading, field->id, RULE_MISSING, 0);
        return 0;
    }
    if (!is_offered(field, value->value)) {
        reading_fault(reading, field->id, RULE_NO_SUCH, 0);
        return 0;
    }
    answer->text = arena_copy(reading->arena, value->value);
    return answer->text ? 0 : -ENOMEM;
}

/* Fewer or more than may be; none at all is another matter. */
static bool count_fits(struct reading *reading, const struct event_field *field, const char *control, size_t count)
{
    if (count == 0) {
        if (field->required)
            reading_fault(reading, control, RULE_MISSING, 0);
        return false;
    }
    if (field->has_min && (double)count < field->min)
        reading_fault(reading, control, RULE_TOO_FEW, (int64_t)field->min);
    else if (field->has_max && (double)count > field->max)
        reading_fault(reading, control, RULE_TOO_MANY, (int64_t)field->max);
    else
        return true;
    return false;
}

/* Which options were ticked. False: a fault is noted. */
static bool read_ticks(struct reading *reading, const struct event_field *field, bool *ticked)
{
    for (size_t i = 0; i < reading->form->count; i++) {
        const struct form_value *value = &reading->form->values[i];
        if (strcmp(value->name, field->id) != 0 || (!value->bad && value->size == 0))
            continue;
        const struct event_option *option = value->bad ? NULL : event_option(field, value->value);
        if (!option || ticked[option - field->options]) {
            reading_fault(reading, field->id, value->bad ? RULE_BAD_TEXT : option ? RULE_TWICE : RULE_NO_SUCH, 0);
            return false;
        }
        ticked[option - field->options] = true;
    }
    return true;
}

int reading_choices(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    bool *ticked = arena_take(reading->arena, (field->option_count + 1) * sizeof(*ticked));
    const char **ids = arena_take(reading->arena, (field->option_count + 1) * sizeof(*ids));
    size_t count = 0;

    if (!ticked || !ids)
        return -ENOMEM;
    if (!read_ticks(reading, field, ticked))
        return 0;
    for (size_t i = 0; i < field->option_count; i++)
        if (ticked[i])
            ids[count++] = field->options[i].id;
    if (count_fits(reading, field, field->id, count)) {
        answer->ids = ids;
        answer->count = count;
    }
    return 0;
}

/* The option that stands at one rank. NULL: none, or a fault. */
static const struct event_option *read_rank(struct reading *reading, const struct event_field *field,
                                            const char *control, const char **ids, size_t count)
{
    const struct form_value *value;

    if (!reading_value(reading, control, false, &value) || value->size == 0)
        return NULL;
    const struct event_option *option = event_option(field, value->value);
    if (!option) {
        reading_fault(reading, control, RULE_NO_SUCH, 0);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == option->id) {
            reading_fault(reading, control, RULE_SAME_WISH, 0);
            return NULL;
        }
    }
    return option;
}

/* A rank that was left out does not count: what comes after it moves up. */
int reading_ranking(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const size_t ranks = (size_t)field->max, faults = reading->result->fault_count;
    const char **ids = arena_take(reading->arena, (ranks + 1) * sizeof(*ids)), *best = NULL;
    size_t count = 0;

    if (!ids)
        return -ENOMEM;
    for (size_t rank = 1; rank <= ranks; rank++) {
        const char *control = arena_format(reading->arena, "%s.%zu", field->id, rank);
        if (!control)
            return -ENOMEM;
        if (rank == 1)
            best = control;
        const struct event_option *option = read_rank(reading, field, control, ids, count);
        if (option)
            ids[count++] = option->id;
    }
    if (reading->result->fault_count == faults && best && count_fits(reading, field, best, count)) {
        answer->ids = ids;
        answer->count = count;
    }
    return 0;
}

int reading_consent(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    answer->given = reading_ticked(reading, field->id, field->required);
    return 0;
}

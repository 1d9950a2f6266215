/* SPDX-License-Identifier: EUPL-1.2 */
/* Conditions, and modes in which a round is not held, as selectors of CSS. Called by view/assets when an edition is
 * made, on the main thread; pure.
 *
 * A condition is said as what `form` must match: `:has([name="kind"][value="b"]:checked)`. What cannot be seen by a
 * sheet is left open: of each condition there are two readings, one that matches whenever it MAY hold and one that
 * matches only if it MUST; a field is hidden while not even the first matches. A field that is hidden itself has no
 * answer, as for the rules, so that the reading of a test holds its field's own condition, too. */
#include "view/sheet_condition.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "event/condition.h"
#include "event/definition.h"
#include "signup/rules.h"

/* A selector that grows beyond this, by conditions on conditions, is left open. */
#define SELECTOR_MOST 4000
#define SESSION "session."
/* Bytes of rules for guests: those of who comes beyond are left open. */
#define GUESTS_MOST 65536
#define READINGS 2 /* must, may */

enum said_kind { UNSAID, NEVER, ALWAYS, SELECTOR };

/* What a condition says of the page; the text of a SELECTOR can follow `form` as it is. */
struct said { enum said_kind kind; const char *text; };

struct writing {
    struct arena *arena;
    const struct event_definition *definition;
    struct said (*fields)[READINGS]; /* of each field's condition, as far as it was asked for */
    size_t guest; /* whose answers are meant, by the number of his block; 0: who signs up */
    bool no_memory;
};

static struct said constant(bool holds)
{
    return (struct said){ .kind = holds ? ALWAYS : NEVER };
}

/* TEXT NULL is lack of memory. */
static struct said selector(struct writing *writing, const char *text, bool may)
{
    if (!text)
        writing->no_memory = true;
    if (!text || strlen(text) > SELECTOR_MOST)
        return constant(may);
    return (struct said){ .kind = SELECTOR, .text = text };
}

static struct said opposite(struct writing *writing, struct said said, bool may)
{
    if (said.kind != SELECTOR)
        return constant(said.kind == NEVER);
    return selector(writing, arena_format(writing->arena, ":not(%s)", said.text), may);
}

static struct said both(struct writing *writing, struct said a, struct said b, bool may)
{
    if (a.kind != SELECTOR)
        return a.kind == NEVER ? a : b;
    if (b.kind != SELECTOR)
        return b.kind == NEVER ? b : a;
    return selector(writing, arena_format(writing->arena, "%s%s", a.text, b.text), may);
}

static struct said either(struct writing *writing, struct said a, struct said b, bool may)
{
    if (a.kind != SELECTOR)
        return a.kind == ALWAYS ? a : b;
    if (b.kind != SELECTOR)
        return b.kind == ALWAYS ? b : a;
    return selector(writing, arena_format(writing->arena, ":is(%s,%s)", a.text, b.text), may);
}

/* One answer alone, held against a test. */
static const char *one_value(void *arg, const char *name, size_t n)
{
    (void)name;
    return n == 0 ? arg : NULL;
}

/* The answer is among those that the test is about: `!=` asks for the others. */
static bool is_meant(const struct condition *test, const char *answer)
{
    const struct condition_values values = { .value = one_value, .arg = (void *)answer };

    return condition_holds(test, &values) != (condition_kind(test) == CONDITION_UNEQUAL);
}

/* A value can stand between quotes. */
static bool is_plain(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < ' ' || strchr("\"\\<", *value))
            return false;
    return true;
}

static bool is_ordered(const struct condition *test)
{
    return condition_kind(test) == CONDITION_LESS || condition_kind(test) == CONDITION_MORE;
}

/* `[value="a"],[value="b"]` of what the test is about; empty: of nothing there is. */
static const char *meant_values(struct writing *writing, const struct condition *test, const struct event_field *field)
{
    const char *list = "", *value;
    char step[16];

    if (field && field->type == FIELD_SCALE) { /* few, and in an order */
        for (int at = (int)field->min; list && at <= (int)field->max; at++) {
            (void)snprintf(step, sizeof(step), "%d", at);
            if (is_meant(test, step))
                list = arena_format(writing->arena, "%s%s[value=\"%s\"]", list, *list ? "," : "", step);
        }
    } else {
        for (size_t n = 0; list && (value = condition_value(test, n)) != NULL; n++)
            list = arena_format(writing->arena, "%s%s[value=\"%s\"]", list, *list ? "," : "", value);
    }
    if (!list)
        writing->no_memory = true;
    return list;
}

/* The sheet can see which of these is chosen. */
static bool is_seen(const struct event_field *field)
{
    switch (field->type) {
    case FIELD_CHOICE:
    case FIELD_CHOICES:
    case FIELD_SCALE:
    case FIELD_COUNTRY:
    case FIELD_REGION:
    case FIELD_STAKEHOLDER:
    case FIELD_CONSENT:
        return true;
    default:
        return false;
    }
}

/* The control NAME, of FIELD or (NULL) of another kind, where it is that of a guest. NULL: no memory. */
static const char *control_of(struct writing *writing, const char *name, const struct event_field *field)
{
    if (writing->guest == 0 || !field || !rules_guest_field(field))
        return name;
    name = arena_format(writing->arena, "guest.%zu.%s", writing->guest, name);
    writing->no_memory = writing->no_memory || !name;
    return name;
}

/* An answer that is meant is chosen in the control NAME, of FIELD or (NULL) of another kind. */
static struct said chosen(struct writing *writing, const struct condition *test, const struct event_field *field,
                          bool may)
{
    const char *name = control_of(writing, condition_name(test), field), *value, *list;

    if (!name)
        return constant(may);
    for (size_t n = 0; (value = condition_value(test, n)) != NULL; n++)
        if (!is_plain(value))
            return constant(may);
    list = meant_values(writing, test, field);
    if (!list || !*list)
        return constant(false);
    /* the control is a radio button or check box, or a select with options in it */
    return selector(writing, arena_format(writing->arena, ":has(:is([name=\"%s\"],[name=\"%s\"] *):is(%s):checked)",
                                          name, name, list), may);
}

bool sheet_condition_round(const struct event_definition *definition, size_t round)
{
    size_t held = 0;

    for (size_t mode = 0; mode < definition->mode_count; mode++)
        held += rules_round_held(&definition->programme, round, (int)mode);
    return definition->mode_asked && held > 0 && held < definition->mode_count;
}

/* A mode is chosen in which something of the round is held, or (HELD false) nothing. */
static struct said mode_chosen(struct writing *writing, size_t round, bool held, bool may)
{
    const struct event_definition *definition = writing->definition;
    const char *modes = "";

    for (size_t mode = 0; modes && mode < definition->mode_count; mode++)
        if (rules_round_held(&definition->programme, round, (int)mode) == held)
            modes = arena_format(writing->arena, "%s%s[value=\"%s\"]", modes, *modes ? "," : "",
                                 definition->modes[mode].id);
    if (!modes)
        writing->no_memory = true;
    return selector(writing, modes ? arena_format(writing->arena, ":has(:is([name=\"mode\"],[name=\"mode\"] *):is(%s)"
                                                                  ":checked)", modes) : NULL, may);
}

/* The round is not hidden: no mode is chosen in which nothing of it is held. */
static struct said round_asked(struct writing *writing, size_t round, bool may)
{
    if (!sheet_condition_round(writing->definition, round))
        return constant(true);
    return opposite(writing, mode_chosen(writing, round, false, !may), may);
}

static struct said say(struct writing *writing, const struct condition *condition, bool may);

/* FIELD is asked. */
static struct said asked(struct writing *writing, const struct event_field *field, bool may)
{
    struct said *known = &writing->fields[field - writing->definition->fields][may];

    if (!field->show_if)
        return constant(true);
    if (writing->guest != 0 && !rules_guest_field(field)) /* it may hang on what both have said */
        return constant(may);
    if (known->kind == UNSAID)
        *known = say(writing, field->show_if, may);
    return *known;
}

/* What is left in a round that is hidden is no answer. */
static struct said session_given(struct writing *writing, const struct condition *test, bool may)
{
    const int round = programme_round(&writing->definition->programme, condition_name(test) + strlen(SESSION));
    const struct said said = chosen(writing, test, NULL, may);

    return round < 0 ? said : both(writing, round_asked(writing, (size_t)round, may), said, may);
}

/* One of the answers that the test is about was given. */
static struct said given(struct writing *writing, const struct condition *test, bool may)
{
    const struct event_definition *definition = writing->definition;
    const char *name = condition_name(test);
    const struct event_field *field = event_field(definition, name);

    if (strcmp(name, "mode") == 0)
        return definition->mode_asked ? chosen(writing, test, NULL, may)
                                      : constant(is_meant(test, definition->modes[0].id));
    if (strncmp(name, SESSION, strlen(SESSION)) == 0 && !is_ordered(test))
        return session_given(writing, test, may);
    if (field && field->type == FIELD_HIDDEN)
        return both(writing, asked(writing, field, may), constant(field->fallback && is_meant(test, field->fallback)),
                    may);
    if (!field)
        return constant(may);
    if (!is_seen(field) || (is_ordered(test) && field->type != FIELD_SCALE))
        return both(writing, asked(writing, field, may), constant(may), may);
    return both(writing, asked(writing, field, may), chosen(writing, test, field, may), may);
}

static struct said say(struct writing *writing, const struct condition *condition, bool may)
{
    const enum condition_kind kind = condition_kind(condition);
    const struct condition *part;
    struct said said;

    switch (kind) {
    case CONDITION_ANY:
    case CONDITION_ALL:
        said = constant(kind == CONDITION_ALL);
        for (size_t n = 0; (part = condition_part(condition, n)) != NULL; n++) {
            struct said next = say(writing, part, may);
            said = kind == CONDITION_ALL ? both(writing, said, next, may) : either(writing, said, next, may);
        }
        return said;
    case CONDITION_NOT:
        return opposite(writing, say(writing, condition_part(condition, 0), !may), may);
    case CONDITION_UNEQUAL:
        return opposite(writing, given(writing, condition, !may), may);
    default:
        return given(writing, condition, may);
    }
}

const char *sheet_condition_id(const struct event_definition *definition, const struct event_field *field)
{
    const struct event_field *first = definition->fields;

    while (first != field && !(first->show_if && strcmp(first->show_if_words, field->show_if_words) == 0))
        first++;
    return first->id;
}

/* What of the class `if-ID` is hidden while not even MAY holds. The words that say for whom it is are not seen any more
 * once it MUST; they are still there to be heard. */
static void add_rule(struct buffer *out, struct said may, struct said must, const char *prefix, const char *id)
{
    if (may.kind == SELECTOR)
        buffer_format(out, "form:not(%s) .if-%s%s{display:none}\n", may.text, prefix, id);
    else if (may.kind == NEVER)
        buffer_format(out, ".if-%s%s{display:none}\n", prefix, id);
    if (may.kind == SELECTOR && must.kind == SELECTOR)
        buffer_format(out, "form%s .if-%s%s>.hint:first-child{position:absolute;width:1px;height:1px;overflow:hidden;"
                           "clip-path:inset(50%%)}\n", must.text, prefix, id);
}

/* Each guest's block by his own answers, and by those of who signs up that he is not asked for. */
static void add_guest_rules(struct writing *writing, struct buffer *out)
{
    const struct event_definition *definition = writing->definition;
    const size_t most = out->size + GUESTS_MOST;

    for (writing->guest = 1; writing->guest < (size_t)definition->group_max && out->size < most; writing->guest++) {
        memset(writing->fields, 0, definition->field_count * sizeof(*writing->fields));
        for (size_t i = 0; i < definition->field_count; i++) {
            const struct event_field *field = &definition->fields[i];

            if (!field->show_if || !field->each)
                continue;
            const char *id = arena_format(writing->arena, "%s-%zu", field->id, writing->guest);
            if (id)
                add_rule(out, asked(writing, field, true), asked(writing, field, false), "", id);
            else
                writing->no_memory = true;
        }
    }
}

int sheet_condition_make(const struct event_definition *definition, char **ret_data, size_t *ret_size)
{
    struct writing writing = { .arena = arena_new(), .definition = definition };
    struct buffer out = { 0 };
    size_t before;

    if (writing.arena)
        writing.fields = arena_take(writing.arena, (definition->field_count + 1) * sizeof(*writing.fields));
    if (!writing.fields) {
        arena_free(writing.arena);
        return -ENOMEM;
    }
    /* a form on paper has everything on it; who knows no :has() sees everything */
    buffer_text(&out, "@media screen{@supports selector(:has(*)){\n");
    before = out.size;
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (field->show_if && sheet_condition_id(definition, field) == field->id)
            add_rule(&out, asked(&writing, field, true), asked(&writing, field, false), "", field->id);
        if (field->parts_if)
            add_rule(&out, say(&writing, field->parts_if, true), say(&writing, field->parts_if, false), "parts-",
                     field->id);
    }
    for (size_t i = 0; i < definition->programme.round_count; i++)
        add_rule(&out, round_asked(&writing, i, true), mode_chosen(&writing, i, true, false), "session-",
                 definition->programme.rounds[i].id);
    add_guest_rules(&writing, &out);
    const bool empty = out.size == before;
    buffer_text(&out, "}}\n");
    arena_free(writing.arena);
    if (writing.no_memory || empty || buffer_check(&out) < 0) {
        const int r = writing.no_memory ? -ENOMEM : buffer_check(&out);
        buffer_done(&out);
        if (r == 0) {
            *ret_data = NULL;
            *ret_size = 0;
        }
        return r;
    }
    *ret_data = out.data;
    *ret_size = out.size;
    return 0;
}

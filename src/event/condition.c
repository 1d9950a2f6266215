/* SPDX-License-Identifier: EUPL-1.2 */
/* Conditions: read into a tree by going down the grammar, then asked of somebody's values. Called by the readers of
 * definitions and by whoever makes a form or its ask. Pure. Any thread.
 *
 *   any        = all { "or" all }
 *   all        = one { "and" one }
 *   one        = "not" one | "(" any ")" | NAME test
 *   test       = "=" VALUE | "!=" VALUE | "<" VALUE | ">" VALUE | "in" "(" VALUE { "," VALUE } ")"
 *
 * Every step down counts as a level, so neither reading nor asking can go deeper than LEVELS_MAX. */
#include "event/condition.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/zone.h"

#define LENGTH_MAX 2000 /* characters */
#define LEVELS_MAX 16   /* parentheses and nots inside each other */
#define DIGITS_MAX 15   /* what a double holds exactly */

struct value {
    const char *text;
    bool is_number;
    double number;
    struct value *next;
};

struct condition {
    enum condition_kind kind;
    const char *name;           /* of a test */
    struct value *values;       /* of a test: at least one, CONDITION_IN may have several */
    struct condition *children; /* of CONDITION_ANY, CONDITION_ALL, CONDITION_NOT */
    struct condition *next;
};

enum token_kind { END, WORD, QUOTED, SIGN };

struct token {
    enum token_kind kind;
    const char *start; /* in the text */
    const char *text;  /* a copy; of QUOTED what is inside */
};

struct reading {
    struct arena *arena;
    const char *text, *at;
    struct token token; /* the one that is looked at */
    int levels;
    int error;
    const char *fault;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A plain decimal number, as people write it in a definition and browsers send it. */
static bool read_number(const char *text, double *ret_number)
{
    bool negative = text[0] == '-';
    double number = 0, part = 1;
    size_t digits = 0;

    text += negative;
    if (!is_digit(text[0]))
        return false;
    for (; is_digit(*text); text++, digits++)
        number = number * 10 + (*text - '0');
    if (*text == '.') {
        if (!is_digit(text[1]))
            return false;
        for (text++; is_digit(*text); text++, digits++) {
            part /= 10;
            number += part * (*text - '0');
        }
    }
    if (*text || digits > DIGITS_MAX)
        return false;
    *ret_number = negative ? -number : number;
    return true;
}

/* A field's id, `mode`, `invited`, or `session.` and a round's id. */
static bool is_name(const char *text)
{
    size_t prefix = strlen("session.");
    if (strncmp(text, "session.", prefix) == 0)
        text += prefix;
    if (text[0] < 'a' || text[0] > 'z')
        return false;
    for (; *text; text++)
        if (!(*text >= 'a' && *text <= 'z') && !is_digit(*text) && *text != '_')
            return false;
    return true;
}

/* Notes the first fault, with the character where START is. */
static bool fail(struct reading *reading, const char *start, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool fail(struct reading *reading, const char *start, const char *format, ...)
{
    size_t position = 1;
    va_list args;

    if (reading->error < 0)
        return false;
    for (const char *p = reading->text; p < start; p++)
        position += ((unsigned char)*p & 0xc0) != 0x80;
    va_start(args, format);
    const char *text = arena_format_v(reading->arena, format, args);
    va_end(args);
    reading->fault = text ? arena_format(reading->arena, "character %zu: %s", position, text) : NULL;
    reading->error = reading->fault ? -EINVAL : -ENOMEM;
    return false;
}

static void *take(struct reading *reading, size_t size)
{
    void *memory = reading->error < 0 ? NULL : arena_take(reading->arena, size);
    if (!memory && reading->error == 0)
        reading->error = -ENOMEM;
    return memory;
}

/* Goes on to the next token. */
static bool step(struct reading *reading)
{
    const char *start, *inside;
    size_t size;

    while (*reading->at == ' ' || *reading->at == '\t' || *reading->at == '\n' || *reading->at == '\r')
        reading->at++;
    start = inside = reading->at;
    enum token_kind kind = SIGN;
    size_t whole = size = 1;
    if (!*start) {
        kind = END;
        whole = size = 0;
    } else if (*start == '"' || *start == '\'') {
        const char *end = strchr(start + 1, *start);
        if (!end)
            return fail(reading, start, "the quote is not closed");
        kind = QUOTED;
        inside = start + 1;
        size = (size_t)(end - inside);
        whole = size + 2;
    } else if (is_word(*start)) {
        kind = WORD;
        while (is_word(start[size]))
            size++;
        whole = size;
    } else if (strncmp(start, "!=", 2) == 0) {
        whole = size = 2;
    } else if (!strchr("()=<>,", *start)) {
        return fail(reading, start, "this has no meaning here: other values than words and numbers stand in quotes");
    }
    const char *copy = arena_copy_n(reading->arena, inside, size);
    if (!copy && reading->error == 0)
        reading->error = -ENOMEM;
    reading->token = (struct token){ .kind = kind, .start = start, .text = copy };
    reading->at = start + whole;
    return copy != NULL;
}

static bool is(const struct reading *reading, enum token_kind kind, const char *text)
{
    return reading->error == 0 && reading->token.kind == kind && strcmp(reading->token.text, text) == 0;
}

static bool is_keyword(const struct reading *reading)
{
    return is(reading, WORD, "and") || is(reading, WORD, "or") || is(reading, WORD, "not") || is(reading, WORD, "in");
}

static bool expect(struct reading *reading, const char *sign)
{
    if (!is(reading, SIGN, sign))
        return fail(reading, reading->token.start, "%s is missing", sign);
    return step(reading);
}

static struct condition *new_condition(struct reading *reading, enum condition_kind kind)
{
    struct condition *condition = take(reading, sizeof(*condition));
    if (condition)
        condition->kind = kind;
    return condition;
}

static bool is_order(enum condition_kind kind)
{
    return kind == CONDITION_LESS || kind == CONDITION_MORE;
}

/* A value; ORDERED: behind `<` or `>`. */
static struct value *read_value(struct reading *reading, bool ordered)
{
    const struct token token = reading->token;
    double number = 0;

    if ((token.kind != WORD && token.kind != QUOTED) || !token.text[0]) {
        (void)fail(reading, token.start, token.kind == QUOTED ? "nothing is in the quotes" : "a value is missing");
        return NULL;
    }
    if (is_keyword(reading)) {
        (void)fail(reading, token.start, "a value is missing, or \"%s\" is one and must stand in quotes", token.text);
        return NULL;
    }
    bool is_number = token.kind == WORD && read_number(token.text, &number);
    if (ordered && !is_number && !wall_is_day(token.text)) {
        (void)fail(reading, token.start, "\"%s\" is neither a number nor a date such as 2027-03-18", token.text);
        return NULL;
    }
    struct value *value = take(reading, sizeof(*value));
    if (!value || !step(reading))
        return NULL;
    *value = (struct value){ .text = token.text, .is_number = is_number, .number = number };
    return value;
}

/* ( a, b ) */
static struct value *read_list(struct reading *reading)
{
    struct value *first = NULL, **next = &first;

    if (!expect(reading, "("))
        return NULL;
    do {
        if (first && !step(reading)) /* over the comma */
            return NULL;
        *next = read_value(reading, false);
        if (!*next)
            return NULL;
        next = &(*next)->next;
    } while (is(reading, SIGN, ","));
    return expect(reading, ")") ? first : NULL;
}

static struct condition *read_test(struct reading *reading)
{
    static const struct { const char *sign; enum condition_kind kind; } signs[] = {
        { "=", CONDITION_EQUAL }, { "!=", CONDITION_UNEQUAL }, { "<", CONDITION_LESS }, { ">", CONDITION_MORE } };
    const struct token name = reading->token;

    if (name.kind != WORD || is_keyword(reading)) {
        (void)fail(reading, name.start, "the name of a question is missing");
        return NULL;
    }
    if (!is_name(name.text)) {
        (void)fail(reading, name.start, "\"%s\" is not of the form of a name", name.text);
        return NULL;
    }
    if (!step(reading))
        return NULL;
    struct condition *condition = NULL;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (is(reading, SIGN, signs[i].sign))
            condition = new_condition(reading, signs[i].kind);
    bool listed = is(reading, WORD, "in");
    if (listed)
        condition = new_condition(reading, CONDITION_IN);
    if (!condition) {
        (void)fail(reading, reading->token.start, "=, !=, <, > or in must follow \"%s\"", name.text);
        return NULL;
    }
    if (!step(reading))
        return NULL;
    condition->name = name.text;
    condition->values = listed ? read_list(reading)
                               : read_value(reading, is_order(condition->kind));
    return condition->values ? condition : NULL;
}

static struct condition *read_any(struct reading *reading);

/* What is inside a `not` or a parenthesis: one level deeper. */
static struct condition *read_one(struct reading *reading)
{
    bool not = is(reading, WORD, "not"), open = is(reading, SIGN, "(");

    if (!not && !open)
        return read_test(reading);
    if (reading->levels == LEVELS_MAX) {
        (void)fail(reading, reading->token.start, "more than %d levels inside each other", LEVELS_MAX);
        return NULL;
    }
    if (!step(reading))
        return NULL;
    reading->levels++;
    struct condition *condition = not ? new_condition(reading, CONDITION_NOT) : read_any(reading);
    if (not && condition) {
        condition->children = read_one(reading);
        condition = condition->children ? condition : NULL;
    }
    reading->levels--;
    return condition && (not || expect(reading, ")")) ? condition : NULL;
}

/* One, or several with WORD between them. */
static struct condition *read_row(struct reading *reading, enum condition_kind kind, const char *word,
                                  struct condition *(*read)(struct reading *reading))
{
    struct condition *first = read(reading);
    if (!first || !is(reading, WORD, word))
        return first;
    struct condition *row = new_condition(reading, kind);
    if (!row)
        return NULL;
    row->children = first;
    while (is(reading, WORD, word)) {
        first->next = step(reading) ? read(reading) : NULL;
        first = first->next;
        if (!first)
            return NULL;
    }
    return row;
}

static struct condition *read_all(struct reading *reading)
{
    return read_row(reading, CONDITION_ALL, "and", read_one);
}

static struct condition *read_any(struct reading *reading)
{
    return read_row(reading, CONDITION_ANY, "or", read_all);
}

int condition_parse(struct arena *arena, const char *text, const struct condition **ret_condition,
                    const char **ret_fault)
{
    struct reading reading = { .arena = arena, .text = text, .at = text };
    struct condition *condition = NULL;

    if (text_length(text) > LENGTH_MAX)
        (void)fail(&reading, text, "the condition has more than %d characters", LENGTH_MAX);
    else if (step(&reading))
        condition = read_any(&reading);
    if (condition && reading.error == 0 && reading.token.kind != END)
        (void)fail(&reading, reading.token.start, "and, or, or the end must come here");
    if (reading.error == -EINVAL)
        *ret_fault = reading.fault;
    if (reading.error < 0)
        return reading.error;
    *ret_condition = condition;
    return 0;
}

int condition_each(const struct condition *condition, int (*each)(void *arg, const char *name, const char *value),
                   void *arg)
{
    bool ordered = is_order(condition->kind);
    int r = 0;

    for (const struct condition *child = condition->children; child && r == 0; child = child->next)
        r = condition_each(child, each, arg);
    for (const struct value *value = condition->values; value && r == 0; value = value->next)
        r = each(arg, condition->name, ordered && value->is_number ? NULL : value->text);
    return r;
}

static bool equal(const char *answer, const struct value *value)
{
    double number;
    return strcmp(answer, value->text) == 0 ||
           (value->is_number && read_number(answer, &number) && !(number < value->number) && !(number > value->number));
}

/* A number against a number, a date against a date; else neither is before the other. */
static bool ordered(const char *answer, const struct value *value, enum condition_kind kind)
{
    double number;
    if (value->is_number)
        return read_number(answer, &number) &&
               (kind == CONDITION_LESS ? number < value->number : number > value->number);
    int order = wall_is_day(answer) ? strcmp(answer, value->text) : 0;
    return kind == CONDITION_LESS ? order < 0 : order > 0;
}

static bool test_holds(const struct condition *condition, const struct condition_values *values)
{
    const char *answer;

    for (size_t n = 0; (answer = values->value(values->arg, condition->name, n)) != NULL; n++)
        for (const struct value *value = condition->values; value; value = value->next)
            if (is_order(condition->kind) ? ordered(answer, value, condition->kind) : equal(answer, value))
                return condition->kind != CONDITION_UNEQUAL;
    return condition->kind == CONDITION_UNEQUAL;
}

bool condition_holds(const struct condition *condition, const struct condition_values *values)
{
    const struct condition *child = condition->children;

    switch (condition->kind) {
    case CONDITION_ANY:
        while (child && !condition_holds(child, values))
            child = child->next;
        return child != NULL;
    case CONDITION_ALL:
        while (child && condition_holds(child, values))
            child = child->next;
        return child == NULL;
    case CONDITION_NOT:
        return !condition_holds(child, values);
    default:
        return test_holds(condition, values);
    }
}

enum condition_kind condition_kind(const struct condition *condition)
{
    return condition->kind;
}

const struct condition *condition_part(const struct condition *condition, size_t n)
{
    const struct condition *child = condition->children;

    while (child && n-- > 0)
        child = child->next;
    return child;
}

const char *condition_name(const struct condition *condition)
{
    return condition->name;
}

const char *condition_value(const struct condition *condition, size_t n)
{
    const struct value *value = condition->values;

    while (value && n-- > 0)
        value = value->next;
    return value ? value->text : NULL;
}

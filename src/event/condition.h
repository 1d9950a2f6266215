/* SPDX-License-Identifier: EUPL-1.2 */
/* The small language of `show_if` and of a reserve's `for`: `kind = b`, `!=`, `in (a, b)`, `<`, `>`, `and`, `or`,
 * `not`, parentheses, over names that have values. Parsed once with the definition, asked for each form. Pure. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct condition;

/* Where the values of names come from. The N-th value of NAME (a field with several answers has several), from 0; NULL:
 * no more. A name without any value equals nothing. */
struct condition_values {
    const char *(*value)(void *arg, const char *name, size_t n);
    void *arg;
};

/* -EINVAL: it does not parse, *ret_fault (in ARENA) says why and where; -ENOMEM. The condition lives in ARENA. */
int condition_parse(struct arena *arena, const char *text, const struct condition **ret_condition,
                    const char **ret_fault) __attribute__((warn_unused_result));

/* Each name the condition asks for, with the values that it compares with; VALUE is NULL after `<`, `>` alone where the
 * value is a number. Stops at the first EACH that returns not 0, and returns that. */
int condition_each(const struct condition *condition, int (*each)(void *arg, const char *name, const char *value),
                   void *arg);

bool condition_holds(const struct condition *condition, const struct condition_values *values);

/* What a condition is made of, for who says it in other words: rows and negations of parts, and tests of a name against
 * values. */
enum condition_kind {
    CONDITION_ANY,
    CONDITION_ALL,
    CONDITION_NOT,
    CONDITION_EQUAL,
    CONDITION_UNEQUAL,
    CONDITION_LESS,
    CONDITION_MORE,
    CONDITION_IN,
};
enum condition_kind condition_kind(const struct condition *condition);
const struct condition *condition_part(const struct condition *condition, size_t n); /* NULL: no more, or a test */
const char *condition_name(const struct condition *condition);             /* of a test; else NULL */
const char *condition_value(const struct condition *condition, size_t n); /* of a test, as written; NULL: no more */

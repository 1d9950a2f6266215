/* SPDX-License-Identifier: EUPL-1.2 */
/* event/condition against tests/table/conditions.txt, which says how it is read; and what no table can hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "event/condition.h"

/* NAME=VALUE NAME=VALUE … */
static const char *value_of(void *arg, const char *name, size_t n)
{
    struct arena *arena = ((void **)arg)[0];
    const char *pairs = ((void **)arg)[1];
    size_t size = strlen(name);

    while (*pairs) {
        size_t length = strcspn(pairs, " ");
        if (strncmp(pairs, name, size) == 0 && pairs[size] == '=' && n-- == 0) {
            char *value = arena_copy_n(arena, pairs + size + 1, length - size - 1);
            assert_non_null(value);
            return value;
        }
        pairs += length + strspn(pairs + length, " ");
    }
    return NULL;
}

static bool check(char *line)
{
    struct arena *arena = arena_new();
    const struct condition *condition = NULL;
    const char *fault = NULL;
    char found[300];
    char *rest = line, *text = strsep(&rest, "|"), *pairs = strsep(&rest, "|");

    assert_non_null(arena);
    assert_non_null(rest);
    assert_true(strlen(text) > 0 && strlen(pairs) > 0 && strlen(rest) > 1);
    text[strlen(text) - 1] = '\0';
    void *arg[] = { arena, pairs + strspn(pairs, " ") };
    const struct condition_values values = { value_of, arg };

    int r = condition_parse(arena, text, &condition, &fault);
    if (r == 0)
        (void)snprintf(found, sizeof(found), "%s", condition_holds(condition, &values) ? "yes" : "no");
    else
        (void)snprintf(found, sizeof(found), "%s", fault);
    assert_true(r == 0 || r == -EINVAL);
    bool good = strcmp(found, rest + 1) == 0;
    if (!good)
        (void)fprintf(stderr, "%s for %s: %s, not %s\n", text, pairs, found, rest + 1);
    arena_free(arena);
    return good;
}

static void test_table(void **state)
{
    const char *srcdir = getenv("srcdir");
    char path[1000], line[3000];
    int cases = 0, bad = 0;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/table/conditions.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        bad += !check(line);
        cases++;
    }
    (void)fclose(file);
    assert_int_equal(bad, 0);
    assert_true(cases > 80);
}

static int list_each(void *arg, const char *name, const char *value)
{
    char *list = arg;
    size_t size = strlen(list);
    (void)snprintf(list + size, 400 - size, "%s:%s ", name, value ? value : "-");
    return strcmp(name, "stop") == 0 ? 7 : 0;
}

static void test_each(void **state)
{
    struct arena *arena = arena_new();
    const struct condition *condition;
    const char *fault;
    char list[400] = "";

    (void)state;
    assert_non_null(arena);
    assert_int_equal(condition_parse(arena,
                                     "kind = b and not (mode != 'on site' or age > 17) or session.a in (a1, 2) and "
                                     "day < 2027-03-18",
                                     &condition, &fault), 0);
    assert_int_equal(condition_each(condition, list_each, list), 0);
    assert_string_equal(list, "kind:b mode:on site age:- session.a:a1 session.a:2 day:2027-03-18 ");
    list[0] = '\0';
    assert_int_equal(condition_parse(arena, "a = 1 and (stop = 2 or b = 3) and c = 4", &condition, &fault), 0);
    assert_int_equal(condition_each(condition, list_each, list), 7);
    assert_string_equal(list, "a:1 stop:2 ");
    arena_free(arena);
}

/* Deep and long ones are refused before anything runs out. */
static void test_bounds(void **state)
{
    struct arena *arena = arena_new();
    const struct condition *condition;
    const char *fault;
    char text[200000];

    (void)state;
    assert_non_null(arena);
    memset(text, '(', sizeof(text));
    text[1999] = '\0';
    assert_int_equal(condition_parse(arena, text, &condition, &fault), -EINVAL);
    assert_string_equal(fault, "character 17: more than 16 levels inside each other");
    text[1999] = '(';
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(condition_parse(arena, text, &condition, &fault), -EINVAL);
    assert_string_equal(fault, "character 1: the condition has more than 2000 characters");

    text[0] = '\0';
    for (size_t i = 0; i < 285; i++)
        strcat(text, i == 0 ? "a=1" : " or a=1");
    assert_int_equal(strlen(text), 1991);
    assert_int_equal(condition_parse(arena, text, &condition, &fault), 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

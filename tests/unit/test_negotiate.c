/* SPDX-License-Identifier: EUPL-1.2 */
/* The choice of a language: tests/table/negotiate.txt, and the limits that no line shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/negotiate.h"

#define CANDIDATES_MAX 8

static const char *source_folder(void)
{
    const char *folder = getenv("srcdir");
    return folder ? folder : ".";
}

/* `header | candidates | chosen`, taken apart in place. */
static bool run_line(char *line)
{
    char *rest = line, *header = strsep(&rest, "|"), *list = strsep(&rest, "|"), *chosen = rest;
    assert_non_null(chosen);
    chosen += strspn(chosen, " ");
    const char *candidates[CANDIDATES_MAX];
    size_t count = 0;
    for (char *word; (word = strsep(&list, " "));)
        if (*word) {
            assert_true(count < CANDIDATES_MAX);
            candidates[count++] = word;
        }
    const char *got = negotiate_language(header, candidates, count);
    if (strcmp(got ? got : "-", chosen) == 0)
        return true;
    print_error("[%s]: got %s, not %s\n", header, got ? got : "-", chosen);
    return false;
}

static void table(void **state)
{
    (void)state;
    char path[512], line[512];
    (void)snprintf(path, sizeof path, "%s/tests/table/negotiate.txt", source_folder());
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t cases = 0, wrong = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        cases++;
        wrong += !run_line(line);
    }
    assert_int_equal(fclose(file), 0);
    assert_true(cases > 40);
    assert_int_equal(wrong, 0);
}

static const char *const english_lithuanian[] = { "en", "lt" };

static void no_header(void **state)
{
    (void)state;
    assert_null(negotiate_language(NULL, english_lithuanian, 2));
    assert_null(negotiate_language("lt", NULL, 0));
}

/* Only the first 1000 bytes count, and no item that the limit cuts in two. */
static void long_headers(void **state)
{
    (void)state;
    char header[2200] = "";
    for (size_t i = 0; i < 20; i++)
        strcat(header, "de-AT-1996-x-abcdefgh-abcdefgh;q=0.7,                ");
    assert_true(strlen(header) > 1000);
    strcat(header, "lt");
    assert_null(negotiate_language(header, english_lithuanian, 2));
    memcpy(header, "en  ", 4);
    header[4] = ',';
    assert_string_equal(negotiate_language(header, english_lithuanian, 2), "en");

    memset(header, ' ', sizeof header);
    memcpy(header, "en;q=0.1,", 9);
    memcpy(header + 996, ",lt-LT", 7); /* the limit leaves `lt-` of it, or `lt` one byte earlier */
    assert_string_equal(negotiate_language(header, english_lithuanian, 2), "en");
    memcpy(header + 996, " ,lt;q=0", 9);
    assert_string_equal(negotiate_language(header, english_lithuanian, 2), "en");
    memset(header, 'x', sizeof header - 1);
    header[sizeof header - 1] = '\0';
    assert_null(negotiate_language(header, english_lithuanian, 2));
}

/* More ranges than are kept: the rest is not read. */
static void many_ranges(void **state)
{
    (void)state;
    char header[400] = "";
    for (size_t i = 0; i < 32; i++)
        strcat(header, "de,");
    strcat(header, "lt");
    assert_null(negotiate_language(header, english_lithuanian, 2));
    assert_string_equal(negotiate_language(header + 3, english_lithuanian, 2), "lt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(no_header),
        cmocka_unit_test(long_headers),
        cmocka_unit_test(many_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

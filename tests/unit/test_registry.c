/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/registry against tests/table/registry.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "event/country.h"
#include "signup/registry.h"
#include "signup/registry_rows.h"

static const char *const verdicts[] = { [REGISTRY_GOOD] = "good",
                                        [REGISTRY_FORM] = "form",
                                        [REGISTRY_DIGITS] = "digits",
                                        [REGISTRY_UNKNOWN] = "unknown" };

/* Cuts LINE at its bars. False: there are not COUNT parts. */
static bool cut(char *line, char **parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        parts[i] = line;
        line += strcspn(line, "|");
        if ((*line == '|') != (i + 1 < count))
            return false;
        *line++ = '\0';
    }
    return true;
}

static void table(void **state)
{
    const char *root = getenv("srcdir");
    char path[4096], line[1024];
    unsigned number = 0, wrong = 0, cases[4] = { 0 };
    (void)state;

    (void)snprintf(path, sizeof(path), "%s/tests/table/registry.txt", root ? root : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char *part[5];
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!cut(line, part, 5))
            fail_msg("registry.txt:%u: not five parts", number);
        struct arena *arena = arena_new();
        enum registry_verdict verdict = REGISTRY_UNKNOWN;
        const char *written = "";
        assert_int_equal(registry_check(arena, part[0], part[1], &verdict, &written), 0);
        if (strcmp(verdicts[verdict], part[2]) != 0 || strcmp(written, part[3]) != 0) {
            print_error("registry.txt:%u: %s %s: %s \"%s\", not %s \"%s\"\n", number, part[0], part[1],
                        verdicts[verdict], written, part[2], part[3]);
            wrong++;
        } else if (verdict == REGISTRY_GOOD) {
            /* What the register writes is good, and written so again. */
            const char *again = "";
            assert_int_equal(registry_check(arena, part[0], written, &verdict, &again), 0);
            assert_int_equal(verdict, REGISTRY_GOOD);
            assert_string_equal(again, written);
        }
        cases[verdict]++;
        arena_free(arena);
    }
    (void)fclose(file);
    assert_int_equal(wrong, 0);
    assert_true(cases[REGISTRY_GOOD] > 350 && cases[REGISTRY_DIGITS] > 200 && cases[REGISTRY_FORM] > 80);
}

static void every_country_of_the_union_has_rows_and_an_example(void **state)
{
    static const char *const others[] = { "CH", "GB", "IS", "LI", "NO", "UA" };
    size_t countries, rows;
    const struct country *country = country_list(&countries);
    const struct registry_row *row = registry_rows(&rows);
    unsigned found = 0;
    (void)state;
    for (size_t i = 0; i < countries; i++) {
        bool wanted = country[i].group == COUNTRY_EU;
        for (size_t o = 0; o < sizeof(others) / sizeof(others[0]); o++)
            wanted |= strcmp(country[i].code, others[o]) == 0;
        const char *example = registry_example(country[i].code);
        assert_int_equal(example != NULL, wanted);
        if (!wanted)
            continue;
        bool known = false;
        for (size_t r = 0; r < rows; r++)
            known |= strcmp(row[r].country, country[i].code) == 0;
        assert_true(known);
        struct arena *arena = arena_new();
        enum registry_verdict verdict = REGISTRY_FORM;
        const char *written = "";
        assert_int_equal(registry_check(arena, country[i].code, example, &verdict, &written), 0);
        if (verdict != REGISTRY_GOOD)
            fail_msg("%s %s: %s", country[i].code, example, verdicts[verdict]);
        assert_string_equal(written, example);
        arena_free(arena);
        found++;
    }
    assert_int_equal(found, 27 + sizeof(others) / sizeof(others[0]));
    for (size_t r = 0; r < rows; r++)
        assert_non_null(registry_example(row[r].country));
    assert_null(registry_example("US"));
    assert_null(registry_example(""));
    assert_null(registry_example(NULL));
}

/* A number that differs from a good one in one digit is found, whichever digit it is. Where another row of weights
 * stands in for a rest of ten, as in Estonia and Lithuania, the rule itself lets a few pass. */
static void one_wrong_digit_is_found(void **state)
{
    static const struct {
        const char *country, *number;
        unsigned pass;
    } numbers[] = { { "EE", "10421629", 5 },     { "FI", "01120389", 0 },    { "LV", "40003032949", 0 },
                    { "LT", "124110246", 1 },    { "DK", "22756214", 0 },    { "NO", "974760673", 0 },
                    { "SE", "5560125790", 0 },   { "DE", "DE129274202", 0 }, { "HR", "27759560625", 0 },
                    { "PT", "500077568", 0 },    { "FR", "552049447", 0 },   { "IT", "00159560366", 0 } };
    (void)state;
    for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
        unsigned passed = 0;
        for (size_t i = 0; numbers[n].number[i]; i++)
            for (char digit = '0'; digit <= '9'; digit++) {
                char typed[16];
                (void)snprintf(typed, sizeof(typed), "%s", numbers[n].number);
                if (typed[i] < '0' || typed[i] > '9' || typed[i] == digit)
                    continue;
                typed[i] = digit;
                struct arena *arena = arena_new();
                enum registry_verdict verdict = REGISTRY_GOOD;
                const char *written;
                assert_int_equal(registry_check(arena, numbers[n].country, typed, &verdict, &written), 0);
                passed += verdict == REGISTRY_GOOD;
                arena_free(arena);
            }
        if (passed != numbers[n].pass)
            fail_msg("%s: %u pass, not %u", numbers[n].country, passed, numbers[n].pass);
    }
}

static void what_is_too_long_is_no_number(void **state)
{
    struct arena *arena = arena_new();
    enum registry_verdict verdict = REGISTRY_GOOD;
    const char *written = "as before";
    char *typed = arena_take(arena, 100001);
    (void)state;
    memset(typed, '1', 100000);
    assert_int_equal(registry_check(arena, "EE", typed, &verdict, &written), 0);
    assert_int_equal(verdict, REGISTRY_FORM);
    assert_string_equal(written, "as before");
    memset(typed, ' ', 150);
    memcpy(typed + 150, "10421629", 9);
    assert_int_equal(registry_check(arena, "EE", typed, &verdict, &written), 0);
    assert_int_equal(verdict, REGISTRY_GOOD);
    assert_string_equal(written, "10421629");
    assert_int_equal(registry_check(arena, NULL, "1 2", &verdict, &written), 0);
    assert_int_equal(verdict, REGISTRY_UNKNOWN);
    assert_string_equal(written, "1 2");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(every_country_of_the_union_has_rows_and_an_example),
        cmocka_unit_test(one_wrong_digit_is_found),
        cmocka_unit_test(what_is_too_long_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

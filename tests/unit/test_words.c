/* SPDX-License-Identifier: EUPL-1.2 */
/* Dates and hours against tests/table/words.txt; countries, sorting and numbers here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "event/zone.h"
#include "view/words.h"

#define COLUMNS 6

struct fixture {
    struct words *words;
    struct arena *arena;
};

static const struct {
    const char *name;
    enum words_form form;
} forms[] = {
    { "date", WORDS_DATE },
    { "date_weekday", WORDS_DATE_WEEKDAY },
    { "date_time", WORDS_DATE_TIME },
    { "short", WORDS_SHORT_DATE_TIME_WEEKDAY },
    { "day_time", WORDS_DAY_TIME },
    { "short_date_weekday", WORDS_SHORT_DATE_WEEKDAY },
    { "day_heading", WORDS_DAY_HEADING },
    { "weekday", WORDS_WEEKDAY },
    { "day", WORDS_DAY_OF_MONTH },
    { "month_year", WORDS_MONTH_YEAR },
    { "time", WORDS_TIME },
    { "no_year", WORDS_DATE_NO_YEAR },
};

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(words_new(&f->words), 0);
    f->arena = arena_new();
    assert_non_null(f->arena);
    *state = f;
    return 0;
}

static int clear(void **state)
{
    struct fixture *f = *state;
    words_free(f->words);
    arena_free(f->arena);
    free(f);
    return 0;
}

static const char *source_folder(void)
{
    const char *folder = getenv("srcdir");
    return folder ? folder : ".";
}

static int64_t instant(const char *text)
{
    int64_t at = 0;
    if (strcmp(text, "-") != 0)
        assert_int_equal(clock_parse(text, &at), 0);
    return at;
}

static char *say(const struct fixture *f, char *const column[static COLUMNS])
{
    const char *what = column[0], *language = column[1], *zone = column[2];
    int64_t first = instant(column[3]), last = instant(column[4]);
    if (strcmp(what, "range") == 0)
        return words_date_range(f->words, f->arena, language, zone, first, last);
    if (strcmp(what, "ends") == 0) {
        const char *from, *to;
        return words_date_ends(f->words, f->arena, language, zone, first, last, &from, &to) < 0
                   ? NULL
                   : arena_format(f->arena, "%s ~ %s", from, to);
    }
    if (strcmp(what, "hours") == 0)
        return words_time_range(f->words, f->arena, language, zone, first, last);
    if (strcmp(what, "offset") == 0)
        return words_offset(f->arena, zone, first);
    if (strcmp(what, "city") == 0)
        return words_zone_city(f->words, f->arena, language, zone);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(what, forms[i].name) == 0)
            return words_date(f->words, f->arena, language, zone, first, forms[i].form);
    fail_msg("no such form: %s", what);
    return NULL;
}

static bool run_line(const struct fixture *f, char *line)
{
    char *column[COLUMNS], *rest = line;
    for (size_t i = 0; i < COLUMNS; i++) {
        column[i] = strsep(&rest, "|");
        assert_non_null(column[i]);
        column[i] += strspn(column[i], " ");
        for (size_t size = strlen(column[i]); size > 0 && column[i][size - 1] == ' '; size--)
            column[i][size - 1] = '\0';
    }
    const char *got = say(f, column);
    if (got && strcmp(got, column[5]) == 0)
        return true;
    print_error("%s %s %s %s: got [%s], not [%s]\n", column[0], column[1], column[2], column[3], got ? got : "NULL",
                column[5]);
    return false;
}

static void table(void **state)
{
    const struct fixture *f = *state;
    char path[512], line[512];
    (void)snprintf(path, sizeof path, "%s/tests/table/words.txt", source_folder());
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t cases = 0, wrong = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        cases++;
        wrong += !run_line(f, line);
    }
    assert_int_equal(fclose(file), 0);
    assert_true(cases > 80);
    assert_int_equal(wrong, 0);
}

static void country_is(const struct fixture *f, const char *language, const char *code, const char *expected)
{
    assert_string_equal(words_country(f->words, f->arena, language, code), expected);
}

static void countries(void **state)
{
    const struct fixture *f = *state;
    country_is(f, "en", "LT", "Lithuania");
    country_is(f, "lt", "LT", "Lietuva");
    country_is(f, "et", "EE", "Eesti");
    country_is(f, "fi", "SE", "Ruotsi");
    country_is(f, "en", "EL", "Greece");
    country_is(f, "en", "GR", "Greece");
    country_is(f, "el", "EL", "Ελλάδα");
    country_is(f, "en", "UK", "United Kingdom");
    country_is(f, "fr", "GB", "Royaume-Uni");
    country_is(f, "en", "XK", "Kosovo");
    country_is(f, "en", "lv", "Latvia");
    country_is(f, "en", "QX", "QX");
    country_is(f, "en", "ZZ", "ZZ");
    country_is(f, "en", "", "");
    country_is(f, "en", "LTU", "LTU");
    country_is(f, "en", "1\"", "1\"");
}

static void sorting(void **state)
{
    const struct fixture *f = *state;
    assert_int_equal(words_compare(f->words, "en", "a", "b"), -1);
    assert_int_equal(words_compare(f->words, "en", "b", "a"), 1);
    assert_int_equal(words_compare(f->words, "en", "a", "a"), 0);
    assert_int_equal(words_compare(f->words, "en", "Zürich", "Århus"), 1);
    assert_int_equal(words_compare(f->words, "sv", "Zürich", "Århus"), -1);
    assert_int_equal(words_compare(f->words, "et", "žest", "tamm"), -1);
    assert_int_equal(words_compare(f->words, "fi", "žest", "tamm"), 1);
    assert_int_equal(words_compare(f->words, "lt", "ys", "jonas"), -1);
    assert_int_equal(words_compare(f->words, "cs", "chata", "hrad"), 1);
    assert_int_equal(words_compare(f->words, "en", "chata", "hrad"), -1);
}

static void numbers(void **state)
{
    const struct fixture *f = *state;
    assert_string_equal(words_number(f->words, f->arena, "en", 0), "0");
    assert_string_equal(words_number(f->words, f->arena, "en", 1234), "1,234");
    assert_string_equal(words_number(f->words, f->arena, "en", -1234567), "-1,234,567");
    assert_string_equal(words_number(f->words, f->arena, "lt", 1234), "1\u00a0234");
    assert_string_equal(words_number(f->words, f->arena, "fr", 1234), "1\u00a0234");
    assert_string_equal(words_number(f->words, f->arena, "de", 1234), "1.234");
    assert_string_equal(words_number(f->words, f->arena, "pl", 1234), "1\u00a0234");
    assert_string_equal(words_number(f->words, f->arena, "en", INT64_MAX), "9,223,372,036,854,775,807");
}

/* Every language of the aim has every form, and the same one twice gives the same. */
static void all_languages(void **state)
{
    const struct fixture *f = *state;
    static const char *const languages[] = { "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr",
                                             "hu", "it", "lt", "lv", "mt", "nb", "nl", "pl", "pt", "ro", "ru", "sk",
                                             "sl", "sv", "uk" };
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            char *one = words_date(f->words, f->arena, languages[i], "Europe/Rome", 1805362200, forms[k].form);
            char *two = words_date(f->words, f->arena, languages[i], "Europe/Rome", 1805362200, forms[k].form);
            assert_non_null(one);
            assert_true(strlen(one) >= 1);
            assert_string_equal(one, two);
            assert_null(strstr(one, "GMT"));
        }
}

static void a_language_that_cannot_be(void **state)
{
    const struct fixture *f = *state;
    assert_null(words_date(f->words, f->arena, "a-language-of-no-people", "Europe/Rome", 0, WORDS_DATE));
    assert_int_equal(words_compare(f->words, "a-language-of-no-people", "a", "b"), -1);
    /* ICU has root words for what it does not know */
    assert_non_null(words_date(f->words, f->arena, "xx", "Europe/Rome", 0, WORDS_DATE));
}

int main(void)
{
    if (zone_setup() < 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(table, make, clear),
        cmocka_unit_test_setup_teardown(countries, make, clear),
        cmocka_unit_test_setup_teardown(sorting, make, clear),
        cmocka_unit_test_setup_teardown(numbers, make, clear),
        cmocka_unit_test_setup_teardown(all_languages, make, clear),
        cmocka_unit_test_setup_teardown(a_language_that_cannot_be, make, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

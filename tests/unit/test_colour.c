/* SPDX-License-Identifier: EUPL-1.2 */
/* Colours: reading, contrast against numbers of WCAG's own formula, mixing; and that the papers known here are those
 * of the sheet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "config/colour.h"

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        colour value;
    } good[] = { { "#000000", 0 }, { "#0f5b4b", 0x0f5b4b }, { "#0F5B4b", 0x0f5b4b }, { "#fff", 0xffffff },
                 { "#1aF", 0x11aaff } };
    static const char *const bad[] = { "", "#", "fff", "#ff", "#ffff", "#fffff", "#fffffff", "#ggg", "#12345g",
                                       "# 12345", "white", "#ffffff;", "#fff}" };
    colour value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(colour_parse(good[i].text, &value));
        assert_int_equal(value, good[i].value);
    }
    value = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(colour_parse(bad[i], &value));
    assert_int_equal(value, 7);
}

/* The pairs of the built-in sheet, and the grey that is known to be the last to pass on white. */
static void test_contrast(void **state)
{
    static const struct {
        colour a, b;
        double contrast;
    } pairs[] = {
        { 0xffffff, 0x000000, 21.0 },  { 0x123456, 0x123456, 1.0 },  { 0x767676, 0xffffff, 4.54 },
        { 0x777777, 0xffffff, 4.48 },  { 0x0f5b4b, 0xffffff, 8.02 }, { 0x7fd4bd, 0x12171c, 10.35 },
        { 0x18212b, 0xffffff, 16.26 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        double found = colour_contrast(pairs[i].a, pairs[i].b);
        if (found < pairs[i].contrast - 0.01 || found > pairs[i].contrast + 0.01)
            fail_msg("#%06x on #%06x: %.3f, not %.2f", pairs[i].a, pairs[i].b, found, pairs[i].contrast);
        assert_true(found == colour_contrast(pairs[i].b, pairs[i].a));
    }
}

static void test_mix(void **state)
{
    (void)state;
    assert_int_equal(colour_mix(0x000000, 0xffffff, 0), 0xffffff);
    assert_int_equal(colour_mix(0x102030, 0xffffff, 100), 0x102030);
    assert_int_equal(colour_mix(0x0f5b4b, 0xffffff, 10), 0xe7efed);
}

static void test_papers(void **state)
{
    const char *srcdir = getenv("srcdir");
    char path[1000], want[40], *text;
    size_t size;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/share/static/style.css", srcdir ? srcdir : ".");
    assert_int_equal(file_read(path, 1024 * 1024, &text, &size), 0);
    assert_non_null(strstr(text, "--paper:#fff;"));
    assert_int_equal(COLOUR_PAPER, 0xffffff);
    (void)snprintf(want, sizeof(want), "--paper:#%06x;", (unsigned)COLOUR_PAPER_DARK);
    assert_non_null(strstr(text, want));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_mix),
        cmocka_unit_test(test_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

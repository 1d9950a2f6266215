/* SPDX-License-Identifier: EUPL-1.2 */
/* base/text: what comes from outside is cleaned in one way, and only once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"

#define S(text) text, sizeof(text) - 1

static int setup(void **state)
{
    *state = arena_new();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void utf8(void **state)
{
    static const struct { const char *text; size_t size; bool good; } cases[] = {
        { S(""), true },
        { S("Õunapuu"), true },
        { S("\xf0\x9f\x8c\xb3"), true },
        { S("\xf4\x8f\xbf\xbf"), true },       /* U+10FFFF */
        { S("a\0b"), true },
        { S("\xff"), false },
        { S("\xc3"), false },                  /* cut */
        { S("\xe2\x82"), false },
        { S("\xc0\xaf"), false },              /* overlong */
        { S("\xe0\x80\xaf"), false },
        { S("\xf0\x80\x80\xaf"), false },
        { S("\xed\xa0\x80"), false },          /* a surrogate */
        { S("\xf4\x90\x80\x80"), false },      /* beyond the last */
        { S("\x80"), false },
        { S("\xf8\x88\x80\x80\x80"), false },
        { S("\xc3("), false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (text_is_utf8(cases[i].text, cases[i].size) != cases[i].good)
            fail_msg("case %zu", i);
    }
}

static void clean(void **state)
{
    static const struct { const char *text; size_t size; bool many; const char *expected; } cases[] = {
        { S(""), false, "" },
        { S("  Mari  Maasikas "), false, "Mari Maasikas" },
        { S("Mari\r\nBcc: x@y.zz"), false, "Mari Bcc: x@y.zz" },
        { S("Mari\tMaasikas"), false, "Mari Maasikas" },
        { S("Mari\xc2\xa0\xe2\x80\x83Maasikas"), false, "Mari Maasikas" }, /* no-break and em space */
        { S("a\0b\x01""c\x7f""d\xc2\x9b""e"), false, "abcde" },
        { S("\xe2\x80\xae""evil\xe2\x80\xac\xe2\x81\xa6x\xe2\x81\xa9"), false, "evilx" },
        { S("\xef\xbb\xbfMari\xef\xbf\xbf\xef\xb7\x90"), false, "Mari" },
        { S("O\xcc\x83unapuu"), false, "\xc3\x95unapuu" }, /* composed */
        { S("  one\r\ntwo\rthree\nfour\t! \n\n"), true, "one\ntwo\nthree\nfour !" },
        { S("\n\n a\n\n  b"), true, "a\n\n  b" },
        { S("one\xe2\x80\xa8two"), true, "one\ntwo" },
        { S("\xe2\x80\x8e\xd7\x90"), false, "\xe2\x80\x8e\xd7\x90" }, /* a mark of direction is harmless */
        { S("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"), false, "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" },
    };
    char *got, *again;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(text_clean(*state, cases[i].text, cases[i].size, cases[i].many, &got), 0);
        assert_string_equal(got, cases[i].expected);
        assert_int_equal(text_clean(*state, got, strlen(got), cases[i].many, &again), 0);
        assert_string_equal(again, got);
    }
    got = NULL;
    assert_int_equal(text_clean(*state, S("a\xff"), false, &got), -EILSEQ);
    assert_null(got);
}

/* Whatever bytes come: what is clean stays as it is, has no control and no line end in one line. */
static void clean_any(void **state)
{
    static const char *const pieces[] = { "a", " ", "\r", "\n", "\t", "\xc3\xb5", "o\xcc\x83", "\xe2\x80\xae",
                                          "\xc2\x85", "\xe2\x80\xa9", "\xef\xbb\xbf", "\x01", "\xcc\x88",
                                          "\xe2\x81\xa7",
                                          "\xc2\xa0" };
    uint32_t random = 1;
    (void)state;

    for (int round = 0; round < 3000; round++) {
        struct arena *arena = arena_new();
        char text[64] = "", *one, *again;
        assert_non_null(arena);
        for (int k = 0; k < 12; k++) {
            random = random * 1664525u + 1013904223u;
            strcat(text, pieces[(random >> 16) % (sizeof(pieces) / sizeof(pieces[0]))]);
        }
        bool many = random >> 31;
        assert_int_equal(text_clean(arena, text, strlen(text), many, &one), 0);
        assert_int_equal(text_clean(arena, one, strlen(one), many, &again), 0);
        assert_string_equal(one, again);
        for (const char *p = one; *p; p++)
            assert_true((unsigned char)*p >= 0x20 || (many && *p == '\n'));
        if (!many)
            assert_false(text_has_control(one, strlen(one)));
        arena_free(arena);
    }
}

static void control(void **state)
{
    (void)state;
    assert_false(text_has_control(S("a@b.ee")));
    assert_false(text_has_control(S(" a@b.ee \r\n"))); /* outer white space is trimmed by anybody */
    assert_true(text_has_control(S("a@b.ee\r\nBcc: c@d.ee")));
    assert_true(text_has_control(S("a\tb")));
    assert_true(text_has_control(S("a\0")));
    assert_true(text_has_control(S("a\xe2\x80\xae")));
    assert_true(text_has_control(S("a\x7f")));
    assert_true(text_has_control(S("a\xc2\x85""b")));
    assert_true(text_has_control(S("a\xff")));
    assert_false(text_has_control(S("a b")));
}

static void length(void **state)
{
    (void)state;
    assert_int_equal(text_length(""), 0);
    assert_int_equal(text_length("Õun"), 3);
    assert_int_equal(text_length("\xf0\x9f\x8c\xb3"), 1);
    assert_true(text_is_blank(""));
    assert_true(text_is_blank(" \xe2\x80\x8b\xe3\x85\xa4\xc2\xad")); /* zero width space, Hangul filler, soft hyphen */
    assert_false(text_is_blank(" . "));
    assert_false(text_is_blank("\xf0\x9f\x8c\xb3"));
}

static void fold(void **state)
{
    static const char *const cases[][2] = {
        { "Õunapuu", "ounapuu" }, { "Παπαδόπουλος", "papadopoulos" }, { "Здравка", "zdravka" },
        { "Łukasz Đorđe Øresund Straße", "lukasz dorde oresund strasse" }, { "Žemaitė\nŠiauliai", "zemaite\nsiauliai" },
        { "", "" }, { "abc 1", "abc 1" },
        { "O'Brien-SMITH @[`{ 1\n", "o'brien-smith @[`{ 1\n" },
    };
    struct text_folder *folder;
    char *folded;

    assert_int_equal(text_folder_new(&folder), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(text_fold(folder, *state, cases[i][0], &folded), 0);
        assert_string_equal(folded, cases[i][1]);
    }
    /* grows: each sign becomes several letters */
    char many[3 * 2000 + 1] = "";
    for (size_t i = 0; i < 2000; i++)
        memcpy(many + 3 * i, "\xe9\xbe\x98", 4);
    assert_int_equal(text_fold(folder, *state, many, &folded), 0);
    assert_true(strlen(folded) > 4000);
    text_folder_free(folder);
    text_folder_free(NULL);
}

static void casefold(void **state)
{
    char *a, *b;

    assert_int_equal(text_casefold(*state, "Õ@X.EE", &a), 0);
    assert_string_equal(a, "õ@x.ee");
    assert_int_equal(text_casefold(*state, "STRASSE", &a), 0);
    assert_int_equal(text_casefold(*state, "straße", &b), 0);
    assert_string_equal(a, b);
    assert_int_equal(text_casefold(*state, "", &a), 0);
    assert_string_equal(a, "");
}

static void numbers(void **state)
{
    int64_t number = -7;
    (void)state;

    assert_int_equal(text_to_int("0", 0, 9, &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(text_to_int("9223372036854775807", 0, INT64_MAX, &number), 0);
    assert_true(number == INT64_MAX);
    number = -7;
    assert_int_equal(text_to_int("9223372036854775808", 0, INT64_MAX, &number), -ERANGE);
    assert_int_equal(text_to_int("99999999999999999999999", 0, INT64_MAX, &number), -ERANGE);
    assert_int_equal(text_to_int("10", 0, 9, &number), -ERANGE);
    assert_int_equal(text_to_int("1", 2, 9, &number), -ERANGE);
    assert_int_equal(text_to_int("", 0, 9, &number), -EINVAL);
    assert_int_equal(text_to_int("+1", 0, 9, &number), -EINVAL);
    assert_int_equal(text_to_int(" 1", 0, 9, &number), -EINVAL);
    assert_int_equal(text_to_int("1 ", 0, 9, &number), -EINVAL);
    assert_int_equal(text_to_int("-1", -9, 9, &number), -EINVAL);
    assert_int_equal(text_to_int("0x1", 0, 9, &number), -EINVAL);
    assert_true(number == -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8),
        cmocka_unit_test_setup_teardown(clean, setup, teardown),
        cmocka_unit_test(clean_any),
        cmocka_unit_test(control),
        cmocka_unit_test(length),
        cmocka_unit_test_setup_teardown(fold, setup, teardown),
        cmocka_unit_test_setup_teardown(casefold, setup, teardown),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/reference: every id has one, every slip of the pen is noticed. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "signup/reference.h"

#define LAST (((int64_t)1 << 30) - 1)

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void round_trip(void **state)
{
    char reference[REFERENCE_SIZE];
    int64_t id;
    (void)state;

    for (int64_t i = 1; i <= LAST; i += i < 20000 ? 1 : 99991) {
        assert_int_equal(reference_make(i, reference), 0);
        assert_int_equal(strlen(reference), 8);
        assert_true(reference[4] == '-');
        assert_int_equal(reference_read(reference, &id), 0);
        assert_true(id == i);
    }
    assert_int_equal(reference_make(LAST, reference), 0);
    assert_int_equal(reference_read(reference, &id), 0);
    assert_true(id == LAST);
    assert_int_equal(reference_make(0, reference), -ERANGE);
    assert_int_equal(reference_make(-1, reference), -ERANGE);
    assert_int_equal(reference_make(LAST + 1, reference), -ERANGE);
}

/* Stored references hang on it: the permutation never changes. */
static void fixed(void **state)
{
    static const struct { int64_t id; const char *reference; } cases[] = {
        { 1, "VYN5-4V5" }, { 2, "5TVB-124" }, { 1000, "PZPX-2R8" }, { LAST, "FP3Y-54F" },
    };
    char reference[REFERENCE_SIZE];
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(reference_make(cases[i].id, reference), 0);
        assert_string_equal(reference, cases[i].reference);
    }
}

/* Neighbouring ids share few characters, so that nobody guesses the count of sign-ups from two references. */
static void unlike(void **state)
{
    char before[REFERENCE_SIZE], reference[REFERENCE_SIZE];
    unsigned same = 0;
    (void)state;

    assert_int_equal(reference_make(1, before), 0);
    for (int64_t i = 2; i <= 2000; i++) {
        assert_int_equal(reference_make(i, reference), 0);
        for (unsigned k = 0; k < 7; k++)
            same += reference[k] == before[k] && k != 4;
        memcpy(before, reference, sizeof(before));
    }
    assert_true(same < 2000 * 6 / 8); /* by chance it would be one in 32 */
}

static void errors_are_seen(void **state)
{
    char reference[REFERENCE_SIZE], wrong[REFERENCE_SIZE];
    int64_t id = -1;
    (void)state;

    for (int64_t i = 1; i < 400; i++) {
        assert_int_equal(reference_make(i * 2654435761 % LAST + 1, reference), 0);
        for (unsigned at = 0; at < 8; at++) {
            if (at == 4)
                continue;
            for (const char *c = alphabet; *c; c++) { /* each wrong character at each place */
                if (*c == reference[at])
                    continue;
                memcpy(wrong, reference, sizeof(wrong));
                wrong[at] = *c;
                assert_int_equal(reference_read(wrong, &id), -EBADMSG);
            }
            for (unsigned to = at + 1; to < 8; to++) { /* each swap */
                if (to == 4 || reference[at] == reference[to])
                    continue;
                memcpy(wrong, reference, sizeof(wrong));
                wrong[at] = reference[to];
                wrong[to] = reference[at];
                assert_int_equal(reference_read(wrong, &id), -EBADMSG);
            }
        }
    }
    assert_true(id == -1);
}

static void spellings(void **state)
{
    char reference[REFERENCE_SIZE], other[2 * REFERENCE_SIZE];
    int64_t id;
    (void)state;

    for (int64_t i = 1; i < 3000; i++) {
        assert_int_equal(reference_make(i, reference), 0);
        size_t n = 0;
        for (unsigned k = 0; k < 8; k++) { /* small, 0 as o, 1 as l or i, the hyphen elsewhere */
            if (k == 2)
                other[n++] = '-';
            if (reference[k] == '-')
                continue;
            char c = (char)tolower(reference[k]);
            other[n++] = c == '0' ? 'o' : c == '1' ? (i % 2 ? 'l' : 'I') : c;
        }
        other[n] = '\0';
        assert_int_equal(reference_read(other, &id), 0);
        assert_true(id == i);
    }
    static const char *const bad[] = { "", "-", "4F7K", "4F7K-2Q", "4F7K-2Q999", "4F7K 2Q9", "4F7K-2QU",
        "4F7K-2Q\xc3\xb5", "********",
                                       "0000000000000000000000000000" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(reference_read(bad[i], &id), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(fixed), cmocka_unit_test(unlike),
        cmocka_unit_test(errors_are_seen), cmocka_unit_test(spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/state: the table of moves, and signup/country's list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/country.h"
#include "signup/state.h"

static void names(void **state)
{
    (void)state;
    for (int i = STATE_NONE + 1; i < STATES; i++) {
        assert_true(strlen(state_name((enum state)i)) > 0);
        assert_int_equal(state_by_name(state_name((enum state)i)), i);
    }
    assert_string_equal(state_name(STATE_NONE), "");
    assert_int_equal(state_by_name(""), STATE_NONE);
    assert_int_equal(state_by_name("Confirmed"), STATE_NONE);
    assert_int_equal(state_by_name("attended"), STATE_NONE);
}

static void moves(void **state)
{
    /* row: from; column: to, in the enum's order; a letter: allowed */
    static const char *const table[STATES] = {
        /*                            none pend await conf wait off rej decl exp canc eras subm */
        [STATE_NONE] = "              .    x    x     x    x    .   .   .    .   .    .    x",
        [STATE_PENDING_EMAIL] = "     .    .    x     x    x    .   .   .    x   x    x    .",
        [STATE_AWAITING_APPROVAL] = " .    .    .     x    x    .   x   .    .   x    x    .",
        [STATE_CONFIRMED] = "         .    .    .     .    .    .   x   .    .   x    x    .",
        [STATE_WAITLISTED] = "        .    .    .     x    .    x   x   .    x   x    x    .",
        [STATE_OFFERED] = "           .    .    .     x    x    .   .   x    x   x    x    .",
        [STATE_REJECTED] = "          .    .    .     .    .    .   .   .    .   .    x    .",
        [STATE_DECLINED] = "          .    .    .     .    .    .   .   .    .   .    x    .",
        [STATE_EXPIRED] = "           .    .    .     .    .    .   .   .    .   .    x    .",
        [STATE_CANCELLED] = "         .    .    .     .    .    .   .   .    .   .    x    .",
        [STATE_ERASED] = "            .    .    .     .    .    .   .   .    .   .    .    .",
        [STATE_SUBMITTED] = "         .    .    .     .    .    .   .   .    .   .    x    .",
    };
    (void)state;

    for (int from = STATE_NONE; from < STATES; from++) {
        const char *p = table[from];
        for (int to = STATE_NONE; to < STATES; to++) {
            p += strspn(p, " ");
            if (state_may_move((enum state)from, (enum state)to) != (*p == 'x'))
                fail_msg("%s -> %s", state_name((enum state)from), state_name((enum state)to));
            p++;
        }
        assert_string_equal(p, "");
    }
}

/* What holds an address can be left only by a move; what is over holds none and can only be erased. */
static void live(void **state)
{
    static const char *const expected[] = { "pending_email", "awaiting_approval", "confirmed", "waitlisted", "offered",
                                            "submitted" };
    unsigned count = 0;
    (void)state;

    for (int i = STATE_NONE; i < STATES; i++)
        count += state_is_live((enum state)i);
    assert_int_equal(count, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_true(state_is_live(state_by_name(expected[i])));
}

static void countries(void **state)
{
    size_t count, groups[COUNTRY_GROUPS] = { 0 };
    const struct country *list = country_list(&count);
    (void)state;

    assert_int_equal(count, 250);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strlen(list[i].code), 2);
        assert_true(i == 0 || strcmp(list[i - 1].code, list[i].code) < 0);
        assert_true(country_known(list[i].code));
        groups[list[i].group]++;
    }
    assert_int_equal(groups[COUNTRY_EU], 27);
    assert_true(groups[COUNTRY_EUROPE] > 20 && groups[COUNTRY_EUROPE] < 40);
    assert_true(country_known("XK"));
    assert_true(country_known("GR"));
    static const char *const unknown[] = { "", "E", "ee", "EL", "UK", "EU", "EEE", "ZZ", "A", "ZZZ" };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(country_known(unknown[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names), cmocka_unit_test(moves), cmocka_unit_test(live), cmocka_unit_test(countries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

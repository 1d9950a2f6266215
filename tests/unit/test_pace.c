/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/pace: never more than the rate but for what a bucket holds, nobody is forgotten, the urgent ones first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/pace.h"

#define START INT64_C(1800000000)
#define MINUTE 60

static int start(void **state)
{
    return pace_new((struct pace **)state);
}

static int end(void **state)
{
    pace_free(*state);
    return 0;
}

static void no_rate_is_no_wait(void **state)
{
    struct pace *pace = *state;
    int64_t at;
    pace_set(pace, 0, 0);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(pace_take(pace, "a@b.example", false, START, &at), PACE_GO);
    assert_true(pace_room(pace, START) == INT64_MAX);
    assert_int_equal(pace_wait(pace, START), 0);
}

/* How many of endlessly many go within a time, a look each second. */
static int64_t went(struct pace *pace, const char *recipient, int64_t from, int64_t seconds)
{
    int64_t n = 0, at;
    for (int64_t now = from; now < from + seconds; now++)
        while (pace_take(pace, recipient, false, now, &at) == PACE_GO)
            n++;
    return n;
}

static void the_rate_is_kept(void **state)
{
    static const int64_t rates[] = { 1, 2, 6, 7, 10, 60, 100, 601, 5000 };
    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        for (int of_all = 0; of_all < 2; of_all++) {
            struct pace *pace;
            int64_t rate = rates[i], burst = rate / 6 > 1 ? rate / 6 : 1;
            assert_int_equal(pace_new(&pace), 0);
            pace_set(pace, of_all ? rate : 0, of_all ? 0 : rate);
            int64_t first = went(pace, "a@b.example", START, MINUTE);
            int64_t hour = went(pace, "a@b.example", START + MINUTE, 60 * MINUTE);
            assert_true(first >= rate && first <= rate + burst);
            assert_in_range(hour, 60 * rate - 1, 60 * rate + 1); /* no less either */
            /* after a rest the same */
            assert_true(went(pace, "a@b.example", START + 100000, MINUTE) <= rate + burst);
            pace_free(pace);
        }
}

static void the_wait_is_right(void **state)
{
    struct pace *pace = *state;
    int64_t at;
    pace_set(pace, 4, 0);
    assert_int_equal(pace_room(pace, START), 1);
    assert_int_equal(pace_take(pace, "a@b.example", true, START, &at), PACE_GO);
    assert_int_equal(pace_take(pace, "a@b.example", true, START, &at), PACE_SHUT);
    assert_int_equal(pace_room(pace, START), 0);
    assert_int_equal(pace_wait(pace, START), 15);
    assert_int_equal(pace_wait(pace, START + 10), 5);
    assert_int_equal(pace_wait(pace, START + 15), 0);
    assert_int_equal(pace_wait(pace, START - 1000), 0); /* the clock was set back: counted from there on */
}

/* A million mails to one domain are each given a turn of their own: nobody has to look at them again and again. */
static void each_has_its_turn(void **state)
{
    struct pace *pace = *state;
    int64_t at, last = START;
    pace_set(pace, 0, 6);
    assert_int_equal(pace_take(pace, "a@b.example", false, START, &at), PACE_GO);
    for (int i = 1; i <= 1000; i++) {
        assert_int_equal(pace_take(pace, "A@B.Example", false, START, &at), PACE_LATER);
        assert_int_equal(at, START + 10 * i);
        assert_true(at > last);
        last = at;
    }
    for (int i = 1; i <= 1000; i++) /* and when it comes they go */
        assert_int_equal(pace_take(pace, "a@b.example", false, START + 10 * i, &at), PACE_GO);
    /* many a second */
    pace_set(pace, 0, 600);
    int64_t first = 0;
    for (int i = 0; i < 6000 + 100; i++)
        if (pace_take(pace, "a@c.example", false, START, &at) == PACE_GO)
            first++;
    assert_int_equal(first, 100);
    assert_in_range(at, START + 598, START + 602);
}

static void the_urgent_ones_go_first(void **state)
{
    struct pace *pace = *state;
    int64_t at, urgent;
    pace_set(pace, 0, 6);
    assert_int_equal(pace_take(pace, "a@b.example", false, START, &at), PACE_GO);
    for (int i = 0; i < 100; i++)
        assert_int_equal(pace_take(pace, "a@b.example", false, START, &at), PACE_LATER);
    assert_int_equal(pace_take(pace, "a@b.example", true, START + 5, &urgent), PACE_LATER);
    assert_int_equal(urgent, START + 10); /* the next turn, before the hundred */
    /* whoever has this turn yields it */
    assert_int_equal(pace_take(pace, "a@b.example", false, START + 10, &at), PACE_LATER);
    assert_true(at > START + 1000); /* behind the others: they come every ten seconds, and each has its own second */
    assert_int_equal(pace_take(pace, "a@b.example", true, START + 10, &urgent), PACE_GO);
    assert_int_equal(pace_take(pace, "a@b.example", false, START + 20, &at), PACE_GO);
}

static void a_domain_holds_no_other_up(void **state)
{
    struct pace *pace = *state;
    char address[64];
    int64_t at, forgotten = 0;
    pace_set(pace, 0, 1);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < PACE_SETS; i++) {
            (void)snprintf(address, sizeof(address), "a@d%d.example", i);
            assert_int_equal(pace_take(pace, address, false, START, &at), round == 0 ? PACE_GO : PACE_LATER);
        }
    /* however many more there are: those that were asked for of late are known */
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(address, sizeof(address), "a@more%d.example", i);
        assert_int_equal(pace_take(pace, address, false, START, &at), PACE_GO);
    }
    for (int i = 99000; i < 100000; i++) {
        (void)snprintf(address, sizeof(address), "a@more%d.example", i);
        forgotten += pace_take(pace, address, false, START, &at) == PACE_GO;
    }
    assert_int_equal(forgotten, 0);
}

/* Turns that were given by another clock mean nothing. */
static void a_clock_set_back_delays_nobody(void **state)
{
    struct pace *pace = *state;
    const int64_t before = START - 86400;
    int64_t at;
    pace_set(pace, 0, 6);
    for (int i = 0; i < 3; i++) {
        (void)pace_take(pace, "a@b.example", false, START, &at);
        (void)pace_take(pace, "a@b.example", true, START, &at);
    }
    assert_int_equal(pace_take(pace, "a@b.example", true, before, &at), PACE_LATER);
    assert_in_range(at, before, before + 60);
    assert_int_equal(pace_take(pace, "a@b.example", false, before, &at), PACE_LATER);
    assert_in_range(at, before, before + 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_rate_is_no_wait, start, end),
        cmocka_unit_test(the_rate_is_kept),
        cmocka_unit_test_setup_teardown(the_wait_is_right, start, end),
        cmocka_unit_test_setup_teardown(each_has_its_turn, start, end),
        cmocka_unit_test_setup_teardown(the_urgent_ones_go_first, start, end),
        cmocka_unit_test_setup_teardown(a_domain_holds_no_other_up, start, end),
        cmocka_unit_test_setup_teardown(a_clock_set_back_delays_nobody, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

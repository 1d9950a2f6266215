/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/alarm: when each sort holds, and that it is said once an hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/alarm.h"

#define HOUR 3600
#define START (INT64_C(500000) * HOUR)
#define BIT(sort) (1U << (sort))

static const struct alarm_limits limits = { .age = 900, .failures = 20 };

static void age(void **state)
{
    struct alarm alarm = { 0 };
    (void)state;
    assert_int_equal(alarm_look(&alarm, &limits, 900, START), 0);
    assert_int_equal(alarm_look(&alarm, &limits, 901, START), 0); /* after a leap of the clock */
    assert_int_equal(alarm_look(&alarm, &limits, 904, START + 3), BIT(ALARM_AGE));
    assert_int_equal(alarm.since[ALARM_AGE], START - 901);
    assert_true(alarm.holds[ALARM_AGE]);
    assert_int_equal(alarm_look(&alarm, &limits, 4000, START + HOUR - 1), 0);
    assert_int_equal(alarm_look(&alarm, &limits, 4001, START + HOUR), BIT(ALARM_AGE)); /* the next hour */
    assert_int_equal(alarm_look(&alarm, &limits, 0, START + HOUR + 3), 0);
    assert_false(alarm.holds[ALARM_AGE]);
    assert_int_equal(alarm_look(&alarm, &limits, 5000, START + HOUR + 6), 0);
    assert_int_equal(alarm_look(&alarm, &limits, 5000, START + HOUR + 9), 0); /* again, but it was said */
    assert_true(alarm.holds[ALARM_AGE]);
    const struct alarm_limits never = { 0 };
    struct alarm quiet = { 0 };
    for (int i = 0; i < 5; i++)
        assert_int_equal(alarm_look(&quiet, &never, 1000000, START + i), 0);
}

static void failures(void **state)
{
    struct alarm alarm = { 0 };
    (void)state;
    for (int i = 0; i < ALARM_LEAST - 1; i++)
        alarm_note(&alarm, true, false, START);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START), 0); /* too few to say anything */
    alarm_note(&alarm, false, false, START);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START), BIT(ALARM_FAILURES));
    assert_int_equal(alarm.failed, ALARM_LEAST - 1);
    assert_int_equal(alarm.answered, ALARM_LEAST);
    assert_int_equal(alarm.since[ALARM_FAILURES], START);
    for (int i = 0; i < ALARM_RESULTS - 9; i++) /* nine of fifty */
        alarm_note(&alarm, false, false, START + 10);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START + 10), 0);
    assert_false(alarm.holds[ALARM_FAILURES]);
    /* what is older than an hour says nothing */
    struct alarm old = { 0 };
    for (int i = 0; i < ALARM_RESULTS; i++)
        alarm_note(&old, true, false, START);
    assert_int_equal(alarm_look(&old, &limits, 0, START + HOUR), 0);
    assert_int_equal(old.answered, 0);
}

static void policy(void **state)
{
    struct alarm alarm = { 0 };
    (void)state;
    alarm_note(&alarm, true, true, START);
    alarm_note(&alarm, true, true, START + 10);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START + 10), BIT(ALARM_POLICY));
    assert_int_equal(alarm.since[ALARM_POLICY], START);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START + 13), 0);
    assert_true(alarm.holds[ALARM_POLICY]);
    assert_int_equal(alarm_look(&alarm, &limits, 0, START + 10 + HOUR), 0);
    assert_false(alarm.holds[ALARM_POLICY]);
    assert_string_equal(alarm_name(ALARM_POLICY), "policy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(age),
        cmocka_unit_test(failures),
        cmocka_unit_test(policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/breaker: what opens and closes it, and when one mail is to blame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mail/breaker.h"

static enum breaker_news note(struct breaker *breaker, int64_t mail, enum attempt attempt, long code,
                              enum attempt expected)
{
    enum breaker_news news = breaker_note(breaker, mail, code, &attempt);
    assert_int_equal(attempt, expected);
    return news;
}

static void one_line_an_outage(void **state)
{
    struct breaker breaker = { 0 };
    (void)state;
    assert_int_equal(note(&breaker, 1, ATTEMPT_SENT, 250, ATTEMPT_SENT), BREAKER_SAME);
    for (int i = 0; i < 100; i++) /* the same few mails, again and again */
        assert_int_equal(note(&breaker, 2 + i % 5, ATTEMPT_UNREACHABLE, 0, ATTEMPT_UNREACHABLE),
                         i == 0 ? BREAKER_OPENED : BREAKER_SAME);
    assert_true(breaker.open);
    assert_int_equal(note(&breaker, 8, ATTEMPT_NEVER, 0, ATTEMPT_NEVER), BREAKER_SAME); /* was not sent at all */
    assert_true(breaker.open);
    /* any answer about a mail closes it */
    assert_int_equal(note(&breaker, 2, ATTEMPT_LATER, 450, ATTEMPT_LATER), BREAKER_CLOSED);
    assert_false(breaker.open);
    assert_int_equal(note(&breaker, 2, ATTEMPT_SENT, 250, ATTEMPT_SENT), BREAKER_SAME);
}

static void a_mail_that_breaks_every_connection(void **state)
{
    struct breaker breaker = { 0 };
    (void)state;
    for (int i = 1; i < BREAKER_OUTAGES; i++) {
        assert_int_equal(note(&breaker, 1, ATTEMPT_UNREACHABLE, 0, ATTEMPT_UNREACHABLE), BREAKER_OPENED);
        assert_int_equal(note(&breaker, 1, ATTEMPT_UNREACHABLE, 0, ATTEMPT_UNREACHABLE), BREAKER_SAME);
        assert_int_equal(note(&breaker, 100 + i, ATTEMPT_SENT, 250, ATTEMPT_SENT), BREAKER_CLOSED);
    }
    assert_int_equal(note(&breaker, 1, ATTEMPT_UNREACHABLE, 0, ATTEMPT_LATER), BREAKER_SAME);
    assert_false(breaker.open);
    /* it says nothing about others */
    assert_int_equal(note(&breaker, 2, ATTEMPT_UNREACHABLE, 0, ATTEMPT_UNREACHABLE), BREAKER_OPENED);
}

static void memory_is_bounded(void **state)
{
    struct breaker breaker = { 0 };
    (void)state;
    for (int64_t i = 1; i <= 10 * BREAKER_SUSPECTS; i++)
        (void)note(&breaker, i, ATTEMPT_UNREACHABLE, 0, ATTEMPT_UNREACHABLE);
    assert_true(breaker.next < BREAKER_SUSPECTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_an_outage),
        cmocka_unit_test(a_mail_that_breaks_every_connection),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/queue, mail/sender: real threads between a store, a clock and an SMTP server that this file plays. Each mail is
 * sent once, whatever the store and the server do meanwhile. */
#include "mail_kit.h"

static void each_once(void **state)
{
    (void)state;
    add_mails(MAILS);
    for (unsigned i = 0; i < 5; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(in_state(SENT), MAILS - 3);
    assert_int_equal(world.mails[7].state, SUPERSEDED);  /* no longer owed */
    assert_int_equal(world.mails[13].state, SUPERSEDED); /* erased */
    assert_int_equal(world.mails[8].state, FAILED);      /* cannot be made */
    assert_int_equal(world.tries, MAILS - 3);
    assert_true(world.most_leased <= 2 * SENDERS);
    assert_never_twice();
}

static void not_before_it_is_due(void **state)
{
    (void)state;
    add_mails(1);
    world.mails[1].due_at += 100;
    turn();
    assert_int_equal(world.leases, 0);
    world.wall += 100;
    turn();
    assert_int_equal(world.mails[1].state, SENT);
}

static void later_and_never(void **state)
{
    (void)state;
    add_mails(1);
    world.reply = ATTEMPT_LATER;
    turn();
    assert_int_equal(world.mails[1].state, DEFERRED);
    assert_int_equal(world.mails[1].due_at, world.wall + 60);
    world.wall += 60;
    world.monotonic += 60000;
    turn();
    assert_int_equal(world.mails[1].due_at, world.wall + 300);
    world.wall += 300;
    world.monotonic += 300000;
    world.reply = ATTEMPT_NEVER;
    turn();
    assert_int_equal(world.mails[1].state, FAILED);
    assert_int_equal(world.tries, 3);
}

static void outage_is_probed(void **state)
{
    (void)state;
    add_mails(MAILS);
    world.reply = ATTEMPT_UNREACHABLE;
    turn();
    assert_true(world.tries <= SENDERS);
    int tries = world.tries;
    size_t leases = world.leases;
    for (unsigned i = 0; i < 14; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(world.tries, tries); /* silence until the probe is due */
    assert_int_equal(world.leases, leases);
    world.monotonic += 1000;
    turn();
    assert_int_equal(world.tries, tries + 1);
    assert_int_equal(world.leases, leases + 1);
    assert_int_equal(in_state(QUEUED), MAILS); /* none lost, none counted */
    assert_int_equal(world.mails[1].attempts, 0);

    world.reply = ATTEMPT_SENT;
    world.monotonic += 15000;
    for (unsigned i = 0; i < 5; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(in_state(SENT), MAILS - 3);
    assert_never_twice();
}

static void unwritten_results_are_kept(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_results = 9; /* a full disk */
    turn();
    assert_int_equal(world.refuse_results, 5);
    assert_int_equal(in_state(LEASED), 4);
    for (unsigned i = 0; i < 4; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 4);
    assert_int_equal(world.tries, 4); /* written again, not sent again */
    assert_never_twice();
}

static void the_stop_writes_what_could_not_be_written(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_results = 4;
    turn();
    assert_int_equal(world.refuse_results, 0);
    assert_int_equal(in_state(LEASED), 4);
    mail_queue_stop(world.queue, 50);
    run_jobs();
    mailbox_deliver(world.mailbox);
    assert_int_equal(in_state(SENT), 4); /* else they would be sent again after the next start */
}

/* However many others are due, held and slow. */
static void an_urgent_mail_overtakes(void **state)
{
    (void)state;
    add_mails(30);
    for (size_t i = 1; i <= 30; i++)
        world.mails[i].priority = 2;
    world.blocked = true; /* all senders are busy, and all room for others is taken */
    turn_until_tries(SENDERS);
    assert_int_equal(in_state(LEASED), 2 * SENDERS);
    add_mails(4);
    world.mails[31].priority = 1;
    turn();
    assert_int_equal(world.mails[31].state, QUEUED);
    for (size_t i = 32; i <= 34; i++)
        assert_int_equal(world.mails[i].state, LEASED);
    for (int tries = SENDERS + 1; tries <= 34 - 3; tries++) { /* one sender at a time: the order is certain */
        world.may_go++;
        turn_until_tries(tries);
    }
    world.blocked = false;
    turn();
    assert_int_equal(in_state(SENT), 34 - 3);
    for (size_t i = 32; i <= 34; i++)
        assert_true(world.mails[i].place < 2 * SENDERS); /* behind what the senders had, before what waited for one */
    assert_true(world.mails[31].place < 15);
    assert_never_twice();
}

static void expires_before_it_goes(void **state)
{
    (void)state;
    add_mails(3);
    world.mails[1].expires_at = world.wall;      /* leased in time, too late for the sender */
    world.mails[2].expires_at = world.wall + 60; /* not now, and then it is too late */
    world.mails[3].expires_at = world.wall + 61;
    world.reply = ATTEMPT_LATER;
    turn();
    assert_int_equal(world.tries, 2);
    assert_int_equal(world.mails[1].state, EXPIRED);
    assert_int_equal(world.mails[2].state, EXPIRED);
    assert_int_equal(world.mails[3].state, DEFERRED);
}

static void not_faster_than_the_rate(void **state)
{
    (void)state;
    settings.mail.rate_per_minute = 6;
    add_mails(12);
    for (size_t i = 1; i <= 10; i++)
        world.mails[i].priority = 2;
    turn();
    assert_int_equal(in_state(SENT), 1);
    assert_int_equal(world.mails[11].state, SENT); /* the urgent one first */
    world.wall += 10;
    turn();
    assert_int_equal(world.mails[12].state, SENT);
    size_t looked_at = world.rows_looked_at;
    turn();
    assert_int_equal(world.rows_looked_at, looked_at); /* nobody looks before there is a token */
    for (int i = 0; i < 10; i++, world.wall += 10)
        turn();
    assert_true(in_state(SENT) >= 8 && in_state(SENT) <= 12);
}

static void one_domain_holds_no_other_up(void **state)
{
    (void)state;
    settings.mail.per_domain_per_minute = 2;
    add_mails(30);
    for (size_t i = 14; i <= 20; i++)
        world.mails[i].recipient = "c@d.example";
    turn();
    assert_int_equal(in_state(SENT), 2);
    assert_int_equal(world.mails[1].state, SENT);
    assert_int_equal(world.mails[14].state, SENT);
    for (size_t i = 2; i <= 6; i++) /* each has its turn, without an attempt */
        assert_true(world.mails[i].state == DEFERRED && world.mails[i].attempts == 0 &&
                    world.mails[i].due_at == world.wall + 30 * ((int64_t)i - 1));
    size_t looked_at = world.rows_looked_at;
    turn();
    assert_int_equal(world.rows_looked_at, looked_at);
    world.wall += 30;
    turn();
    assert_int_equal(in_state(SENT), 4);
}

/* The one that breaks the connection is the oldest: it must not be the only probe. Only while others get through can
 * it be told from a server that is down, and which mail a probe takes is not certain: so there are always others. */
static void poison_does_not_shut_the_queue(void **state)
{
    (void)state;
    add_mails(6);
    world.mails[1].poison = true;
    for (unsigned i = 0; i < 20 || world.mails[1].attempts == 0; i++) {
        assert_true(i < 400);
        if (i % 2 == 1 && world.count < MAILS)
            add_mails(1);
        world.monotonic += 15000;
        world.wall += 15;
        turn();
    }
    size_t owed = world.count - 3 - 1; /* all but three as ever and itself, which is tried less and less */
    for (unsigned i = 0; i < 100 && in_state(SENT) < owed; i++) {
        world.monotonic += 15000;
        world.wall += 15;
        turn();
    }
    assert_int_equal(in_state(SENT), owed);
    assert_never_twice();
}

static void refusals_raise_an_alarm(void **state)
{
    (void)state;
    settings.mail.alarm_failures = 20;
    world.reply = ATTEMPT_NEVER;
    add_mails(12);
    turn();
    tick();
    assert_int_equal(world.alarms, 2); /* one sort each: too many, and 5.7.1 */
    assert_non_null(strstr(world.alarm_text, "\"policy\""));
}

/* Whose sender is refused tries for days: it must not be in silence. */
static void refusals_of_the_sender_raise_an_alarm(void **state)
{
    (void)state;
    settings.mail.alarm_failures = 20;
    world.reply = ATTEMPT_LATER;
    world.code = 550;
    add_mails(12);
    turn();
    assert_int_equal(in_state(DEFERRED), 10); /* two are never tried */
    tick();
    assert_int_equal(world.alarms, 2);
    assert_non_null(strstr(world.alarm_text, "\"answer\":\"550 5.7.1\""));
}

/* A server that goes silent after a good step has not answered with that step's code. */
static void silence_is_no_answer(void **state)
{
    (void)state;
    settings.mail.alarm_failures = 20;
    world.reply = ATTEMPT_NEVER;
    add_mails(12);
    turn();
    world.reply = ATTEMPT_UNKNOWN;
    world.code = 354;
    add_mails(3);
    turn();
    tick();
    assert_int_equal(world.alarms, 2);
    assert_non_null(strstr(world.alarm_text, "\"answer\":\"what curl says\""));
}

static void busy_readers_are_asked_again(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_reads = 6;
    for (unsigned i = 0; i < 4; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 4);
}

static void stop_breaks_off(void **state)
{
    (void)state;
    add_mails(MAILS);
    world.blocked = true;
    turn_until_tries(SENDERS);
    /* end() stops: the senders are broken off, the rest is dropped, nothing leaks and nobody hangs */
}

static void store_that_ends_is_no_trouble(void **state)
{
    (void)state;
    add_mails(MAILS);
    mail_queue_wake(world.queue);
    run_jobs();
    pthread_mutex_lock(&world.lock);
    world.closed = true;
    pthread_mutex_unlock(&world.lock);
    for (unsigned i = 0; i < 3; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 0);
}

/* Its address went while it was under way. */
static void to_nobody_nothing_is_sent(void **state)
{
    (void)state;
    add_mails(2);
    world.mails[1].recipient = "";
    turn();
    assert_int_equal(world.mails[1].state, SUPERSEDED);
    assert_int_equal(world.mails[1].handed_over, 0);
    assert_int_equal(world.mails[2].state, SENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_once, start, end),
        cmocka_unit_test_setup_teardown(not_before_it_is_due, start, end),
        cmocka_unit_test_setup_teardown(later_and_never, start, end),
        cmocka_unit_test_setup_teardown(outage_is_probed, start, end),
        cmocka_unit_test_setup_teardown(unwritten_results_are_kept, start, end),
        cmocka_unit_test_setup_teardown(the_stop_writes_what_could_not_be_written, start, end),
        cmocka_unit_test_setup_teardown(an_urgent_mail_overtakes, start, end),
        cmocka_unit_test_setup_teardown(expires_before_it_goes, start, end),
        cmocka_unit_test_setup_teardown(not_faster_than_the_rate, start, end),
        cmocka_unit_test_setup_teardown(one_domain_holds_no_other_up, start, end),
        cmocka_unit_test_setup_teardown(poison_does_not_shut_the_queue, start, end),
        cmocka_unit_test_setup_teardown(refusals_raise_an_alarm, start, end),
        cmocka_unit_test_setup_teardown(refusals_of_the_sender_raise_an_alarm, start, end),
        cmocka_unit_test_setup_teardown(silence_is_no_answer, start, end),
        cmocka_unit_test_setup_teardown(busy_readers_are_asked_again, start, end),
        cmocka_unit_test_setup_teardown(stop_breaks_off, start, end),
        cmocka_unit_test_setup_teardown(store_that_ends_is_no_trouble, start, end),
        cmocka_unit_test_setup_teardown(to_nobody_nothing_is_sent, start, end),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

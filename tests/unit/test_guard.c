/* SPDX-License-Identifier: EUPL-1.2 */
/* http/guard: buckets of addresses, networks and events, open connections, bounded memory, many threads. */
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "http/client.h"
#include "http/guard.h"

#define START 1000000 /* some instant */

static const struct guard_limits limits = {
    .connections = 3, .burst = 60, .per_minute = 12, .network = 5, .refused_per_event = 10
};

static struct guard *make(void)
{
    struct guard *guard;
    assert_int_equal(guard_new(&limits, &guard), 0);
    return guard;
}

static struct client at(const char *text)
{
    struct client client = { .known = false };
    assert_true(client_read(text, strlen(text), &client));
    return client;
}

/* How many tokens CLIENT gets at NOW, at most MOST. */
static int spend(struct guard *guard, const char *text, int64_t now, int most)
{
    const struct client client = at(text);
    int64_t seconds = -1;
    int got = 0;
    while (got < most && guard_spend(guard, &client, now, &seconds))
        got++;
    return got;
}

static void sixty_at_once_then_one_every_five_seconds(void **state)
{
    struct guard *guard = make();
    const struct client client = at("192.0.2.1");
    int64_t seconds = 0, now = START;

    (void)state;
    assert_int_equal(spend(guard, "192.0.2.1", now, 1000), 60);
    assert_false(guard_spend(guard, &client, now, &seconds));
    assert_int_equal(seconds, 5);
    assert_false(guard_spend(guard, &client, now + 4001, &seconds));
    assert_int_equal(seconds, 1);
    assert_true(guard_spend(guard, &client, now + 5000, &seconds));
    assert_false(guard_spend(guard, &client, now + 5000, &seconds)); /* what is refused costs nothing */
    assert_int_equal(spend(guard, "192.0.2.1", now + 65000, 1000), 12);
    assert_int_equal(spend(guard, "192.0.2.1", now + 3600000, 1000), 60); /* never more than a bucket */
    guard_free(guard);
}

static void networks_have_five_times_as_much(void **state)
{
    static const struct { const char *format; bool six; } nets[] = { { "192.0.2.%d", false },
                                                                     { "2001:db8::%d", true } };
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct guard *guard = make();
        char text[40];
        int got = 0;
        for (int i = 1; i <= 10; i++) {
            (void)snprintf(text, sizeof(text), nets[n].format, i);
            got += spend(guard, text, START, 1000);
        }
        assert_int_equal(got, 300);
        assert_int_equal(spend(guard, nets[n].six ? "2001:db8:0:1::1" : "192.0.3.1", START, 1000), 60); /* the next */
        assert_int_equal(spend(guard, nets[n].six ? "2001:db8::1" : "192.0.2.1", START + 5000, 1000), 1);
        guard_free(guard);
    }
}

static void whoever_is_not_known_is_not_limited(void **state)
{
    struct guard *guard = make();
    const struct client nobody = { .known = false };
    int64_t seconds;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(guard_spend(guard, &nobody, START, &seconds));
        assert_true(guard_connect(guard, &nobody));
    }
    guard_disconnect(guard, &nobody);
    guard_free(guard);
}

static void connections_are_counted_for_each_address(void **state)
{
    struct guard *guard = make();
    const struct client a = at("192.0.2.1"), b = at("192.0.2.2");
    struct guard_limits other = limits;
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++)
            assert_true(guard_connect(guard, &a));
        assert_false(guard_connect(guard, &a));
        assert_true(guard_connect(guard, &b));
        guard_disconnect(guard, &b);
        guard_disconnect(guard, &a);
        assert_true(guard_connect(guard, &a));
        for (int i = 0; i < 3; i++)
            guard_disconnect(guard, &a);
    }
    guard_disconnect(guard, &a); /* one too many does no harm */
    other.connections = 1;
    guard_change(guard, &other);
    assert_true(guard_connect(guard, &a));
    assert_false(guard_connect(guard, &a));
    guard_free(guard);
}

/* One /64 has 2^64 addresses, and must not take all the descriptors there are. */
static void connections_are_counted_for_each_network(void **state)
{
    struct guard *guard = make();
    (void)state;
    for (int n = 0; n < 100; n++) {
        struct client client = { .known = true, .bytes = { 0x20, 1, 0xd, 0xb8 } };
        client.bytes[15] = (unsigned char)n;
        assert_int_equal(guard_connect(guard, &client), n < limits.connections * limits.network);
    }
    const struct client other = { .known = true, .bytes = { 0x20, 1, 0xd, 0xb9 } };
    assert_true(guard_connect(guard, &other));
    struct client first = { .known = true, .bytes = { 0x20, 1, 0xd, 0xb8 } };
    guard_disconnect(guard, &first);
    first.bytes[14] = 1;
    assert_true(guard_connect(guard, &first));
    guard_free(guard);
}

static void refused_submissions_are_counted_for_each_event(void **state)
{
    struct guard *guard = make();
    int64_t seconds = 0;
    bool warn = false;
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(guard_spend_event(guard, 7, START, &seconds, &warn));
    assert_false(guard_spend_event(guard, 7, START, &seconds, &warn));
    assert_true(warn);
    assert_int_equal(seconds, 6);
    assert_false(guard_spend_event(guard, 7, START + 1000, &seconds, &warn));
    assert_false(warn); /* one line a minute */
    assert_true(guard_spend_event(guard, 8, START, &seconds, &warn));
    for (int i = 1; i <= 10; i++)
        assert_true(guard_spend_event(guard, 7, START + 6000 * i, &seconds, &warn));
    assert_false(guard_spend_event(guard, 7, START + 60000, &seconds, &warn));
    assert_true(warn);
    guard_free(guard);
}

static void new_limits_hold_at_once_and_the_same_ones_change_nothing(void **state)
{
    struct guard *guard = make();
    struct guard_limits other = limits;
    (void)state;
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 60);
    guard_change(guard, &other);
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 0);
    other.burst = 2;
    guard_change(guard, &other);
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 2);
    other.per_minute = 1000000; /* a token takes less than a microsecond in a network */
    other.network = 1000;
    guard_change(guard, &other);
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 2);
    assert_int_equal(spend(guard, "192.0.2.1", START + 1, 1000), 2);
    guard_free(guard);
}

static void a_million_addresses_take_no_more_memory(void **state)
{
    struct guard *guard = make();
    int64_t seconds;
    (void)state;
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 60);
    const size_t before = mallinfo2().uordblks;
    for (uint32_t i = 0; i < 1000000; i++) {
        struct client client = { .known = true, .bytes = { 0x20, 1, 0xd, 0xb8 } };
        memcpy(client.bytes + 4, &i, sizeof(i));
        assert_true(guard_spend(guard, &client, START, &seconds));
        assert_true(guard_connect(guard, &client));
        guard_disconnect(guard, &client);
    }
    assert_true(mallinfo2().uordblks <= before + 4096);
    /* the empty bucket outlives a million that are nearly full */
    assert_int_equal(spend(guard, "192.0.2.1", START, 1000), 0);
    guard_free(guard);
}

enum { THREADS = 4, EACH = 20000 };
static atomic_int spent, connected;

static void *press(void *arg)
{
    struct guard *guard = arg;
    const struct client one = at("192.0.2.1");
    int64_t seconds;
    bool warn;
    for (int i = 0; i < EACH; i++) {
        struct client other = { .known = true };
        other.bytes[15] = (unsigned char)i;
        if (guard_spend(guard, &one, START, &seconds))
            atomic_fetch_add(&spent, 1);
        (void)guard_spend(guard, &other, START + i, &seconds);
        (void)guard_spend_event(guard, i % 3, START, &seconds, &warn);
        if (guard_connect(guard, &one)) {
            assert_true(atomic_fetch_add(&connected, 1) < 3);
            atomic_fetch_sub(&connected, 1);
            guard_disconnect(guard, &one);
        }
    }
    return NULL;
}

static void threads_share_one_bucket(void **state)
{
    struct guard *guard = make();
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, press, guard), 0);
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&spent), 60);
    assert_true(guard_first_silent(guard));
    assert_false(guard_first_silent(guard));
    guard_free(guard);
    guard_free(NULL);
}

static int set_up(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_at_once_then_one_every_five_seconds),
        cmocka_unit_test(networks_have_five_times_as_much),
        cmocka_unit_test(whoever_is_not_known_is_not_limited),
        cmocka_unit_test(connections_are_counted_for_each_address),
        cmocka_unit_test(connections_are_counted_for_each_network),
        cmocka_unit_test(refused_submissions_are_counted_for_each_event),
        cmocka_unit_test(new_limits_hold_at_once_and_the_same_ones_change_nothing),
        cmocka_unit_test(a_million_addresses_take_no_more_memory),
        cmocka_unit_test(threads_share_one_bucket),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}

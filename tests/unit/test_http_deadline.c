/* SPDX-License-Identifier: EUPL-1.2 */
/* Slow clients of the http room, and too many of them: every deadline and every cap, with small ones. */
#include "http_kit.h"

#include <sys/resource.h>

#include "base/metrics.h"
#include "http/guard.h"

#define LIMIT 300 /* ms, of everything */

struct scene { struct fixture *f; struct metrics *metrics; struct guard *guard; };

static void open_scene(struct scene *scene, size_t connections, int64_t per_address)
{
    const struct http_limits limits = { .head = LIMIT, .body = LIMIT, .reply = LIMIT, .idle = LIMIT,
                                        .connections = connections };
    const struct guard_limits each = { .connections = per_address, .burst = 1000, .per_minute = 1000, .network = 5 };
    *scene = (struct scene){ 0 };
    assert_int_equal(metrics_new(&scene->metrics), 0);
    assert_int_equal(guard_new(&each, &scene->guard), 0);
    scene->f = start_limited("127.0.0.1:0", 1, NULL, 0, limits, scene->guard, scene->metrics);
}

static int64_t number(const struct scene *scene, enum metric metric)
{
    return metrics_get(scene->metrics, metric);
}

static void close_scene(struct scene *scene)
{
    stop(scene->f);
    assert_int_equal(number(scene, METRIC_CONNECTIONS), 0);
    guard_free(scene->guard);
    metrics_free(scene->metrics);
}

/* Sends a byte of TEXT (again from its begin, if it ends) every 20 ms until an answer comes; in how many ms it did. */
static int64_t trickle(struct client *client, const char *text, struct answer *ret_answer)
{
    int64_t begin = clock_monotonic();
    struct pollfd wait = { .fd = client->fd, .events = POLLIN };
    for (const char *at = text; poll(&wait, 1, 20) == 0; at = at[1] ? at + 1 : text) {
        const char byte[] = { *at, '\0' };
        assert_true(clock_monotonic() - begin < PATIENCE);
        send_text(client, byte);
    }
    receive(client, false, ret_answer);
    return clock_monotonic() - begin;
}

static void expect_408(struct client *client, const char *text, const char *of_what)
{
    struct answer answer;
    int64_t time = trickle(client, text, &answer);
    if (answer.status != 408 || !answer.close || time < LIMIT - 50 || time > 4 * LIMIT)
        fail_msg("%s: %d after %d ms", of_what, answer.status, (int)time);
    assert_non_null(strstr(answer.head, "\r\nX-Content-Type-Options: nosniff\r\n"));
    expect_end(client);
    hang_up(client);
}

static void slow_head(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene, 0, 100);
    struct client client = dial(scene.f);
    expect_408(&client, "GET / HTTP/1.1\r\nHost: x\r\n", "the first request");
    client = dial(scene.f);
    (void)ask(&client, GET("/plain"), 200, NULL);
    expect_408(&client, "GET / HTTP/1.1\r\nHost: x\r\n", "a second one");
    client = dial(scene.f);
    (void)ask(&client, GET("/plain") "GET / HTTP/1.1\r\nA", 200, NULL); /* what is pipelined has begun too */
    expect_408(&client, "A", "a pipelined one");
    assert_int_equal(number(&scene, METRIC_TIMEOUT_HEADER), 3);
    close_scene(&scene);
}

static void slow_body(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene, 0, 100);
    struct client client = dial(scene.f);
    send_text(&client, "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 1000\r\n\r\n");
    expect_408(&client, "a", "a body");
    client = dial(scene.f);
    send_text(&client, "POST /e/x HTTP/1.1\r\n" HOST FORM "Transfer-Encoding: chunked\r\n\r\n");
    expect_408(&client, "1\r\na\r\n", "a chunked body");
    /* each part has its own time */
    client = dial(scene.f);
    send_text(&client, "POST /e/x HTTP/1.1\r\n");
    sleep_ms(LIMIT * 2 / 3);
    send_text(&client, HOST FORM "Content-Length: 3\r\n\r\na");
    sleep_ms(LIMIT * 2 / 3);
    (void)ask(&client, "=1", 200, "POST - /e/x q=- h=- slug=x [a|1]");
    hang_up(&client);
    assert_int_equal(number(&scene, METRIC_TIMEOUT_BODY), 2);
    close_scene(&scene);
}

static void slow_read(void **state)
{
    struct scene scene;
    const int small = 4096;
    (void)state;
    open_scene(&scene, 0, 100);
    const char *address = http_server_address(scene.f->server, 0);
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct client client = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    assert_int_equal(connect(client.fd, (struct sockaddr *)&in, sizeof(in)), 0);
    send_text(&client, GET("/large"));
    for (int i = 0; number(&scene, METRIC_TIMEOUT_REPLY) == 0; i++) { /* a little now and then moves no deadline */
        char some[256];
        assert_true(i < PATIENCE / 20);
        (void)recv(client.fd, some, sizeof(some), 0);
        sleep_ms(20);
    }
    assert_int_equal(number(&scene, METRIC_CONNECTIONS), 0);
    hang_up(&client);
    client = dial(scene.f);
    (void)ask(&client, GET("/large"), 200, NULL); /* in time */
    hang_up(&client);
    close_scene(&scene);
}

static void idle(void **state)
{
    struct scene scene;
    (void)state;
    open_scene(&scene, 0, 100);
    int64_t begin = clock_monotonic();
    struct client fresh = dial(scene.f), kept = dial(scene.f), busy = dial(scene.f);
    (void)ask(&kept, GET("/plain"), 200, NULL);
    atomic_store(&scene.f->context.backend.hold, true);
    send_text(&busy, GET("/late"));
    wait_until(&scene.f->context.backend.waiting, 1);
    expect_end(&fresh);
    expect_end(&kept);
    assert_int_equal(fresh.size + kept.size, 0); /* nothing is said to who has asked nothing */
    assert_in_range(clock_monotonic() - begin, LIMIT - 50, 4 * LIMIT);
    sleep_ms(LIMIT);
    atomic_store(&scene.f->context.backend.hold, false); /* who waits for us is not slow */
    struct answer answer;
    receive(&busy, false, &answer);
    assert_string_equal(answer.body, "late");
    hang_up(&fresh);
    hang_up(&kept);
    hang_up(&busy);
    close_scene(&scene);
}

static int64_t cpu_ms(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void cap_in_all(void **state)
{
    struct scene scene;
    struct client in[3], waiting[5];
    struct answer answer;
    (void)state;
    open_scene(&scene, 3, 100);
    for (size_t i = 0; i < 3; i++) {
        in[i] = dial(scene.f);
        send_text(&in[i], "GET /plain HTTP/1.1\r\n");
    }
    for (int i = 0; number(&scene, METRIC_CONNECTIONS) < 3; i++) {
        assert_true(i < PATIENCE);
        sleep_ms(1);
    }
    for (size_t i = 0; i < 5; i++) {
        waiting[i] = dial(scene.f); /* in the kernel's queue */
        send_text(&waiting[i], GET("/plain"));
    }
    int64_t before = cpu_ms();
    sleep_ms(150);
    assert_true(cpu_ms() - before < 75); /* rests, and does not spin */
    assert_int_equal(number(&scene, METRIC_CONNECTIONS), 3);
    assert_int_equal(number(&scene, METRIC_REFUSED_CONNECTIONS), 1);
    for (size_t i = 0; i < 3; i++) {
        (void)ask(&in[i], HOST "\r\n", 200, NULL);
        hang_up(&in[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        receive(&waiting[i], false, &answer);
        assert_int_equal(answer.status, 200);
        hang_up(&waiting[i]);
    }
    close_scene(&scene);
}

static void cap_per_address(void **state)
{
    struct scene scene;
    struct answer answer;
    (void)state;
    open_scene(&scene, 0, 2);
    struct client one = dial(scene.f), two = dial(scene.f);
    (void)ask(&one, GET("/plain"), 200, NULL);
    (void)ask(&two, GET("/plain"), 200, NULL);
    struct client three = dial(scene.f);
    receive(&three, false, &answer);
    assert_int_equal(answer.status, 429);
    assert_non_null(strstr(answer.head, "\r\nRetry-After: "));
    expect_end(&three);
    hang_up(&three);
    assert_int_equal(number(&scene, METRIC_REFUSED_ADDRESS), 1);
    hang_up(&one);
    for (int i = 0; number(&scene, METRIC_CONNECTIONS) > 1; i++) {
        assert_true(i < PATIENCE);
        sleep_ms(1);
    }
    three = dial(scene.f);
    (void)ask(&three, GET("/plain"), 200, NULL);
    hang_up(&two);
    hang_up(&three);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_head), cmocka_unit_test(slow_body),  cmocka_unit_test(slow_read),
        cmocka_unit_test(idle),      cmocka_unit_test(cap_in_all), cmocka_unit_test(cap_per_address),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests_name("http_deadline", tests, NULL, NULL);
}

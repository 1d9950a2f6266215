/* SPDX-License-Identifier: EUPL-1.2 */
/* Slow clients of the http room, and too many of them: every deadline and every cap, with small ones. */
#include "http_kit.h"

#include <sys/resource.h>

#include "base/metrics.h"
#include "http/guard.h"

#define SOON 200           /* ms: what a test waits for */
#define NEVER (60 * 60000) /* what must not come, however long the machine pauses */

struct scene { struct fixture *f; struct metrics *metrics; struct guard *guard; };

static const struct http_limits no_limits = { .head = NEVER, .body = NEVER, .reply = NEVER, .idle = NEVER };

static void open_scene(struct scene *scene, struct http_limits limits, int64_t per_address)
{
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

static void wait_for_number(const struct scene *scene, enum metric metric, int64_t value)
{
    for (int i = 0; number(scene, metric) != value; i++) {
        assert_true(i < PATIENCE);
        sleep_ms(1);
    }
}

static void close_scene(struct scene *scene)
{
    stop(scene->f);
    assert_int_equal(number(scene, METRIC_CONNECTIONS), 0);
    guard_free(scene->guard);
    metrics_free(scene->metrics);
}

/* Sends a byte of TEXT every 20 ms, at its end those of AGAIN again and again, until an answer comes. */
static void trickle(struct client *client, const char *text, const char *again, struct answer *ret_answer)
{
    int64_t begin = clock_monotonic();
    struct pollfd wait = { .fd = client->fd, .events = POLLIN };
    for (const char *at = text; poll(&wait, 1, 20) == 0; at = at[1] ? at + 1 : again) {
        const char byte[] = { *at, '\0' };
        assert_true(clock_monotonic() - begin < PATIENCE);
        send_text(client, byte);
    }
    receive(client, false, ret_answer);
}

/* BEGIN: an instant before what is too slow began. */
static void expect_408(struct client *client, int64_t begin, const char *text, const char *again, const char *of_what)
{
    struct answer answer;
    trickle(client, text, again, &answer);
    int64_t time = clock_monotonic() - begin;
    if (answer.status != 408 || !answer.close || time < SOON)
        fail_msg("%s: %d after %d ms", of_what, answer.status, (int)time);
    assert_non_null(strstr(answer.head, "\r\nX-Content-Type-Options: nosniff\r\n"));
    expect_end(client);
    hang_up(client);
}

static void slow_head(void **state)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    struct scene scene;
    struct http_limits limits = no_limits;
    (void)state;
    limits.head = SOON;
    open_scene(&scene, limits, 100);
    int64_t begin = clock_monotonic();
    struct client client = dial(scene.f);
    expect_408(&client, begin, head, "a", "the first request");
    client = dial(scene.f);
    (void)ask(&client, GET("/plain"), 200, NULL);
    begin = clock_monotonic();
    expect_408(&client, begin, head, "a", "a second one");
    client = dial(scene.f);
    begin = clock_monotonic();
    (void)ask(&client, GET("/plain") "GET / HTTP/1.1\r\nA", 200, NULL); /* what is pipelined has begun too */
    expect_408(&client, begin, "A", "A", "a pipelined one");
    assert_int_equal(number(&scene, METRIC_TIMEOUT_HEADER), 3);
    close_scene(&scene);
}

static void slow_body(void **state)
{
    struct scene scene;
    struct http_limits limits = no_limits;
    (void)state;
    limits.body = SOON;
    open_scene(&scene, limits, 100);
    int64_t begin = clock_monotonic();
    struct client client = dial(scene.f);
    send_text(&client, "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 1000\r\n\r\n");
    expect_408(&client, begin, "a", "a", "a body");
    begin = clock_monotonic();
    client = dial(scene.f);
    send_text(&client, "POST /e/x HTTP/1.1\r\n" HOST FORM "Transfer-Encoding: chunked\r\n\r\n");
    expect_408(&client, begin, "1\r\na\r\n", "1\r\na\r\n", "a chunked body");
    assert_int_equal(number(&scene, METRIC_TIMEOUT_BODY), 2);
    close_scene(&scene);
}

/* Two thirds of the time for the head, and as much for the body. False: it took longer than it should here. */
static bool ask_in_parts(struct scene *scene)
{
    struct client client = dial(scene->f);
    struct answer answer;
    send_text(&client, "POST /e/x HTTP/1.1\r\n");
    sleep_ms(SOON * 2 / 3);
    send_text(&client, HOST FORM "Content-Length: 3\r\n\r\na");
    sleep_ms(SOON * 2 / 3);
    send_text(&client, "=1");
    receive(&client, false, &answer);
    hang_up(&client);
    return answer.status == 200 && strcmp(answer.body, "POST - /e/x q=- h=- slug=x [a|1]") == 0;
}

static void each_part_has_its_own_time(void **state)
{
    struct scene scene;
    struct http_limits limits = no_limits;
    bool answered = false;
    (void)state;
    limits.head = limits.body = SOON;
    open_scene(&scene, limits, 100);
    for (int i = 0; i < TRIES && !answered; i++)
        answered = ask_in_parts(&scene);
    assert_true(answered);
    close_scene(&scene);
}

static void slow_read(void **state)
{
    struct scene scene;
    struct http_limits limits = no_limits;
    const int small = 4096;
    (void)state;
    limits.reply = SOON;
    open_scene(&scene, limits, 100);
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
    wait_for_number(&scene, METRIC_CONNECTIONS, 0);
    hang_up(&client);
    bool answered = false;
    for (int i = 0; i < TRIES && !answered; i++) { /* in time */
        struct answer answer;
        client = dial(scene.f);
        send_text(&client, GET("/large"));
        answered = try_receive(&client, true, &answer) && answer.status == 200;
        while (answered && client.size < LARGE)
            answered = more(&client);
        hang_up(&client);
    }
    assert_true(answered);
    close_scene(&scene);
}

static void idle(void **state)
{
    struct scene scene;
    struct http_limits limits = no_limits;
    struct answer answer;
    (void)state;
    limits.idle = SOON;
    open_scene(&scene, limits, 100);
    int64_t begin = clock_monotonic();
    struct client fresh = dial(scene.f), kept, busy;
    for (int i = 0;; i++) { /* as often as it is too late with its first request */
        kept = dial(scene.f);
        send_text(&kept, GET("/plain"));
        if (try_receive(&kept, false, &answer))
            break;
        hang_up(&kept);
        assert_true(i < TRIES);
    }
    atomic_store(&scene.f->context.backend.hold, true);
    for (int i = 0; atomic_load(&scene.f->context.backend.waiting) == 0; i++) {
        struct pollfd end;
        busy = dial(scene.f);
        send_text(&busy, GET("/late"));
        end = (struct pollfd){ .fd = busy.fd, .events = POLLIN };
        while (atomic_load(&scene.f->context.backend.waiting) == 0 && poll(&end, 1, 1) == 0)
            continue;
        if (atomic_load(&scene.f->context.backend.waiting) == 0)
            hang_up(&busy);
        assert_true(i < TRIES);
    }
    expect_end(&fresh);
    expect_end(&kept);
    assert_int_equal(fresh.size + kept.size, 0); /* nothing is said to who has asked nothing */
    assert_true(clock_monotonic() - begin >= SOON);
    sleep_ms(SOON);
    atomic_store(&scene.f->context.backend.hold, false); /* who waits for us is not slow */
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
    struct http_limits limits = no_limits;
    limits.connections = 3;
    open_scene(&scene, limits, 100);
    for (size_t i = 0; i < 3; i++) {
        in[i] = dial(scene.f);
        send_text(&in[i], "GET /plain HTTP/1.1\r\n");
    }
    wait_for_number(&scene, METRIC_REFUSED_CONNECTIONS, 1); /* the third says that there may be no more */
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
    open_scene(&scene, no_limits, 2);
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
    wait_for_number(&scene, METRIC_CONNECTIONS, 1);
    three = dial(scene.f);
    (void)ask(&three, GET("/plain"), 200, NULL);
    hang_up(&two);
    hang_up(&three);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_head), cmocka_unit_test(slow_body),  cmocka_unit_test(each_part_has_its_own_time),
        cmocka_unit_test(slow_read), cmocka_unit_test(idle),       cmocka_unit_test(cap_in_all),
        cmocka_unit_test(cap_per_address),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests_name("http_deadline", tests, NULL, NULL);
}

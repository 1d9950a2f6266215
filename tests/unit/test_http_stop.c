/* SPDX-License-Identifier: EUPL-1.2 */
/* The http room started and stopped: sockets of all kinds, several workers, the drain. */
#include "http_kit.h"

static void wait_drained(struct fixture *f)
{
    struct pollfd wait = { .fd = http_server_drained_fd(f->server), .events = POLLIN };
    assert_int_equal(poll(&wait, 1, PATIENCE), 1);
    assert_true(http_server_drained(f->server));
}

/* False: QUICK came too late to be heard, as a machine that pauses for a quarter of a second makes it. */
static bool drain_once(struct fixture *f)
{
    struct client idle = dial(f), fresh = dial(f), busy = dial(f), quick = dial(f), half = dial(f);
    (void)ask(&idle, GET("/plain"), 200, NULL);
    (void)ask(&quick, GET("/plain"), 200, NULL);
    send_text(&half, "GET /plain HTTP/1.1\r\nHo");
    atomic_store(&f->context.backend.hold, true);
    send_text(&busy, GET("/late"));
    wait_until(&f->context.backend.waiting, 1);
    assert_false(http_server_drained(f->server));

    http_server_drain(f->server, PATIENCE);
    sleep_ms(20); /* within the time that idle ones have */
    struct answer answer;
    send_text(&quick, GET("/plain"));
    bool heard = try_receive(&quick, false, &answer);
    assert_true(!heard || (answer.status == 200 && answer.close));
    expect_end(&quick);
    expect_end(&idle);
    expect_end(&fresh);
    assert_int_equal(dial_to(http_server_address(f->server, 0)), -1);
    answer = ask(&half, "st: x\r\n\r\n", 200, "GET - /plain q=- h=-"); /* it had begun */
    assert_true(answer.close);
    assert_false(http_server_drained(f->server));
    atomic_store(&f->context.backend.hold, false);
    receive(&busy, false, &answer);
    assert_string_equal(answer.body, "late");
    assert_true(answer.close);
    expect_end(&busy);
    wait_drained(f);
    hang_up(&idle);
    hang_up(&fresh);
    hang_up(&busy);
    hang_up(&quick);
    hang_up(&half);
    return heard;
}

static void drain(void **state)
{
    bool heard = false;
    (void)state;
    for (int i = 0; i < TRIES && !heard; i++) {
        struct fixture *f = start_with("127.0.0.1:0", 1, NULL, 0);
        heard = drain_once(f);
        stop(f);
    }
    assert_true(heard);
}

/* The grace is over before the job is back: the job still finds its request. */
static void drain_cut(void **state)
{
    struct fixture *f = *state;
    struct client busy = dial(f);
    atomic_store(&f->context.backend.hold, true);
    send_text(&busy, GET("/late"));
    wait_until(&f->context.backend.waiting, 1);
    int64_t begin = clock_monotonic();
    http_server_drain(f->server, 150);
    wait_drained(f); /* though the job is not back */
    assert_true(clock_monotonic() - begin >= 150);
    expect_end(&busy);
    hang_up(&busy);
}

static void nobody_to_drain(void **state)
{
    struct fixture *f = *state;
    http_server_drain(f->server, 100 * PATIENCE);
    wait_drained(f); /* and not after that time */
}

/* Each worker's share of 64 kept connections. */
static void shares(struct fixture *f, unsigned least)
{
    struct client clients[64];
    unsigned share[2] = { 0 };
    for (size_t i = 0; i < 64; i++)
        clients[i] = dial(f);
    for (size_t i = 0; i < 64; i++) {
        struct answer answer = ask(&clients[i], GET("/who"), 200, NULL);
        share[answer.body[0] == '1']++;
    }
    for (size_t i = 0; i < 64; i++)
        hang_up(&clients[i]);
    if (share[0] < least || share[1] < least)
        fail_msg("%u and %u", share[0], share[1]);
}

static void two_workers(void **state)
{
    (void)state;
    struct fixture *f = start_with("127.0.0.1:0", 2, NULL, 0);
    shares(f, 4); /* the kernel's hash decides */
    http_server_drain(f->server, PATIENCE);
    wait_drained(f);
    stop(f);
}

static void handed_over(void **state)
{
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(listen(fd, 128), 0);
    struct fixture *f = start_with(NULL, 2, &fd, 1);
    shares(f, 20);
    http_server_drain(f->server, PATIENCE);
    wait_drained(f);
    int waiting = dial_to(http_server_address(f->server, 0)); /* the socket is not ours to close */
    assert_true(waiting >= 0);
    (void)close(waiting);
    stop(f);
    (void)close(fd);
}

static void unix_socket(void **state)
{
    char folder[] = "/tmp/test_http.XXXXXX", address[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(address, sizeof(address), "unix:%s/socket", folder);
    for (int i = 0; i < 2; i++) { /* the second finds the first one's file */
        struct fixture *f = start_with(address, 1, NULL, 0);
        assert_string_equal(http_server_address(f->server, 0), address);
        struct client client = dial(f);
        (void)ask(&client, GET("/plain"), 200, NULL);
        hang_up(&client);
        stop(f);
    }
    assert_int_equal(unlink(address + 5), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void no_start(void **state)
{
    struct fixture *f = *state;
    const char *items[] = { http_server_address(f->server, 0) };
    const struct settings_list list = { 1, items };
    struct http_options options = { .listen = &list, .workers = 1, .body_limit = BODY_LIMIT, .field_limit = 4,
                                    .site = &f->site };
    static const char *const wrong[] = { "", "8080", "127.0.0.1", "127.0.0.1:", "[::1:80", "::1:80", "localhost:80",
                                         "127.0.0.1:x", "127.0.0.1:99999", "unix:" };
    struct http_server *server = NULL;
    assert_int_equal(http_server_new(&options, &server), -EADDRINUSE);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        items[0] = wrong[i];
        if (http_server_new(&options, &server) != -EINVAL)
            fail_msg("%s is no address", wrong[i]);
    }
    assert_null(server);
    /* a site that cannot start */
    struct context context = { .start_result = -ENOMEM };
    struct http_site site = f->site;
    site.context = &context;
    options.site = &site;
    items[0] = "127.0.0.1:0";
    assert_int_equal(http_server_new(&options, &server), 0);
    assert_int_equal(http_server_start(server), -ENOMEM);
    http_server_free(server);
    /* and one that never was started */
    assert_int_equal(http_server_new(&options, &server), 0);
    http_server_free(server);
    assert_int_equal(atomic_load(&context.stopped), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drain), SERVED(drain_cut), SERVED(nobody_to_drain), SERVED(no_start),
        cmocka_unit_test(two_workers), cmocka_unit_test(handed_over), cmocka_unit_test(unix_socket),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests_name("http_stop", tests, NULL, NULL);
}

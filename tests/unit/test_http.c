/* SPDX-License-Identifier: EUPL-1.2 */
/* The http room asked by its clients: what is served, what is refused and how. */
#include "http_kit.h"

#define CHUNKED "POST /e/x HTTP/1.1\r\n" HOST FORM "Transfer-Encoding: chunked\r\n\r\n"

/* Each on a connection of its own. CLOSES: it must end after the answer, else it must serve another request. */
static const struct { const char *request; int status; const char *body; bool closes; } single[] = {
    { GET("/"), 200, "GET - / q=- h=-", false },
    { GET("/?q=a+b%21&x"), 200, "GET - / q=a b! h=-", false },
    { GET("/?q=%ff"), 200, "GET - / q=- h=-", false },
    { GET("/e/%C3%B5"), 200, "GET - /e/%C3%B5 q=- h=- slug=õ", false },
    { GET("/et/e/one"), 200, "GET et /e/one q=- h=- slug=one", false },
    { GET("/lv/"), 200, "GET lv / q=- h=-", false },
    { GET("/lv"), 200, "GET lv / q=- h=-", false },
    { GET("/xx/e/one"), 404, "refused 404 -", false },
    { GET("/et/plain"), 404, "refused 404 et", false },
    { GET("/et/nothing"), 404, "refused 404 et", false },
    { GET("/nothing"), 404, "refused 404 -", false },
    { GET("/e/a%2Fb"), 404, "refused 404 -", false },
    { GET("//evil/plain"), 400, "refused 400 -", true },
    { GET("http://evil/plain"), 400, "refused 400 -", true },
    { GET("/e/a%00b"), 400, "refused 400 -", false },
    { GET("/e/%zz"), 400, "refused 400 -", false },
    { "GET / HTTP/1.1\r\n\r\n", 400, "refused 400 -", true },
    { "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "refused 400 -", true },
    { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "refused 400 -", true },
    { "GET / HTTP/1.0\r\n\r\n", 200, "GET - / q=- h=-", true },
    { "GET / HTTP/1.9\r\n" HOST "\r\n", 200, "GET - / q=- h=-", false },
    { "GET / HTTP/2.0\r\n" HOST "\r\n", 400, "refused 400 -", true },
    { "GET / HTTP/1.1\r\n" HOST "X-Test: one\r\n\r\n", 200, "GET - / q=- h=one", false },
    { "GET / HTTP/1.1\r\n" HOST "X-Test: one\r\nX-Test: two\r\n\r\n", 200, "GET - / q=- h=-", false },
    { "GET / HTTP/1.1\r\n" HOST "X-Test: a\xff\r\n\r\n", 200, "GET - / q=- h=-", false },
    { "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200, "GET - / q=- h=-", true },
    { "POST / HTTP/1.1\r\n" HOST FORM "Content-Length: 0\r\n\r\n", 405, "refused 405 -", false },
    { "PUT /e/x HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx", 405, "refused 405 -", false },
    { "DELETE /e/x HTTP/1.1\r\n" HOST "\r\n", 405, "refused 405 -", false },
    { "OPTIONS /e/x HTTP/1.1\r\n" HOST "\r\n", 405, "refused 405 -", false },
    { "TRACE /e/x HTTP/1.1\r\n" HOST "\r\n", 405, "refused 405 -", false },
    { "BREW /e/x HTTP/1.1\r\n" HOST "\r\n", 501, "refused 501 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 7\r\n\r\na=1&b=2", 200,
      "POST - /e/x q=- h=- slug=x [a|1] [b|2]", false },
    { "POST /e/x HTTP/1.1\r\n" HOST "Content-Type: Application/X-WWW-Form-Urlencoded ; charset=UTF-8\r\n"
      "Content-Length: 3\r\n\r\na=1", 200, "POST - /e/x q=- h=- slug=x [a|1]", false },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n1\r\n1\r\n0\r\n\r\n", 200,
      "POST - /e/x q=- h=- slug=x [a|1]", false },
    { "POST /e/x HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 200, "POST - /e/x q=- h=- slug=x", false },
    { "POST /e/x HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\na=1", 415, "refused 415 -", false },
    { "POST /e/x HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", 415,
      "refused 415 -", false },
    { "POST /e/x HTTP/1.1\r\n" HOST "Content-Type: application/x-www-form-urlencodedx\r\nContent-Length: 3\r\n\r\na=1",
      415, "refused 415 -", false },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\na=1", 415,
      "refused 415 -", false },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 11\r\n\r\na&b&c&d&e&f", 413, "refused 413 -", false },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\nContent-Length: 3\r\n\r\na=1", 400,
      "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\nContent-Length: 44\r\n\r\na=1" GET("/"), 400,
      "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: +3\r\n\r\na=1", 400, "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 3abc\r\n\r\na=1", 400, "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length : 3\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
      "refused 400 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400,
      "refused 400 -", true },
    { "POST /e/x HTTP/1.0\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "refused 400 -", true },
    { "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 40\r\n\r\n" GET("/"), 400, NULL, true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Expect: something\r\nContent-Length: 3\r\n\r\na=1", 417,
      "refused 417 -", true },
    { "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 90000\r\n\r\n", 413, "refused 413 -", true },
    { "POST /et/e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 90000\r\n\r\n", 413, "refused 413 et", true },
    /* what cannot be trusted behind it is not served */
    { "GET /plain HTTP/1.1\n" HOST "\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET /plain HTTP/1.1\r\n" HOST "X: 1\n\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET /plain HTTP/1.1\r\n" HOST "X: 1\r\n folded\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET /plain HTTP/1.1\r\n" HOST "X: a\001b\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET /pl\001ain HTTP/1.1\r\n" HOST "\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET  /plain HTTP/1.1\r\n" HOST "\r\n" GET("/"), 400, "refused 400 -", true },
    { "GET /plain\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { "\r\n" GET("/plain"), 400, "refused 400 -", true },
    { CHUNKED "2;x=y\r\na=\r\n0\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { CHUNKED "2\na=\r\n0\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { CHUNKED "2\r\na=1\r\n0\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { CHUNKED "-2\r\na=\r\n0\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { CHUNKED "2\r\na=\r\n0\r\nX: y\r\n\r\n" GET("/"), 400, "refused 400 -", true },
    { CHUNKED "fffffffff\r\na=\r\n0\r\n\r\n" GET("/"), 413, "refused 413 -", true },
    { CHUNKED "2\r\na=\r\n20000\r\n" GET("/"), 413, "refused 413 -", true },
    { GET("/go?to=//evil/"), 500, "", true },
    { GET("/go?to=https://evil/"), 500, "", true },
    { GET("/go?to=/a%0d%0aX:y"), 500, "", true },
    { GET("/go?frame=https://a;script-src+*"), 500, "", true },
};

static void one_by_one(void **state)
{
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        struct client client = dial(*state);
        (void)ask(&client, single[i].request, single[i].status, single[i].body);
        if (single[i].closes)
            expect_end(&client);
        else
            (void)ask(&client, GET("/plain"), 200, "GET - /plain q=- h=-");
        hang_up(&client);
    }
}

static void long_ones(void **state)
{
    static char text[80000];
    struct client client = dial(*state);

    int n = snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", 2048, 0);
    assert_true(n > 0);
    (void)ask(&client, text, 414, "refused 414 -");
    n = snprintf(text, sizeof(text), "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: %d\r\n\r\na=%0*d",
                 BODY_LIMIT + 1, BODY_LIMIT - 1, 0);
    assert_true(n > 0);
    (void)ask(&client, text, 413, "refused 413 -");
    n = snprintf(text, sizeof(text), "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: %d\r\n\r\na=%0*d",
                 65000, 64998, 0);
    assert_true(n > 0);
    (void)ask(&client, text, 413, "refused 413 -");
    (void)ask(&client, GET("/plain"), 200, NULL);
    n = snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n", 17000, 0);
    assert_true(n > 0);
    (void)ask(&client, text, 431, "refused 431 -");
    expect_end(&client);
    hang_up(&client);
}

static void head(void **state)
{
    struct client client = dial(*state);
    struct answer got = ask(&client, GET("/e/x"), 200, "GET - /e/x q=- h=- slug=x");
    struct answer answer = ask(&client, "HEAD /e/x HTTP/1.1\r\n" HOST "\r\n", 200, "");
    char *date = strstr(got.head, "Date: "), *other = strstr(answer.head, "Date: ");
    assert_non_null(date);
    assert_non_null(other);
    date[24] = other[24] = '\0'; /* the second may differ */
    assert_string_equal(got.head, answer.head);
    assert_int_equal(answer.length, 25);
    (void)ask(&client, "HEAD /nothing HTTP/1.1\r\n" HOST "\r\n", 404, "");
    (void)ask(&client, GET("/plain"), 200, "GET - /plain q=- h=-"); /* no body was left between */
    hang_up(&client);
}

/* evhttp would send the bytes, and the next answer would begin with them. */
static void without_a_body(void **state)
{
    static const char *const requests[] = { GET("/bare?status=204"), GET("/bare?status=304"),
                                            "HEAD /bare?status=204 HTTP/1.1\r\n" HOST "\r\n" };
    struct client client = dial(*state);
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct answer answer = ask(&client, requests[i], i == 1 ? 304 : 204, "");
        assert_null(strstr(answer.head, "Content-Length")); /* RFC 9110 section 8.6 */
        assert_null(strstr(answer.head, "Transfer-Encoding"));
        (void)ask(&client, GET("/plain"), 200, "GET - /plain q=- h=-");
    }
    hang_up(&client);
}

static void headers(void **state)
{
    static const char *const wanted[] = {
        ("\r\nContent-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; "
         "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"),
        "\r\nX-Content-Type-Options: nosniff\r\n", "\r\nReferrer-Policy: no-referrer\r\n", "\r\nPermissions-Policy: ",
        "\r\nCache-Control: private, no-cache\r\n", "\r\nVary: Accept-Language\r\n", "\r\nDate: ",
        "\r\nContent-Type: text/plain; charset=utf-8\r\n",
    };
    static const char *const paths[] = { GET("/"), GET("/nothing"), GET("/%zz") };
    struct client client = dial(*state);
    for (size_t i = 0; i < 3; i++) {
        struct answer answer = ask(&client, paths[i], i == 0 ? 200 : i == 1 ? 404 : 400, NULL);
        for (size_t n = 0; n < sizeof(wanted) / sizeof(wanted[0]); n++)
            if (!strstr(answer.head, wanted[n]))
                fail_msg("no %s in %s", wanted[n], answer.head);
    }
    struct answer answer = ask(&client, GET("/go?frame=https://a.example+https://b.example"), 303, "");
    assert_non_null(strstr(answer.head, "\r\nLocation: /n/token\r\n"));
    assert_non_null(strstr(answer.head, "\r\nRetry-After: 7\r\n"));
    assert_non_null(strstr(answer.head, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(answer.head, "frame-ancestors https://a.example https://b.example\r\n"));
    assert_null(strstr(answer.head, "Vary"));
    answer = ask(&client, "PUT /plain HTTP/1.1\r\n" HOST "\r\n", 405, NULL);
    assert_non_null(strstr(answer.head, "\r\nAllow: GET, HEAD\r\n"));
    hang_up(&client);
}

static void kept_alive(void **state)
{
    struct client client = dial(*state);
    for (int i = 0; i < 200; i++)
        (void)ask(&client, i % 3 ? GET("/plain") : GET("/late"), 200, NULL);
    hang_up(&client);
}

static void in_order(void **state)
{
    struct client client = dial(*state);
    struct answer answer;
    for (int i = 0; i < 20; i++)
        send_text(&client, GET("/late") GET("/plain") "POST /e/x HTTP/1.1\r\n" HOST FORM
                  "Content-Length: 3\r\n\r\na=1" "HEAD / HTTP/1.1\r\n" HOST "\r\n");
    for (int i = 0; i < 20; i++) {
        receive(&client, false, &answer);
        assert_string_equal(answer.body, "late");
        receive(&client, false, &answer);
        assert_string_equal(answer.body, "GET - /plain q=- h=-");
        receive(&client, false, &answer);
        assert_string_equal(answer.body, "POST - /e/x q=- h=- slug=x [a|1]");
        receive(&client, true, &answer);
        assert_int_equal(answer.status, 200);
    }
    hang_up(&client);
}

static void in_pieces(void **state)
{
    static const char request[] = "POST /e/x HTTP/1.1\r\n" HOST FORM "Content-Length: 3\r\n\r\na=1";
    struct client client = dial(*state);
    for (size_t i = 0; i + 1 < sizeof(request) - 1; i++) {
        const char byte[] = { request[i], '\0' };
        send_text(&client, byte);
    }
    (void)ask(&client, "1", 200, "POST - /e/x q=- h=- slug=x [a|1]");
    send_text(&client, "POST /e/x HTTP/1.1\r\n" HOST FORM "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    struct answer answer;
    receive(&client, false, &answer);
    assert_int_equal(answer.status, 100);
    (void)ask(&client, "a=2", 200, "POST - /e/x q=- h=- slug=x [a|2]");
    hang_up(&client);
}

/* More than a socket takes at once: the short write goes on in the loop. */
static void slow_reader(void **state)
{
    struct client client = dial(*state), other = dial(*state);
    send_text(&client, GET("/large") GET("/plain"));
    for (int i = 0; i < 20; i++)
        (void)ask(&other, GET("/plain"), 200, NULL);
    struct answer answer;
    receive(&client, false, &answer);
    assert_int_equal(answer.length, LARGE);
    receive(&client, false, &answer);
    assert_string_equal(answer.body, "GET - /plain q=- h=-");
    hang_up(&client);
    send_text(&other, GET("/large"));
    hang_up(&other); /* and one that goes in the middle */
}

static void gone_before_answer(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct client client = dial(*state);
        send_text(&client, i % 2 ? GET("/late") : GET("/late") GET("/plain"));
        hang_up(&client);
    }
    struct client client = dial(*state);
    (void)ask(&client, GET("/late"), 200, "late");
    hang_up(&client);
}

/* A whole batch comes back at once, as after a commit: more answers in one turn than libevent runs callbacks for. */
static void many_at_once(void **state)
{
    enum { MANY = 100 };
    struct fixture *f = *state;
    struct client clients[MANY];
    struct answer answer;
    for (unsigned round = 1; round <= 3; round++) {
        atomic_store(&f->context.backend.hold, true);
        for (size_t i = 0; i < MANY; i++) {
            if (round == 1)
                clients[i] = dial(f);
            send_text(&clients[i], i % 2 ? GET("/late") : GET("/late") GET("/plain"));
        }
        wait_until(&f->context.backend.waiting, MANY);
        atomic_store(&f->context.backend.hold, false);
        for (size_t i = 0; i < MANY; i++) {
            receive(&clients[i], false, &answer);
            assert_string_equal(answer.body, "late");
            if (i % 2 == 0) {
                receive(&clients[i], false, &answer);
                assert_string_equal(answer.body, "GET - /plain q=- h=-");
            }
        }
    }
    for (size_t i = 0; i < MANY; i++)
        hang_up(&clients[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(one_by_one), SERVED(long_ones), SERVED(head), SERVED(without_a_body), SERVED(headers),
        SERVED(kept_alive), SERVED(in_order), SERVED(in_pieces), SERVED(slow_reader), SERVED(gone_before_answer),
        SERVED(many_at_once),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The byte watch: what it lets through, where it stops, however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/watch.h"

#define LINE "GET / HTTP/1.1\r\n"
#define HEAD(lines) LINE lines "\r\n"
#define S(text) text, sizeof(text) - 1

static const struct watch_limits limits = { .head = 16384, .body = 100 };

/* STATUS 0: the head is good. */
static const struct { const char *text; size_t size; int status; } heads[] = {
    { S(HEAD("")), 0 },
    { S(HEAD("Host: x\r\nX-Test: a\tb \r\nY:\r\nZ:1\r\nA: \xff\x80\r\n")), 0 },
    { S("GET /a?b=%c3&c HTTP/1.0\r\n\r\n"), 0 },
    { S("GET /\xc3 HTTP/1.9\r\n\r\n"), 0 },
    { S("PATCH / HTTP/1.1\r\n\r\n"), 0 },
    { S("get / HTTP/1.1\r\n\r\n"), 501 },
    { S("BREW / HTTP/1.1\r\n\r\n"), 501 },
    { S("GET\0 / HTTP/1.1\r\n\r\n"), 400 },
    { S("GETGETGETGETGETGETGET / HTTP/1.1\r\n\r\n"), 400 },
    { S(" GET / HTTP/1.1\r\n\r\n"), 400 },
    { S("\r\nGET / HTTP/1.1\r\n\r\n"), 400 },
    { S("GET  / HTTP/1.1\r\n\r\n"), 400 },
    { S("GET\t/ HTTP/1.1\r\n\r\n"), 400 },
    { S("GET /  HTTP/1.1\r\n\r\n"), 400 },
    { S("GET / HTTP/1.1 \r\n\r\n"), 400 },
    { S("GET /\r\n\r\n"), 400 },
    { S("GET / HTTP/2.0\r\n\r\n"), 400 },
    { S("GET / HTTP/1.11\r\n\r\n"), 400 },
    { S("GET / http/1.1\r\n\r\n"), 400 },
    { S("GET / HTTP/1.1\n\r\n"), 400 },
    { S("GET / HTTP/1.1\r\r\n"), 400 },
    { S("GET x HTTP/1.1\r\n\r\n"), 400 },
    { S("GET * HTTP/1.1\r\n\r\n"), 400 },
    { S("GET //x/ HTTP/1.1\r\n\r\n"), 400 },
    { S("GET /a// HTTP/1.1\r\n\r\n"), 0 },
    { S("GET http://x/ HTTP/1.1\r\n\r\n"), 400 },
    { S("GET /a\0b HTTP/1.1\r\n\r\n"), 400 },
    { S("GET /a\x7f HTTP/1.1\r\n\r\n"), 400 },
    { S(HEAD("X: a\0b\r\n")), 400 },
    { S(HEAD("X: a\nb\r\n")), 400 },
    { S(HEAD("X: a\r b\r\n")), 400 },
    { S(HEAD("X: a\x01\r\n")), 400 },
    { S(HEAD("X : a\r\n")), 400 },
    { S(HEAD("X\r\n")), 400 },
    { S(HEAD(": a\r\n")), 400 },
    { S(HEAD(" X: a\r\n")), 400 },
    { S(HEAD("X: a\r\n b\r\n")), 400 },
    { S(HEAD("X\xc3: a\r\n")), 400 },
    { S(LINE "X: a\r\n\r\r\n"), 400 },
    { S(HEAD("Content-Length: 0\r\n")), 0 },
    { S(HEAD("content-length:100 \r\n")), 0 },
    { S(HEAD("Content-Length: 101\r\n")), 413 },
    { S(HEAD("Content-Length: 999999999999999\r\n")), 413 },
    { S(HEAD("Content-Length: 99999999999999999999999\r\n")), 400 },
    { S(HEAD("Content-Length: 18446744073709551617\r\n")), 400 },
    { S(HEAD("Content-Length: +1\r\n")), 400 },
    { S(HEAD("Content-Length: -1\r\n")), 400 },
    { S(HEAD("Content-Length: 0x1\r\n")), 400 },
    { S(HEAD("Content-Length: 1, 1\r\n")), 400 },
    { S(HEAD("Content-Length: 1 1\r\n")), 400 },
    { S(HEAD("Content-Length:\r\n")), 400 },
    { S(HEAD("Content-Length: 1\r\nContent-Length: 1\r\n")), 400 },
    { S(HEAD("Transfer-Encoding: chunked\r\n")), 0 },
    { S(HEAD("Transfer-Encoding: Chunked\r\n")), 0 },
    { S(HEAD("Transfer-Encoding: xchunked\r\n")), 400 },
    { S(HEAD("Transfer-Encoding: gzip, chunked\r\n")), 400 },
    { S(HEAD("Transfer-Encoding:\x0b" "chunked\r\n")), 400 },
    { S(HEAD("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400 },
    { S(HEAD("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n")), 400 },
    { S(HEAD("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400 },
    { S("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
    { S(HEAD("Expect: 100-continue\r\n")), 0 },
    { S(HEAD("Expect: 200-ok\r\n")), 417 },
};

/* Feeds TEXT in pieces of PIECE bytes; how many were taken. */
static size_t feed(struct watch *watch, const char *text, size_t size, size_t piece, enum watch_result *ret_result)
{
    size_t at = 0, taken;
    *ret_result = WATCH_MORE;
    while (at < size && *ret_result == WATCH_MORE) {
        size_t part = size - at < piece ? size - at : piece;
        *ret_result = watch_feed(watch, &limits, text + at, part, &taken);
        assert_true(taken <= part);
        if (*ret_result == WATCH_MORE)
            assert_int_equal(taken, part);
        at += taken;
    }
    return at;
}

static void check_head(const char *text, size_t size, int status)
{
    for (size_t piece = 1; piece <= size; piece += piece < 4 ? 1 : size) {
        struct watch watch;
        enum watch_result result;
        watch_begin(&watch);
        size_t taken = feed(&watch, text, size, piece, &result);
        if (result != (status ? WATCH_BAD : WATCH_HEAD) || watch.status != status || (!status && taken != size))
            fail_msg("%.300s: %d, status %d, %zu of %zu", text, result, watch.status, taken, size);
    }
}

static void each_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        check_head(heads[i].text, heads[i].size, heads[i].status);
}

/* Every byte at each place of a head: what is let through has no other line ends, blanks or controls than we know. */
static void each_byte(void **state)
{
    static const char good[] = "GET /a HTTP/1.1\r\nHost: x\r\nX-Y: a b\r\n\r\n";
    (void)state;
    for (size_t at = 0; at < sizeof(good) - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char text[sizeof(good)];
            struct watch watch;
            enum watch_result result;
            memcpy(text, good, sizeof(good));
            text[at] = (char)byte;
            watch_begin(&watch);
            (void)feed(&watch, text, sizeof(good) - 1, sizeof(good), &result);
            if (result == WATCH_HEAD && (byte < ' ' || byte == 0x7f) && byte != '\t' && byte != good[at])
                fail_msg("byte %d at %zu", byte, at);
        }
}

static void long_heads(void **state)
{
    static char text[70000];
    (void)state;
    int n = snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n\r\n", 4000, 0);
    check_head(text, (size_t)n, 0);
    n = snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n\r\n", 5000, 0);
    check_head(text, (size_t)n, 414);
    n = snprintf(text, sizeof(text), LINE "X: %0*d\r\n\r\n", 8000, 0);
    check_head(text, (size_t)n, 0);
    n = snprintf(text, sizeof(text), LINE "X: %0*d\r\n\r\n", 8200, 0);
    check_head(text, (size_t)n, 431);
    n = snprintf(text, sizeof(text), LINE "%0*d: \r\n\r\n", 8200, 0);
    check_head(text, (size_t)n, 431);
    n = snprintf(text, sizeof(text), LINE "X: %0*d\r\nY: %0*d\r\nZ: 1\r\n\r\n", 8000, 0, 8180, 0);
    check_head(text, (size_t)n, 0);
    n = snprintf(text, sizeof(text), LINE "X: %0*d\r\nY: %0*d\r\nZ: 11111111111111111111\r\n\r\n", 8160, 0, 8160, 0);
    check_head(text, (size_t)n, 0);
    n = snprintf(text, sizeof(text), LINE "X: %0*d\r\nY: %0*d\r\nZ: %0*d\r\n\r\n", 8000, 0, 8000, 0, 1000, 0);
    check_head(text, (size_t)n, 431);
    for (int lines = 100; lines <= 101; lines++) {
        size_t size = strlen(strcpy(text, LINE));
        for (int i = 0; i < lines; i++)
            size += (size_t)sprintf(text + size, "a:\r\n");
        size += (size_t)sprintf(text + size, "\r\n");
        check_head(text, size, lines == 100 ? 0 : 431);
    }
}

static void where_things_are(void **state)
{
    static const char text[] = "HEAD /et/e/x HTTP/1.1\r\nAccept: a\r\naccept-language:  et, en;q=0.5\r\n"
                               "Accept-Language: lv\r\n\r\nnext";
    struct watch watch;
    enum watch_result result;
    (void)state;
    watch_begin(&watch);
    assert_int_equal(feed(&watch, text, sizeof(text) - 1, 5, &result), sizeof(text) - 1 - 4);
    assert_int_equal(result, WATCH_HEAD);
    assert_true(watch.head_method && !watch.chunked);
    assert_memory_equal(text + watch.target_at, "/et/e/x ", watch.target_size + 1);
    assert_memory_equal(text + watch.language_at, "et, en;q=0.5\r", watch.language_size + 1);
}

/* GOOD: a body that ends with END behind it; else the part before the bad line, and how it is ended. */
static const struct { const char *text, *kept, *end; int status; } bodies[] = {
    { "0\r\n\r\n", "0\r\n\r\n", NULL, 0 },
    { "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n", NULL, 0 },
    { "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "1\r\na\r\n0\r\n\r\n", NULL, 0 },
    { "1\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "\r\n1\r\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "1;a=b\r\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "1 \r\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "0x1\r\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "-1\r\na\r\n0\r\n\r\n", "", "0\r\n\r\n", 400 },
    { "1\r\na\r\n1\r\na\r\nx", "1\r\na\r\n1\r\na\r\n", "0\r\n\r\n", 400 },
    { "1\r\na\r\n1\r\nab", "1\r\na\r\n1\r\na", "\r\n0\r\n\r\n", 400 },
    { "1\r\na\r\n1\r\na\rb", "1\r\na\r\n1\r\na", "\r\n0\r\n\r\n", 400 },
    { "1\r\na\n", "1\r\na", "\r\n0\r\n\r\n", 400 },
    { "1\r\na\r\n0\r\nX: y\r\n\r\n", "1\r\na\r\n0\r\n", "\r\n", 400 },
    { "1\r\na\r\n0\r\n\rx", "1\r\na\r\n0\r\n", "\r\n", 400 },
    { "65\r\na", "", "0\r\n\r\n", 413 },
    { "60\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n5\r\n",
      "60\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n",
      "0\r\n\r\n", 413 },
    { "000000001\r\n", "", "0\r\n\r\n", 413 },
    { "ffffffffffffffffffff\r\n", "", "0\r\n\r\n", 413 },
};

static void each_body(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        for (size_t piece = 1; piece < 200; piece = piece < 4 ? piece + 1 : piece * 4) {
            struct watch watch;
            enum watch_result result;
            size_t line = 0;
            watch_begin(&watch);
            (void)feed(&watch, head, sizeof(head) - 1, sizeof(head), &result);
            assert_int_equal(result, WATCH_HEAD);
            size_t taken = feed(&watch, bodies[i].text, strlen(bodies[i].text), piece, &result);
            const char *end = bodies[i].end ? watch_end_of_body(&watch, &line) : NULL;
            if (result != (bodies[i].status ? WATCH_BAD : WATCH_BODY) || watch.status != bodies[i].status ||
                taken - line != strlen(bodies[i].kept) || (end && strcmp(end, bodies[i].end) != 0))
                fail_msg("%s by %zu: %d, status %d, %zu - %zu", bodies[i].text, piece, result, watch.status,
                         taken, line);
            assert_memory_equal(bodies[i].text, bodies[i].kept, taken - line);
        }
}

/* A body of the limit's size in chunks of one byte cost evhttp a buffer for each: many megabytes. */
static void chunks_are_counted(void **state)
{
    static const struct watch_limits wide = { .head = 16384, .body = 65536 };
    static const char head[] = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct watch watch;
    enum watch_result result;
    size_t taken;
    int chunks = -1;
    (void)state;
    watch_begin(&watch);
    assert_int_equal(watch_feed(&watch, &wide, S(head), &taken), WATCH_HEAD);
    do
        result = watch_feed(&watch, &wide, S("0001\r\nx\r\n"), &taken);
    while (++chunks < 5000 && result == WATCH_MORE);
    assert_int_equal(result, WATCH_BAD);
    assert_int_equal(watch.status, 413);
    assert_int_equal(chunks, 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_head),        cmocka_unit_test(each_byte), cmocka_unit_test(long_heads),
        cmocka_unit_test(where_things_are), cmocka_unit_test(each_body), cmocka_unit_test(chunks_are_counted),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}

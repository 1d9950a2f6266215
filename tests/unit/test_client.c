/* SPDX-License-Identifier: EUPL-1.2 */
/* http/client against tests/table/clients.txt; the peers of real sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/settings.h"
#include "http/client.h"

#define FIELDS 5
#define ITEMS 8

static struct client client_of(const char *text)
{
    struct client client = { .known = false };
    assert_true(client_read(text, strlen(text), &client));
    return client;
}

static struct trusted *trust(char *text)
{
    const char *items[ITEMS];
    struct settings_list list = { 0, items };
    struct trusted *trusted;
    char *rest, *item = strcmp(text, "-") == 0 ? NULL : strtok_r(text, ",", &rest);
    for (; item; item = strtok_r(NULL, ",", &rest))
        items[list.count++] = item;
    assert_int_equal(trusted_new(&list, &trusted), 0);
    return trusted;
}

static const char *header(const char *text)
{
    return strcmp(text, "-") == 0 ? NULL : text;
}

/* True if the line's client comes out. */
static bool check(char *fields[static FIELDS])
{
    struct trusted *trusted = trust(fields[0]);
    bool is_unix = strcmp(fields[1], "unix:") == 0, silent = true;
    const struct client peer = is_unix ? (struct client){ .known = false } : client_of(fields[1]);
    struct client got, expected = { .known = false };
    client_of_request(trusted, &peer, is_unix, header(fields[2]), header(fields[3]), &got, &silent);
    bool expect_silent = strcmp(fields[4], "silent") == 0;
    if (!expect_silent && strcmp(fields[4], "nobody") != 0)
        expected = client_of(fields[4]);
    trusted_free(trusted);
    return silent == expect_silent && got.known == expected.known &&
           (!got.known || memcmp(got.bytes, expected.bytes, sizeof(got.bytes)) == 0);
}

static void table(void **state)
{
    const char *root = getenv("srcdir");
    char path[4096], line[1024], copy[1024];
    unsigned number = 0, cases = 0, wrong = 0;
    (void)state;

    (void)snprintf(path, sizeof(path), "%s/tests/table/clients.txt", root ? root : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char *fields[FIELDS], *at = line;
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        memcpy(copy, line, sizeof(copy));
        for (size_t i = 0; i < FIELDS; i++) {
            char *end = strstr(at, " | ");
            assert_true(i + 1 == FIELDS ? !end : end != NULL);
            fields[i] = at;
            if (end) {
                *end = '\0';
                at = end + 3;
            }
        }
        if (!check(fields)) {
            print_error("clients.txt:%u: %s\n", number, copy);
            wrong++;
        }
        cases++;
    }
    (void)fclose(file);
    assert_true(cases > 60);
    assert_int_equal(wrong, 0);
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = { "", "10.0.0.1/33", "10.0.0.1/", "::1/129", "localhost", "unix", "1.2.3" };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct settings_list list = { 1, &bad[i] };
        struct trusted *trusted;
        assert_int_equal(trusted_new(&list, &trusted), -EINVAL);
    }
    assert_false(trusted_has(NULL, &(struct client){ .known = true }, false));
    trusted_free(NULL);
}

static void peers_of_real_sockets(void **state)
{
    int pair[2], listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    struct client peer;
    bool is_unix;

    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    client_of_socket(fd, &peer, &is_unix);
    assert_true(peer.known && !is_unix);
    const struct client expected = client_of("127.0.0.1");
    assert_memory_equal(peer.bytes, expected.bytes, sizeof(peer.bytes));
    (void)close(fd);
    client_of_socket(listener, &peer, &is_unix); /* not connected */
    assert_false(peer.known || is_unix);
    (void)close(listener);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    client_of_socket(pair[0], &peer, &is_unix);
    assert_true(!peer.known && is_unix);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(peers_of_real_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

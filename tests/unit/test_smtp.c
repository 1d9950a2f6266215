/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/smtp against a server that this file plays: what is said to it, word by word, and what never is. What servers do
 * wrong: tests/server/test_mail_faults.py. */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "config/settings.h"
#include "mail/smtp.h"

#define LETTER "Subject: x\r\n\r\nHello\r\n"

static struct {
    int fd;
    pthread_t thread;
    struct settings settings;
    char url[64];
    atomic_bool offers_utf8, knows_no_ehlo;
    atomic_int connections;
    pthread_mutex_t lock;
    char said[16384]; /* all that was said to it, but for QUIT; lines end with LF */
} server = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void note(const char *line)
{
    pthread_mutex_lock(&server.lock);
    size_t size = strlen(server.said);
    assert_true(size + strlen(line) < sizeof(server.said));
    strcpy(server.said + size, line);
    pthread_mutex_unlock(&server.lock);
}

static const char *heard(void)
{
    static char copy[sizeof(server.said)];
    pthread_mutex_lock(&server.lock);
    strcpy(copy, server.said);
    server.said[0] = '\0';
    pthread_mutex_unlock(&server.lock);
    return copy;
}

static const char *answer_to(const char *line)
{
    if (strncmp(line, "EHLO", 4) == 0) {
        if (server.knows_no_ehlo)
            return "502 5.5.1 what?\r\n";
        return server.offers_utf8 ? "250-here\r\n250-SIZE 1000000\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
                                  : "250-here\r\n250-XSMTPUTF8\r\n250 SIZE 1000000\r\n";
    }
    return strncmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "250 2.0.0 fine\r\n";
}

static void serve(FILE *peer)
{
    char line[2048];
    (void)fputs("220-here\r\n220 is ESMTP\r\n", peer);
    while (fflush(peer) == 0 && fgets(line, sizeof(line), peer)) {
        if (strcmp(line, "QUIT\r\n") != 0)
            note(line);
        if (strcmp(line, "DATA\r\n") != 0) {
            (void)fputs(answer_to(line), peer);
            continue;
        }
        (void)fputs("354 go on\r\n", peer);
        if (fflush(peer) != 0)
            return;
        while (fgets(line, sizeof(line), peer) && strcmp(line, ".\r\n") != 0)
            note(line);
        (void)fputs("250 2.0.0 kept\r\n", peer);
    }
}

static void *run(void *user)
{
    (void)user;
    for (int fd; (fd = accept(server.fd, NULL, NULL)) >= 0;) {
        server.connections++;
        FILE *in = fdopen(fd, "r+");
        assert_non_null(in);
        (void)setvbuf(in, NULL, _IONBF, 0);
        serve(in);
        (void)fclose(in);
    }
    return NULL;
}

static int setup(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    (void)state;
    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&address, size) < 0 || listen(server.fd, 8) < 0 ||
        getsockname(server.fd, (struct sockaddr *)&address, &size) < 0)
        return -1;
    (void)snprintf(server.url, sizeof(server.url), "smtp://127.0.0.1:%u", ntohs(address.sin_port));
    server.settings.mail.smtp_url = server.url;
    server.settings.mail.helo_name = "events.cluster.example";
    server.settings.mail.timeout = 10;
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? pthread_create(&server.thread, NULL, run, NULL) : -1;
}

static int teardown(void **state)
{
    (void)state;
    (void)shutdown(server.fd, SHUT_RDWR);
    (void)pthread_join(server.thread, NULL);
    (void)close(server.fd);
    curl_global_cleanup();
    return 0;
}

static int fresh(void **state)
{
    struct smtp *smtp;
    server.offers_utf8 = server.knows_no_ehlo = false;
    if (smtp_new(&server.settings, &smtp) < 0)
        return -1;
    server.connections = 0;
    (void)heard();
    *state = smtp;
    return 0;
}

static int done(void **state)
{
    smtp_free(*state);
    return 0;
}

static struct smtp_result send_to(struct smtp *smtp, const char *recipient)
{
    struct smtp_result result;
    smtp_send(smtp, "desk@cluster.example", recipient, LETTER, strlen(LETTER), &result);
    return result;
}

static void assert_sent(struct smtp_result result)
{
    if (result.attempt != ATTEMPT_SENT)
        fail_msg("%d %ld %s", result.attempt, result.code, result.reply);
    assert_int_equal(result.code, 250);
}

static void assert_no_utf8(struct smtp_result result)
{
    assert_int_equal(result.attempt, ATTEMPT_NEVER);
    assert_int_equal(result.code, 0);
    assert_string_equal(result.reply, "the mail server does not take internationalised addresses");
}

static void what_is_said(void **state)
{
    assert_sent(send_to(*state, "anna@x.example"));
    assert_string_equal(heard(), "EHLO events.cluster.example\r\nMAIL FROM:<desk@cluster.example> SIZE=21\r\n"
                                 "RCPT TO:<anna@x.example>\r\nDATA\r\n" LETTER);
    assert_sent(send_to(*state, "\"anna\"@x.example"));
    assert_string_equal(heard(), "MAIL FROM:<desk@cluster.example> SIZE=21\r\n"
                                 "RCPT TO:<\"anna\"@x.example>\r\nDATA\r\n" LETTER);
    assert_int_equal(server.connections, 1);
}

static void the_machines_name_greets(void **state)
{
    char name[256], expected[300];
    struct settings settings = server.settings;
    struct smtp *smtp;
    (void)state;
    settings.mail.helo_name = NULL;
    assert_int_equal(smtp_new(&settings, &smtp), 0);
    assert_sent(send_to(smtp, "anna@x.example"));
    smtp_free(smtp);
    assert_int_equal(gethostname(name, sizeof(name)), 0);
    (void)snprintf(expected, sizeof(expected), "EHLO %s\r\n", name);
    assert_memory_equal(heard(), expected, strlen(expected));
}

static void only_who_offers_it_gets_a_utf8_address(void **state)
{
    server.offers_utf8 = true;
    assert_sent(send_to(*state, "mäŕi@õun.example"));
    assert_string_equal(heard(), "EHLO events.cluster.example\r\n"
                                 "MAIL FROM:<desk@cluster.example> SIZE=21 SMTPUTF8\r\n"
                                 "RCPT TO:<mäŕi@xn--un-bka.example>\r\nDATA\r\n" LETTER);
    assert_sent(send_to(*state, "mäŕi@x.example")); /* the connection remembers */
    assert_int_equal(server.connections, 1);
}

static void who_does_not_offer_it_hears_ehlo_and_no_more(void **state)
{
    assert_no_utf8(send_to(*state, "mäŕi@x.example"));
    assert_string_equal(heard(), "EHLO events.cluster.example\r\n");

    server.knows_no_ehlo = true;
    assert_no_utf8(send_to(*state, "mäŕi@x.example"));
    assert_string_equal(heard(), "EHLO events.cluster.example\r\nHELO events.cluster.example\r\n");
}

static void a_connection_that_is_open_is_no_way_round(void **state)
{
    assert_sent(send_to(*state, "anna@x.example"));
    (void)heard();
    assert_no_utf8(send_to(*state, "mäŕi@x.example"));
    assert_string_equal(heard(), "EHLO events.cluster.example\r\n");
    assert_sent(send_to(*state, "anna@x.example"));
    server.offers_utf8 = true; /* it is mended meanwhile */
    assert_sent(send_to(*state, "mäŕi@x.example"));
    assert_sent(send_to(*state, "mäŕi@x.example"));
    assert_sent(send_to(*state, "anna@x.example"));
    assert_int_equal(server.connections, 4);
    (void)heard();
}

static void a_domain_needs_no_utf8(void **state)
{
    static const char *const cases[][2] = { { "anna@õun.example", "anna@xn--un-bka.example" },
                                            { "anna@ÕUN.example", "anna@xn--un-bka.example" },
                                            { "anna@straße.example", "anna@xn--strae-oqa.example" },
                                            { "anna@παράδειγμα.ελ", "anna@xn--hxajbheg2az3al.xn--qxam" } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[200];
        assert_sent(send_to(*state, cases[i][0]));
        (void)snprintf(expected, sizeof(expected),
                       "MAIL FROM:<desk@cluster.example> SIZE=21\r\nRCPT TO:<%s>\r\nDATA\r\n%s", cases[i][1], LETTER);
        const char *said = heard();
        assert_string_equal(i == 0 ? strchr(said, '\n') + 1 : said, expected);
    }
}

static void addresses_that_curl_never_sees(void **state)
{
    static const char *const wrong[] = {
        "", "anna", "@x.example", "anna@", "anna@x.example\r\nRSET",
        "anna@x.example>\r\nRSET\r\nMAIL FROM:<b@x.example", "anna\n@x.example", "a b@x.example",
        "<anna@x.example>", "anna@x.example>", "an>na@x.example", "anna@x.example\t",
        "anna@[127.0.0.1]", "anna@x\x7f.example", "an\xffna@x.example", "anna@localhost", "anna,bo@x.example",
        "anna@x.example SIZE=1", "anna@x.example> NOTIFY=NEVER",
    };
    struct smtp_result result;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        result = send_to(*state, wrong[i]);
        if (result.attempt != ATTEMPT_NEVER || strcmp(result.reply, "not an address that can be sent to") != 0)
            fail_msg("%s: %d %s", wrong[i], result.attempt, result.reply);
    }
    static const char *const senders[] = { "", "desk", "desk@cluster.example\r\nRSET", "de sk@cluster.example", "<>",
                                           "desk@cluster.example>\nRSET", "desk\xff@cluster.example" };
    for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
        smtp_send(*state, senders[i], "anna@x.example", LETTER, strlen(LETTER), &result);
        assert_int_equal(result.attempt, ATTEMPT_NEVER);
    }
    assert_int_equal(server.connections, 0);
    assert_string_equal(heard(), "");
}

static void messages_that_curl_never_sees(void **state)
{
    static const struct { const char *data; size_t size; } wrong[] = {
#define BYTES(text) { text, sizeof(text) - 1 }
        BYTES("Subject: x\n\nHello\n"), BYTES("Subject: x\r\n\r\nHello\n"), BYTES("Subject: x\r\n\r\nHello\n.\n"),
        BYTES("Subject: x\r\n\r\nHello\n.\r\nMAIL FROM:<b@x.example>\r\n"), BYTES("Subject: x\r\n\r\nHello\r.\r"),
        BYTES("Subject: x\r\n\r\nHello\r"), BYTES("Subject: x\r\n\r\nHel\0lo\r\n"),
        BYTES("Subject: x\r\n\r\nHellõ\r\n"), BYTES("Subject: õ\r\n\r\nHello\r\n"), BYTES("\r\r\n\n"),
    };
    static char line[1200];
    struct smtp_result result;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        smtp_send(*state, "desk@cluster.example", "anna@x.example", wrong[i].data, wrong[i].size, &result);
        if (result.attempt != ATTEMPT_NEVER || strcmp(result.reply, "not a message that can be sent") != 0)
            fail_msg("%zu: %d %s", i, result.attempt, result.reply);
    }
    server.offers_utf8 = true; /* the body stays one of 7 bits */
    smtp_send(*state, "desk@cluster.example", "mäŕi@x.example", wrong[7].data, wrong[7].size, &result);
    assert_int_equal(result.attempt, ATTEMPT_NEVER);
    memset(line, 'x', 1001);
    strcpy(line + 999, "\r\n");
    smtp_send(*state, "desk@cluster.example", "anna@x.example", line, strlen(line), &result);
    assert_int_equal(result.attempt, ATTEMPT_NEVER);
    assert_int_equal(server.connections, 0);

    smtp_send(*state, "desk@cluster.example", "anna@x.example", line + 1, strlen(line + 1), &result);
    assert_sent(result);
    smtp_send(*state, "desk@cluster.example", "mäŕi@x.example", wrong[8].data, wrong[8].size, &result);
    assert_sent(result);
    (void)heard();
}

static void dots_are_stuffed(void **state)
{
    static const char data[] = ".\r\n\r\n.\r\n..\r\nQUIT\r\n.x\r\n";
    struct smtp_result result;
    smtp_send(*state, "desk@cluster.example", "anna@x.example", data, strlen(data), &result);
    assert_sent(result);
    assert_string_equal(strstr(heard(), "DATA\r\n"), "DATA\r\n..\r\n\r\n..\r\n...\r\nQUIT\r\n..x\r\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done)
    const struct CMUnitTest tests[] = {
        TEST(what_is_said),
        TEST(the_machines_name_greets),
        TEST(only_who_offers_it_gets_a_utf8_address),
        TEST(who_does_not_offer_it_hears_ehlo_and_no_more),
        TEST(a_connection_that_is_open_is_no_way_round),
        TEST(a_domain_needs_no_utf8),
        TEST(addresses_that_curl_never_sees),
        TEST(messages_that_curl_never_sees),
        TEST(dots_are_stuffed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

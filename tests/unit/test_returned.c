/* SPDX-License-Identifier: EUPL-1.2 */
/* What comes back: each tests/table/bounces/NAME.eml is what verdicts.txt says. Then codes and words, senders by MAC,
 * and messages that nobody means well with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/token.h"
#include "change/verdict.h"
#include "config/settings.h"
#include "mail/message.h"
#include "mail/returned.h"
#include "mail/verp.h"

#define ANNA "anna@clinic.example"
#define ID "7.0123456789abcdef@cluster.example"

static const char *path(const char *name)
{
    static char text[1000];
    const char *srcdir = getenv("srcdir");
    (void)snprintf(text, sizeof(text), "%s/tests/table/bounces/%s", srcdir ? srcdir : ".", name);
    return text;
}

/* In the words of verdicts.txt. */
static void describe(const struct returned *returned, char *text, size_t size)
{
    struct returned_verdict verdict;
    switch (returned->sort) {
    case RETURNED_REPORT:
        if (returned_judge(returned, ANNA, &verdict))
            (void)snprintf(text, size, "report %s %s", verdict_name(verdict.verdict), verdict.status);
        else
            (void)snprintf(text, size, "report none");
        break;
    case RETURNED_CALENDAR: (void)snprintf(text, size, "calendar %s", returned->answer); break;
    case RETURNED_AUTOMATIC: (void)snprintf(text, size, "automatic"); break;
    case RETURNED_OTHER: (void)snprintf(text, size, "other"); break;
    }
}

static bool is_line(const char *text)
{
    for (const char *c = text; c && *c; c++)
        if (*c < ' ' || *c > '~')
            return false;
    return true;
}

static void check_message(const char *name, const char *wanted)
{
    struct arena *arena = arena_new();
    struct returned returned;
    char file[200], found[100], *data;
    size_t size;
    (void)snprintf(file, sizeof(file), "%s.eml", name);
    assert_int_equal(file_read(path(file), 1 << 20, &data, &size), 0);
    assert_int_equal(returned_read(arena, data, size, &returned), 0);
    describe(&returned, found, sizeof(found));
    if (strcmp(found, wanted) != 0)
        fail_msg("%s: %s, not %s", name, found, wanted);
    assert_true(returned.address_count > 0);
    if (returned.message_id)
        assert_string_equal(returned.message_id, ID);
    else if (returned.sort == RETURNED_REPORT && !strstr(name, "plain") && !strstr(name, "qmail"))
        fail_msg("%s: whose it is was not found", name);
    for (size_t i = 0; i < returned.recipient_count; i++)
        assert_true(is_line(returned.recipients[i].diagnostic) && is_line(returned.recipients[i].status));
    if (returned.sort == RETURNED_CALENDAR) {
        assert_string_equal(returned.uid, "4f7k2q9.health-summit@cluster.example");
        assert_string_equal(returned.attendee, ANNA);
    }
    free(data);
    arena_free(arena);
}

static void test_corpus(void **state)
{
    char line[200], name[100], wanted[100];
    FILE *list = fopen(path("verdicts.txt"), "re");
    unsigned count = 0;
    (void)state;
    assert_non_null(list);
    while (fgets(line, sizeof(line), list)) {
        if (*line == '#')
            continue;
        assert_int_equal(sscanf(line, "%99s %99[^\n]", name, wanted), 2);
        check_message(name, wanted);
        count++;
    }
    (void)fclose(list);
    assert_true(count >= 50);
}

static void test_words(void **state)
{
    static const struct { const char *words, *status; } cases[] = {
        { "550 5.1.1 <anna@clinic.example>: User unknown", "5.1.1" },
        { "smtp; 550-5.7.26 blocked 550 5.7.26", "5.7.26" },
        { "host mx[192.0.2.25] said: 452 4.2.2 full (in reply to RCPT TO)", "4.2.2" },
        { "Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1" },
        { "554 delivery error: dd This user doesn't have an account", "5.0.0" },
        { "Remote host said: 450 try later", "4.0.0" },
        { "X-Postfix; connect to mx.clinic.example[5.1.1.7]:25: Connection timed out", "0.0.0" },
        { "Exim 4.96.1 on 5.9.1.2, 550 recipients, id 5501234", "5.0.0" }, /* "550 recipients" may be one */
        { "550 5.1.1.7 is no code", "5.0.0" },
        { "#5.1.1000", "0.0.0" },
        { "", "0.0.0" },
        { "250 2.1.5 Ok", "0.0.0" },
    };
    char text[VERDICT_STATUS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        verdict_print(verdict_read(cases[i].words), text);
        if (strcmp(text, cases[i].status) != 0)
            fail_msg("%s: %s, not %s", cases[i].words, text, cases[i].status);
    }
    verdict_print(verdict_join("5.0.0", "smtp; 550 5.7.1 no"), text);
    assert_string_equal(text, "5.7.1");
    verdict_print(verdict_join("5.2.1", "smtp; 550 5.7.1 no"), text);
    assert_string_equal(text, "5.2.1");
    verdict_print(verdict_join(NULL, "smtp; 550 5.7.1 no"), text);
    assert_string_equal(text, "5.7.1");
    verdict_print(verdict_join("garbage", NULL), text);
    assert_string_equal(text, "0.0.0");
}

/* ---- senders by MAC ---- */

static struct keyring *make_keyring(void)
{
    char folder[] = "/tmp/convened-test-XXXXXX", file[64];
    struct keyring *keyring;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof(file), "%s/k", folder);
    assert_int_equal(keyring_create(file), 0);
    assert_int_equal(keyring_load(file, &keyring), 0);
    (void)unlink(file);
    (void)rmdir(folder);
    return keyring;
}

static void test_senders(void **state)
{
    struct keyring *keyring = make_keyring();
    struct settings_host host = { .from_address = "events@cluster.example" };
    char sender[VERP_SIZE], token[TOKEN_SIZE], big[VERP_SIZE];
    int64_t id;
    (void)state;

    assert_string_equal(verp_sender(&host, keyring, 7, ID, sender), "events@cluster.example");
    host.bounce_address = "abcdefghijklmnopqrstuvw@cluster.example"; /* 23: the longest */
    assert_ptr_equal(verp_sender(&host, keyring, 7, ID, sender), sender);
    assert_int_equal(strcspn(sender, "@"), 64);
    const char *text = sender;
    assert_true(verp_next(&text, token));
    assert_int_equal(token_read(keyring, token, &id), 0);
    assert_int_equal(id, 7);
    assert_true(verp_is_ours(keyring, token, ID));
    assert_false(verp_is_ours(keyring, token, "7.0123456789abcdee@cluster.example"));
    assert_false(verp_next(&text, token));

    /* another purpose's token is none, and servers change the case */
    token_make(keyring, TOKEN_MANAGE, 7, 1, token);
    assert_false(verp_is_ours(keyring, token, ID));
    for (size_t i = 0; (big[i] = sender[i]); i++)
        if (sender[i] >= 'a' && sender[i] <= 'z')
            big[i] = (char)(sender[i] - 'a' + 'A');
    text = big;
    assert_true(verp_next(&text, token) && verp_is_ours(keyring, token, ID));
    text = "nobody@cluster.example, x+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@cluster.example";
    assert_false(verp_next(&text, token)); /* 41 characters */
    keyring_free(keyring);
}

/* ---- hostile ---- */

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Reads it, whatever it is, and soon. */
static enum returned_sort read_hostile(const char *what, const char *data, size_t size)
{
    struct arena *arena = arena_new();
    struct returned returned;
    struct returned_verdict verdict;
    double start = seconds();
    assert_int_equal(returned_read(arena, data, size, &returned), 0);
    (void)returned_judge(&returned, ANNA, &verdict);
    assert_true(returned.recipient_count <= RETURNED_RECIPIENTS && returned.address_count <= RETURNED_ADDRESSES);
    if (seconds() - start > 10) /* with sanitizers; some milliseconds without */
        fail_msg("%s took %.1f s", what, seconds() - start);
    arena_free(arena);
    return returned.sort;
}

static enum returned_sort read_made(const char *what, const struct buffer *buffer)
{
    assert_int_equal(buffer_check(buffer), 0);
    return read_hostile(what, buffer_string(buffer), buffer->size);
}

#define REPORT                                                                                                         \
    "From: MAILER-DAEMON@x.example\nReturn-Path: <>\nMIME-Version: 1.0\n"                                              \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"                                 \
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"

static void test_hostile(void **state)
{
    struct buffer many = { 0 }, deep = { 0 }, wide = { 0 }, heads = { 0 }, folded = { 0 }, nested = { 0 };
    static char zeros[100000], noise[RETURNED_MAX + 5000];
    (void)state;

    assert_int_equal(read_hostile("nothing", "", 0), RETURNED_OTHER);
    assert_int_equal(read_hostile("zeros", zeros, sizeof(zeros)), RETURNED_OTHER);
    randombytes_buf_deterministic(noise, sizeof(noise), (const unsigned char *)"01234567890123456789012345678901");
    (void)read_hostile("noise", noise, sizeof(noise));

    buffer_text(&many, REPORT);
    for (unsigned i = 0; i < 10000; i++)
        buffer_format(&many, "Final-Recipient: rfc822; r%u@x.example\nAction: failed\nStatus: 5.1.1\n\n", i);
    buffer_text(&many, "--b--\n");
    assert_int_equal(read_made("10,000 recipients", &many), RETURNED_REPORT);

    buffer_text(&deep, "From: a@x.example\nMIME-Version: 1.0\n");
    for (unsigned i = 0; i < 20000; i++)
        buffer_format(&deep, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
    assert_int_equal(read_made("deep multiparts", &deep), RETURNED_OTHER);

    buffer_text(&nested, "From: a@x.example\nMIME-Version: 1.0\n");
    for (unsigned i = 0; i < 20000; i++)
        buffer_text(&nested, "Content-Type: message/rfc822\n\n");
    assert_int_equal(read_made("messages in messages", &nested), RETURNED_OTHER);

    buffer_text(&wide, "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n");
    for (unsigned i = 0; i < 20000; i++)
        buffer_text(&wide, "--b\nContent-Type: text/calendar\n\nMETHOD:REPLY\n");
    assert_int_equal(read_made("many parts", &wide), RETURNED_OTHER);

    for (unsigned i = 0; i < 30000; i++)
        buffer_format(&heads, "To: r%u@x.example\n", i);
    assert_int_equal(read_made("many headers", &heads), RETURNED_OTHER);

    buffer_text(&folded, REPORT "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550");
    for (unsigned i = 0; i < 100000; i++)
        buffer_text(&folded, "\n x");
    assert_int_equal(read_made("a field without end", &folded), RETURNED_REPORT);

    buffer_done(&many), buffer_done(&deep), buffer_done(&wide);
    buffer_done(&heads), buffer_done(&folded), buffer_done(&nested);
}

/* Zeros within, and each cut of a good one. */
static void test_damaged(void **state)
{
    char *data;
    size_t size;
    (void)state;
    assert_int_equal(file_read(path("postfix_unknown.eml"), 1 << 20, &data, &size), 0);
    for (size_t i = 0; i < size; i += 7)
        (void)read_hostile("a cut", data, i);
    for (size_t i = 0; i < size; i += 11) {
        char *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, data, size);
        copy[i] = '\0';
        (void)read_hostile("a zero", copy, size);
        free(copy);
    }
    free(data);
}

static int setup(void **state)
{
    (void)state;
    message_setup();
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus),  cmocka_unit_test(test_words),   cmocka_unit_test(test_senders),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

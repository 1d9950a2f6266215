/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/message: what goes to the server is 7-bit, CRLF, short-lined and cannot be bent by what people typed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/message.h"

static struct message sample(void)
{
    static const struct message_picture pictures[] = { { "emblem", "\x89PNG\r\n\x1a\n\0 bytes", 15 },
                                                       { "code", "\x89PNG\r\n\x1a\n\0 other", 15 } };
    return (struct message){
        .from_name = "Connected Health Cluster", .from_address = "events@cluster.example",
        .reply_to = "Õunapuu, Mari <mari@cluster.example>",
        .to_name = "Anna Kowalska-Nyström", .to_address = "anna@umed.example",
        .subject = "You have a place: "
                   "Bendras Europos sveikatos duomenų erdvės planavimas, Vilnius, 2027 m. kovo 18–19 d.",
        .language = "lt", .message_id = "12.00ff00ff00ff00ff@cluster.example",
        .references = "3.aa00ff00ff00ff00@cluster.example", .date = 1800000000,
        .text = "Sveiki, Anna,\n\n.a dot begins this line\nFrom here on ąčęėįšųūž\n",
        .html = "<!doctype html>\n<p>Sveiki, Anna, ąčęėįšųūž</p>\n",
        .calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", .calendar_method = "REQUEST",
        .picture_count = 2, .pictures = pictures,
    };
}

static char *build(const struct message *message)
{
    char *data;
    size_t size;
    assert_int_equal(message_build(message, &data, &size), 0);
    char *text = malloc(size + 1);
    assert_non_null(text);
    memcpy(text, data, size);
    text[size] = '\0';
    assert_int_equal(strlen(text), size); /* no zero byte */
    free(data);
    return text;
}

/* RFC 5321 section 4.5.3.1.6, RFC 5322 section 2.1.1, 7-bit. */
static void assert_wire(const char *text)
{
    size_t line = 0;
    for (const char *c = text; *c; c++) {
        assert_true((unsigned char)*c < 0x80);
        if (*c == '\r')
            assert_int_equal(c[1], '\n');
        if (*c == '\n') {
            assert_true(c > text && c[-1] == '\r');
            line = 0;
        } else
            line++;
        assert_true(line <= 998);
    }
    assert_string_equal(text + strlen(text) - 2, "\r\n");
}

/* The header lines of the message itself, unfolded. */
static char *headers_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    assert_non_null(end);
    char *headers = strndup(text, (size_t)(end + 2 - text)), *to = headers;
    assert_non_null(headers);
    for (const char *c = headers; *c; c++) {
        if (c[0] == '\r' && c[1] == '\n' && (c[2] == ' ' || c[2] == '\t'))
            c++;
        else
            *to++ = *c;
    }
    *to = '\0';
    return headers;
}

static unsigned times(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = strcasestr(text, what); at; at = strcasestr(at + 1, what))
        n++;
    return n;
}

static void whole(void **state)
{
    struct message message = sample();
    (void)state;
    char *text = build(&message), *headers = headers_of(text);

    assert_wire(text);
    assert_non_null(strstr(headers, "Message-Id: <12.00ff00ff00ff00ff@cluster.example>\r\n"));
    assert_non_null(strstr(headers, "References: <3.aa00ff00ff00ff00@cluster.example>\r\n"));
    assert_non_null(strstr(headers, "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"));
    assert_non_null(strstr(headers, "Auto-Submitted: auto-generated\r\n"));
    assert_non_null(strstr(headers, "X-Auto-Response-Suppress: OOF, AutoReply\r\n"));
    assert_non_null(strstr(headers, "Content-Language: lt\r\n"));
    assert_non_null(strstr(headers, "MIME-Version: 1.0\r\n"));
    assert_non_null(strstr(headers, "From: Connected Health Cluster <events@cluster.example>\r\n"));
    assert_non_null(strstr(headers, "<anna@umed.example>\r\n"));
    assert_non_null(strstr(headers, "Content-Type: multipart/mixed;"));
    assert_int_equal(times(headers, "\r\nTo:"), 1);
    assert_non_null(strstr(text, "Content-Type: multipart/alternative;"));
    assert_non_null(strstr(text, "Content-Type: multipart/related;"));
    assert_non_null(strstr(text, "Content-Type: text/calendar; charset=UTF-8; method=REQUEST;"));
    assert_non_null(strstr(text, "Content-Type: application/ics; name=invite.ics\r\n"));
    assert_non_null(strstr(text, "Content-Id: <emblem.12.00ff00ff00ff00ff@cluster.example>\r\n"));
    assert_non_null(strstr(text, "Content-Id: <code.12.00ff00ff00ff00ff@cluster.example>\r\n"));
    assert_non_null(strstr(text, "filename=code.png"));
    assert_int_equal(times(text, "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6UkVRVUVTVA0K"), 2); /* both calendars, CRLF kept */
    free(headers);

    char *again = build(&message);
    assert_string_equal(again, text); /* the same mail is the same bytes */
    free(again);
    free(text);
}

static void lean(void **state)
{
    struct message message = sample();
    (void)state;
    message.calendar = message.references = message.reply_to = NULL;
    message.picture_count = 0;
    char *text = build(&message);
    assert_wire(text);
    assert_null(strstr(text, "multipart/mixed"));
    assert_null(strstr(text, "multipart/related"));
    assert_null(strstr(text, "Reply-To"));
    assert_null(strstr(text, "References"));
    free(text);
}

/* Own templates may be written with either quotes. */
static void pictures_are_found_by_their_ids(void **state)
{
    struct message message = sample();
    (void)state;
    message.html = "<img src=\"cid:emblem\">\n<img src='cid:code'>\n<p>cid:code</p>\n";
    char *text = build(&message);
    assert_int_equal(times(text, "\"cid:emblem.12.00ff00ff00ff00ff@cluster.example\""), 1);
    assert_int_equal(times(text, "'cid:code.12.00ff00ff00ff00ff@cluster.example'"), 1);
    assert_int_equal(times(text, "<p>cid:code</p>"), 1);
    free(text);
}

static void injection_is_inert(void **state)
{
    static const char *const evil[] = {
        "Anna\r\nBcc: x@evil.example", "Anna\nBcc: x@evil.example", "Anna\rBcc: x@evil.example",
        "Anna\r\n\r\nBcc: x@evil.example",
        ("Anna\xe2\x80\xa8" "Bcc: x@evil.example"), "Anna\x01\x7f\r\n Bcc: x@evil.example",
        "=?utf-8?q?Anna=0D=0ABcc:_x@evil.example?=", "\"Anna\" <x@evil.example>, \r\nBcc: <x@evil.example>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
        struct message message = sample();
        message.to_name = message.from_name = message.subject = evil[i];
        char *text = build(&message), *headers = headers_of(text);
        assert_wire(text);
        if (i < 4) /* cleaned, not only encoded */
            assert_non_null(strstr(headers, "\r\nSubject: Anna Bcc: x@evil.example\r\n"));
        assert_int_equal(times(headers, "\r\nBcc"), 0);
        assert_int_equal(times(headers, "\r\nTo:"), 1);
        assert_int_equal(times(headers, "\r\nFrom:") + (strncmp(headers, "From:", 5) == 0), 1);
        free(headers);
        free(text);
    }
}

static void refuses(const struct message *message)
{
    char *data = NULL;
    size_t size = 0;
    assert_int_equal(message_build(message, &data, &size), -EINVAL);
    assert_null(data);
}

static void what_cannot_be_cleaned_is_refused(void **state)
{
    static const char *const addresses[] = {
        "anna@umed.example\r\nBcc: x@evil.example", "anna@umed.example>",
        "anna", "anna@umed.example, x@evil.example", "",
        "anna b@umed.example", "anna@umed.example\r\n", "\nanna@umed.example",
    };
    static const char *const ids[] = { "1@x\r\nBcc: x@evil.example", "1@x> <2@x",
                                       "1", "@x", "1@", "1 2@x", "1@x@y", "ä@x" };
    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        struct message message = sample();
        message.to_address = addresses[i];
        refuses(&message);
        message = sample();
        message.from_address = addresses[i];
        refuses(&message);
    }
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct message message = sample();
        message.message_id = ids[i];
        refuses(&message);
        message = sample();
        message.references = ids[i];
        refuses(&message);
    }
    struct message message = sample();
    message.language = "lt\r\nBcc: x@evil.example";
    refuses(&message);
    message = sample();
    message.calendar_method = "REQUEST\r\nX: y";
    refuses(&message);
    message = sample();
    message.reply_to = "a@x.example, b@y.example";
    refuses(&message);
    message.reply_to = "a@x.example\r\n";
    refuses(&message);
    message.reply_to = "a@x.example\r\nBcc: b@y.example";
    refuses(&message);
}

static void typed_encoded_words_stay_text(void **state)
{
    struct message message = sample();
    (void)state;
    message.to_name = "=?utf-8?Q?Anna=0D=0ABcc:_x?= =?utf-8?B?4oCu?=";
    message.subject = "=?utf-8?B?4oCu?= and 1+1=?";
    char *text = build(&message), *headers = headers_of(text);
    assert_wire(text);
    assert_null(strstr(headers, "=?utf-8?Q?Anna"));
    assert_null(strstr(headers, "=?utf-8?B?4oCu"));
    assert_non_null(strstr(headers, "and 1+1=?")); /* no encoded word, so nothing is changed */
    free(headers);
    free(text);
}

static void idn_domain_is_ascii(void **state)
{
    struct message message = sample();
    (void)state;
    message.to_name = NULL;
    message.to_address = "mari@õun.example";
    char *text = build(&message);
    assert_wire(text);
    assert_non_null(strstr(text, "To: mari@xn--un-bka.example\r\n"));
    free(text);
    message.to_address = "mari@straße.example";
    text = build(&message);
    assert_non_null(strstr(text, "To: mari@xn--strae-oqa.example\r\n")); /* strasse.example is somebody else's */
    free(text);
}

/* RFC 6532; smtp sends it only to a server that offers SMTPUTF8. */
static void local_part_beyond_ascii(void **state)
{
    struct message message = sample();
    (void)state;
    message.to_name = NULL;
    message.to_address = "mäŕi@õun.example";
    char *text = build(&message);
    assert_non_null(strstr(text, "To: mäŕi@xn--un-bka.example\r\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(lean),
        cmocka_unit_test(pictures_are_found_by_their_ids),
        cmocka_unit_test(injection_is_inert),
        cmocka_unit_test(what_cannot_be_cleaned_is_refused),
        cmocka_unit_test(typed_encoded_words_stay_text),
        cmocka_unit_test(idn_domain_is_ascii),
        cmocka_unit_test(local_part_beyond_ascii),
    };
    message_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

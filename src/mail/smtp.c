/* SPDX-License-Identifier: EUPL-1.2 */
/* One SMTP connection by libcurl's easy interface (its multi interface blocks from the end of the data until the
 * server answers). The message comes ready made, with CRLF: libcurl passes a bare LF on as it is and would not stuff a
 * dot behind it. Caller: sender; one thread, but for smtp_abort. */
#include "mail/smtp.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/text.h"
#include "config/settings.h"
#include "signup/address.h"

#define CONNECT_TIMEOUT 10L /* seconds */
#define PASSWORD_LIMIT 4096
#define LINE_MAX_SIZE 998 /* RFC 5322 section 2.1.1, less the CRLF */

/* How far the talk before the first mail of a connection is. */
enum hello {
    HELLO_GREETING, /* the server's first words are awaited */
    HELLO_ANSWER,   /* that to EHLO or HELO */
    HELLO_DONE,
};

struct smtp {
    CURL *handle;
    const struct settings *settings;
    char *url;
    atomic_int aborts; /* how often smtp_abort was called */
    atomic_bool uploaded;

    /* the connection that is open, or was last */
    enum hello hello;
    bool is_private; /* TLS is on, or is never to be */
    bool takes_utf8; /* its EHLO offered SMTPUTF8 (RFC 6531) */

    /* the message under way */
    bool needs_utf8, lacks_utf8;
    bool taken; /* the server has said yes to its sender */
    const char *data;
    size_t size, done;
    char reply[256];
    char error[CURL_ERROR_SIZE]; /* curl's own words, for the step that failed */
    long code;    /* of the last reply that was whole; 0: none */
    long refusal; /* code of the 4xx or 5xx line that ended it: what follows (221) is no news */
};

static size_t give_data(char *buffer, size_t size, size_t count, void *user)
{
    struct smtp *smtp = user;
    size_t n = size * count;
    if (n > smtp->size - smtp->done)
        n = smtp->size - smtp->done;
    memcpy(buffer, smtp->data + smtp->done, n);
    smtp->done += n;
    if (smtp->done == smtp->size)
        atomic_store(&smtp->uploaded, true);
    return n;
}

/* STARTTLS comes between the greeting and the first mail. */
static bool starts_tls(const struct smtp *smtp)
{
    return strncmp(smtp->url, "smtps:", 6) != 0 && smtp->settings->mail.tls == SETTINGS_TLS_REQUIRED;
}

static void keep_reply(struct smtp *smtp, const char *line, size_t size)
{
    while (size > 0 && (line[size - 1] == '\r' || line[size - 1] == '\n'))
        size--;
    if (size >= sizeof(smtp->reply))
        size = sizeof(smtp->reply) - 1;
    for (size_t i = 0; i < size; i++)
        smtp->reply[i] = (char)(line[i] >= ' ' && line[i] < 0x7f ? line[i] : '?');
    smtp->reply[size] = '\0';
}

/* Of a reply of many lines (RFC 5321 section 4.2.1). */
static bool is_last(const char *line, size_t size)
{
    return size < 4 || line[3] != '-';
}

/* Before each connection. */
static int note_connection(void *user, curl_socket_t fd, curlsocktype purpose)
{
    struct smtp *smtp = user;
    (void)fd, (void)purpose;
    smtp->hello = HELLO_GREETING;
    smtp->is_private = !starts_tls(smtp);
    smtp->takes_utf8 = false;
    return CURL_SOCKOPT_OK;
}

/* Reads what the server offers. False: it does not take the addresses of the mail under way. libcurl 7.88 would send
 * them all the same, as bytes that such a server has never promised to understand. What was offered before STARTTLS
 * counts for nothing (RFC 3207 section 4.2). */
static bool follow_hello(struct smtp *smtp, long code, const char *line, size_t size)
{
    static const char word[] = "SMTPUTF8";
    const size_t length = sizeof(word) - 1;

    smtp->taken |= smtp->hello == HELLO_DONE && code == 250 && is_last(line, size);
    if (code == 220 && is_last(line, size) && (smtp->hello == HELLO_GREETING || !smtp->is_private)) {
        smtp->is_private |= smtp->hello == HELLO_DONE;
        smtp->hello = HELLO_ANSWER;
    } else if (code == 250 && smtp->hello == HELLO_ANSWER) {
        if (size >= 4 + length && strncasecmp(line + 4, word, length) == 0 &&
            (size == 4 + length || strchr(" \r\n", line[4 + length])))
            smtp->takes_utf8 = true;
        if (!is_last(line, size))
            return true;
        smtp->hello = HELLO_DONE;
        if (!smtp->is_private)
            smtp->takes_utf8 = false;
        else if (smtp->needs_utf8 && !smtp->takes_utf8) {
            smtp->lacks_utf8 = true;
            return false;
        }
    }
    return true;
}

/* libcurl hands every line of the dialogue that the server says to the header function. Less than all of it taken ends
 * the transfer. */
static size_t take_reply(char *line, size_t size, size_t count, void *user)
{
    struct smtp *smtp = user;
    size *= count;
    long code = 0;
    for (size_t i = 0; i < 3 && i < size && line[i] >= '0' && line[i] <= '9'; i++)
        code = code * 10 + (line[i] - '0');
    if (!follow_hello(smtp, code, line, size))
        return 0;
    if (code >= 200 && code < 600 && code != 221 && is_last(line, size)) /* 221: to the QUIT after a fault */
        smtp->code = code;
    if (smtp->refusal != 0 && code != smtp->refusal) {
        if (code == 221 || code >= 400)
            return size;
        smtp->refusal = 0; /* the dialogue went on: HELO after a refused EHLO (RFC 5321 section 3.2), another AUTH */
    }
    if (code >= 400 && code < 600)
        smtp->refusal = code;
    keep_reply(smtp, line, size);
    return size;
}

static int watch(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal, curl_off_t ulnow)
{
    struct smtp *smtp = user;
    (void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
    return atomic_load(&smtp->aborts) > (atomic_load(&smtp->uploaded) ? 1 : 0);
}

static int set_login(struct smtp *smtp)
{
    const struct settings *settings = smtp->settings;
    char *password;
    size_t size;

    if (!settings->mail.username)
        return 0;
    if (curl_easy_setopt(smtp->handle, CURLOPT_USERNAME, settings->mail.username) != CURLE_OK)
        return -ENOMEM;
    if (!settings->mail.password_file)
        return 0;
    int r = file_read(settings->mail.password_file, PASSWORD_LIMIT, &password, &size);
    if (r < 0)
        return r;
    size_t length = strcspn(password, "\r\n");
    if (length == 0 || strlen(password) != size || password[length + strspn(password + length, "\r\n")] != '\0')
        r = -EINVAL; /* empty, a zero byte, or more than one line */
    password[length] = '\0';
    if (r == 0 && curl_easy_setopt(smtp->handle, CURLOPT_PASSWORD, password) != CURLE_OK)
        r = -ENOMEM;
    explicit_bzero(password, size);
    free(password);
    return r;
}

/* The options that stay the same from message to message. */
static int set_options(struct smtp *smtp)
{
    CURL *handle = smtp->handle;
    const struct settings *settings = smtp->settings;
    long timeout = (long)settings->mail.timeout;
    bool tls = strncmp(smtp->url, "smtps:", 6) == 0 || settings->mail.tls == SETTINGS_TLS_REQUIRED;
    bool bad = false;

    bad |= curl_easy_setopt(handle, CURLOPT_URL, smtp->url) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps") != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_PROXY, "") != CURLE_OK; /* none, whatever the environment says */
    bad |= curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_USE_SSL, (long)(tls ? CURLUSESSL_ALL : CURLUSESSL_NONE)) != CURLE_OK;
    if (tls && settings->mail.ca_file)
        bad |= curl_easy_setopt(handle, CURLOPT_CAINFO, settings->mail.ca_file) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_TIMEOUT, 4 * timeout) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_READFUNCTION, give_data) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_READDATA, smtp) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_reply) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_HEADERDATA, smtp) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, smtp->error) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, note_connection) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_SOCKOPTDATA, smtp) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_XFERINFODATA, smtp) != CURLE_OK;
    bad |= curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) != CURLE_OK;
    return bad ? -ENOMEM : set_login(smtp);
}

int smtp_new(const struct settings *settings, struct smtp **ret_smtp)
{
    struct smtp *smtp = calloc(1, sizeof(*smtp));
    if (!smtp)
        return -ENOMEM;
    smtp->settings = settings;

    /* libcurl takes the name for EHLO from the path. */
    const char *base = settings->mail.smtp_url;
    size_t size = strlen(base);
    while (size > 0 && base[size - 1] == '/')
        size--;
    const char *helo = settings->mail.helo_name ? settings->mail.helo_name : "";
    if (asprintf(&smtp->url, "%.*s%s%s", (int)size, base, *helo ? "/" : "", helo) < 0) {
        free(smtp);
        return -ENOMEM;
    }
    smtp->handle = curl_easy_init();
    int r = smtp->handle ? set_options(smtp) : -ENOMEM;
    if (r < 0) {
        smtp_free(smtp);
        return r;
    }
    *ret_smtp = smtp;
    return 0;
}

/* Shuts the socket of the connection that the handle keeps for reuse, if there is one. */
static void shut(struct smtp *smtp, int how)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(smtp->handle, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
        (void)shutdown(fd, how); /* may be gone already */
}

void smtp_free(struct smtp *smtp)
{
    if (!smtp)
        return;
    if (smtp->handle) {
        /* QUIT is still said (RFC 5321 section 4.1.1.10), but its answer not waited for: libcurl would for two
         * minutes. */
        shut(smtp, SHUT_RD);
        curl_easy_cleanup(smtp->handle);
    }
    free(smtp->url);
    free(smtp);
}

static enum progress progress_of(const struct smtp *smtp)
{
    if (atomic_load(&smtp->uploaded))
        return PROGRESS_ALL;
    return smtp->taken ? PROGRESS_MAIL : PROGRESS_NONE;
}

/* One transfer, on the connection that is open or a FRESH one. */
static void perform(struct smtp *smtp, bool fresh, struct smtp_result *ret_result)
{
    smtp->done = 0;
    smtp->code = 0;
    smtp->refusal = 0;
    smtp->reply[0] = smtp->error[0] = '\0';
    smtp->lacks_utf8 = smtp->taken = false;
    atomic_store(&smtp->uploaded, false);
    if (fresh) /* the handle would keep both, and what the old one's server offered is forgotten */
        shut(smtp, SHUT_RDWR);
    CURLcode r = curl_easy_setopt(smtp->handle, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    if (r == CURLE_OK)
        r = curl_easy_perform(smtp->handle);
    /* libcurl's own number would be lost with the first broken line. And what
     * was said before the sender was taken is not about this mail. */
    long code = smtp->refusal != 0 ? smtp->refusal : smtp->taken ? smtp->code : 0;
    /* After a timeout at the dot libcurl keeps the connection, and the late answer would be taken for that to the next
     * mail's MAIL (tried): a dialogue that ended without a reply is never gone on with. */
    if (r != CURLE_OK && smtp->refusal == 0)
        shut(smtp, SHUT_RDWR);
    if (smtp->lacks_utf8) {
        *ret_result = (struct smtp_result){ .attempt = ATTEMPT_NEVER };
        (void)snprintf(ret_result->reply, sizeof(ret_result->reply),
                       "the mail server does not take internationalised addresses");
        return;
    }
    ret_result->attempt = attempt_judge((int)r, code, progress_of(smtp));
    ret_result->code = code;
    bool answered = r == CURLE_OK || smtp->refusal != 0;
    (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "%s", answered ? smtp->reply : curl_easy_strerror(r));
    retry_enhanced(answered ? smtp->reply : NULL, ret_result->enhanced);
    ret_result->at_recipient = r != CURLE_OK && smtp->refusal != 0 && strncmp(smtp->error, "RCPT failed", 11) == 0;
}

/* ADDRESS in its brackets, the domain as A-labels. libcurl sends on what it gets, line feeds too. -EINVAL: it must not
 * see this one; -ENOMEM. */
static int make_path(const char *address, char ret_path[static ADDRESS_WIRE_SIZE + 2], bool *ret_utf8)
{
    char wire[ADDRESS_WIRE_SIZE];

    int r = text_is_utf8(address, strlen(address)) ? address_wire(address, wire) : -EINVAL;
    if (r < 0)
        return r;
    if (*wire == '@' || text_has_control(wire, strlen(wire)))
        return -EINVAL;
    for (const char *c = wire; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '<' || *c == '>')
            return -EINVAL;
    *ret_utf8 |= !text_is_ascii(wire, strlen(wire));
    (void)snprintf(ret_path, ADDRESS_WIRE_SIZE + 2, "<%s>", wire);
    return 0;
}

/* No server is sent a bare CR or LF, a zero byte, a line that is too long or eight bits; but the header of a mail with
 * an internationalised address may be UTF-8 (RFC 6532). */
static bool is_fit(const char *data, size_t size, bool utf8)
{
    size_t start = 0;
    bool head = true;

    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c == '\r' && i + 1 < size && data[i + 1] == '\n') {
            head = head && i != start;
            start = i + 2;
            i++;
        } else if (c == '\r' || c == '\n' || c == '\0' || i - start >= LINE_MAX_SIZE) {
            return false;
        } else if (c >= 0x80 && !(utf8 && head)) {
            return false;
        }
    }
    return true;
}

void smtp_send(struct smtp *smtp, const char *sender, const char *recipient, const char *data, size_t size,
               struct smtp_result *ret_result)
{
    char from[ADDRESS_WIRE_SIZE + 2], to[ADDRESS_WIRE_SIZE + 2];
    bool utf8 = false;

    *ret_result = (struct smtp_result){ .attempt = ATTEMPT_NEVER };
    int r = address_check(recipient);
    if (r == 0 || r == -EAFNOSUPPORT)
        r = make_path(recipient, to, &utf8);
    if (r == 0)
        r = make_path(sender, from, &utf8);
    if (r == -EINVAL) {
        (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "not an address that can be sent to");
        return;
    }
    if (!is_fit(data, size, utf8)) {
        (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "not a message that can be sent");
        return;
    }
    struct curl_slist *recipients = r == 0 ? curl_slist_append(NULL, to) : NULL;
    if (!recipients || curl_easy_setopt(smtp->handle, CURLOPT_MAIL_RCPT, recipients) != CURLE_OK ||
        curl_easy_setopt(smtp->handle, CURLOPT_MAIL_FROM, from) != CURLE_OK ||
        curl_easy_setopt(smtp->handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size) != CURLE_OK) {
        curl_slist_free_all(recipients);
        ret_result->attempt = ATTEMPT_UNREACHABLE;
        (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "out of memory");
        return;
    }
    smtp->data = data;
    smtp->size = size;
    smtp->needs_utf8 = utf8;
    perform(smtp, utf8 && !smtp->takes_utf8, ret_result); /* what this connection lacks a new one may offer */
    if (ret_result->attempt == ATTEMPT_STALE) {
        perform(smtp, true, ret_result);
        if (ret_result->attempt == ATTEMPT_STALE) /* again: either nobody gets in, or it is about this mail */
            ret_result->attempt = progress_of(smtp) == PROGRESS_NONE ? ATTEMPT_UNREACHABLE : ATTEMPT_LATER;
    }
    smtp->data = NULL;
    smtp->size = smtp->done = 0;
    (void)curl_easy_setopt(smtp->handle, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
}

void smtp_abort(struct smtp *smtp)
{
    atomic_fetch_add(&smtp->aborts, 1);
}

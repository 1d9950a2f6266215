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

struct smtp {
    CURL *handle;
    const struct settings *settings;
    char *url;
    atomic_int aborts; /* how often smtp_abort was called */
    atomic_bool uploaded;

    /* the message under way */
    const char *data;
    size_t size, done;
    char reply[256];
    char error[CURL_ERROR_SIZE]; /* curl's own words, for the step that failed */
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

/* libcurl hands every line of the dialogue that the server says to the header function. */
static size_t take_reply(char *line, size_t size, size_t count, void *user)
{
    struct smtp *smtp = user;
    size *= count;
    long code = 0;
    for (size_t i = 0; i < 3 && i < size && line[i] >= '0' && line[i] <= '9'; i++)
        code = code * 10 + (line[i] - '0');
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

/* One transfer, on the connection that is open or a FRESH one. */
static void perform(struct smtp *smtp, bool fresh, struct smtp_result *ret_result)
{
    long code = 0;

    smtp->done = 0;
    smtp->refusal = 0;
    smtp->reply[0] = smtp->error[0] = '\0';
    atomic_store(&smtp->uploaded, false);
    CURLcode r = curl_easy_setopt(smtp->handle, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    if (r == CURLE_OK)
        r = curl_easy_perform(smtp->handle);
    if (curl_easy_getinfo(smtp->handle, CURLINFO_RESPONSE_CODE, &code) != CURLE_OK)
        code = 0;
    if (smtp->refusal != 0) /* the 221 to a QUIT must not hide it */
        code = smtp->refusal;
    /* After a timeout at the dot libcurl keeps the connection, and the late answer would be taken for that to the next
     * mail's MAIL (tried): a dialogue that ended without a reply is never gone on with. */
    if (r != CURLE_OK && smtp->refusal == 0)
        shut(smtp, SHUT_RDWR);
    ret_result->attempt = attempt_judge((int)r, code, atomic_load(&smtp->uploaded));
    ret_result->code = code;
    bool answered = r == CURLE_OK || smtp->refusal != 0;
    (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "%s", answered ? smtp->reply : curl_easy_strerror(r));
    retry_enhanced(answered ? smtp->reply : NULL, ret_result->enhanced);
    ret_result->at_recipient = r != CURLE_OK && smtp->refusal != 0 && strncmp(smtp->error, "RCPT failed", 11) == 0;
}

/* libcurl sends an address as it gets it, line feeds too. */
static bool may_send_to(const char *address)
{
    for (const char *c = address; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '<' || *c == '>')
            return false;
    return text_is_utf8(address, strlen(address)) && strchr(address, '@');
}

void smtp_send(struct smtp *smtp, const char *sender, const char *recipient, const char *data, size_t size,
               struct smtp_result *ret_result)
{
    char from[400], to[400];

    *ret_result = (struct smtp_result){ .attempt = ATTEMPT_NEVER };
    if (!may_send_to(sender) || address_check(recipient) < 0 || !may_send_to(recipient) ||
        snprintf(from, sizeof(from), "<%s>", sender) >= (int)sizeof(from) ||
        snprintf(to, sizeof(to), "<%s>", recipient) >= (int)sizeof(to)) {
        (void)snprintf(ret_result->reply, sizeof(ret_result->reply), "not an address that can be sent to");
        return;
    }
    struct curl_slist *recipients = curl_slist_append(NULL, to);
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
    perform(smtp, false, ret_result);
    if (ret_result->attempt == ATTEMPT_STALE) {
        perform(smtp, true, ret_result);
        if (ret_result->attempt == ATTEMPT_STALE) /* who never says a word is not there; else it is about this mail */
            ret_result->attempt = ret_result->code == 0 ? ATTEMPT_UNREACHABLE : ATTEMPT_LATER;
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

/* SPDX-License-Identifier: EUPL-1.2 */
/* Checks of settings that are more than type and bounds: addresses, URLs, paths. Pure. Called by settings.c. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"
#include "config/settings.h"
#include "config/settings_table.h"

#define ADDRESS_MAX 254 /* RFC 5321 section 4.5.3.1, less the angle brackets */
#define LOCAL_MAX 64
#define TOKEN_LENGTH (1 + 40) /* "+" and a token as base/token makes it */
#define HOST_MAX 253
#define SOCKET_PATH sizeof(((struct sockaddr_un *)NULL)->sun_path)

const char *settings_check_path(const char *value)
{
    return value[0] == '/' ? NULL : "must be an absolute path";
}

static bool is_port(const char *text)
{
    int64_t port;
    return text_to_int(text, 0, 65535, &port) == 0;
}

const char *settings_check_listen(const char *value)
{
    char host[64];
    struct in6_addr address;

    if (strncmp(value, "unix:", 5) == 0) {
        if (value[5] != '/')
            return "unix: needs an absolute path";
        return strlen(value + 5) < SOCKET_PATH ? NULL : "the path is too long for a socket";
    }
    bool six = value[0] == '[';
    const char *start = value + six;
    const char *end = six ? strchr(value, ']') : strchr(value, ':');
    const char *colon = end && six ? end + 1 : end;
    if (!end || *colon != ':' || (size_t)(end - start) >= sizeof(host))
        return "must be \"ADDRESS:PORT\", \"[ADDRESS]:PORT\" or \"unix:PATH\"";
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    if (inet_pton(six ? AF_INET6 : AF_INET, host, &address) != 1)
        return "the address must be a numeric one";
    return is_port(colon + 1) ? NULL : "the port must be a number up to 65535";
}

static bool is_loopback(const struct settings_list *listen)
{
    static const char *const begins[] = { "127.", "[::1]:", "unix:" }; /* the addresses are checked: numbers only */

    for (size_t i = 0; i < listen->count; i++) {
        bool found = false;
        for (size_t k = 0; k < sizeof(begins) / sizeof(begins[0]); k++)
            found |= strncmp(listen->items[i], begins[k], strlen(begins[k])) == 0;
        if (!found)
            return false;
    }
    return true;
}

bool settings_only_loopback(const struct settings *settings)
{
    return is_loopback(&settings->http.listen) && is_loopback(&settings->metrics.listen);
}

const char *settings_check_proxy(const char *value)
{
    char host[64];
    struct in6_addr address;
    int64_t bits;

    if (strcmp(value, "unix:") == 0)
        return NULL;
    const char *slash = strchr(value, '/');
    size_t size = slash ? (size_t)(slash - value) : strlen(value);
    if (size >= sizeof(host))
        return "must be an address, ADDRESS/BITS or \"unix:\"";
    memcpy(host, value, size);
    host[size] = '\0';
    bool six = strchr(host, ':') != NULL;
    if (inet_pton(six ? AF_INET6 : AF_INET, host, &address) != 1)
        return "must be an address, ADDRESS/BITS or \"unix:\"";
    if (slash && text_to_int(slash + 1, 0, six ? 128 : 32, &bits) < 0)
        return "the number of bits does not fit the address";
    return NULL;
}

/* Letters, digits and inner hyphens between single dots: what RFC 1123 section 2.1 calls a host name. */
static bool is_host(const char *text, size_t size)
{
    if (size == 0 || size > HOST_MAX)
        return false;
    size_t label = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '.') {
            if (label == 0 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (isascii(c) && (isalnum(c) || (c == '-' && label > 0))) {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return label > 0 && text[size - 1] != '-';
}

const char *settings_check_host_name(const char *value)
{
    return is_host(value, strlen(value)) ? NULL : "must be a host name";
}

const char *settings_check_date(const char *value)
{
    static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t year, month, day;
    char part[5];

    if (strlen(value) != 10 || value[4] != '-' || value[7] != '-')
        return "must be of the form 2026-11-20";
    (void)snprintf(part, sizeof(part), "%.4s", value);
    bool good = text_to_int(part, 2000, 2999, &year) == 0;
    (void)snprintf(part, sizeof(part), "%.2s", value + 5);
    good = good && text_to_int(part, 1, 12, &month) == 0;
    (void)snprintf(part, sizeof(part), "%.2s", value + 8);
    good = good && text_to_int(part, 1, lengths[month - 1], &day) == 0;
    bool leap = good && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return good && (month != 2 || day < 29 || leap) ? NULL : "is no day of the calendar";
}

/* HOST, HOST:PORT or [ADDRESS]:PORT in SIZE bytes. */
static bool is_authority(const char *text, size_t size)
{
    char copy[HOST_MAX + 8];
    struct in6_addr address;

    if (size >= sizeof(copy))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    bool six = copy[0] == '[';
    char *end = six ? strchr(copy, ']') : strchr(copy, ':');
    if (six && !end)
        return false;
    char *port = six ? end + 1 : end;
    if (port && *port && (*port != ':' || !is_port(port + 1)))
        return false;
    if (end)
        *end = '\0';
    return six ? inet_pton(AF_INET6, copy + 1, &address) == 1 : is_host(copy, strlen(copy));
}

const char *settings_check_base_url(const char *value)
{
    const char *rest;

    if (strncmp(value, "https://", 8) == 0)
        rest = value + 8;
    else if (strncmp(value, "http://", 7) == 0)
        rest = value + 7;
    else
        return "must begin with https:// or http://";
    size_t size = strcspn(rest, "/?#");
    if (strcmp(rest + size, "/") == 0)
        return "must stand without the final slash";
    if (rest[size])
        return "must be scheme, host and port only, without path, query or fragment";
    return is_authority(rest, size) ? NULL : "the host or port is none";
}

/* RFC 9116 section 2.5.3 wants a URI, and https of a page. */
const char *settings_check_contact(const char *value)
{
    if (strncmp(value, "mailto:", 7) == 0)
        return settings_check_address(value + 7) ? "behind mailto: must be an email address and nothing else" : NULL;
    if (strncmp(value, "https://", 8) != 0)
        return "must begin with mailto: or https://";
    for (const char *c = value; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}", *c)) /* RFC 3986 knows none of them */
            return "must be a URI, what is not ASCII percent-encoded";
    return is_authority(value + 8, strcspn(value + 8, "/?#")) ? NULL : "the host or port is none";
}

const char *settings_check_store_url(const char *value)
{
    if (strncmp(value, "sqlite:", 7) != 0)
        return "must be \"sqlite:PATH\"";
    if (value[7] != '/' || value[strlen(value) - 1] == '/')
        return "the path behind \"sqlite:\" must be an absolute one of a file";
    return NULL;
}

const char *settings_check_smtp_url(const char *value)
{
    const char *rest;

    if (strncmp(value, "smtps://", 8) == 0)
        rest = value + 8;
    else if (strncmp(value, "smtp://", 7) == 0)
        rest = value + 7;
    else
        return "must begin with smtp:// or smtps://";
    if (strchr(rest, '@'))
        return "must not hold a name or password: see mail.username and mail.password_file";
    size_t size = strcspn(rest, "/?#");
    if (rest[size])
        return "must be scheme, host and port only; the name for HELO is mail.helo_name";
    return is_authority(rest, size) ? NULL : "the host or port is none";
}

bool settings_check_is_far(const char *smtp_url)
{
    static const char *const near[] = { "smtp://127.", "smtp://[::1]", "smtp://localhost" };
    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
        if (strncmp(smtp_url, near[i], strlen(near[i])) == 0)
            return false;
    return strncmp(smtp_url, "smtp:", 5) == 0;
}

/* A dot-string of RFC 5321 section 4.1.2 and a host name. Quoted local parts and address literals are for no sender
 * of ours. */
static bool is_address(const char *text, size_t size)
{
    const char *at = memchr(text, '@', size);
    if (!at || size > ADDRESS_MAX)
        return false;
    size_t local = (size_t)(at - text);
    if (local == 0 || local > LOCAL_MAX || text[0] == '.' || text[local - 1] == '.')
        return false;
    for (size_t i = 0; i < local; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '.' && text[i + 1] == '.')
            return false;
        if (!isascii(c) || c == '\0' || (!isalnum(c) && !strchr(".!#$%&'*+-/=?^_`{|}~", c)))
            return false;
    }
    return is_host(at + 1, size - local - 1);
}

const char *settings_check_address(const char *value)
{
    return is_address(value, strlen(value)) ? NULL : "must be an email address and nothing else";
}

const char *settings_check_bounce_address(const char *value)
{
    if (settings_check_address(value))
        return "must be an email address and nothing else";
    return strcspn(value, "@") + TOKEN_LENGTH <= LOCAL_MAX ? NULL
                                                           : "the part before the @ must have at most 23 characters";
}

bool settings_check_split(const char *value, struct settings_mailbox *ret_mailbox)
{
    size_t size = strlen(value);
    const char *open = strchr(value, '<');
    if (!open || value[size - 1] != '>')
        return false;
    struct settings_mailbox box = { .name = value, .address = open + 1 };
    box.address_size = (size_t)(value + size - 1 - box.address);
    box.name_size = (size_t)(open - value);
    while (box.name_size > 0 && box.name[box.name_size - 1] == ' ')
        box.name_size--;
    while (box.name_size > 0 && box.name[0] == ' ') {
        box.name++;
        box.name_size--;
    }
    if (box.name_size >= 2 && box.name[0] == '"' && box.name[box.name_size - 1] == '"') {
        box.name++;
        box.name_size -= 2;
    }
    if (box.name_size == 0 || memchr(box.name, '"', box.name_size) || memchr(box.name, '\\', box.name_size) ||
        memchr(box.name, '>', box.name_size))
        return false;
    if (!is_address(box.address, box.address_size))
        return false;
    *ret_mailbox = box;
    return true;
}

const char *settings_check_mailbox(const char *value)
{
    struct settings_mailbox box;
    return settings_check_split(value, &box) ? NULL : "must be \"Name <address>\"";
}

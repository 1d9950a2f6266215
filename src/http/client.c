/* SPDX-License-Identifier: EUPL-1.2 */
/* Who the client is. What a header says counts only as far as proxies that we trust have written it: read from the
 * right, the first address that is none of theirs. Callers: http/request, http's connections, page/site. Any thread. */
#include "http/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "config/settings.h"

#define TEXT_MAX 64 /* the longest address with its port and brackets is shorter */
#define V4_BITS 96  /* what is before the four bytes of a mapped address */

static const unsigned char v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct network {
    unsigned char bytes[16];
    unsigned bits;
};

struct trusted {
    bool has_unix;
    size_t count;
    struct network networks[];
};

static bool is_v4(const unsigned char bytes[static 16])
{
    return memcmp(bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

static bool read_v4(const char *text, struct client *ret_client)
{
    struct client client = { .known = true };
    memcpy(client.bytes, v4_prefix, sizeof(v4_prefix));
    if (inet_pton(AF_INET, text, client.bytes + sizeof(v4_prefix)) != 1)
        return false;
    *ret_client = client;
    return true;
}

static bool read_v6(const char *text, struct client *ret_client)
{
    struct client client = { .known = true };
    if (inet_pton(AF_INET6, text, client.bytes) != 1)
        return false;
    *ret_client = client;
    return true;
}

/* ---- whom we trust ---- */

static int read_network(const char *item, struct network *ret_network)
{
    char host[TEXT_MAX];
    struct client client;
    int64_t bits = 128;
    size_t size = strcspn(item, "/");

    if (size >= sizeof(host))
        return -EINVAL;
    memcpy(host, item, size);
    host[size] = '\0';
    bool six = strchr(host, ':') != NULL;
    if (!(six ? read_v6(host, &client) : read_v4(host, &client)))
        return -EINVAL;
    if (item[size] == '/') {
        if (text_to_int(item + size + 1, 0, six ? 128 : 32, &bits) < 0)
            return -EINVAL;
        bits += six ? 0 : V4_BITS;
    }
    memcpy(ret_network->bytes, client.bytes, sizeof(client.bytes));
    ret_network->bits = (unsigned)bits;
    return 0;
}

int trusted_new(const struct settings_list *list, struct trusted **ret_trusted)
{
    struct trusted *trusted = calloc(1, sizeof(*trusted) + list->count * sizeof(trusted->networks[0]));
    if (!trusted)
        return -ENOMEM;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], "unix:") == 0) {
            trusted->has_unix = true;
            continue;
        }
        int r = read_network(list->items[i], &trusted->networks[trusted->count]);
        if (r < 0) {
            free(trusted);
            return r;
        }
        trusted->count++;
    }
    *ret_trusted = trusted;
    return 0;
}

void trusted_free(struct trusted *trusted)
{
    free(trusted);
}

static bool is_within(const struct network *network, const unsigned char bytes[static 16])
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (network->bits < V4_BITS && is_v4(bytes)) /* "::/0" is about IPv6 */
        return false;
    if (memcmp(network->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || ((network->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

bool trusted_has(const struct trusted *trusted, const struct client *client, bool is_unix)
{
    if (!trusted)
        return false;
    if (is_unix)
        return trusted->has_unix;
    if (!client->known)
        return false;
    for (size_t i = 0; i < trusted->count; i++)
        if (is_within(&trusted->networks[i], client->bytes))
            return true;
    return false;
}

/* ---- the peer ---- */

void client_of_socket(int fd, struct client *ret_peer, bool *ret_unix)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage storage;
    } address;
    socklen_t size = sizeof(address);

    *ret_peer = (struct client){ .known = false };
    *ret_unix = false;
    if (getpeername(fd, &address.any, &size) < 0)
        return;
    switch (address.any.sa_family) {
    case AF_INET:
        ret_peer->known = true;
        memcpy(ret_peer->bytes, v4_prefix, sizeof(v4_prefix));
        memcpy(ret_peer->bytes + sizeof(v4_prefix), &address.in.sin_addr, sizeof(address.in.sin_addr));
        break;
    case AF_INET6:
        ret_peer->known = true;
        memcpy(ret_peer->bytes, &address.in6.sin6_addr, sizeof(ret_peer->bytes));
        break;
    case AF_UNIX:
        *ret_unix = true;
        break;
    default:
        break;
    }
}

/* ---- what the headers say ---- */

/* Nothing, digits, or an obfuscated port (RFC 7239 section 6). */
static bool is_port(const char *text)
{
    if (*text != ':')
        return !*text;
    text++;
    return *text && strspn(text, "0123456789") == strlen(text) ? strlen(text) <= 5 : *text == '_';
}

/* "1.2.3.4", "1.2.3.4:567", "::1", "[::1]", "[::1]:80". */
bool client_read(const char *text, size_t size, struct client *ret_client)
{
    char copy[TEXT_MAX], *end;

    if (size == 0 || size >= sizeof(copy) || memchr(text, '\0', size))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (copy[0] == '[') {
        end = strchr(copy, ']');
        if (!end || !is_port(end + 1))
            return false;
        *end = '\0';
        return read_v6(copy + 1, ret_client);
    }
    end = strchr(copy, ':');
    if (end && strchr(end + 1, ':'))
        return read_v6(copy, ret_client);
    if (end) {
        if (!is_port(end))
            return false;
        *end = '\0';
    }
    return read_v4(copy, ret_client);
}

/* The elements of a header as they pass by, from left to right: in the end the right-most that is not trusted. */
struct walk {
    const struct trusted *trusted;
    struct client first, found;   /* FIRST: all were trusted, and this is the one the request began with */
    bool has_first, has_found, garbage;
};

static void take(struct walk *walk, const char *text, size_t size)
{
    struct client client;

    if (!client_read(text, size, &client)) {
        walk->garbage = true;
        walk->has_found = true;
    } else if (!trusted_has(walk->trusted, &client, false)) {
        walk->garbage = false;
        walk->has_found = true;
        walk->found = client;
    } else if (!walk->has_first) {
        walk->has_first = true;
        walk->first = client;
    }
}

static void trim(const char **begin, const char **end)
{
    while (*begin < *end && (**begin == ' ' || **begin == '\t'))
        (*begin)++;
    while (*begin < *end && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
        (*end)--;
}

static bool walk_plain(struct walk *walk, const char *header)
{
    for (const char *at = header; *at;) {
        const char *begin = at, *end = at + strcspn(at, ",");
        at = *end ? end + 1 : end;
        trim(&begin, &end);
        if (begin == end) /* RFC 9110 section 5.6.1.2: empty elements count for nothing */
            continue;
        if (end - begin >= 2 && *begin == '"' && end[-1] == '"') {
            begin++;
            end--;
        }
        take(walk, begin, (size_t)(end - begin));
    }
    return true;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* One value, a token or a quoted string without its quotes; NULL: neither. *ret_escaped: it holds a backslash, which no
 * address needs. Old proxies write [::1]:80 and 1.2.3.4:5 without the quotes that RFC 7239 asks for. */
static const char *read_value(const char *at, const char **ret_begin, size_t *ret_size)
{
    const char *begin = at;
    if (*at == '"') {
        for (at = ++begin; *at && *at != '"'; at++)
            if (*at == '\\' && !*++at)
                return NULL;
        if (*at != '"')
            return NULL;
        *ret_size = (size_t)(at - begin);
        at++;
    } else {
        while (text_is_token(*at) || (*at && strchr("[]:", *at)))
            at++;
        *ret_size = (size_t)(at - begin);
    }
    *ret_begin = begin;
    return at;
}

/* RFC 7239 section 4. Strict: a client that writes half a quoted string hopes to swallow what the proxy writes after
 * it. False: not of that form. */
static bool walk_forwarded(struct walk *walk, const char *at)
{
    bool has_for = false, has_pair = false;

    for (at = skip_blanks(at);; at = skip_blanks(at)) {
        if (text_is_token(*at)) {
            const char *name = at, *value;
            size_t size;
            while (text_is_token(*at))
                at++;
            bool is_for = at - name == 3 && strncasecmp(name, "for", 3) == 0;
            if (*at != '=' || (is_for && has_for))
                return false;
            at = read_value(at + 1, &value, &size);
            if (!at)
                return false;
            if (is_for)
                take(walk, value, size);
            has_for |= is_for;
            has_pair = true;
            at = skip_blanks(at);
        }
        if (*at == ';')
            at++;
        else if (*at == ',' || !*at) {
            if (has_pair && !has_for) /* a proxy that does not say */
                take(walk, "", 0);
            has_for = has_pair = false;
            if (!*at)
                return true;
            at++;
        } else
            return false;
    }
}

void client_of_request(const struct trusted *trusted, const struct client *peer, bool is_unix,
                       const char *x_forwarded_for, const char *forwarded, struct client *ret_client, bool *ret_silent)
{
    struct walk walk = { .trusted = trusted };

    *ret_client = *peer;
    *ret_silent = false;
    if (!trusted_has(trusted, peer, is_unix))
        return;
    if (!x_forwarded_for && !forwarded) {
        *ret_client = (struct client){ .known = false };
        *ret_silent = true;
        return;
    }
    bool good = x_forwarded_for ? walk_plain(&walk, x_forwarded_for) : walk_forwarded(&walk, forwarded);
    if (good && walk.has_found && !walk.garbage)
        *ret_client = walk.found;
    else if (good && !walk.has_found && walk.has_first)
        *ret_client = walk.first;
    else if (is_unix) /* limited as one: the address that nobody has */
        *ret_client = (struct client){ .known = true };
}

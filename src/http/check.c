/* SPDX-License-Identifier: EUPL-1.2 */
/* The checks that evhttp leaves out: requests that two parsers would read in two ways (request smuggling), targets
 * that would name another host. All are of RFC 9112 and RFC 9110. Caller: http/request, on the worker's thread. */
#include "http/check.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/text.h"

#define TARGET_LIMIT 2048
#define LENGTH_DIGITS 15 /* more than any body we take, and no overflow */

struct framing { unsigned hosts, lengths, codings; const char *host, *length, *coding; };

static bool is_name(const char *text)
{
    for (const char *c = text; *c; c++)
        if (!text_is_token(*c))
            return false;
    return *text != '\0';
}

/* RFC 9112 section 6.3: digits only; a list, a sign or a blank is another parser's other length. */
static bool is_length(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= LENGTH_DIGITS && text[digits] == '\0';
}

static bool is_host(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("/?#@\\,\"<>", *c))
            return false;
    return true;
}

/* False if a header's name is none, such as `Content-Length ` with a blank (RFC 9112 section 5.1). */
static bool read_framing(const struct evkeyvalq *headers, struct framing *framing)
{
    const struct evkeyval *header;
    TAILQ_FOREACH(header, headers, next) {
        if (!is_name(header->key))
            return false;
        if (strcasecmp(header->key, "Host") == 0) {
            framing->hosts++;
            framing->host = header->value;
        } else if (strcasecmp(header->key, "Content-Length") == 0) {
            framing->lengths++;
            framing->length = header->value;
        } else if (strcasecmp(header->key, "Transfer-Encoding") == 0) {
            framing->codings++;
            framing->coding = header->value;
        }
    }
    return true;
}

int check_message(struct evhttp_request *http)
{
    struct framing framing = { 0 };

    if (http->major != 1 || http->minor < 0) {
        http->major = 1; /* the answer speaks a version that there is */
        http->minor = 0;
        return 400;
    }
    bool old = http->minor == 0;
    if (http->minor > 1) /* RFC 9110 section 2.5; evhttp would echo the number */
        http->minor = 1;
    if (!read_framing(http->input_headers, &framing))
        return 400;
    /* RFC 9112 section 3.2 */
    if (framing.hosts > 1 || (framing.hosts == 0 && !old) || (framing.host && !is_host(framing.host)))
        return 400;
    if (framing.lengths > 1 || (framing.length && !is_length(framing.length)))
        return 400;
    /* RFC 9112 section 6.1: both at once, an unknown coding or a coding in HTTP/1.0 may be an attack */
    if (framing.codings > 1 || (framing.coding && (old || framing.length || strcasecmp(framing.coding, "chunked"))))
        return 400;
    /* evhttp reads no body of these: it would be the next request. */
    bool bodiless = http->type == EVHTTP_REQ_HEAD || http->type == EVHTTP_REQ_TRACE;
    if (bodiless && (framing.coding || (framing.length && strspn(framing.length, "0") != strlen(framing.length))))
        return 400;
    return 0;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int check_target(const char *target)
{
    if (strnlen(target, TARGET_LIMIT + 1) > TARGET_LIMIT)
        return 414;
    /* evhttp takes the host from `//host/path` and from `http://host/path`: we answer for one site only. */
    if (target[0] != '/' || target[1] == '/')
        return 400;
    for (const char *c = target; *c; c++) {
        if (*c <= ' ' || *c > '~' || *c == '#')
            return 400;
        if (*c == '%' && (!is_hex(c[1]) || !is_hex(c[2]) || (c[1] == '0' && c[2] == '0')))
            return 400;
    }
    return 0;
}

/* The value of NAME if it came once; *RET_TIMES is how often it did. */
static const char *header_once(const struct evkeyvalq *headers, const char *name, unsigned *ret_times)
{
    const struct evkeyval *header;
    const char *value = NULL;
    *ret_times = 0;
    TAILQ_FOREACH(header, headers, next)
        if (strcasecmp(header->key, name) == 0) {
            (*ret_times)++;
            value = header->value;
        }
    return *ret_times == 1 ? value : NULL;
}

int check_form_type(const struct evhttp_request *http, unsigned long size)
{
    static const char form[] = "application/x-www-form-urlencoded";
    unsigned times;
    const char *coding = header_once(http->input_headers, "Content-Encoding", &times);
    if (times > 1 || (coding && strcasecmp(coding, "identity") != 0))
        return 415;
    const char *type = header_once(http->input_headers, "Content-Type", &times);
    if (times == 0)
        return size == 0 ? 0 : 415; /* an empty body needs no type */
    if (!type)
        return 415;
    type += strspn(type, " \t");
    if (strncasecmp(type, form, sizeof(form) - 1) != 0)
        return 415;
    type += sizeof(form) - 1;
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';' ? 0 : 415;
}

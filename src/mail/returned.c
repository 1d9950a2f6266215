/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what came back, by GMime. Caller: ctl/bounce. */
#include "mail/returned.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/returned_part.h"

#define DEPTH_MAX 5        /* a list or a filter may have wrapped a report, hardly more */
#define PARTS_MAX 50
#define HEADERS_MAX 1000
#define ADDRESS_LINE 4000  /* bytes of a line with addresses */
#define NAME_LINE 1000     /* of any other */

struct reading {
    struct arena *arena;
    struct returned *returned;
    unsigned parts;
    bool reported; /* a delivery-status was found */
    bool receipt;  /* a report of another kind */
    bool answered; /* a calendar's answer was found */
    const char *text; /* the first text/plain, decoded */
    size_t text_size;
    int r;
};

/* ---- headers ---- */

static const char *header(struct reading *reading, GMimeObject *object, const char *name)
{
    const char *value = g_mime_object_get_header(object, name);
    char *clean = value ? returned_clean(reading->arena, value, strlen(value), NAME_LINE) : NULL;
    if (value && !clean)
        reading->r = -ENOMEM;
    return clean;
}

/* The surest first: what the last server wrote, then what anybody did. */
static void read_addresses(struct reading *reading, GMimeObject *message)
{
    static const char *const names[] = { "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To" };
    struct returned *returned = reading->returned;
    GMimeHeaderList *list = g_mime_object_get_header_list(message);
    int count = g_mime_header_list_get_count(list);

    if (count > HEADERS_MAX)
        count = HEADERS_MAX;
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        for (int i = 0; i < count && returned->address_count < RETURNED_ADDRESSES; i++) {
            GMimeHeader *at = g_mime_header_list_get_header_at(list, i);
            const char *value = g_mime_header_get_value(at);
            if (!value || strcasecmp(g_mime_header_get_name(at), names[n]) != 0)
                continue;
            char *clean = returned_clean(reading->arena, value, strlen(value), ADDRESS_LINE);
            if (!clean) {
                reading->r = -ENOMEM;
                return;
            }
            returned->addresses[returned->address_count++] = clean;
        }
    }
}

static const char *bare_id(char *value)
{
    char *open = value ? strchr(value, '<') : NULL, *end;
    if (open)
        value = open + 1;
    else
        while (value && *value == ' ')
            value++;
    if (value && (end = strpbrk(value, "> ")))
        *end = '\0';
    return value && *value ? value : NULL;
}

/* In the headers of the mail that came back, as text. */
static void read_returned_id(struct reading *reading, const char *data, size_t size)
{
    static const char name[] = "Message-ID:";
    const char *line;
    size_t at = 0, length;

    if (reading->returned->message_id)
        return;
    while (returned_line(data, size, &at, &line, &length) && length > 0) {
        if (length < sizeof(name) - 1 || strncasecmp(line, name, sizeof(name) - 1) != 0)
            continue;
        line += sizeof(name) - 1;
        length -= sizeof(name) - 1;
        const char *next;
        size_t next_at = at, next_size;
        /* Outlook folds long ids: the value may stand on the next line alone */
        if (returned_line(data, size, &next_at, &next, &next_size) && next_size > 0 && (*next == ' ' || *next == '\t'))
            length = (size_t)(next + next_size - line);
        char *clean = returned_clean(reading->arena, line, length, NAME_LINE);
        if (!clean)
            reading->r = -ENOMEM;
        reading->returned->message_id = bare_id(clean);
        return;
    }
}

/* ---- parts ---- */

/* The decoded content in the arena. False: there is none. */
static bool content_of(struct reading *reading, GMimeObject *object, const char **ret_data, size_t *ret_size)
{
    GMimeDataWrapper *wrapper = GMIME_IS_PART(object) ? g_mime_part_get_content((GMimePart *)object) : NULL;
    if (!wrapper)
        return false;
    GMimeStream *stream = g_mime_stream_mem_new();
    bool whole = g_mime_data_wrapper_write_to_stream(wrapper, stream) >= 0;
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)stream);
    const char *bare = bytes->data ? (const char *)bytes->data : "";
    char *data = whole ? arena_copy_n(reading->arena, bare, bytes->len) : NULL;
    *ret_size = bytes->len;
    if (whole && !data)
        reading->r = -ENOMEM;
    *ret_data = data;
    g_object_unref(stream);
    return data;
}

static bool is_type(GMimeObject *object, const char *type, const char *subtype)
{
    GMimeContentType *content = g_mime_object_get_content_type(object);
    return content && g_mime_content_type_is_type(content, type, subtype);
}

static void read_part(struct reading *reading, GMimeObject *part, bool in_report)
{
    const char *data;
    size_t size;

    if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *inner = in_report ? g_mime_message_part_get_message((GMimeMessagePart *)part) : NULL;
        const char *id = inner ? g_mime_message_get_message_id(inner) : NULL;
        char *clean = id ? returned_clean(reading->arena, id, strlen(id), NAME_LINE) : NULL;
        if (id && !clean)
            reading->r = -ENOMEM;
        if (clean && !reading->returned->message_id)
            reading->returned->message_id = bare_id(clean);
        return;
    }
    bool status = is_type(part, "message", "delivery-status") || is_type(part, "message", "global-delivery-status");
    bool headers = is_type(part, "text", "rfc822-headers") || is_type(part, "message", "global-headers");
    bool calendar = !in_report && is_type(part, "text", "calendar");
    bool text = !reading->text && is_type(part, "text", "plain");
    if (!(status && in_report) && !(headers && in_report) && !calendar && !text)
        return;
    if (!content_of(reading, part, &data, &size))
        return;
    int r = 0;
    if (status) {
        r = returned_read_status(reading->arena, data, size, reading->returned);
        reading->reported = true;
    } else if (headers) {
        read_returned_id(reading, data, size);
    } else if (calendar && !reading->answered) {
        r = returned_read_calendar(reading->arena, data, size, reading->returned);
        reading->answered = r > 0;
    } else if (text) {
        reading->text = data;
        reading->text_size = size;
    }
    if (r < 0)
        reading->r = r;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most DEPTH_MAX deep */
static void walk(struct reading *reading, GMimeObject *object, unsigned depth, bool in_report)
{
    if (!object || ++reading->parts > PARTS_MAX || depth > DEPTH_MAX || reading->r < 0)
        return;
    if (!GMIME_IS_MULTIPART(object)) {
        read_part(reading, object, in_report);
        return;
    }
    if (is_type(object, "multipart", "report")) {
        const char *kind = g_mime_object_get_content_type_parameter(object, "report-type");
        bool delivery = !kind || strcasecmp(kind, "delivery-status") == 0;
        reading->receipt |= !delivery;
        in_report = delivery;
    }
    int count = g_mime_multipart_get_count((GMimeMultipart *)object);
    for (int i = 0; i < count && reading->parts <= PARTS_MAX; i++)
        walk(reading, g_mime_multipart_get_part((GMimeMultipart *)object, i), depth + 1, in_report);
}

/* ---- the message ---- */

static bool begins(const char *text, const char *with)
{
    return text && strncasecmp(text, with, strlen(with)) == 0;
}

/* RFC 3834 section 5, and what was done before it. */
static bool is_automatic(struct reading *reading, GMimeObject *message)
{
    static const char *const telling[] = { "X-Autoreply", "X-Autorespond", "X-Autogenerated", "X-Auto-Response-From",
                                           "X-Mail-Autoreply" };
    const char *submitted = header(reading, message, "Auto-Submitted");
    const char *precedence = header(reading, message, "Precedence");

    if (submitted && !begins(submitted, "no"))
        return true;
    if (begins(precedence, "auto_reply") || begins(precedence, "bulk") || begins(precedence, "junk"))
        return true;
    for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
        if (g_mime_object_get_header(message, telling[i]))
            return true;
    return false;
}

/* Only a mail server writes with no sender on the envelope, and in its own name. Anybody can claim both: what it says
 * counts only for the mail whose token it came with. */
static bool is_from_server(struct reading *reading, GMimeObject *message)
{
    static const char *const names[] = { "mailer-daemon@", "postmaster@", "mail-daemon@", "mdaemon@" };
    const char *path = header(reading, message, "Return-Path"), *from = header(reading, message, "From");

    if (path && strcmp(path, "<>") != 0 && strcmp(path, "<MAILER-DAEMON>") != 0)
        return false;
    for (const char *c = from; c && *c; c++) {
        if (c != from && !strchr("< \"(", c[-1]))
            continue;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (begins(c, names[i]))
                return true;
    }
    return false;
}

static int judge_sort(struct reading *reading, GMimeObject *message)
{
    struct returned *returned = reading->returned;

    if (reading->reported) {
        returned->sort = RETURNED_REPORT;
        return 0;
    }
    if (reading->answered) {
        returned->sort = RETURNED_CALENDAR;
        return 0;
    }
    returned->sort = RETURNED_OTHER;
    if (!reading->receipt && reading->text && is_from_server(reading, message)) {
        int r = returned_read_plain(reading->arena, reading->text, reading->text_size,
                                    header(reading, message, "X-Failed-Recipients"), returned);
        if (r != 0) {
            returned->sort = RETURNED_REPORT;
            return r < 0 ? r : 0;
        }
    }
    if (reading->receipt || is_automatic(reading, message))
        returned->sort = RETURNED_AUTOMATIC;
    return 0;
}

static int read_message(struct reading *reading, GMimeMessage *message)
{
    read_addresses(reading, (GMimeObject *)message);
    walk(reading, g_mime_message_get_mime_part(message), 0, false);
    int r = reading->r < 0 ? reading->r : judge_sort(reading, (GMimeObject *)message);
    return r < 0 ? r : reading->r;
}

/* A line "From …" that a server put in front for a mailbox file. */
static size_t mailbox_line(const char *data, size_t size)
{
    if (size < 5 || memcmp(data, "From ", 5) != 0)
        return 0;
    const char *end = memchr(data, '\n', size);
    return end ? (size_t)(end - data) + 1 : size;
}

int returned_read(struct arena *arena, const char *data, size_t size, struct returned *ret_returned)
{
    struct returned returned = { .sort = RETURNED_OTHER };
    struct reading reading = { .arena = arena, .returned = &returned };
    size_t skip = mailbox_line(data, size);

    if (size > RETURNED_MAX)
        size = RETURNED_MAX;
    if (skip > size)
        skip = size;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data + skip, size - skip);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    int r = message ? read_message(&reading, message) : 0;
    if (message)
        g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    if (r == 0)
        *ret_returned = returned;
    return r;
}

/* ---- the verdict ---- */

static bool is_about(const struct returned_recipient *recipient, const char *address)
{
    return (recipient->original && strcasecmp(recipient->original, address) == 0) ||
           (recipient->final && strcasecmp(recipient->final, address) == 0);
}

static void judge_one(const struct returned_recipient *recipient, struct returned_verdict *ret_verdict)
{
    struct verdict_status status = verdict_join(recipient->status, recipient->diagnostic);

    if (status.class != 4 && status.class != 5) /* it failed, and does not say how */
        status = (struct verdict_status){ .class = recipient->action == RETURNED_FAILED ? 5 : 4 };
    ret_verdict->verdict = recipient->action == RETURNED_DELAYED ? VERDICT_DELAYED : verdict_of(status);
    verdict_print(status, ret_verdict->status);
    ret_verdict->reply = recipient->diagnostic;
}

bool returned_judge(const struct returned *returned, const char *address, struct returned_verdict *ret_verdict)
{
    bool named = false, found = false;

    for (size_t i = 0; i < returned->recipient_count && !named; i++)
        named = is_about(&returned->recipients[i], address);
    for (size_t i = 0; i < returned->recipient_count; i++) {
        const struct returned_recipient *recipient = &returned->recipients[i];
        struct returned_verdict verdict;
        if (recipient->action == RETURNED_DELIVERED || (named && !is_about(recipient, address)))
            continue;
        judge_one(recipient, &verdict);
        if (!found || verdict.verdict < ret_verdict->verdict) /* in the order of their weight */
            *ret_verdict = verdict;
        found = true;
    }
    return found;
}

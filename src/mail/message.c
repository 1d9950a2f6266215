/* SPDX-License-Identifier: EUPL-1.2 */
/* One message as bytes, by GMime. GMime lets CR and LF through in Message-ID, Content-ID, file names and parameters
 * (tried), so every value is cleaned or refused before it gets there. Bodies are quoted-printable or base64, for
 * libcurl never asks for 8BITMIME. Caller: letter; any thread after message_setup. GLib ends the process when memory
 * runs out. */
#include "mail/message.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "signup/address.h"

#define BOUNDARY_SIZE 64

void message_setup(void)
{
    g_mime_init();
}

/* What was typed like an encoded word (RFC 2047) goes out as it is, and readers would decode it: to a line feed, to
 * another direction of writing, to whatever text_clean has just taken out. */
static void break_encoded_words(char *text)
{
    for (char *at = strstr(text, "=?"); at && strstr(at + 2, "?="); at = strstr(at + 2, "=?"))
        at[1] = ' ';
}

static int clean(struct arena *arena, const char *text, char **ret_clean)
{
    int r = text_clean(arena, text, strlen(text), false, ret_clean);
    if (r == 0)
        break_encoded_words(*ret_clean);
    return r;
}

/* RFC 5322 section 3.6.4, as we make them: one @, printable ASCII, nothing that ends the <>. */
static bool is_message_id(const char *id)
{
    size_t length = strlen(id);
    const char *at = strchr(id, '@');
    if (length > 250 || !at || at == id || !at[1] || strchr(at + 1, '@'))
        return false;
    for (const char *c = id; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("<>()[],;:\\\"", *c))
            return false;
    return true;
}

/* Quoted-printable never holds "=-", base64 no "-": a boundary that begins so cannot stand in a part. */
static void make_boundary(const struct message *message, char level, char ret_boundary[static BOUNDARY_SIZE])
{
    size_t n = 0;
    ret_boundary[n++] = '=';
    ret_boundary[n++] = '-';
    ret_boundary[n++] = level;
    ret_boundary[n++] = '-';
    for (const char *c = message->message_id; *c && *c != '@' && n < BOUNDARY_SIZE - 1; c++)
        if (g_ascii_isalnum(*c))
            ret_boundary[n++] = *c;
    ret_boundary[n] = '\0';
}

static GMimeObject *make_part(const char *type, const char *subtype, const void *data, size_t size,
                              GMimeContentEncoding encoding)
{
    GMimePart *part = g_mime_part_new_with_type(type, subtype);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_mime_part_set_content(part, content);
    g_mime_part_set_content_encoding(part, encoding);
    g_object_unref(content);
    g_object_unref(stream);
    return GMIME_OBJECT(part);
}

static GMimeObject *make_text(const char *subtype, const char *text)
{
    GMimeObject *part = make_part("text", subtype, text, strlen(text), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    g_mime_object_set_content_type_parameter(part, "charset", "UTF-8");
    return part;
}

static GMimeObject *make_multipart(const struct message *message, const char *subtype, char level)
{
    char boundary[BOUNDARY_SIZE];
    GMimeMultipart *multipart = g_mime_multipart_new_with_subtype(subtype);
    make_boundary(message, level, boundary);
    g_mime_multipart_set_boundary(multipart, boundary);
    return GMIME_OBJECT(multipart);
}

/* Takes PART over. */
static void add_part(GMimeObject *multipart, GMimeObject *part)
{
    g_mime_multipart_add(GMIME_MULTIPART(multipart), part);
    g_object_unref(part);
}

static void picture_id(const struct message *message, const struct message_picture *picture, char ret_id[static 320])
{
    g_snprintf(ret_id, 320, "%s.%s", picture->name, message->message_id);
}

/* The HTML with the ids of its pictures, in either quotes. To be freed. */
static char *name_pictures(const struct message *message)
{
    static const char quotes[] = { '"', '\'' };
    GString *html = g_string_new(message->html);
    for (size_t i = 0; i < message->picture_count * sizeof(quotes); i++) {
        const struct message_picture *picture = &message->pictures[i / sizeof(quotes)];
        const char quote = quotes[i % sizeof(quotes)];
        char was[64], is[352], id[320];
        picture_id(message, picture, id);
        g_snprintf(was, sizeof(was), "%ccid:%s%c", quote, picture->name, quote);
        g_snprintf(is, sizeof(is), "%ccid:%s%c", quote, id, quote);
        (void)g_string_replace(html, was, is, 0);
    }
    return g_string_free(html, FALSE);
}

static GMimeObject *make_picture(const struct message *message, const struct message_picture *picture)
{
    char file[64], id[320];
    GMimeObject *part = make_part("image", "png", picture->data, picture->size, GMIME_CONTENT_ENCODING_BASE64);
    g_snprintf(file, sizeof(file), "%s.png", picture->name);
    g_mime_object_set_disposition(part, GMIME_DISPOSITION_INLINE);
    g_mime_part_set_filename(GMIME_PART(part), file);
    picture_id(message, picture, id);
    g_mime_part_set_content_id(GMIME_PART(part), id);
    return part;
}

/* HTML alone, or with the pictures it shows (RFC 2387). */
static GMimeObject *make_html(const struct message *message)
{
    if (message->picture_count == 0)
        return make_text("html", message->html);
    char *named = name_pictures(message);
    GMimeObject *html = make_text("html", named);
    g_free(named);
    GMimeObject *related = make_multipart(message, "related", 'r');
    g_mime_object_set_content_type_parameter(related, "type", "text/html");
    add_part(related, html);
    for (size_t i = 0; i < message->picture_count; i++)
        add_part(related, make_picture(message, &message->pictures[i]));
    return related;
}

/* RFC 6047 section 2.4: METHOD in the header equals METHOD in the body. base64 keeps the calendar's own CRLF. */
static GMimeObject *make_calendar(const struct message *message)
{
    GMimeObject *part = make_part("text", "calendar", message->calendar, strlen(message->calendar),
                                  GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_content_type_parameter(part, "charset", "UTF-8");
    g_mime_object_set_content_type_parameter(part, "method", message->calendar_method);
    g_mime_object_set_content_type_parameter(part, "component", "vevent");
    return part;
}

/* The form that calendar programs were tried with (CalConnect, iMIP best practices). */
static GMimeObject *make_body(const struct message *message)
{
    GMimeObject *alternative = make_multipart(message, "alternative", 'a');
    add_part(alternative, make_text("plain", message->text));
    add_part(alternative, make_html(message));
    if (!message->calendar)
        return alternative;

    add_part(alternative, make_calendar(message));
    GMimeObject *mixed = make_multipart(message, "mixed", 'm');
    add_part(mixed, alternative);
    GMimeObject *file = make_part("application", "ics", message->calendar, strlen(message->calendar),
                                  GMIME_CONTENT_ENCODING_BASE64);
    g_mime_object_set_content_type_parameter(file, "name", "invite.ics");
    g_mime_object_set_disposition(file, GMIME_DISPOSITION_ATTACHMENT);
    g_mime_part_set_filename(GMIME_PART(file), "invite.ics");
    add_part(mixed, file);
    return mixed;
}

static void add_mailbox(InternetAddressList *list, const char *name, const char *address)
{
    InternetAddress *mailbox = internet_address_mailbox_new(name && *name ? name : NULL, address);
    internet_address_set_charset(mailbox, "utf-8"); /* else GMime looks for an old one that fits */
    internet_address_list_add(list, mailbox);
    g_object_unref(mailbox);
}

static bool may_stand(const char *address)
{
    for (const char *c = address; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("<>,;\"", *c))
            return false;
    return text_is_utf8(address, strlen(address)) && strchr(address, '@');
}

static bool is_one_line(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return text_is_utf8(text, strlen(text));
}

static int add_addresses(GMimeMessage *mime, const struct message *message, struct arena *arena)
{
    char *from_name = NULL, *to_name = NULL, from[ADDRESS_WIRE_SIZE], to[ADDRESS_WIRE_SIZE];
    int r;

    r = address_check(message->to_address);
    if ((r < 0 && r != -EAFNOSUPPORT) || !may_stand(message->from_address) || !may_stand(message->to_address))
        return r == -ENOMEM ? r : -EINVAL;
    /* GMime makes A-labels by older rules than ours */
    if ((r = address_wire(message->from_address, from)) < 0 || (r = address_wire(message->to_address, to)) < 0)
        return r;
    if (message->from_name && (r = clean(arena, message->from_name, &from_name)) < 0)
        return r;
    if (message->to_name && (r = clean(arena, message->to_name, &to_name)) < 0)
        return r;
    add_mailbox(g_mime_message_get_from(mime), from_name, from);
    add_mailbox(g_mime_message_get_to(mime), to_name, to);
    if (!message->reply_to)
        return 0;

    if (!is_one_line(message->reply_to))
        return -EINVAL;
    InternetAddressList *list = internet_address_list_parse(NULL, message->reply_to);
    if (!list)
        return -EINVAL;
    bool one = internet_address_list_length(list) == 1;
    InternetAddress *address = one ? internet_address_list_get_address(list, 0) : NULL;
    if (address && INTERNET_ADDRESS_IS_MAILBOX(address))
        add_mailbox(g_mime_message_get_reply_to(mime), internet_address_get_name(address),
                    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
    else
        address = NULL;
    g_object_unref(list);
    return address ? 0 : -EINVAL;
}

/* RFC 8058. A URL has no break point, and GMime would encode so long a header: it is set as it stands. */
static int add_unsubscribe(GMimeObject *object, const char *url, struct arena *arena)
{
    static const char name[] = "List-Unsubscribe";

    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || *c == '<' || *c == '>')
            return -EINVAL;
    const char *raw = arena_format(arena, " <%s>\n", url);
    if (!raw)
        return -ENOMEM;
    g_mime_object_set_header(object, name, "x", NULL);
    g_mime_header_set_raw_value(g_mime_header_list_get_header(g_mime_object_get_header_list(object), name), raw);
    g_mime_object_set_header(object, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click", NULL);
    return 0;
}

static int add_headers(GMimeMessage *mime, const struct message *message, struct arena *arena)
{
    GMimeObject *object = GMIME_OBJECT(mime);
    char *subject;

    if (!is_message_id(message->message_id) || (message->references && !is_message_id(message->references)))
        return -EINVAL;
    int r = clean(arena, message->subject, &subject);
    if (r < 0)
        return r;
    GDateTime *date = g_date_time_new_from_unix_utc(message->date);
    if (!date)
        return -EINVAL;
    g_mime_message_set_date(mime, date);
    g_date_time_unref(date);
    g_mime_message_set_message_id(mime, message->message_id);
    r = add_addresses(mime, message, arena);
    if (r < 0)
        return r;
    g_mime_message_set_subject(mime, subject, "utf-8");
    if (message->references) {
        char reference[256];
        g_snprintf(reference, sizeof(reference), "<%s>", message->references);
        g_mime_object_set_header(object, "References", reference, NULL);
    }
    if (message->unsubscribe) {
        r = add_unsubscribe(object, message->unsubscribe, arena);
        if (r < 0)
            return r;
    }
    g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", NULL); /* RFC 3834 */
    g_mime_object_set_header(object, "X-Auto-Response-Suppress", "OOF, AutoReply", NULL);
    return 0;
}

static bool is_language(const char *language)
{
    size_t length = strspn(language, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= 35 && language[length] == '\0';
}

static bool is_method(const char *method)
{
    return strcmp(method, "REQUEST") == 0 || strcmp(method, "CANCEL") == 0 || strcmp(method, "PUBLISH") == 0;
}

static int write_bytes(GMimeMessage *mime, char **ret_data, size_t *ret_size)
{
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    GMimeStream *stream = g_mime_stream_mem_new();
    ssize_t written = g_mime_object_write_to_stream(GMIME_OBJECT(mime), options, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    char *data = written > 0 && bytes->len > 0 ? malloc(bytes->len) : NULL;
    if (data) {
        memcpy(data, bytes->data, bytes->len);
        *ret_data = data;
        *ret_size = bytes->len;
    }
    g_object_unref(stream);
    g_mime_format_options_free(options);
    return data ? 0 : -ENOMEM;
}

int message_build(const struct message *message, char **ret_data, size_t *ret_size)
{
    if (!is_language(message->language) || (message->calendar && !is_method(message->calendar_method)))
        return -EINVAL;
    struct arena *arena = arena_new();
    if (!arena)
        return -ENOMEM;

    GMimeMessage *mime = g_mime_message_new(FALSE);
    int r = add_headers(mime, message, arena);
    if (r == 0) {
        GMimeObject *body = make_body(message);
        g_mime_object_set_header(body, "Content-Language", message->language, NULL);
        g_mime_message_set_mime_part(mime, body);
        g_object_unref(body);
        r = write_bytes(mime, ret_data, ret_size);
    }
    g_object_unref(mime);
    arena_free(arena);
    return r;
}

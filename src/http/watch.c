/* SPDX-License-Identifier: EUPL-1.2 */
/* The byte watch: a state machine, one step a byte. What it lets through is the strict grammar of RFC 9112, without
 * what a recipient may refuse: bare LF, folded lines, chunk extensions, trailers. Pure. Caller: http/connection. */
#include "http/watch.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define TARGET_LINE 4096 /* request/check refuses targets much shorter than this, and the connection lives on */
#define LINE_LIMIT 8192
#define LINES_LIMIT 100
#define METHOD_SIZE 16
#define LENGTH_DIGITS 15 /* more than any body we take, and no overflow */
#define CHUNK_DIGITS 8
/* evhttp keeps each in a buffer of its own: many small ones would take far more memory than the body is long. */
#define CHUNKS_LIMIT 1024

enum stage {
    METHOD, TARGET, PROTOCOL, LINE_LF, LINE, NAME, BLANK, VALUE, VALUE_LF, HEAD_LF, PLAIN_BODY,
    CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_DATA, DATA_CR, DATA_LF, LAST_CR, LAST_LF, ENDED,
};

enum field { OTHER, CONTENT_LENGTH, TRANSFER_ENCODING, EXPECT, ACCEPT_LANGUAGE };

static const struct { const char *name; enum field field; } fields[] = {
    { "content-length", CONTENT_LENGTH }, { "transfer-encoding", TRANSFER_ENCODING }, { "expect", EXPECT },
    { "accept-language", ACCEPT_LANGUAGE },
};

/* Those that evhttp knows: the route answers 405 to what it has no use for. Others are 501 (RFC 9110 section 9.1). */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH" };

static const char http_1[] = "HTTP/1.";

void watch_begin(struct watch *watch)
{
    *watch = (struct watch){ .stage = METHOD };
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* What is wrong with the head as a whole is told at its end, when the visitor's language is known. */
static bool note(struct watch *watch, unsigned short status)
{
    if (watch->status == 0)
        watch->status = status;
    return true;
}

static bool refuse(struct watch *watch, unsigned short status)
{
    watch->status = status;
    return false;
}

static bool method(struct watch *watch, char c)
{
    if (c != ' ') {
        if (!text_is_token(c) || watch->name_size == METHOD_SIZE)
            return refuse(watch, 400);
        watch->name[watch->name_size++] = c;
        return true;
    }
    watch->name[watch->name_size] = '\0';
    bool known = false;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        known = known || strcmp(watch->name, methods[i]) == 0;
    if (watch->name_size == 0)
        return refuse(watch, 400);
    watch->head_method = strcmp(watch->name, "HEAD") == 0;
    watch->target_at = watch->size + 1;
    watch->stage = TARGET;
    return known || note(watch, 501);
}

static bool target(struct watch *watch, char c)
{
    if (c == ' ' && watch->target_size > 0) {
        watch->name_size = 0;
        watch->stage = PROTOCOL;
        return true;
    }
    if (is_control(c) || c == ' ')
        return refuse(watch, 400);
    /* An absolute target, and `//host`, name another site. */
    if (watch->target_size < 2 && (c == '/') != (watch->target_size == 0))
        return refuse(watch, 400);
    watch->target_size++;
    return true;
}

static bool protocol(struct watch *watch, char c)
{
    size_t at = watch->name_size, size = sizeof(http_1) - 1;
    if (at < size ? c != http_1[at] : at == size ? c < '0' || c > '9' : c != '\r')
        return refuse(watch, 400);
    if (at == size)
        watch->old = c == '0';
    if (c == '\r')
        watch->stage = LINE_LF;
    watch->name_size++;
    return true;
}

static bool name(struct watch *watch, char c)
{
    if (c == ':' && watch->name_size > 0) {
        watch->field = OTHER;
        if (watch->name_size < sizeof(watch->name)) {
            watch->name[watch->name_size] = '\0';
            for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                if (strcasecmp(watch->name, fields[i].name) == 0)
                    watch->field = (unsigned char)fields[i].field;
        }
        watch->value_size = 0;
        watch->stage = BLANK;
        return true;
    }
    if (!text_is_token(c))
        return refuse(watch, 400);
    if (watch->name_size < sizeof(watch->name))
        watch->name[watch->name_size++] = c;
    return true;
}

/* Digits only (RFC 9112 section 6.3): a list, a sign or a blank is another parser's other length. */
static bool read_length(struct watch *watch, const struct watch_limits *limits)
{
    if (++watch->lengths > 1 || watch->value_size == 0 || watch->value_size > LENGTH_DIGITS)
        return note(watch, 400);
    uint64_t length = 0;
    for (size_t i = 0; i < watch->value_size; i++) {
        if (watch->value[i] < '0' || watch->value[i] > '9')
            return note(watch, 400);
        length = length * 10 + (uint64_t)(watch->value[i] - '0');
    }
    return length <= limits->body || note(watch, 413);
}

static bool is_value(const struct watch *watch, const char *text)
{
    return watch->value_size == strlen(text) && strncasecmp(watch->value, text, watch->value_size) == 0;
}

static bool value_ends(struct watch *watch, const struct watch_limits *limits)
{
    while (watch->value_size > 0 && watch->value_size < sizeof(watch->value) &&
           strchr(" \t", watch->value[watch->value_size - 1]))
        watch->value_size--;
    switch ((enum field)watch->field) {
    case CONTENT_LENGTH:
        return read_length(watch, limits);
    case TRANSFER_ENCODING: /* RFC 9112 section 6.1 */
        watch->chunked = true;
        return (++watch->codings == 1 && is_value(watch, "chunked")) || note(watch, 400);
    case EXPECT: /* RFC 9110 section 10.1.1 */
        return is_value(watch, "100-continue") || note(watch, 417);
    case ACCEPT_LANGUAGE:
    case OTHER:
        break;
    }
    return true;
}

static bool value(struct watch *watch, char c)
{
    if (c == '\r') {
        watch->stage = VALUE_LF;
        return true;
    }
    if (is_control(c) && c != '\t')
        return refuse(watch, 400);
    if (watch->stage == BLANK) {
        if (c == ' ' || c == '\t')
            return true;
        watch->stage = VALUE;
        if (watch->field == ACCEPT_LANGUAGE && watch->language_at == 0)
            watch->language_at = watch->size;
        else if (watch->field == ACCEPT_LANGUAGE)
            watch->field = OTHER;
    }
    if (watch->field == ACCEPT_LANGUAGE)
        watch->language_size++;
    else if (watch->value_size < sizeof(watch->value))
        watch->value[watch->value_size++] = c;
    return true;
}

static bool line_begins(struct watch *watch, char c)
{
    if (c == '\r') {
        watch->stage = HEAD_LF;
        return true;
    }
    if (++watch->lines > LINES_LIMIT)
        return refuse(watch, 431);
    watch->line_at = watch->size;
    watch->name_size = 0;
    watch->stage = NAME;
    return c == ':' ? refuse(watch, 400) : name(watch, c);
}

static bool lf(struct watch *watch, char c, enum stage next)
{
    watch->stage = (unsigned char)next;
    return c == '\n' || refuse(watch, 400);
}

static bool head_byte(struct watch *watch, const struct watch_limits *limits, char c)
{
    switch ((enum stage)watch->stage) {
    case METHOD:
        return method(watch, c);
    case TARGET:
        return target(watch, c);
    case PROTOCOL:
        return protocol(watch, c);
    case LINE_LF:
        return lf(watch, c, LINE);
    case LINE:
        return line_begins(watch, c);
    case NAME:
        return name(watch, c);
    case BLANK:
    case VALUE:
        return value(watch, c);
    case VALUE_LF:
        return lf(watch, c, LINE) && value_ends(watch, limits);
    default:
        return lf(watch, c, PLAIN_BODY);
    }
}

static bool is_over(struct watch *watch, const struct watch_limits *limits)
{
    if (watch->stage <= PROTOCOL && watch->size - watch->line_at >= TARGET_LINE)
        return !refuse(watch, 414);
    if (watch->size - watch->line_at >= LINE_LIMIT || watch->size >= limits->head)
        return !refuse(watch, 431);
    return false;
}

/* Most bytes of a head are of values that mean nothing here: how many of them there are now, within the limits. */
static size_t skip(struct watch *watch, const struct watch_limits *limits, const char *data, size_t size)
{
    size_t end = watch->line_at + LINE_LIMIT, run = 0;
    if (watch->stage != VALUE || watch->field != OTHER)
        return 0;
    end = end < limits->head ? end : limits->head;
    size_t room = end > watch->size ? end - watch->size : 0;
    room = room < size ? room : size;
    while (run < room && (unsigned char)data[run] >= ' ' && data[run] != 0x7f)
        run++;
    watch->size += (uint32_t)run;
    return run;
}

static enum watch_result feed_head(struct watch *watch, const struct watch_limits *limits, const char *data,
                                   size_t size, size_t *ret_taken)
{
    for (size_t i = 0; i < size; i++) {
        i += skip(watch, limits, data + i, size - i);
        *ret_taken = i;
        if (i == size)
            break;
        if (is_over(watch, limits) || !head_byte(watch, limits, data[i]))
            return WATCH_BAD;
        watch->size++;
        if (watch->stage != PLAIN_BODY)
            continue;
        *ret_taken = i + 1;
        if (watch->chunked && (watch->old || watch->lengths > 0))
            (void)refuse(watch, 400); /* RFC 9112 section 6.1: may be an attack */
        if (watch->status != 0)
            return WATCH_BAD;
        if (watch->chunked)
            watch->stage = CHUNK_SIZE;
        watch->size = 0;
        return WATCH_HEAD;
    }
    *ret_taken = size;
    return WATCH_MORE;
}

static int hex(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

static bool chunk_size(struct watch *watch, const struct watch_limits *limits, char c)
{
    if (c == '\r' && watch->size > 0) {
        watch->stage = CHUNK_SIZE_LF;
        watch->total += watch->left;
        return (watch->total <= limits->body && ++watch->chunks <= CHUNKS_LIMIT) || refuse(watch, 413);
    }
    if (hex(c) < 0 || watch->size == CHUNK_DIGITS)
        return refuse(watch, hex(c) < 0 ? 400 : 413);
    watch->left = watch->left * 16 + (uint64_t)hex(c);
    return true;
}

/* One byte of a line of the chunked body. A line that ends begins the next one. */
static bool chunk_byte(struct watch *watch, const struct watch_limits *limits, char c)
{
    switch ((enum stage)watch->stage) {
    case CHUNK_SIZE:
        return chunk_size(watch, limits, c);
    case DATA_CR:
        watch->stage = DATA_LF;
        return c == '\r' || refuse(watch, 400);
    case LAST_CR:
        watch->stage = LAST_LF;
        return c == '\r' || refuse(watch, 400);
    case CHUNK_SIZE_LF:
        if (c != '\n')
            return refuse(watch, 400);
        watch->stage = watch->left > 0 ? CHUNK_DATA : LAST_CR;
        break;
    case DATA_LF:
        if (c != '\n')
            return refuse(watch, 400);
        watch->stage = CHUNK_SIZE;
        watch->left = 0;
        break;
    default:
        if (c != '\n')
            return refuse(watch, 400);
        watch->stage = ENDED;
        break;
    }
    watch->size = UINT32_MAX; /* 0 after this byte */
    return true;
}

static enum watch_result feed_chunks(struct watch *watch, const struct watch_limits *limits, const char *data,
                                     size_t size, size_t *ret_taken)
{
    for (size_t i = 0; i < size;) {
        *ret_taken = i;
        if (watch->stage == CHUNK_DATA) {
            uint64_t part = watch->left < size - i ? watch->left : size - i;
            watch->left -= part;
            i += (size_t)part;
            if (watch->left == 0)
                watch->stage = DATA_CR;
            continue;
        }
        if (!chunk_byte(watch, limits, data[i]))
            return WATCH_BAD;
        watch->size++;
        i++;
        *ret_taken = i;
        if (watch->stage == ENDED)
            return WATCH_BODY;
    }
    *ret_taken = size;
    return WATCH_MORE;
}

enum watch_result watch_feed(struct watch *watch, const struct watch_limits *limits, const char *data, size_t size,
                             size_t *ret_taken)
{
    if (watch->stage < PLAIN_BODY)
        return feed_head(watch, limits, data, size, ret_taken);
    if (watch->stage > PLAIN_BODY && watch->stage < ENDED)
        return feed_chunks(watch, limits, data, size, ret_taken);
    *ret_taken = 0;
    return WATCH_MORE;
}

const char *watch_end_of_body(const struct watch *watch, size_t *ret_line)
{
    *ret_line = watch->size;
    switch ((enum stage)watch->stage) {
    case DATA_CR:
    case DATA_LF:
        return "\r\n0\r\n\r\n";
    case LAST_CR:
    case LAST_LF:
        return "\r\n";
    default:
        return "0\r\n\r\n";
    }
}

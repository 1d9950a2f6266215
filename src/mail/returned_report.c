/* SPDX-License-Identifier: EUPL-1.2 */
/* Reports of deliveries as text: message/delivery-status (RFC 3464) and what qmail, older Exim and older sendmail write
 * for people. Caller: returned. Pure. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "mail/returned.h"
#include "mail/returned_part.h"

#define VALUE_MAX 300    /* bytes of a field that are kept */
#define PLAIN_MAX 20000  /* of a text: what it has to say stands at its head */

char *returned_clean(struct arena *arena, const char *text, size_t size, size_t max)
{
    char *clean = arena_take(arena, (size < max ? size : max) + 1);
    size_t n = 0;

    for (size_t i = 0; clean && i < size && n < max; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c == 0x7f) { /* folded lines become one, whatever they were folded with */
            if (n > 0 && clean[n - 1] != ' ')
                clean[n++] = ' ';
        } else {
            clean[n++] = (char)(c < 0x7f ? c : '?');
        }
    }
    if (clean && n > 0 && clean[n - 1] == ' ')
        n--;
    if (clean)
        clean[n] = '\0';
    return clean;
}

bool returned_line(const char *data, size_t size, size_t *at, const char **ret_line, size_t *ret_size)
{
    if (*at >= size)
        return false;
    const char *line = data + *at, *end = memchr(line, '\n', size - *at);
    size_t length = end ? (size_t)(end - line) : size - *at;
    *at += length + (end != NULL);
    if (length > 0 && line[length - 1] == '\r')
        length--;
    *ret_line = line;
    *ret_size = length;
    return true;
}

/* ---- RFC 3464 ---- */

/* The value of field NAME in a block of fields, folded lines and all. False: it has none. */
static bool find_field(const char *block, size_t size, const char *name, const char **ret_value, size_t *ret_size)
{
    const char *line;
    size_t at = 0, length, wanted = strlen(name);

    while (returned_line(block, size, &at, &line, &length)) {
        if (length <= wanted || line[wanted] != ':' || strncasecmp(line, name, wanted) != 0)
            continue;
        const char *value = line + wanted + 1, *next;
        size_t end = at, next_size;
        while (returned_line(block, size, &end, &next, &next_size) && next_size > 0 && (*next == ' ' || *next == '\t'))
            at = end;
        *ret_value = value;
        *ret_size = (size_t)(block + at - value);
        return true;
    }
    return false;
}

/* In the arena and clean; NULL: there is none, or no memory, which shows in *R. */
static char *take_field(struct arena *arena, const char *block, size_t size, const char *name, int *r)
{
    const char *value;
    size_t length;

    if (!find_field(block, size, name, &value, &length))
        return NULL;
    char *clean = returned_clean(arena, value, length, VALUE_MAX);
    if (!clean)
        *r = -ENOMEM;
    return clean;
}

/* "rfc822; <anna@example.org>" → "anna@example.org" */
static const char *take_address(struct arena *arena, const char *block, size_t size, const char *name, int *r)
{
    char *value = take_field(arena, block, size, name, r);
    char *semicolon = value ? strchr(value, ';') : NULL;

    if (semicolon)
        value = semicolon + 1;
    while (value && (*value == ' ' || *value == '<'))
        value++;
    size_t length = value ? strlen(value) : 0;
    if (length > 0 && value[length - 1] == '>')
        value[length - 1] = '\0';
    return value && *value ? value : NULL;
}

static bool read_action(const char *word, enum returned_action *ret_action)
{
    static const struct { const char *word; enum returned_action action; } actions[] = {
        { "failed", RETURNED_FAILED },       { "delayed", RETURNED_DELAYED },   { "delivered", RETURNED_DELIVERED },
        { "relayed", RETURNED_DELIVERED },   { "expanded", RETURNED_DELIVERED },
    };
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        size_t size = strlen(actions[i].word);
        if (strncasecmp(word, actions[i].word, size) == 0 && (word[size] == '\0' || strchr(" ;(", word[size]))) {
            *ret_action = actions[i].action;
            return true;
        }
    }
    return false;
}

static int add_recipient(struct arena *arena, struct returned *returned, const struct returned_recipient *recipient)
{
    if (!returned->recipients)
        returned->recipients = arena_take(arena, RETURNED_RECIPIENTS * sizeof(*returned->recipients));
    if (!returned->recipients)
        return -ENOMEM;
    if (returned->recipient_count < RETURNED_RECIPIENTS)
        returned->recipients[returned->recipient_count++] = *recipient;
    return 0;
}

/* The first block speaks of the message and has no Action. */
static int read_block(struct arena *arena, const char *block, size_t size, struct returned *returned)
{
    struct returned_recipient recipient = { .action = RETURNED_FAILED };
    int r = 0;
    const char *action = take_field(arena, block, size, "Action", &r);

    if (!action || !read_action(action, &recipient.action))
        return r;
    recipient.original = take_address(arena, block, size, "Original-Recipient", &r);
    recipient.final = take_address(arena, block, size, "Final-Recipient", &r);
    recipient.status = take_field(arena, block, size, "Status", &r);
    recipient.diagnostic = take_field(arena, block, size, "Diagnostic-Code", &r);
    return r < 0 ? r : add_recipient(arena, returned, &recipient);
}

int returned_read_status(struct arena *arena, const char *data, size_t size, struct returned *returned)
{
    const char *line;
    size_t at = 0, start = 0, length, before = 0;
    int r = 0;

    while (r == 0 && returned->recipient_count < RETURNED_RECIPIENTS &&
           returned_line(data, size, &at, &line, &length)) {
        if (length == 0) {
            r = read_block(arena, data + start, before - start, returned);
            start = at;
        }
        before = at;
    }
    return r == 0 && start < before ? read_block(arena, data + start, before - start, returned) : r;
}

/* ---- for people ---- */

static bool has(const char *text, const char *words)
{
    return strcasestr(text, words) != NULL;
}

/* Text from WORDS on, or the whole. */
static const char *from_words(const char *text, const char *words)
{
    const char *at = strcasestr(text, words);
    return at ? at : text;
}

/* The first address in <> or alone on an indented line, in a copy; NULL: none. */
static char *address_in(struct arena *arena, const char *text)
{
    const char *at = strchr(text, '@');
    if (!at)
        return NULL;
    const char *start = at, *end = at;
    while (start > text && !strchr(" \t<>,;:()\"", start[-1]))
        start--;
    while (*end && !strchr(" \t<>,;:()\"", *end))
        end++;
    return arena_copy_n(arena, start, (size_t)(end - start));
}

/* How they begin, and what the failure follows. */
static const struct shape {
    const char *mark, *after;
    enum returned_action action;
} shapes[] = {
    { "This is the qmail-send program", "addresses", RETURNED_FAILED },
    { "Hi. This is the", "addresses", RETURNED_FAILED }, /* QSBMF, as others than qmail write it too */
    { "had permanent fatal errors", "had permanent fatal errors", RETURNED_FAILED },
    { "had transient non-fatal errors", "had transient non-fatal errors", RETURNED_DELAYED },
    { "has not yet been delivered", "has not yet been delivered", RETURNED_DELAYED },
    { "could not be delivered to one or more of its recipients", "failed", RETURNED_FAILED },
};

int returned_read_plain(struct arena *arena, const char *data, size_t size, const char *failed,
                        struct returned *returned)
{
    struct returned_recipient recipient = { .action = RETURNED_FAILED };
    char *text = returned_clean(arena, data, size, PLAIN_MAX);
    const struct shape *shape = NULL;

    if (!text)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]) && !shape; i++)
        if (has(text, shapes[i].mark))
            shape = &shapes[i];
    if (!shape || (!failed && !has(text, "@")))
        return 0;
    const char *body = from_words(text, shape->after);
    recipient.action = shape->action;
    recipient.final = address_in(arena, failed ? failed : body);
    recipient.diagnostic = returned_clean(arena, body, strlen(body), VALUE_MAX);
    if (!recipient.diagnostic)
        return -ENOMEM;
    int r = add_recipient(arena, returned, &recipient);
    return r < 0 ? r : 1;
}

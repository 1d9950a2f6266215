/* SPDX-License-Identifier: EUPL-1.2 */
/* application/x-www-form-urlencoded (WHATWG URL standard, section 5.1) and percent-decoded path segments.
 * libevent's own parser refuses `a&b=1`, cuts at %00 and knows no limit. Pure. Callers: http/request, http/route. */
#include "http/decode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes SIZE bytes of DATA to TO, which may never need more room than that; the length comes back. *RET_CLEAN is
 * whether every % began an escape. */
static size_t decode(char *to, const char *data, size_t size, bool plus, bool *ret_clean)
{
    size_t length = 0;
    *ret_clean = true;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '%' && size - i > 2 && digit(data[i + 1]) >= 0 && digit(data[i + 2]) >= 0) {
            to[length++] = (char)(digit(data[i + 1]) * 16 + digit(data[i + 2]));
            i += 2;
            continue;
        }
        if (data[i] == '%')
            *ret_clean = false;
        to[length++] = plus && data[i] == '+' ? ' ' : data[i];
    }
    return length;
}

/* One name or value: decoded to *TO, which moves behind its final zero. */
static const char *take(char **to, const char *data, size_t size, size_t *ret_size, bool *bad)
{
    char *text = *to;
    bool clean; /* the standard leaves bad escapes as they are */
    *ret_size = decode(text, data, size, true, &clean);
    text[*ret_size] = '\0';
    *to += *ret_size + 1;
    if (memchr(text, '\0', *ret_size) || !text_is_utf8(text, *ret_size))
        *bad = true;
    return text;
}

/* The next run between two `&`; empty runs count for nothing (the standard skips them). */
static bool next_pair(const char **data, const char *end, const char **ret_pair, size_t *ret_size)
{
    while (*data < end && **data == '&')
        (*data)++;
    if (*data == end)
        return false;
    const char *stop = memchr(*data, '&', (size_t)(end - *data));
    if (!stop)
        stop = end;
    *ret_pair = *data;
    *ret_size = (size_t)(stop - *data);
    *data = stop;
    return true;
}

int decode_form(struct arena *arena, const char *data, size_t size, size_t limit, struct form *ret_form)
{
    if (size == 0) {
        *ret_form = (struct form){ 0 };
        return 0;
    }

    const char *end = data + size, *pair;
    size_t pair_size, count = 0;
    for (const char *at = data; next_pair(&at, end, &pair, &pair_size); count++)
        if (count == limit)
            return -E2BIG;

    struct form_value *values = arena_take(arena, count * sizeof(*values));
    char *to = arena_take(arena, size + 2 * count); /* two final zeros a pair */
    if (!values || !to)
        return -ENOMEM;
    size_t n = 0;
    for (const char *at = data; next_pair(&at, end, &pair, &pair_size); n++) {
        const char *equals = memchr(pair, '=', pair_size);
        size_t name_size = equals ? (size_t)(equals - pair) : pair_size, ignored;
        const char *value = equals ? equals + 1 : pair + pair_size;
        values[n].name = take(&to, pair, name_size, &ignored, &values[n].bad);
        values[n].value = take(&to, value, (size_t)(pair + pair_size - value), &values[n].size, &values[n].bad);
    }
    *ret_form = (struct form){ .count = count, .values = values };
    return 0;
}

int decode_segment(struct arena *arena, const char *data, size_t size, char **ret_text)
{
    char *text = arena_take(arena, size + 1);
    if (!text)
        return -ENOMEM;
    bool clean;
    size_t length = decode(text, data, size, false, &clean);
    text[length] = '\0';
    if (!clean || memchr(text, '\0', length) || memchr(text, '/', length) || !text_is_utf8(text, length))
        return -EILSEQ;
    *ret_text = text;
    return 0;
}

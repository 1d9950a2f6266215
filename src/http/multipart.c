/* SPDX-License-Identifier: EUPL-1.2 */
/* multipart/form-data: delimiter lines `--BOUNDARY`, a head, an empty line, the value; the last delimiter ends in `--`.
 * What is not exactly so is refused: the bodies that we take so are a hundred bytes from a machine. Caller:
 * http/request; any thread. */
#include "http/multipart.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

/* Of a header: the value of parameter NAME behind its type, quoted or not. */
static char *parameter(struct arena *arena, const char *text, size_t size, const char *name)
{
    size_t name_size = strlen(name);
    const char *end = text + size;
    for (const char *at = memchr(text, ';', size); at; at = memchr(at, ';', (size_t)(end - at))) {
        for (at++; at < end && (*at == ' ' || *at == '\t'); at++)
            continue;
        if ((size_t)(end - at) <= name_size || strncasecmp(at, name, name_size) != 0 || at[name_size] != '=')
            continue;
        at += name_size + 1;
        bool quoted = at < end && *at == '"';
        at += quoted;
        const char *stop = at;
        while (stop < end && *stop != '"' && (quoted || (*stop != ';' && *stop != ' ' && *stop != '\t')))
            stop++;
        if (quoted && stop == end)
            return NULL;
        return arena_copy_n(arena, at, (size_t)(stop - at));
    }
    return NULL;
}

char *multipart_boundary(struct arena *arena, const char *type)
{
    static const char form[] = "multipart/form-data";
    type += strspn(type, " \t");
    if (strncasecmp(type, form, sizeof(form) - 1) != 0)
        return NULL;
    type += sizeof(form) - 1;
    if (type[strspn(type, " \t")] != ';')
        return NULL;
    char *boundary = parameter(arena, type, strlen(type), "boundary");
    size_t length = boundary ? strlen(boundary) : 0;
    return length > 0 && length <= BOUNDARY_MAX && !text_has_control(boundary, length) ? boundary : NULL;
}

/* NAME of the part whose head is HEAD; NULL: it is a file, or has no name. */
static char *part_name(struct arena *arena, const char *head, size_t size)
{
    static const char field[] = "content-disposition:";
    const char *end = head + size;
    for (const char *line = head; line < end;) {
        const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
        size_t length = (size_t)((stop ? stop : end) - line);
        if (length > sizeof(field) - 1 && strncasecmp(line, field, sizeof(field) - 1) == 0)
            return parameter(arena, line, length, "filename") ? NULL : parameter(arena, line, length, "name");
        line += length + 2;
    }
    return NULL;
}

static int add(struct arena *arena, struct form *form, size_t *room, char *name, const char *value, size_t size)
{
    struct form_value *values = arena_grow(arena, form->values, form->count, room, sizeof(*values));
    char *copy = arena_copy_n(arena, value, size);
    if (!values || !copy)
        return -ENOMEM;
    form->values = values;
    values[form->count++] = (struct form_value){
        .name = name, .value = copy, .size = size,
        .bad = !text_is_utf8(value, size) || memchr(value, '\0', size) || !text_is_utf8(name, strlen(name)),
    };
    return 0;
}

int multipart_decode(struct arena *arena, const char *data, size_t size, const char *boundary, size_t limit,
                     struct form *ret_form)
{
    const char *delimiter = arena_format(arena, "\r\n--%s", boundary), *end = data + size;
    struct form form = { 0 };
    size_t room = 0;

    if (!delimiter)
        return -ENOMEM;
    size_t length = strlen(delimiter);
    if (size < length || memcmp(data, delimiter + 2, length - 2) != 0) /* the first has no line before it */
        return -EBADMSG;
    for (const char *at = data + length - 2;;) {
        if (end - at >= 2 && memcmp(at, "--", 2) == 0)
            break;
        if (end - at < 2 || memcmp(at, "\r\n", 2) != 0)
            return -EBADMSG;
        const char *body = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        const char *stop = body ? memmem(body + 2, (size_t)(end - body - 2), delimiter, length) : NULL;
        if (!stop || stop < body + 4)
            return -EBADMSG;
        if (form.count == limit)
            return -E2BIG;
        char *name = body > at ? part_name(arena, at + 2, (size_t)(body - at - 2)) : NULL; /* a head may be empty */
        int r = name ? add(arena, &form, &room, name, body + 4, (size_t)(stop - body - 4)) : 0;
        if (r < 0)
            return r;
        at = stop + length;
    }
    *ret_form = form;
    return 0;
}

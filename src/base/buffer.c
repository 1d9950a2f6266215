/* SPDX-License-Identifier: EUPL-1.2 */
/* A growing run of bytes that remembers a failed growth. Callers: base, signup, view, change,
 * report, page, mail, ctl. One thread. */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct buffer *buffer, size_t size)
{
    if (buffer->failed)
        return false;
    if (size > SIZE_MAX / 4 - buffer->size)
        goto fail;
    size_t need = buffer->size + size + 1;
    if (need <= buffer->room)
        return true;
    size_t room = buffer->room ? buffer->room : 256;
    while (room < need)
        room *= 2;
    char *data = realloc(buffer->data, room);
    if (!data)
        goto fail;
    buffer->data = data;
    buffer->room = room;
    return true;
fail:
    buffer->failed = true;
    return false;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
    if (!reserve(buffer, size))
        return;
    if (size > 0)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    if (size < 0)
        buffer->failed = true;
    else if (reserve(buffer, (size_t)size)) {
        (void)vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
        buffer->size += (size_t)size;
    }
    va_end(again);
    va_end(args);
}

int buffer_check(const struct buffer *buffer)
{
    return buffer->failed ? -ENOMEM : 0;
}

const char *buffer_string(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_done(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){ .data = NULL };
}

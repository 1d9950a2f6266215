/* SPDX-License-Identifier: EUPL-1.2 */
/* Memory taken piece by piece, given back at once. Callers: all rooms. One thread at a time. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 4096

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *blocks; /* the newest first; only that one is taken from */
};

struct arena *arena_new(void)
{
    return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + unit - 1) / unit * unit;

    struct block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = calloc(1, sizeof(*block) + room);
        if (!block)
            return NULL;
        block->size = room;
        if (size > BLOCK_SIZE && arena->blocks) { /* a large piece must not waste the rest of the open block */
            block->used = size;
            block->next = arena->blocks->next;
            arena->blocks->next = block;
            return block->bytes;
        }
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *piece = block->bytes + block->used;
    block->used += size;
    return piece;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    size_t more = *room ? *room * 2 : 8;
    void *copy = more > SIZE_MAX / 2 / size ? NULL : arena_take(arena, more * size);
    if (!copy)
        return NULL;
    if (count > 0)
        memcpy(copy, items, count * size);
    *room = more;
    return copy;
}

char *arena_copy_n(struct arena *arena, const char *text, size_t size)
{
    if (!text)
        return NULL;
    char *copy = arena_take(arena, size + 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
    return text ? arena_copy_n(arena, text, strlen(text)) : NULL;
}

char *arena_format_v(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    char *text = size < 0 ? NULL : arena_take(arena, (size_t)size + 1);
    if (text)
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_format_v(arena, format, args);
    va_end(args);
    return text;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of endpoints, searched by walking it: a few dozen patterns, no query. Pure. Caller: http/request. */
#include "http/route.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "http/decode.h"
#include "http/request.h"

struct slice { const char *name, *value; size_t name_size, value_size; };
struct slices { size_t count; struct slice items[ROUTE_PARTS]; };

/* How literal a segment's match is; 0 is none. */
enum { NONE, ANY, AROUND, LITERAL };

static unsigned match_segment(const char *pattern, size_t pattern_size, const char *text, size_t size,
                              struct slices *slices)
{
    const char *open = memchr(pattern, '{', pattern_size);
    if (!open)
        return pattern_size == size && memcmp(pattern, text, size) == 0 ? LITERAL : NONE;

    const char *end = pattern + pattern_size, *close = memchr(open, '}', (size_t)(end - open));
    if (!close || slices->count == ROUTE_PARTS)
        return NONE;
    size_t before = (size_t)(open - pattern), behind = (size_t)(end - close - 1);
    if (size <= before + behind || memcmp(pattern, text, before) != 0 ||
        memcmp(close + 1, text + size - behind, behind) != 0)
        return NONE;
    struct slice *slice = &slices->items[slices->count];
    *slice = (struct slice){
        .name = open + 1, .name_size = (size_t)(close - open - 1),
        .value = text + before, .value_size = size - before - behind,
    };
    slices->count++;
    return before + behind > 0 ? AROUND : ANY;
}

/* The rank of PATTERN for PATH, 0 if it does not fit. Patterns that fit one path have as many segments as it. */
static unsigned long match(const char *pattern, const char *path, struct slices *slices)
{
    unsigned long rank = 0;
    slices->count = 0;
    for (;;) {
        size_t pattern_size = strcspn(++pattern, "/"), size = strcspn(++path, "/");
        unsigned fit = match_segment(pattern, pattern_size, path, size, slices);
        if (fit == NONE)
            return 0;
        rank = rank * 4 + fit;
        pattern += pattern_size;
        path += size;
        if (*pattern != *path)
            return 0;
        if (!*path)
            return rank;
    }
}

static const char *allow_text(unsigned methods)
{
    static const char *const texts[] = { "", "GET, HEAD", "POST", "GET, HEAD, POST" };
    return texts[methods & (HTTP_GET | HTTP_POST)];
}

int route_find(struct arena *arena, const struct endpoint *const *endpoints, size_t count, bool language,
               const char *path, unsigned method, struct route *ret_route)
{
    const struct endpoint *found = NULL;
    struct slices slices, best = { 0 };
    unsigned long best_rank = 0;
    unsigned methods = 0;

    for (size_t i = 0; i < count; i++) {
        const struct endpoint *endpoint = endpoints[i];
        if (language && !endpoint->language)
            continue;
        unsigned long rank = match(endpoint->path, path, &slices);
        if (rank == 0 || rank < best_rank)
            continue;
        if (rank > best_rank) {
            found = NULL;
            methods = 0;
            best_rank = rank;
        }
        methods |= endpoint->methods;
        if (!found && (endpoint->methods & method)) {
            found = endpoint;
            best = slices;
        }
    }
    if (best_rank == 0)
        return 404;

    struct route route = { .endpoint = found, .allow = allow_text(methods) };
    for (size_t i = 0; i < best.count; i++) {
        struct route_part *part = &route.parts[route.part_count++];
        char *value;
        int r = decode_segment(arena, best.items[i].value, best.items[i].value_size, &value);
        if (r == -EILSEQ || (r == 0 && (strcmp(value, ".") == 0 || strcmp(value, "..") == 0)))
            return 404; /* we name nothing so; and no endpoint shall ever meet a dot segment */
        if (r < 0)
            return r;
        part->value = value;
        part->name = arena_copy_n(arena, best.items[i].name, best.items[i].name_size);
        if (!part->name)
            return -ENOMEM;
    }
    *ret_route = route;
    return found ? 0 : 405;
}

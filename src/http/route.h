/* SPDX-License-Identifier: EUPL-1.2 */
/* Which endpoint a path means. Pure. Caller: http/request. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct endpoint;

#define ROUTE_PARTS 4

struct route_part { const char *name, *value; };

struct route {
    const struct endpoint *endpoint;     /* NULL unless 0 came back */
    const char *allow;                   /* of a 405: the value of Allow */
    size_t part_count;
    struct route_part parts[ROUTE_PARTS];
};

/* PATH begins with "/" and is as it came. A pattern's segment is literal, or holds one `{name}` with literal text
 * around it (`{slug}.ics`); the more literal pattern wins. LANGUAGE: only endpoints that stand behind /LANG too.
 * 0; 404; 405; -ENOMEM. */
int route_find(struct arena *arena, const struct endpoint *const *endpoints, size_t count, bool language,
               const char *path, unsigned method, struct route *ret_route) __attribute__((warn_unused_result));

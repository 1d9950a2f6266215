/* SPDX-License-Identifier: EUPL-1.2 */
/* The request target as it came: http/check, the query, http/route. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "http/check.h"
#include "http/decode.h"
#include "http/request.h"
#include "http/route.h"

#define QUERY_FIELDS 32
#define TARGET_LIMIT 2048

static const struct endpoint endpoint_list[] = {
    { .name = "root", .path = "/", .methods = HTTP_GET, .language = true },
    { .name = "event", .path = "/e/{slug}", .methods = HTTP_GET | HTTP_POST, .language = true },
    { .name = "entry", .path = "/e/{slug}.ics", .methods = HTTP_GET, .language = true },
    { .name = "privacy", .path = "/e/{slug}/privacy", .methods = HTTP_GET, .language = true },
    { .name = "manage", .path = "/r/{token}", .methods = HTTP_GET, .language = true },
    { .name = "cancel", .path = "/r/{token}/cancel", .methods = HTTP_GET, .language = true },
    { .name = "cancelled", .path = "/r/{token}/cancel", .methods = HTTP_POST, .language = true },
    { .name = "static", .path = "/static/{name}", .methods = HTTP_GET },
    { .name = "deep", .path = "/{a}/{b}/x{c}y/{d}", .methods = HTTP_GET },
    { .name = "security", .path = "/.well-known/security.txt", .methods = HTTP_GET },
};
#define ENDPOINTS (sizeof endpoint_list / sizeof *endpoint_list)

static void find(struct arena *arena, const char *path, bool language, unsigned method)
{
    const struct endpoint *endpoints[ENDPOINTS];
    struct route route = { .part_count = 77 };
    for (size_t i = 0; i < ENDPOINTS; i++)
        endpoints[i] = &endpoint_list[i];
    int r = route_find(arena, endpoints, ENDPOINTS, language, path, method, &route);
    FUZZ_PROMISE(r == 0 || r == 404 || r == 405);
    if (r == 404)
        return;
    FUZZ_PROMISE(route.part_count <= ROUTE_PARTS && route.allow && (route.endpoint != NULL) == (r == 0));
    FUZZ_PROMISE(r == 405 || (route.endpoint->methods & method));
    for (size_t i = 0; i < route.part_count; i++) {
        const char *value = route.parts[i].value;
        FUZZ_PROMISE(route.parts[i].name && value && !strchr(value, '/'));
        FUZZ_PROMISE(text_is_utf8(value, strlen(value)));
        FUZZ_PROMISE(strcmp(value, ".") != 0 && strcmp(value, "..") != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *target = fuzz_text(data, size);
    int status = check_target(target);
    FUZZ_PROMISE(status == 0 || status == 400 || status == 414);
    if (status != 0) {
        free(target);
        return 0;
    }
    FUZZ_PROMISE(target[0] == '/' && target[1] != '/' && strlen(target) <= TARGET_LIMIT);
    struct arena *arena = arena_new();
    struct form query;
    FUZZ_PROMISE(arena);
    char *question = strchr(target, '?');
    const char *text = question ? question + 1 : "";
    int r = decode_form(arena, text, strlen(text), QUERY_FIELDS, &query);
    FUZZ_PROMISE(r == -E2BIG || (r == 0 && query.count <= QUERY_FIELDS));
    if (question)
        *question = '\0';
    static const unsigned methods[] = { HTTP_GET, HTTP_POST, 0 };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        find(arena, target, false, methods[i]);
        find(arena, target, true, methods[i]);
    }
    arena_free(arena);
    free(target);
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* http/route and the checks of http/check that need no request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/check.h"
#include "http/request.h"
#include "http/route.h"

static const struct endpoint list = { .name = "list", .path = "/", .methods = HTTP_GET, .language = true };
static const struct endpoint event = { .name = "event", .path = "/e/{slug}", .methods = HTTP_GET, .language = true };
static const struct endpoint sign_up = { .name = "sign_up", .path = "/e/{slug}", .methods = HTTP_POST,
                                         .language = true };
static const struct endpoint entry = { .name = "entry", .path = "/e/{slug}.ics", .methods = HTTP_GET };
static const struct endpoint find = { .name = "find", .path = "/e/find", .methods = HTTP_POST };
static const struct endpoint cancel = { .name = "cancel", .path = "/r/{token}/{what}",
                                        .methods = HTTP_GET | HTTP_POST, .language = true };
static const struct endpoint *const endpoints[] = { &list, &event, &sign_up, &entry, &find, &cancel };

static const struct {
    const char *path;
    unsigned method;
    bool language;
    int status;
    const char *result; /* the endpoint's name and its parts, or what Allow says */
} cases[] = {
    { "/", HTTP_GET, false, 0, "list" },
    { "/", HTTP_POST, false, 405, "GET, HEAD" },
    { "/", 0, false, 405, "GET, HEAD" },
    { "/", HTTP_GET, true, 0, "list" },
    { "/e", HTTP_GET, false, 404, "" },
    { "/e/", HTTP_GET, false, 404, "" },
    { "/e/x", HTTP_GET, false, 0, "event slug=x" },
    { "/e/x", HTTP_POST, false, 0, "sign_up slug=x" },
    { "/e/x", 0, false, 405, "GET, HEAD, POST" },
    { "/e/x", HTTP_POST, true, 0, "sign_up slug=x" },
    { "/e/x/", HTTP_GET, false, 404, "" },
    { "/e/x/y", HTTP_GET, false, 404, "" },
    { "/e/x.ics", HTTP_GET, false, 0, "entry slug=x" },
    { "/e/x.ics", HTTP_POST, false, 405, "GET, HEAD" },
    { "/e/x.ics", HTTP_GET, true, 0, "event slug=x.ics" },
    { "/e/.ics", HTTP_GET, false, 0, "event slug=.ics" },
    { "/e/find", HTTP_POST, false, 0, "find" },
    { "/e/find", HTTP_GET, false, 405, "POST" },
    { "/e/%C3%B5", HTTP_GET, false, 0, "event slug=õ" },
    { "/e/a%2Fb", HTTP_GET, false, 404, "" },
    { "/e/%ff", HTTP_GET, false, 404, "" },
    { "/e/..", HTTP_GET, false, 404, "" },
    { "/e/%2e%2E", HTTP_GET, false, 404, "" },
    { "/e/.", HTTP_GET, false, 404, "" },
    { "/e//x", HTTP_GET, false, 404, "" },
    { "/r/t/cancel", HTTP_GET, false, 0, "cancel token=t what=cancel" },
    { "/r/t/cancel", HTTP_POST, true, 0, "cancel token=t what=cancel" },
    { "/r/t", HTTP_GET, false, 404, "" },
    { "/%65/x", HTTP_GET, false, 404, "" },
};

static void routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char result[128] = "";
        struct route route = { 0 };
        struct arena *arena = arena_new();
        int status = route_find(arena, endpoints, sizeof(endpoints) / sizeof(endpoints[0]), cases[i].language,
                                cases[i].path, cases[i].method, &route);
        if (status == 405)
            (void)snprintf(result, sizeof(result), "%s", route.allow);
        else if (status == 0) {
            int n = snprintf(result, sizeof(result), "%s", route.endpoint->name);
            for (size_t part = 0; part < route.part_count; part++)
                n += snprintf(result + n, sizeof(result) - (size_t)n, " %s=%s", route.parts[part].name,
                              route.parts[part].value);
        }
        if (status != cases[i].status || strcmp(result, cases[i].result) != 0)
            fail_msg("%s: %d %s", cases[i].path, status, result);
        arena_free(arena);
    }
}

static void targets(void **state)
{
    static const struct { const char *target; int status; } targets[] = {
        { "/", 0 }, { "/e/x?a=1&b=%41", 0 }, { "/a//b", 0 },
        { "", 400 }, { "*", 400 }, { "e/x", 400 }, { "//evil/x", 400 }, { "http://evil/x", 400 },
        { "example.org:1", 400 },
        { "/a%00b", 400 }, { "/a%zz", 400 }, { "/a%4", 400 }, { "/a%", 400 }, { "/?a=%", 400 }, { "/a#b", 400 },
        { "/a\x7f", 400 }, { "/\xc3\xb5", 400 }, { "/a\tb", 400 }, { "/a b", 400 },
    };
    char target[2050];
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (check_target(targets[i].target) != targets[i].status)
            fail_msg("%s: %d", targets[i].target, check_target(targets[i].target));
    memset(target, 'a', sizeof(target));
    target[0] = '/';
    target[2049] = '\0';
    assert_int_equal(check_target(target), 414);
    target[2048] = '\0';
    assert_int_equal(check_target(target), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes),
        cmocka_unit_test(targets),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}

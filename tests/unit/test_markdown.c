/* SPDX-License-Identifier: EUPL-1.2 */
/* Markdown to HTML, plain text and leads: tests/table/markdown.json, and texts made to hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/markdown.h"

static const char *source_folder(void)
{
    const char *folder = getenv("srcdir");
    return folder ? folder : ".";
}

static char *convert(struct arena *arena, const json_t *item)
{
    const char *to = json_string_value(json_object_get(item, "to"));
    const char *text = json_string_value(json_object_get(item, "text"));
    assert_true(to && text);
    if (strcmp(to, "html") == 0)
        return markdown_html(arena, text, (int)json_integer_value(json_object_get(item, "top")));
    if (strcmp(to, "plain") == 0)
        return markdown_plain(arena, text, (int)json_integer_value(json_object_get(item, "columns")));
    assert_string_equal(to, "lead");
    return markdown_lead(arena, text);
}

static void table(void **state)
{
    (void)state;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/table/markdown.json", source_folder());
    json_error_t error;
    json_t *cases = json_load_file(path, 0, &error), *item;
    if (!cases)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    assert_true(json_array_size(cases) > 50);
    struct arena *arena = arena_new();
    assert_non_null(arena);
    size_t position, wrong = 0;
    json_array_foreach(cases, position, item) {
        const char *expected = json_string_value(json_object_get(item, "expected"));
        const char *got = convert(arena, item);
        assert_true(expected && got);
        if (strcmp(got, expected) == 0)
            continue;
        wrong++;
        print_error("%s: %s: got [%s], not [%s]\n", json_string_value(json_object_get(item, "to")),
                    json_string_value(json_object_get(item, "name")), got, expected);
    }
    arena_free(arena);
    json_decref(cases);
    assert_int_equal(wrong, 0);
}

/* Twenty thousand characters, the most a definition may bring, of what nests deepest: answered, and quickly. */
static void deep_nesting(void **state)
{
    (void)state;
    static const char *const pieces[] = { ">", "> ", "- ", "1. ", "*a _b ", "![", "[", "<b>", "#", "`" };
    static char text[20001];
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t size = strlen(pieces[i]);
        for (size_t at = 0; at + 1 < sizeof text; at++)
            text[at] = pieces[i][at % size];
        struct arena *arena = arena_new();
        assert_non_null(arena);
        assert_non_null(markdown_html(arena, text, 2));
        assert_non_null(markdown_plain(arena, text, 72));
        assert_non_null(markdown_lead(arena, text));
        arena_free(arena);
    }
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_non_null(arena);
    assert_string_equal(markdown_html(arena, "a\xff" "b", 2), "<p>a\ufffd" "b</p>\n");
    assert_string_equal(markdown_plain(arena, "a\xff" "b", 72), "a\ufffd" "b\n");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(bytes_that_are_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

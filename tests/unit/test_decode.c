/* SPDX-License-Identifier: EUPL-1.2 */
/* http/decode against tests/table/decode.txt, and base/form. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/form.h"
#include "http/decode.h"

#define FIELDS 8

/* As the table writes it: controls in hex, in bad values all that is not ASCII too. */
static void spell(struct buffer *out, const struct form_value *value)
{
    for (size_t i = 0; i < value->size; i++) {
        unsigned char c = (unsigned char)value->value[i];
        if (c == 0)
            buffer_text(out, "\\0");
        else if (c < 0x20 || (c >= 0x80 && value->bad))
            buffer_format(out, "\\%02x", c);
        else
            buffer_add(out, &c, 1);
    }
}

static void form_meaning(struct arena *arena, const char *raw, struct buffer *out)
{
    struct form form = { .count = 77 };
    int r = decode_form(arena, raw, strlen(raw), FIELDS, &form);
    if (r < 0) {
        assert_int_equal(r, -E2BIG);
        assert_int_equal(form.count, 77); /* untouched */
        buffer_text(out, "error");
        return;
    }
    for (size_t i = 0; i < form.count; i++) {
        buffer_format(out, "[%s|", form.values[i].name);
        spell(out, &form.values[i]);
        assert_int_equal(form.values[i].value[form.values[i].size], '\0');
        buffer_text(out, form.values[i].bad ? "]!" : "]");
    }
}

static void segment_meaning(struct arena *arena, const char *raw, struct buffer *out)
{
    char *text = NULL;
    int r = decode_segment(arena, raw, strlen(raw), &text);
    assert_true(r == 0 || r == -EILSEQ);
    buffer_text(out, r == 0 ? text : "error");
}

static void table(void **state)
{
    const char *root = getenv("srcdir");
    char path[4096], line[1024];
    unsigned number = 0, cases = 0, wrong = 0;
    (void)state;

    snprintf(path, sizeof(path), "%s/tests/table/decode.txt", root ? root : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        char *arrow = strstr(line, " =>");
        assert_non_null(arrow);
        *arrow = '\0';
        const char *meaning = arrow + 3 + (arrow[3] == ' ');
        bool is_form = strncmp(line, "form ", 5) == 0;
        struct arena *arena = arena_new();
        struct buffer out = { 0 };
        assert_non_null(arena);
        if (is_form)
            form_meaning(arena, line + 5, &out);
        else
            segment_meaning(arena, line + strlen("segment "), &out);
        assert_int_equal(buffer_check(&out), 0);
        if (strcmp(buffer_string(&out), meaning) != 0) {
            print_error("decode.txt:%u: %s: %s, not %s\n", number, line, buffer_string(&out), meaning);
            wrong++;
        }
        buffer_done(&out);
        arena_free(arena);
        cases++;
    }
    (void)fclose(file);
    assert_true(cases > 40);
    assert_int_equal(wrong, 0);
}

static void empty(void **state)
{
    struct form form;
    struct arena *arena = arena_new();
    (void)state;
    assert_int_equal(decode_form(arena, NULL, 0, FIELDS, &form), 0);
    assert_int_equal(form.count, 0);
    arena_free(arena);
}

static void form(void **state)
{
    static const char raw[] = "a=1&a=2&b=%ff&b=3&c=";
    struct form form;
    struct arena *arena = arena_new();
    (void)state;
    assert_int_equal(decode_form(arena, raw, strlen(raw), FIELDS, &form), 0);
    assert_string_equal(form_value(&form, "a"), "1");
    assert_null(form_value(&form, "b")); /* its first is bad */
    assert_string_equal(form_value(&form, "c"), "");
    assert_null(form_value(&form, "d"));
    assert_true(form_has(&form, "a", "2"));
    assert_true(form_has(&form, "b", "3"));
    assert_false(form_has(&form, "b", "\xff"));
    assert_false(form_has(&form, "c", "1"));
    assert_int_equal(form_times(&form, "b"), 2);
    assert_int_equal(form_times(&form, "d"), 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(empty),
        cmocka_unit_test(form),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}

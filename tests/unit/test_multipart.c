/* SPDX-License-Identifier: EUPL-1.2 */
/* http/multipart: what RFC 8058 lets mail providers post, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/form.h"
#include "http/multipart.h"

#define NAME(name) "Content-Disposition: form-data; name=\"" name "\""
#define ONE "--b\r\n" NAME("List-Unsubscribe") "\r\n\r\nOne-Click\r\n--b--\r\n"

static void boundary_is_found(void **state)
{
    static const struct { const char *type, *boundary; } cases[] = {
        { "multipart/form-data; boundary=b", "b" },
        { " Multipart/Form-Data;charset=x; Boundary=\"a b\"", "a b" },
        { "multipart/form-data; boundary=abc; charset=x", "abc" },
        { "multipart/form-data", NULL },
        { "multipart/form-data; boundary=", NULL },
        { "multipart/form-data; boundary=\"open", NULL },
        { "multipart/form-datax; boundary=b", NULL },
        { "multipart/mixed; boundary=b", NULL },
        { "application/x-www-form-urlencoded", NULL },
        { "multipart/form-data; boundary="
          "01234567890123456789012345678901234567890123456789012345678901234567890", NULL },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *boundary = multipart_boundary(arena, cases[i].type);
        if (cases[i].boundary)
            assert_string_equal(boundary, cases[i].boundary);
        else
            assert_null(boundary);
    }
    arena_free(arena);
}

static void parts_are_read(void **state)
{
    static const char two[] = "--b\r\ncontent-type: text/plain\r\n"
                              "content-disposition: form-data; name=a\r\n\r\n1\r\n2\r\n"
                              "--b\r\n" NAME("f") "; filename=\"x\"\r\n\r\nfile\r\n"
                              "--b\r\n" NAME("c") "\r\n\r\n\r\n--b--";
    (void)state;
    struct arena *arena = arena_new();
    struct form form;
    assert_int_equal(multipart_decode(arena, ONE, strlen(ONE), "b", 10, &form), 0);
    assert_int_equal(form.count, 1);
    assert_string_equal(form_value(&form, "List-Unsubscribe"), "One-Click");
    assert_int_equal(form.values[0].size, 9);
    assert_int_equal(multipart_decode(arena, two, strlen(two), "b", 10, &form), 0);
    assert_int_equal(form.count, 2); /* the file is not read */
    assert_string_equal(form_value(&form, "a"), "1\r\n2");
    assert_string_equal(form_value(&form, "c"), "");
    assert_int_equal(multipart_decode(arena, two, strlen(two), "b", 1, &form), -E2BIG);
    arena_free(arena);
}

/* Its size was counted below nothing. */
static void a_part_without_a_head_is_nobodys(void **state)
{
    static const char body[] = "--b\r\n\r\n\r\n--b\r\n" NAME("a") "\r\n\r\n1\r\n--b--";
    (void)state;
    struct arena *arena = arena_new();
    struct form form;
    assert_int_equal(multipart_decode(arena, body, strlen(body), "b", 10, &form), 0);
    assert_int_equal(form.count, 1);
    arena_free(arena);
}

static void bad_values_are_marked(void **state)
{
    static const char body[] = "--b\r\n" NAME("a") "\r\n\r\n\xff\r\n--b\r\n" NAME("z") "\r\n\r\n1\0002\r\n--b--\r\n";
    (void)state;
    struct arena *arena = arena_new();
    struct form form;
    assert_int_equal(multipart_decode(arena, body, sizeof(body) - 1, "b", 10, &form), 0);
    assert_int_equal(form.count, 2);
    assert_true(form.values[0].bad && form.values[1].bad);
    assert_null(form_value(&form, "a"));
    arena_free(arena);
}

/* Every way to cut it off, and what is none from the start. */
static void else_it_is_refused(void **state)
{
    static const char *const cases[] = { "List-Unsubscribe=One-Click", "--c\r\n\r\n\r\n--c--", "--b", "--b\r\n",
                                         "--bb\r\n" NAME("a") "\r\n\r\n1\r\n--b--", "x\r\n" ONE,
                                         "--b\r\n" NAME("a") "\r\n\r\n--b--", /* no value at all */
                                         "--b\n" NAME("a") "\n\n1\n--b--\n" };
    (void)state;
    struct arena *arena = arena_new();
    struct form form;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(multipart_decode(arena, cases[i], strlen(cases[i]), "b", 10, &form), -EBADMSG);
    for (size_t size = 0; size < strlen(ONE) - 2; size++) {
        const char *cut = arena_copy_n(arena, ONE, size);
        assert_int_equal(multipart_decode(arena, cut, size, "b", 10, &form), -EBADMSG);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundary_is_found),
        cmocka_unit_test(parts_are_read),
        cmocka_unit_test(a_part_without_a_head_is_nobodys),
        cmocka_unit_test(bad_values_are_marked),
        cmocka_unit_test(else_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

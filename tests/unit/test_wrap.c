/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/wrap: lines of a text mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "mail/wrap.h"

static const struct { const char *text, *expected; } cases[] = {
    { "", "" },
    { "\n\n", "" },
    { "one two\n", "one two\n" },
    { "one two", "one two\n" },
    { "one two three four five\n", "one two three four\nfive\n" },          /* 18 columns and 23 */
    { "ąčęėįšųūž ąčęėįšųūž\nx\n", "ąčęėįšųūž ąčęėįšųūž\nx\n" },             /* characters, not bytes: 19 */
    { "see https://events.cluster.example/r/abc now\n", "see\nhttps://events.cluster.example/r/abc\nnow\n" },
    { "a\n\n\n\nb\n\n", "a\n\nb\n" },                                       /* one empty line, none at the end */
    { "\na\n", "a\n" },
    { "  When   Thu and more words\n", "  When   Thu and\n         more words\n" }, /* hangs under its column */
    { "         Vilnius and Brussels\n", "         Vilnius and\n         Brussels\n" },
    { "trailing blanks   \nx\n", "trailing blanks\nx\n" },
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buffer out = { 0 };
        wrap_text(cases[i].text, 20, &out);
        assert_int_equal(buffer_check(&out), 0);
        assert_string_equal(buffer_string(&out), cases[i].expected);
        buffer_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(table) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

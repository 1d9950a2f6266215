/* SPDX-License-Identifier: EUPL-1.2 */
/* report/csv and ctl/table: what spreadsheets and terminals are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/table.h"
#include "report/csv.h"

static void cells(void **state)
{
    static const char *const cases[][2] = {
        { "", "" }, { "Mari", "Mari" }, { "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" }, { "a\nb", "\"a\nb\"" },
        { "a\r\nb", "\"a\r\nb\"" },
        { " a", "\" a\"" }, { "a ", "\"a \"" }, { "a;b", "\"a;b\"" }, { "Õun", "Õun" },
        /* formulas */
        { "=1+1", "'=1+1" }, { "+372 5", "'+372 5" }, { "-1", "'-1" }, { "@SUM(A1)", "'@SUM(A1)" },
        { "\t=1", "\"'\t=1\"" },
        { "\r=1", "\"'\r=1\"" }, { "=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"" },
        { "\xef\xbc\x9d""1", "'\xef\xbc\x9d""1" },
        { "a=1", "a=1" }, { "1-1", "1-1" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = NULL, expected[128];
        size_t size;
        FILE *out = open_memstream(&text, &size);
        struct csv csv;
        assert_non_null(out);
        csv_begin(&csv, out);
        csv_text(&csv, cases[i][0]);
        csv_number(&csv, "-5");
        csv_text(&csv, NULL);
        csv_end_row(&csv);
        csv_text(&csv, "next");
        csv_end_row(&csv);
        fclose(out);
        snprintf(expected, sizeof(expected), "\xef\xbb\xbf%s,-5,\r\nnext\r\n", cases[i][1]);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void aligned(void **state)
{
    static const char *const headings[] = { "A", "NAME", "B" };
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct table *table = table_new(headings, 3);
    (void)state;

    assert_non_null(out);
    assert_non_null(table);
    static const char *const rows[] = { "1", "O\xcc\x83un", "x", "22", "渡辺", "y\x1b[31m", "3", NULL, "z\n" };
    for (size_t i = 0; i < 9; i++)
        table_add(table, rows[i]);
    assert_int_equal(table_print(table, out), 0);
    fclose(out);
    table_free(table);
    assert_string_equal(text, "A   NAME  B\n1   O\xcc\x83un   x\n22  渡辺  y?[31m\n3         z \n");
    free(text);
}

static void indented(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;

    assert_non_null(out);
    table_print_text("one\ntwo\x07\xe2\x80\xae", 2, out);
    fclose(out);
    assert_string_equal(text, "one\n  two??");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cells), cmocka_unit_test(aligned),
        cmocka_unit_test(indented) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

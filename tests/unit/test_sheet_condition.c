/* SPDX-License-Identifier: EUPL-1.2 */
/* view/sheet_condition against tests/table/sheet_conditions.txt, which says how it is read; and a sheet as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "event/definition.h"
#include "view/sheet_condition.h"

#define OPTIONS(a, b) "options = ( { id = \"" a "\"; label = \"A\"; }, { id = \"" b "\"; label = \"B\"; } ); }, "

#define OPTIONS_END "options = ( { id = \"a\"; label = \"A\"; }, { id = \"b\"; label = \"B\"; } ); }"

static const char before[] =
    "slug = \"lab\"; languages = [ \"en\" ]; title = \"Lab\"; zone = \"Europe/Tallinn\"; starts = \"2027-03-18T09:00\";"
    "ends = \"2027-03-18T16:00\"; place = \"Tartu\"; modes = ( { id = \"onsite\"; }, { id = \"online\"; } );"
    "sessions = ( { id = \"one\"; title = \"One\"; round = \"a\"; },"
    "{ id = \"two\"; title = \"Two\"; round = \"a\"; }, { id = \"tour\"; title = \"Tour\"; choose = \"many\";"
    "capacity = { onsite = 5; online = 0; }; } );"
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; required = true; label = \"N\"; },"
    "{ id = \"email\"; type = \"email\"; role = \"email\"; required = true; label = \"E\"; },"
    "{ id = \"kind\"; type = \"choice\"; label = \"K\"; " OPTIONS("a", "b")
    "{ id = \"tools\"; type = \"choices\"; label = \"T\"; " OPTIONS("x", "y")
    "{ id = \"ranks\"; type = \"ranking\"; label = \"R\"; " OPTIONS("r1", "r2")
    "{ id = \"land\"; type = \"country\"; label = \"L\"; }, { id = \"news\"; type = \"consent\"; label = \"W\"; },"
    "{ id = \"ease\"; type = \"scale\"; label = \"S\"; }, { id = \"years\"; type = \"number\"; label = \"Y\"; },"
    "{ id = \"words\"; type = \"text\"; label = \"O\"; }, { id = \"day\"; type = \"date\"; label = \"D\"; },"
    "{ id = \"via\"; type = \"hidden\"; label = \"V\"; default = \"web\"; },"
    "{ id = \"second\"; type = \"choice\"; label = \"2\"; show_if = \"kind = a\"; " OPTIONS("p", "q")
    "{ id = \"third\"; type = \"choice\"; label = \"3\"; show_if = \"second in (p)\"; " OPTIONS("v", "w")
    "{ id = \"maybe\"; type = \"choice\"; label = \"4\"; show_if = \"years > 3\"; " OPTIONS("m", "n")
    "{ id = \"typed\"; type = \"text\"; label = \"5\"; show_if = \"kind = a\"; }, ";
static const char after[] = " );";

/* The sheet of the definition that ends with FIELDS; NULL: it has none. */
static char *sheet_of(const char *fields)
{
    const struct event_definition *definition;
    char text[8192], *data;
    size_t size;

    (void)snprintf(text, sizeof text, "%s%s%s", before, fields, after);
    assert_int_equal(event_definition_parse(text, strlen(text), "lab.conf", NULL, &definition), 0);
    assert_int_equal(sheet_condition_make(definition, &data, &size), 0);
    event_definition_unref(definition);
    assert_true(!data || size == strlen(data));
    return data;
}

/* K(name: a b) spelled out; everything else as it is. */
static void spell(const char *text, char *out, size_t room)
{
    size_t size = 0;

    out[0] = '\0';
    while (*text && size + 1 < room) {
        char name[40], values[80], *rest = values;
        int length = 0;

        if (sscanf(text, "K(%39[^:]: %79[^)])%n", name, values, &length) == 2 && length > 0) {
            const char *value, *comma = "";

            size += (size_t)snprintf(out + size, room - size, ":has(:is([name=\"%s\"],[name=\"%s\"] *):is(",
                                     name, name);
            while ((value = strsep(&rest, " ")) != NULL) {
                size += (size_t)snprintf(out + size, room - size, "%s[value=\"%s\"]", comma, value);
                comma = ",";
            }
            size += (size_t)snprintf(out + size, room - size, "):checked)");
            text += length;
        } else {
            out[size++] = *text++;
            out[size] = '\0';
        }
    }
    assert_true(size + 1 < room);
}

static void check(const char *condition, const char *selector)
{
    char field[800], wanted[2000] = "", spelled[1000], *sheet, *line;

    (void)snprintf(field, sizeof field, "{ id = \"last\"; type = \"text\"; label = \"Z\"; show_if = \"%s\"; }",
                   condition);
    sheet = sheet_of(field);
    assert_non_null(sheet);
    line = strstr(sheet, ".if-last{");
    if (strcmp(selector, "always") == 0) {
        (void)snprintf(wanted, sizeof wanted, ".if-last{display:none}");
    } else if (*selector) {
        spell(selector, spelled, sizeof spelled);
        (void)snprintf(wanted, sizeof wanted, "form%s .if-last{display:none}", spelled);
    }
    if (line) {
        while (line > sheet && line[-1] != '\n')
            line--;
        line[strcspn(line, "\n")] = '\0';
    }
    if (strcmp(line ? line : "", wanted) != 0)
        fail_msg("%s: %s, not %s", condition, line ? line : "nothing", wanted);
    free(sheet);
}

static void table(void **state)
{
    const char *folder = getenv("srcdir");
    char path[512], line[600];
    size_t count = 0;
    FILE *file;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/tests/table/sheet_conditions.txt", folder ? folder : ".");
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *bar = strrchr(line, '|'), *selector;

        if (line[0] == '#' || line[0] == '\n')
            continue;
        assert_non_null(bar);
        bar[-1] = '\0';
        selector = bar + 1 + strspn(bar + 1, " ");
        selector[strcspn(selector, "\n")] = '\0';
        check(line, selector);
        count++;
    }
    assert_int_equal(fclose(file), 0);
    assert_true(count > 35);
}

static void whole(void **state)
{
    char *sheet = sheet_of("{ id = \"x1\"; type = \"text\"; label = \"X\"; show_if = \"kind = a\"; },"
                           "{ id = \"firm\"; type = \"organisation\"; label = \"F\"; parts_if = \"kind = b\"; }");
    const char *rule;

    (void)state;
    assert_non_null(sheet);
    assert_ptr_equal(strstr(sheet, "@media screen{@supports selector(:has(*)){\n"), sheet);
    rule = strstr(sheet, ".if-second{display:none}");
    assert_non_null(rule);
    assert_null(strstr(rule + 1, ".if-second{"));
    assert_null(strstr(sheet, ".if-x1")); /* its condition is the second field's */
    assert_null(strstr(sheet, ".if-maybe")); /* nothing that a sheet can see */
    /* for whom it is need not be read any more where that is clear */
    assert_non_null(strstr(sheet, "form:has(:is([name=\"kind\"],[name=\"kind\"] *):is([value=\"a\"]):checked)"
                                  " .if-second>.hint:first-child{"));
    assert_non_null(strstr(sheet, "form:has(:is([name=\"mode\"],[name=\"mode\"] *):is([value=\"onsite\"]):checked)"
                                  " .if-session-tour>.hint:first-child{"));
    /* the further parts of an organisation */
    assert_non_null(strstr(sheet, "form:not(:has(:is([name=\"kind\"],[name=\"kind\"] *):is([value=\"b\"]):checked))"
                                  " .if-parts-firm{display:none}\n"));
    assert_null(strstr(sheet, ".if-firm{"));
    /* a round that is not held online; one that is held everywhere has no rule */
    assert_non_null(strstr(sheet, "form:not(:not(:has(:is([name=\"mode\"],[name=\"mode\"] *):is([value=\"online\"])"
                                  ":checked))) .if-session-tour{display:none}\n"));
    assert_null(strstr(sheet, ".if-session-a{"));
    assert_string_equal(sheet + strlen(sheet) - 3, "}}\n");
    free(sheet);
}

/* Thirty questions, each twice about the one before it: the selector would double each time. */
static void chains_end(void **state)
{
    char fields[6000] = "", *sheet;
    size_t size = 0;

    (void)state;
    for (int i = 0; i < 30; i++) {
        char condition[80];

        (void)snprintf(condition, sizeof condition, "c%d = a or c%d = b", i - 1, i - 1);
        size += (size_t)snprintf(fields + size, sizeof fields - size,
                                 "%s{ id = \"c%d\"; type = \"choice\"; label = \"C\"; show_if = \"%s\"; "
                                 OPTIONS_END,
                                 i > 0 ? ", " : "", i, i > 0 ? condition : "kind = a");
    }
    assert_true(size < sizeof fields);
    sheet = sheet_of(fields);
    assert_non_null(sheet);
    assert_true(strlen(sheet) < 30 * 4300);
    assert_non_null(strstr(sheet, ".if-c1{"));
    free(sheet);
}

static void nothing_to_hide(void **state)
{
    static const char text[] =
        "slug = \"lab\"; languages = [ \"en\" ]; title = \"Lab\"; zone = \"Europe/Tallinn\";"
        "starts = \"2027-03-18T09:00\"; ends = \"2027-03-18T16:00\"; place = \"Tartu\"; fields = ("
        "{ id = \"name\"; type = \"text\"; role = \"name\"; required = true; label = \"N\"; },"
        "{ id = \"email\"; type = \"email\"; role = \"email\"; required = true; label = \"E\"; } );";
    const struct event_definition *definition;
    char *data = (char *)text;
    size_t size = 1;

    (void)state;
    assert_int_equal(event_definition_parse(text, strlen(text), "lab.conf", NULL, &definition), 0);
    assert_int_equal(sheet_condition_make(definition, &data, &size), 0);
    assert_null(data);
    assert_int_equal(size, 0);
    event_definition_unref(definition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(whole),
        cmocka_unit_test(chains_end),
        cmocka_unit_test(nothing_to_hide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

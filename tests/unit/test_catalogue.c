/* SPDX-License-Identifier: EUPL-1.2 */
/* Catalogues: nesting, fallback, plural forms, placeholders, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "view/catalogue.h"

static const char english[] =
    "{ \"language\": { \"name\": \"English\" }, \"form\": { \"send\": \"Register\", \"deep\": { \"er\": \"Deeper\" } },"
    "  \"flat.key\": \"Flat\", \"hello\": \"Dear {{name}}, see you in {{ city }}\", \"only\": \"Only here\","
    "  \"places_one\": \"{{count}} place\", \"places_other\": \"{{count}} places\","
    "  \"seats_zero\": \"No seat\", \"seats_one\": \"One seat\", \"seats_other\": \"{{count}} seats\","
    "  \"late_one\": \"{{count}} day late\", \"late_other\": \"{{count}} days late\","
    "  \"i18n\": \"{{- name}} {{count, number}} {{none}} {{\", \"plain\": \"Just {{count}}\" }";
static const char lithuanian[] =
    "{ \"language\": { \"name\": \"Lietuvių\" }, \"form\": { \"send\": \"Registruotis\" },"
    "  \"places_one\": \"{{count}} vieta\", \"places_few\": \"{{count}} vietos\","
    "  \"places_many\": \"{{count}} vietos dalies\", \"places_other\": \"{{count}} vietų\","
    "  \"seats_other\": \"{{count}} kėdžių\" }";
static const char latvian[] =
    "{ \"language\": { \"name\": \"Latviešu\" }, \"places_zero\": \"{{count}} vietu\","
    "  \"places_one\": \"{{count}} vieta\", \"places_other\": \"{{count}} vietas\" }";

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

struct fixture {
    char folder[40];
    struct catalogues *all;
    struct arena *arena;
    const struct catalogue *en, *lt, *lv;
};

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->folder, "/tmp/test_catalogue.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    write_file(f->folder, "lt.json", lithuanian);
    write_file(f->folder, "en.json", english);
    write_file(f->folder, "lv.json", latvian);
    write_file(f->folder, "notes.txt", "not ours");
    assert_int_equal(catalogues_load(f->folder, &f->all), 0);
    f->en = catalogues_find(f->all, "en");
    f->lt = catalogues_find(f->all, "lt");
    f->lv = catalogues_find(f->all, "lv");
    f->arena = arena_new();
    assert_true(f->en && f->lt && f->lv && f->arena);
    *state = f;
    return 0;
}

static int clear(void **state)
{
    struct fixture *f = *state;
    catalogues_free(f->all);
    arena_free(f->arena);
    static const char *const names[] = { "lt.json", "en.json", "lv.json", "notes.txt" };
    for (size_t i = 0; i < 4; i++)
        remove_file(f->folder, names[i]);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static void languages(void **state)
{
    const struct fixture *f = *state;
    assert_int_equal(catalogues_count(f->all), 3);
    assert_string_equal(catalogue_language(catalogues_at(f->all, 0)), "en");
    assert_string_equal(catalogue_language(catalogues_at(f->all, 1)), "lt");
    assert_string_equal(catalogue_own_name(catalogues_at(f->all, 1)), "Lietuvių");
    assert_null(catalogues_at(f->all, 3));
    assert_null(catalogues_find(f->all, "de"));
    assert_null(catalogues_find(f->all, "EN"));
}

static void sentences(void **state)
{
    const struct fixture *f = *state;
    assert_string_equal(catalogue_text(f->en, "form.send"), "Register");
    assert_string_equal(catalogue_text(f->en, "form.deep.er"), "Deeper");
    assert_string_equal(catalogue_text(f->en, "flat.key"), "Flat");
    assert_string_equal(catalogue_text(f->lt, "form.send"), "Registruotis");
    assert_string_equal(catalogue_text(f->lt, "only"), "Only here");
    assert_string_equal(catalogue_text(f->lt, "form"), "form");
    assert_string_equal(catalogue_text(f->lt, "no.such"), "no.such");
    assert_true(catalogue_has(f->lt, "only"));
    assert_true(catalogue_has(f->lt, "form.send"));
    assert_false(catalogue_has(f->lt, "form"));
    assert_false(catalogue_has(f->en, "places"));
}

static void placeholders(void **state)
{
    const struct fixture *f = *state;
    struct arena *a = f->arena;
    assert_string_equal(catalogue_format(f->lt, a, "hello", "city", "Vilnius", "name", "Ona {{city}}", NULL),
                        "Dear Ona {{city}}, see you in Vilnius");
    assert_string_equal(catalogue_format(f->en, a, "hello", "name", "O", NULL), "Dear O, see you in {{ city }}");
    assert_string_equal(catalogue_format(f->en, a, "form.send", NULL), "Register");
    assert_string_equal(catalogue_format(f->en, a, "i18n", "name", "<b>", "count", "5", NULL), "<b> 5 {{none}} {{");
    assert_string_equal(catalogue_format(f->en, a, "no.such", NULL), "no.such");
}

static void count_is(const struct fixture *f, const struct catalogue *catalogue, int64_t count, const char *expected)
{
    assert_string_equal(catalogue_count(catalogue, f->arena, "places", count, NULL), expected);
}

static void plurals(void **state)
{
    const struct fixture *f = *state;
    count_is(f, f->en, 0, "0 places");
    count_is(f, f->en, 1, "1 place");
    count_is(f, f->en, 2, "2 places");
    count_is(f, f->en, 1234, "1,234 places");
    count_is(f, f->lt, 0, "0 vietų");
    count_is(f, f->lt, 1, "1 vieta");
    count_is(f, f->lt, 2, "2 vietos");
    count_is(f, f->lt, 9, "9 vietos");
    count_is(f, f->lt, 10, "10 vietų");
    count_is(f, f->lt, 11, "11 vietų");
    count_is(f, f->lt, 19, "19 vietų");
    count_is(f, f->lt, 21, "21 vieta");
    count_is(f, f->lt, 22, "22 vietos");
    count_is(f, f->lt, 111, "111 vietų");
    count_is(f, f->lt, 1234, "1\u00a0234 vietos");
    count_is(f, f->lv, 0, "0 vietu");
    count_is(f, f->lv, 1, "1 vieta");
    count_is(f, f->lv, 10, "10 vietu");
    count_is(f, f->lv, 21, "21 vieta");
    count_is(f, f->lv, 22, "22 vietas");
}

static void plurals_fall_back(void **state)
{
    const struct fixture *f = *state;
    struct arena *a = f->arena;
    assert_string_equal(catalogue_count(f->en, a, "seats", 0, NULL), "No seat");
    assert_string_equal(catalogue_count(f->en, a, "seats", 1, NULL), "One seat");
    /* a form that the language lacks: its own other one */
    assert_string_equal(catalogue_count(f->lt, a, "seats", 1, NULL), "1 kėdžių");
    /* a key that the language lacks: English by English rules (21 is one in Lithuanian) */
    assert_string_equal(catalogue_count(f->lt, a, "late", 21, NULL), "21 days late");
    assert_string_equal(catalogue_count(f->lt, a, "late", 1, NULL), "1 day late");
    assert_string_equal(catalogue_count(f->lt, a, "plain", 1234, NULL), "Just 1,234");
    assert_string_equal(catalogue_count(f->lt, a, "no.such", 2, NULL), "no.such");
    assert_string_equal(catalogue_count(f->en, a, "i18n", 7, "name", "N", NULL), "N 7 {{none}} {{");
}

static void refused(const char *name, const char *text)
{
    char folder[] = "/tmp/test_catalogue.XXXXXX";
    struct catalogues *all = NULL;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "en.json", english);
    write_file(folder, name, text);
    assert_int_equal(catalogues_load(folder, &all), -EINVAL);
    assert_null(all);
    if (strcmp(name, "en.json") != 0)
        remove_file(folder, name);
    remove_file(folder, "en.json");
    assert_int_equal(rmdir(folder), 0);
}

static void faults(void **state)
{
    (void)state;
    refused("en.json", "{ \"a\": ");
    refused("en.json", "[ \"a\" ]");
    refused("en.json", "{ \"a\": \"no own name\" }");
    refused("lt.json", "{ \"a\": \"no own name\" }");
    refused("lt.json", "{ \"language.name\": \"L\", \"a\": 1 }");
    refused("lt.json", "{ \"language.name\": \"L\", \"a\": [ \"b\" ] }");
    refused("lt.json", "{ \"language.name\": \"L\", \"a\": \"1\", \"a\": \"2\" }");
    refused("lt.json", "{ \"language.name\": \"L\", \"a.b\": \"1\", \"a\": { \"b\": \"2\" } }");
    refused("lithuanian.json", lithuanian);
    refused("LT.json", lithuanian);

    char folder[] = "/tmp/test_catalogue.XXXXXX";
    struct catalogues *all = NULL;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "lt.json", lithuanian);
    assert_int_equal(catalogues_load(folder, &all), -EINVAL); /* English must be there */
    remove_file(folder, "lt.json");
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(catalogues_load(folder, &all), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(languages, make, clear),
        cmocka_unit_test_setup_teardown(sentences, make, clear),
        cmocka_unit_test_setup_teardown(placeholders, make, clear),
        cmocka_unit_test_setup_teardown(plurals, make, clear),
        cmocka_unit_test_setup_teardown(plurals_fall_back, make, clear),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The Mustache renderer against tests/table/mustache/, and the set of templates on folders made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "view/catalogue.h"
#include "view/mustache.h"
#include "view/template.h"

#define PARTIALS_MAX 8

static const char *source_folder(void)
{
    const char *folder = getenv("srcdir");
    return folder ? folder : ".";
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *folder, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        if (unlink(path) < 0)
            remove_folder(path);
    }
    (void)closedir(dir);
    assert_int_equal(rmdir(folder), 0);
}

/* --- the table --- */

struct set {
    struct mustache *items[PARTIALS_MAX];
    size_t count;
};

static void link_all(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < set->items[i]->count; k++) {
            struct mustache_op *op = &set->items[i]->ops[k];
            for (size_t p = 1; p < set->count && op->kind == MUSTACHE_PARTIAL; p++)
                if (strcmp(set->items[p]->name, op->name) == 0)
                    op->partial = set->items[p];
        }
}

static int compile(struct set *set, const char *name, const json_t *text)
{
    assert_true(set->count < PARTIALS_MAX);
    int r = mustache_compile(name, "case", json_string_value(text), json_string_length(text), &set->items[set->count]);
    set->count += r == 0;
    return r;
}

/* False, and says why, if the case does not come out as it should. */
static bool run_case(const char *file, json_t *item)
{
    struct set set = { .count = 0 };
    const char *partial, *name = json_string_value(json_object_get(item, "name"));
    const char *expected = json_string_value(json_object_get(item, "expected"));
    json_t *text;
    bool plain = json_is_true(json_object_get(item, "text"));
    struct buffer out = { .data = NULL };
    int r = compile(&set, plain ? "case.txt" : "case.html", json_object_get(item, "template"));
    json_object_foreach(json_object_get(item, "partials"), partial, text)
        assert_int_equal(compile(&set, partial, text), 0);
    bool good;
    if (json_is_true(json_object_get(item, "fault"))) {
        good = r == -EINVAL;
    } else {
        assert_non_null(expected);
        link_all(&set);
        good = r == 0 && mustache_render(set.items[0], json_object_get(item, "data"), NULL, &out) == 0 &&
               strcmp(buffer_string(&out), expected) == 0;
    }
    if (!good)
        print_error("%s: %s: %d, got [%s], not [%s]\n", file, name, r, buffer_string(&out), expected ? expected : "");
    buffer_done(&out);
    for (size_t i = 0; i < set.count; i++)
        mustache_free(set.items[i]);
    return good;
}

static void table(void **state)
{
    (void)state;
    static const char *const files[] = { "interpolation", "sections", "inverted", "comments", "delimiters",
                                         "partials" };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/tests/table/mustache/%s.json", source_folder(), files[i]);
        json_error_t error;
        json_t *cases = json_load_file(path, 0, &error), *item;
        size_t position;
        if (!cases)
            fail_msg("%s:%d: %s", path, error.line, error.text);
        assert_true(json_array_size(cases) > 10);
        json_array_foreach(cases, position, item)
            wrong += !run_case(files[i], item);
        json_decref(cases);
    }
    assert_int_equal(wrong, 0);
}

/* --- folders --- */

struct folders {
    char path[64];
    struct templates *templates;
    struct catalogues *catalogues;
};

static int make(void **state)
{
    struct folders *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->path, "/tmp/test_template.XXXXXX");
    assert_non_null(mkdtemp(f->path));
    make_folder(f->path, "page");
    make_folder(f->path, "mail");
    make_folder(f->path, "locale");
    write_file(f->path, "head.html.mustache", "<h1>{{t.site.title}}</h1>\n");
    write_file(f->path, "sign.html.mustache", "top");
    write_file(f->path, "page/event.html.mustache", "{{>head}}\n{{title}} {{>sign}}");
    write_file(f->path, "page/sign.html.mustache", "beside");
    write_file(f->path, "mail/hello.txt.mustache", "{{title}}\n  {{>sign}}\n");
    write_file(f->path, "mail/sign.txt.mustache", "--\n{{t.site.title}}\n");
    write_file(f->path, "loop.html.mustache", "{{>loop}}");
    write_file(f->path, "own.html.mustache",
               "{{t.site.title}}|{{#t.site.title}}{{.}}{{/t.site.title}}|{{t}}|{{t.no.such}}");
    write_file(f->path, "readme.md", "{{not a template");
    write_file(f->path, "locale/en.json", "{\"language\":{\"name\":\"English\"},\"site\":{\"title\":\"R&D\"}}");
    assert_int_equal(templates_load(f->path, NULL, &f->templates), 0);
    char locale[80];
    (void)snprintf(locale, sizeof locale, "%s/locale", f->path);
    assert_int_equal(catalogues_load(locale, &f->catalogues), 0);
    *state = f;
    return 0;
}

static int clear(void **state)
{
    struct folders *f = *state;
    templates_free(f->templates);
    catalogues_free(f->catalogues);
    remove_folder(f->path);
    free(f);
    return 0;
}

static void shows(const struct folders *f, const char *name, json_t *model, const char *expected)
{
    struct buffer out = { .data = NULL };
    const struct catalogue *english = catalogues_find(f->catalogues, "en");
    assert_int_equal(templates_render(f->templates, name, model, english, &out), 0);
    assert_string_equal(buffer_string(&out), expected);
    buffer_done(&out);
    json_decref(model);
}

static void partials_beside_and_at_the_top(void **state)
{
    shows(*state, "page/event.html", json_pack("{s:s}", "title", "A&B"), "<h1>R&amp;D</h1>\nA&amp;B beside");
    shows(*state, "mail/hello.txt", json_pack("{s:s}", "title", "A&B"), "A&B\n  --\n  R&D\n");
}

static void sentences_unless_the_model_has_a_t(void **state)
{
    shows(*state, "own.html", json_object(), "R&amp;D|R&amp;D||no.such");
    shows(*state, "own.html", json_pack("{s:{s:{s:s}}}", "t", "site", "title", "mine"), "mine|mine||");
    const struct folders *f = *state;
    struct buffer out = { .data = NULL };
    assert_int_equal(templates_render(f->templates, "own.html", NULL, NULL, &out), 0);
    assert_string_equal(buffer_string(&out), "|||");
    buffer_done(&out);
}

static void refusals(void **state)
{
    const struct folders *f = *state;
    struct buffer out = { .data = NULL };
    assert_int_equal(templates_render(f->templates, "page/none.html", NULL, NULL, &out), -ENOENT);
    assert_int_equal(templates_render(f->templates, "readme.md", NULL, NULL, &out), -ENOENT);
    assert_int_equal(templates_render(f->templates, "loop.html", NULL, NULL, &out), -ELOOP);
    buffer_done(&out);
    struct templates *none = NULL;
    assert_int_equal(templates_load("/nonexistent", NULL, &none), -ENOENT);
    write_file(f->path, "page/bad.html.mustache", "line one\n{{#a}}\n");
    assert_int_equal(templates_load(f->path, NULL, &none), -EINVAL);
    assert_null(none);
}

/* An installation's own mails: its files stand in for ours, parts of letters too, an event's for the installation's. */
static void own_mails(void **state)
{
    struct folders *f = *state;
    char folder[] = "/tmp/test_template.XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_file(f->path, "mail/other.txt.mustache", "other {{>sign}}");
    write_file(folder, "sign.txt.mustache", "ours & {{>extra}}\n");
    write_file(folder, "extra.txt.mustache", "extra");
    write_file(folder, "hello.lt.txt.mustache", "labas {{>sign}}");
    write_file(folder, "notes.md", "{{not a template");
    make_folder(folder, "forum");
    write_file(folder, "forum/sign.txt.mustache", "forum");
    write_file(folder, "forum/hello.subject.txt.mustache", "about {{title}}");
    write_file(folder, "other.lt.txt.mustache", "kitas");
    write_file(folder, "forum/other.txt.mustache", "the forum's");
    templates_free(f->templates);
    f->templates = NULL;
    assert_int_equal(templates_load(f->path, folder, &f->templates), 0);
    shows(f, "mail/hello.txt", json_pack("{s:s}", "title", "A"), "A\n  ours & extra\n");
    shows(f, "mail/hello.lt.txt", NULL, "labas ours & extra\n");
    shows(f, "mail/forum/hello.txt", json_pack("{s:s}", "title", "A"), "A\n  forum");
    shows(f, "mail/forum/hello.lt.txt", NULL, "labas forum");
    shows(f, "mail/forum/other.txt", NULL, "the forum's");
    shows(f, "mail/other.lt.txt", NULL, "kitas");
    struct buffer lt = { .data = NULL }; /* the event's for all goes before the installation's for one */
    assert_int_equal(templates_render(f->templates, "mail/forum/other.lt.txt", NULL, NULL, &lt), -ENOENT);
    shows(f, "mail/forum/hello.subject.txt", json_pack("{s:s}", "title", "A"), "about A");
    struct buffer out = { .data = NULL };
    assert_int_equal(templates_render(f->templates, "mail/other/hello.txt", NULL, NULL, &out), -ENOENT);
    struct templates *none = NULL;
    write_file(folder, "forum/hello.txt.mustache", "{{#a}}");
    assert_int_equal(templates_load(f->path, folder, &none), -EINVAL);
    assert_int_equal(templates_load(f->path, "/nonexistent", &none), -ENOENT);
    assert_null(none);
    remove_folder(folder);
}

static void one_file_outside(void **state)
{
    const struct folders *f = *state;
    char folder[] = "/tmp/test_template.XXXXXX", path[80];
    assert_non_null(mkdtemp(folder));
    write_file(folder, "mine.html.mustache", "{{>near}} {{>head}}{{>none}}");
    write_file(folder, "near.html.mustache", "near {{>sign}} {{>nearer}}");
    write_file(folder, "nearer.html.mustache", "{{v}}");
    (void)snprintf(path, sizeof path, "%s/mine.html.mustache", folder);
    struct buffer out = { .data = NULL };
    json_t *model = json_pack("{s:s}", "v", "<");
    assert_int_equal(templates_render_file(f->templates, path, model, catalogues_find(f->catalogues, "en"), &out), 0);
    assert_string_equal(buffer_string(&out), "near top &lt; <h1>R&amp;D</h1>\n");
    buffer_clear(&out);
    assert_int_equal(templates_render_file(NULL, path, model, NULL, &out), 0);
    assert_string_equal(buffer_string(&out), "near  &lt; ");
    buffer_done(&out);
    json_decref(model);
    (void)snprintf(path, sizeof path, "%s/none.html.mustache", folder);
    assert_int_equal(templates_render_file(NULL, path, NULL, NULL, &out), -ENOENT);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test_setup_teardown(partials_beside_and_at_the_top, make, clear),
        cmocka_unit_test_setup_teardown(sentences_unless_the_model_has_a_t, make, clear),
        cmocka_unit_test_setup_teardown(refusals, make, clear),
        cmocka_unit_test_setup_teardown(own_mails, make, clear),
        cmocka_unit_test_setup_teardown(one_file_outside, make, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

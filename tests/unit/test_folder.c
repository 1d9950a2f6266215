/* SPDX-License-Identifier: EUPL-1.2 */
/* A folder of definitions: which files count, doubled slugs, what stays without a definition. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/faults.h"
#include "config/settings.h"
#include "event/definition.h"
#include "event/folder.h"
#include "event/post_size.h"

struct place { char path[100]; struct faults *faults; struct event_folder folder; };

static int setup(void **state)
{
    (void)state;
    return zone_setup();
}

static void place_new(struct place *place)
{
    *place = (struct place){ .path = "/tmp/convened-folder-XXXXXX" };
    assert_non_null(mkdtemp(place->path));
    assert_int_equal(faults_new(&place->faults), 0);
}

static void add(const struct place *place, const char *name, const char *slug)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s/%s", place->path, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fprintf(file, "// a definition\nslug = \"%s\"; languages = [ \"en\" ]; title = \"T\"; zone = \"UTC\";\n"
                  "place = \"P\"; starts = \"2027-03-18T09:30\"; ends = \"2027-03-18T16:00\";\n"
                  "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"N\"; required = true; },\n"
                  "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"E\"; required = true; } );\n", slug);
    assert_int_equal(fclose(file), 0);
}

static void read_place(struct place *place)
{
    assert_int_equal(event_folder_read(place->path, place->faults, &place->folder), 0);
}

/* The faults with PATH left out. */
static void check_faults(const struct place *place, const char *expected)
{
    char *print = NULL;
    size_t size, length = strlen(place->path);
    FILE *out = open_memstream(&print, &size);
    assert_non_null(out);
    faults_print(place->faults, place->folder.count, out);
    assert_int_equal(fclose(out), 0);
    for (char *at; (at = strstr(print, place->path)) != NULL;)
        memmove(at, at + length, strlen(at + length) + 1);
    assert_string_equal(print, expected);
    free(print);
}

static void place_done(struct place *place)
{
    char command[200];
    event_folder_done(&place->folder);
    assert_int_equal(place->folder.count, 0);
    faults_free(place->faults);
    (void)snprintf(command, sizeof(command), "rm -r -- '%s'", place->path);
    assert_int_equal(system(command), 0);
}

static void test_good(void **state)
{
    struct place place;
    char path[300];

    (void)state;
    place_new(&place);
    add(&place, "b.conf", "second");
    add(&place, "A_1-x.conf", "first");
    add(&place, "notes.txt", "text");
    add(&place, "b.conf~", "backup");
    add(&place, ".conf", "hidden");
    add(&place, ".b.conf", "hidden");
    read_place(&place);
    assert_true(place.folder.readable);
    assert_true(place.folder.all_parse);
    assert_int_equal(place.folder.count, 2);
    assert_string_equal(place.folder.files[0].name, "A_1-x.conf");
    (void)snprintf(path, sizeof(path), "%s/A_1-x.conf", place.path);
    assert_string_equal(place.folder.files[0].path, path);
    assert_string_equal(place.folder.files[0].definition->slug, "first");
    assert_string_equal(place.folder.files[1].definition->slug, "second");
    assert_int_equal(place.folder.files[1].size, strlen(place.folder.files[1].text));
    check_faults(&place, "0 faults, 0 warnings in 2 files\n");
    place_done(&place);
}

static void test_names(void **state)
{
    static const char *const odd[] = { "my event.conf", "ä.conf" };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct place place;
        char expected[200];
        place_new(&place);
        add(&place, "a.conf", "first");
        add(&place, odd[i], "second");
        read_place(&place);
        assert_int_equal(place.folder.count, 1);
        assert_true(place.folder.all_parse);
        (void)snprintf(expected, sizeof(expected),
                       ": warning: %s is left alone: names are made of letters, digits, _ and - before .conf\n"
                       "0 faults, 1 warning in 1 file\n", odd[i]);
        check_faults(&place, expected);
        place_done(&place);
    }
}

static void test_doubled(void **state)
{
    struct place place;

    (void)state;
    place_new(&place);
    add(&place, "a.conf", "same");
    add(&place, "b.conf", "other");
    add(&place, "c.conf", "same");
    add(&place, "d.conf", "same");
    read_place(&place);
    assert_true(place.folder.readable);
    assert_false(place.folder.all_parse);
    assert_null(place.folder.files[0].definition);
    assert_non_null(place.folder.files[1].definition);
    assert_null(place.folder.files[2].definition);
    assert_null(place.folder.files[3].definition);
    assert_non_null(place.folder.files[3].text);
    check_faults(&place, "/a.conf:2: slug: \"same\" stands in c.conf too\n"
                         "/c.conf:2: slug: \"same\" stands in a.conf too\n"
                         "/d.conf:2: slug: \"same\" stands in a.conf too\n3 faults, 0 warnings in 4 files\n");
    place_done(&place);
}

static void test_faults(void **state)
{
    struct place place;
    char path[300];

    (void)state;
    place_new(&place);
    add(&place, "a.conf", "first");
    add(&place, "b.conf", "Second");
    (void)snprintf(path, sizeof(path), "%s/c.conf", place.path);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/d.conf", place.path);
    assert_int_equal(symlink("/nonexistent", path), 0);
    (void)snprintf(path, sizeof(path), "%s/e.conf", place.path);
    assert_int_equal(mkfifo(path, 0600), 0);
    read_place(&place);
    assert_int_equal(place.folder.count, 5);
    assert_false(place.folder.all_parse);
    assert_non_null(place.folder.files[0].definition);
    assert_null(place.folder.files[1].definition);
    assert_non_null(place.folder.files[1].text);
    assert_null(place.folder.files[2].text);
    assert_null(place.folder.files[3].text);
    check_faults(&place, "/b.conf:2: slug: \"Second\" is not of the form [a-z0-9][a-z0-9-]{0,56}\n"
                         "/c.conf: cannot be read: Is a directory\n"
                         "/d.conf: cannot be read: No such file or directory\n"
                         "/e.conf: cannot be read: Invalid argument\n4 faults, 0 warnings in 5 files\n");
    place_done(&place);
}

static void test_empty(void **state)
{
    struct place place;

    (void)state;
    place_new(&place);
    read_place(&place);
    assert_true(place.folder.readable);
    assert_false(place.folder.all_parse);
    assert_int_equal(faults_count(place.faults), 1);

    struct event_folder folder;
    assert_int_equal(event_folder_read("/nonexistent/events.d", place.faults, &folder), 0);
    assert_false(folder.readable);
    assert_false(folder.all_parse);
    assert_int_equal(folder.count, 0);
    assert_int_equal(faults_count(place.faults), 2);
    event_folder_done(&folder);
    place_done(&place);
}

/* A host that the settings do not have is a fault of the definition; settings with faults know no hosts at all. */
static void test_hosts(void **state)
{
    static const struct settings_host hosts[] = { { .id = "north", .name = "North" } };
    const struct settings settings = { .http = { .body_limit = 4096, .field_limit = 16 }, .hosts = { 1, hosts } };
    struct place place;

    (void)state;
    place_new(&place);
    add(&place, "a.conf", "a\"; host = \"north");
    add(&place, "b.conf", "b\";\nhost = \"south");
    add(&place, "c.conf", "c");
    read_place(&place);
    event_folder_check(&place.folder, NULL, place.faults);
    assert_int_equal(faults_count(place.faults), 0);
    assert_true(place.folder.all_parse);
    event_folder_check(&place.folder, &settings, place.faults);
    check_faults(&place, "/b.conf:3: host: \"south\" is no host of the settings\n1 fault, 0 warnings in 3 files\n");
    assert_false(place.folder.all_parse);
    assert_non_null(place.folder.files[0].definition);
    assert_null(place.folder.files[1].definition);
    assert_non_null(place.folder.files[2].definition);
    place_done(&place);
}

/* Name 4 + 2 + 120 letters of 6, email 5 + 2 + 254 of 3, and 600 of ours; a guest has a prefix of 8 and his number. */
static void test_size(void **state)
{
    const struct settings settings = { .http = { .body_limit = 5152, .field_limit = 19 } };
    struct place place;

    (void)state;
    place_new(&place);
    add(&place, "a.conf", "a");
    add(&place, "b.conf", "b\"; group_max = 3; kind = \"event");
    read_place(&place);
    const struct post_size alone = event_post_size(place.folder.files[0].definition);
    assert_int_equal(alone.bytes, 600 + 4 + 2 + 720 + 5 + 2 + 762);
    assert_int_equal(alone.controls, 12 + 2);
    const struct post_size three = event_post_size(place.folder.files[1].definition);
    assert_int_equal(three.bytes, alone.bytes + 2 * (734 + 777 + 18));
    assert_int_equal(three.controls, 12 + 2 + 2 * 3);
    event_folder_check(&place.folder, &settings, place.faults);
    check_faults(&place,
                 "/b.conf: warning: a form in which all that may be written is written has up to 5153 bytes in Greek "
                 "or Cyrillic, but http.body_limit is 5152: shorten max_length, lower group_max or raise the limit\n"
                 "/b.conf: warning: a form in which all that may be answered is answered has 20 controls, but "
                 "http.field_limit is 19: ask less, lower group_max or raise the limit\n"
                 "0 faults, 2 warnings in 2 files\n");
    assert_non_null(place.folder.files[1].definition);
    place_done(&place);
}

/* The samples that are installed are without fault and warning, and all of them is served. The default of
 * http.body_limit takes them in even if each letter has four bytes. */
static void test_samples(void **state)
{
    const char *srcdir = getenv("srcdir");
    char expected[60], *print = NULL;
    size_t size;
    struct faults *faults;
    struct event_folder folder;
    char path[1000];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/conf/events.d", srcdir ? srcdir : ".");
    assert_int_equal(faults_new(&faults), 0);
    assert_int_equal(event_folder_read(path, faults, &folder), 0);
    FILE *out = open_memstream(&print, &size);
    assert_non_null(out);
    faults_print(faults, folder.count, out);
    assert_int_equal(fclose(out), 0);
    (void)snprintf(expected, sizeof(expected), "0 faults, 0 warnings in %zu files\n", folder.count);
    assert_string_equal(print, expected);
    free(print);
    assert_true(folder.count >= 2);
    for (size_t i = 0; i < folder.count; i++) {
        assert_null(folder.files[i].definition->unserved);
        assert_true(event_post_size(folder.files[i].definition).bytes * 2 <= 128 * 1024);
    }
    event_folder_done(&folder);
    faults_free(faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good), cmocka_unit_test(test_names), cmocka_unit_test(test_doubled),
        cmocka_unit_test(test_faults), cmocka_unit_test(test_empty), cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_size), cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Static files: which are taken, under which name, and that another content is another name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view/assets.h"

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void files(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_assets.XXXXXX", path[128], hashed[64];
    static const char *const names[] = { "style.css", "two.dots.js", "notes.md", ".hidden.css", "odd name.css", "css" };
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        write_file(folder, names[i], "abc");
    (void)snprintf(path, sizeof path, "%s/folder.css", folder);
    assert_int_equal(mkdir(path, 0700), 0);

    struct assets *assets;
    assert_int_equal(assets_load(folder, &assets), 0);
    const struct asset *style = assets_by_name(assets, "style.css");
    assert_non_null(style);
    /* BLAKE2b-256 of "abc", RFC 7693's algorithm: bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319 */
    assert_string_equal(style->hashed, "style-bddd813c6342.css");
    assert_string_equal(style->type, "text/css; charset=utf-8");
    assert_int_equal(style->size, 3);
    assert_memory_equal(style->data, "abc", 3);
    assert_null(style->gzip); /* it would be longer */
    assert_ptr_equal(assets_by_hashed(assets, "style-bddd813c6342.css"), style);
    assert_string_equal(assets_by_name(assets, "two.dots.js")->hashed, "two.dots-bddd813c6342.js");
    assert_null(assets_by_hashed(assets, "style.css"));
    assert_null(assets_by_hashed(assets, "../style-bddd813c6342.css"));
    for (size_t i = 2; i < sizeof names / sizeof *names; i++)
        assert_null(assets_by_name(assets, names[i]));
    assert_null(assets_by_name(assets, "folder.css"));
    strcpy(hashed, style->hashed);
    assets_free(assets);

    write_file(folder, "style.css", "abd");
    assert_int_equal(assets_load(folder, &assets), 0);
    assert_null(assets_by_hashed(assets, hashed));
    assets_free(assets);

    assert_int_equal(rmdir(path), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(assets_load(folder, &assets), -ENOENT);
}

/* What becomes smaller is kept packed too, under the name of the plain bytes. */
static void packed(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_assets.XXXXXX", path[128], text[4001];
    struct assets *assets;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_non_null(mkdtemp(folder));
    write_file(folder, "long.css", text);
    assert_int_equal(assets_load(folder, &assets), 0);
    const struct asset *asset = assets_by_name(assets, "long.css");
    assert_non_null(asset);
    assert_non_null(asset->gzip);
    assert_true(asset->gzip_size < 100);
    assert_memory_equal(asset->gzip, "\x1f\x8b", 2);
    assert_int_equal(asset->size, 4000);
    assets_free(assets);
    (void)snprintf(path, sizeof path, "%s/long.css", folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test(files), cmocka_unit_test(packed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

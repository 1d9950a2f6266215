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

#include "config/settings.h"
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

/* Each host has a whole sheet of its own and its logo; who gave neither has what is built in. */
static void hosts(void **state)
{
    (void)state;
    static const char sheet[] = "/* brand */\n:root{--brand:#111111}\n\nbody{color:var(--brand)}\n";
    static const char expected[] =
        ":root{--brand:#0f5b4b;--on-brand:#ffffff;--cover:#0f4f43;--on-cover:#ffffff;--tint:#e7efed}\n"
        "@media (prefers-color-scheme:dark){\n"
        ":root{--brand:#7fd4bd;--on-brand:#04231b;--cover:#123c34;--on-cover:#f2f7f5;--tint:#1d2a2c}}\n"
        "\nbody{color:var(--brand)}\n";
    static const struct settings_host all[] = {
        { .id = "north", .name = "North" },
        { .id = "south", .name = "South", .has_colours = true,
          .light = { 0x0f5b4b, 0xffffff, 0x0f4f43, 0xffffff }, .dark = { 0x7fd4bd, 0x04231b, 0x123c34, 0xf2f7f5 },
          .logo = { "png", "PNG!", 4 } },
    };
    static const struct settings_host unnamed = { .name = "Cluster" };
    const struct settings settings = { .hosts = { 2, all } }, alone = { .hosts = { 1, &unnamed } };
    char folder[] = "/tmp/test_assets.XXXXXX", path[128];
    struct assets *assets;

    assert_non_null(mkdtemp(folder));
    write_file(folder, "style.css", sheet);
    write_file(folder, "logo.svg", "<svg/>");
    assert_int_equal(assets_load(folder, &assets), 0);
    assert_int_equal(assets_add_hosts(assets, &alone), 0);
    assert_string_equal(assets_sheet(assets, &unnamed)->name, "style.css");
    assert_int_equal(assets_add_hosts(assets, &settings), 0);
    const struct asset *north = assets_sheet(assets, &all[0]), *south = assets_sheet(assets, &all[1]);
    assert_memory_equal(north->hashed, "north-", 6);
    assert_string_equal(north->type, "text/css; charset=utf-8");
    assert_int_equal(north->size, sizeof sheet - 1);
    assert_memory_equal(north->data, sheet, north->size);
    assert_memory_equal(south->hashed, "south-", 6);
    assert_int_equal(south->size, sizeof expected - 1);
    assert_memory_equal(south->data, expected, south->size);
    assert_ptr_equal(assets_by_hashed(assets, south->hashed), south);
    const struct asset *logo = assets_logo(assets, &all[1]);
    assert_memory_equal(logo->hashed, "south-", 6);
    assert_string_equal(logo->hashed + strlen(logo->hashed) - 4, ".png");
    assert_string_equal(logo->type, "image/png");
    assert_memory_equal(logo->data, "PNG!", 4);
    assert_string_equal(assets_logo(assets, &all[0])->name, "logo.svg");
    assets_free(assets);

    write_file(folder, "style.css", "body{}"); /* no block of colours to replace */
    assert_int_equal(assets_load(folder, &assets), 0);
    assert_int_equal(assets_add_hosts(assets, &settings), -EINVAL);
    assets_free(assets);
    static const char *const names[] = { "style.css", "logo.svg" };
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test(files), cmocka_unit_test(packed), cmocka_unit_test(hosts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

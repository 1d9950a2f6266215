/* SPDX-License-Identifier: EUPL-1.2 */
/* Static files: read once, named by their content, so that a changed file is a new address and an old one may stay in
 * every cache for a year. Callers: main (load), page. Loading: main thread, after sodium_init; reading: any thread. */
#include "view/assets.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/log.h"

#define FILE_LIMIT (1u << 20)
#define NAME_MAX_SIZE 100
#define HASH_SIZE 13 /* in hex, with the final zero */

struct assets {
    struct arena *arena; /* the names */
    struct asset *items;
    size_t count, room;
};

static const struct {
    const char *ending, *type;
} types[] = {
    { "css", "text/css; charset=utf-8" },
    { "ico", "image/x-icon" },
    { "js", "text/javascript; charset=utf-8" },
    { "png", "image/png" },
    { "svg", "image/svg+xml" },
    { "txt", "text/plain; charset=utf-8" },
    { "webmanifest", "application/manifest+json" },
    { "woff2", "font/woff2" },
};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot + 1, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

static bool is_plain(const char *name)
{
    size_t good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return name[good] == '\0' && good <= NAME_MAX_SIZE && name[0] != '.';
}

static int failed(const char *path, int error)
{
    log_error("assets.read_failed", LOG_TEXT("file", path), LOG_ERRNO(error));
    return error;
}

/* Once, here, as small as can be; what is compressed already, such as PNG, is left as it is. */
static int pack(struct asset *asset)
{
    char *data;
    size_t size;
    int r = gzip_pack(asset->data, asset->size, GZIP_SMALL, &data, &size);
    if (r < 0)
        return r;
    if (size < asset->size) {
        asset->gzip = data;
        asset->gzip_size = size;
    } else {
        free(data);
    }
    return 0;
}

static int add_file(struct assets *assets, const char *path, const char *name, const char *type)
{
    if (assets->count == assets->room) {
        size_t room = assets->room ? assets->room * 2 : 16;
        struct asset *items = reallocarray(assets->items, room, sizeof *items);
        if (!items)
            return -ENOMEM;
        assets->items = items;
        assets->room = room;
    }
    char *data;
    size_t size;
    int r = file_read(path, FILE_LIMIT, &data, &size);
    if (r < 0)
        return failed(path, r);
    unsigned char hash[crypto_generichash_BYTES];
    char hex[HASH_SIZE];
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)data, size, NULL, 0);
    (void)sodium_bin2hex(hex, sizeof hex, hash, (sizeof hex - 1) / 2);
    int stem = (int)(strrchr(name, '.') - name);
    struct asset asset = { .name = arena_copy(assets->arena, name),
                           .hashed = arena_format(assets->arena, "%.*s-%s%s", stem, name, hex, name + stem),
                           .type = type, .data = data, .size = size };
    r = asset.name && asset.hashed ? pack(&asset) : -ENOMEM;
    if (r < 0) {
        free(data);
        return r;
    }
    assets->items[assets->count++] = asset;
    return 0;
}

static int add_folder(struct assets *assets, const char *directory)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return failed(directory, -errno);
    int r = 0;
    const struct dirent *entry;
    while (r == 0 && (errno = 0, entry = readdir(dir))) {
        const char *name = entry->d_name, *type = type_of(name);
        char path[PATH_MAX];
        struct stat st;
        if (!type || !is_plain(name))
            continue;
        int size = snprintf(path, sizeof path, "%s/%s", directory, name);
        if (size < 0 || (size_t)size >= sizeof path)
            r = failed(directory, -ENAMETOOLONG);
        else if (stat(path, &st) < 0)
            r = failed(path, -errno);
        else if (S_ISREG(st.st_mode))
            r = add_file(assets, path, name, type);
        errno = 0;
    }
    if (r == 0 && errno != 0)
        r = failed(directory, -errno);
    (void)closedir(dir);
    return r;
}

int assets_load(const char *directory, struct assets **ret_assets)
{
    struct assets *assets = calloc(1, sizeof *assets);
    if (!assets)
        return -ENOMEM;
    assets->arena = arena_new();
    int r = assets->arena ? add_folder(assets, directory) : -ENOMEM;
    if (r < 0) {
        assets_free(assets);
        return r;
    }
    *ret_assets = assets;
    return 0;
}

void assets_free(struct assets *assets)
{
    if (!assets)
        return;
    for (size_t i = 0; i < assets->count; i++) {
        free((char *)assets->items[i].data);
        free((char *)assets->items[i].gzip);
    }
    free(assets->items);
    arena_free(assets->arena);
    free(assets);
}

/* A handful of files: a look at each is as quick as any order. */
const struct asset *assets_by_hashed(const struct assets *assets, const char *hashed)
{
    for (size_t i = 0; i < assets->count; i++)
        if (strcmp(assets->items[i].hashed, hashed) == 0)
            return &assets->items[i];
    return NULL;
}

const struct asset *assets_by_name(const struct assets *assets, const char *name)
{
    for (size_t i = 0; i < assets->count; i++)
        if (strcmp(assets->items[i].name, name) == 0)
            return &assets->items[i];
    return NULL;
}

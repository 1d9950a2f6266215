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
#include "config/settings.h"
#include "event/book.h"
#include "view/sheet.h"
#include "view/sheet_condition.h"

#define FILE_LIMIT (1u << 20)
#define NAME_MAX_SIZE 100
#define HASH_SIZE 13 /* in hex, with the final zero */
#define FORM_NAME_SIZE 200

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

static int make_room(struct assets *assets)
{
    if (assets->count < assets->room)
        return 0;
    size_t room = assets->room ? assets->room * 2 : 16;
    struct asset *items = reallocarray(assets->items, room, sizeof *items);
    if (!items)
        return -ENOMEM;
    assets->items = items;
    assets->room = room;
    return 0;
}

/* Takes DATA over, whatever comes of it. Its public name is STEM, the hash and ENDING. */
static int add(struct assets *assets, const char *name, const char *stem, int stem_size, const char *ending, char *data,
               size_t size)
{
    unsigned char hash[crypto_generichash_BYTES];
    char hex[HASH_SIZE];
    int r = make_room(assets);
    (void)crypto_generichash(hash, sizeof hash, (const unsigned char *)data, size, NULL, 0);
    (void)sodium_bin2hex(hex, sizeof hex, hash, (sizeof hex - 1) / 2);
    struct asset asset = { .name = arena_copy(assets->arena, name),
                           .hashed = arena_format(assets->arena, "%.*s-%s%s", stem_size, stem, hex, ending),
                           .type = type_of(ending), .data = data, .size = size };
    if (r == 0)
        r = asset.name && asset.hashed ? pack(&asset) : -ENOMEM;
    if (r < 0) {
        free(data);
        return r;
    }
    assets->items[assets->count++] = asset;
    return 0;
}

static int add_file(struct assets *assets, const char *path, const char *name)
{
    char *data;
    size_t size;
    int r = file_read(path, FILE_LIMIT, &data, &size);
    if (r < 0)
        return failed(path, r);
    const char *ending = strrchr(name, '.');
    return add(assets, name, name, (int)(ending - name), ending, data, size);
}

static int add_folder(struct assets *assets, const char *directory)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return failed(directory, -errno);
    int r = 0;
    const struct dirent *entry;
    while (r == 0 && (errno = 0, entry = readdir(dir))) {
        const char *name = entry->d_name;
        char path[PATH_MAX];
        struct stat st;
        if (!type_of(name) || !is_plain(name))
            continue;
        int size = snprintf(path, sizeof path, "%s/%s", directory, name);
        if (size < 0 || (size_t)size >= sizeof path)
            r = failed(directory, -ENAMETOOLONG);
        else if (stat(path, &st) < 0)
            r = failed(path, -errno);
        else if (S_ISREG(st.st_mode))
            r = add_file(assets, path, name);
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

static const char *own_name(struct arena *arena, const struct settings_host *host, const char *name)
{
    return arena_format(arena, "%s/%s", host->id, name);
}

static int add_sheet(struct assets *assets, const struct settings_host *host)
{
    const struct asset *style = assets_by_name(assets, "style.css");
    const char *name = own_name(assets->arena, host, "style.css");
    char *data;
    size_t size;

    if (!style || !name)
        return style ? -ENOMEM : -ENOENT;
    int r = sheet_make(style->data, style->size, host, &data, &size);
    return r < 0 ? r : add(assets, name, host->id, (int)strlen(host->id), ".css", data, size);
}

static int add_logo(struct assets *assets, const struct settings_host *host)
{
    const char *name = own_name(assets->arena, host, "logo");
    char *data = malloc(host->logo.size);

    if (!name || !data) {
        free(data);
        return -ENOMEM;
    }
    memcpy(data, host->logo.data, host->logo.size);
    return add(assets, name, host->id, (int)strlen(host->id), strcmp(host->logo.ending, "png") == 0 ? ".png" : ".svg",
               data, host->logo.size);
}

int assets_add_hosts(struct assets *assets, const struct settings *settings)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < settings->hosts.count; i++) {
        const struct settings_host *host = &settings->hosts.items[i];
        if (!host->id) /* made of the group mail: the built-in sheet and logo */
            continue;
        r = add_sheet(assets, host);
        if (r == 0 && host->logo.ending)
            r = add_logo(assets, host);
    }
    return r;
}

/* No file and no host's asset has a name with a colon. */
static const char *form_name(char name[static FORM_NAME_SIZE], const struct event_definition *definition)
{
    (void)snprintf(name, FORM_NAME_SIZE, "form:%s", definition->slug);
    return name;
}

int assets_add_forms(struct assets *assets, const struct event_book *events)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < events->count; i++) {
        const struct event_definition *definition = events->entries[i].definition;
        char name[FORM_NAME_SIZE], *data;
        size_t size;

        r = sheet_condition_make(definition, &data, &size);
        if (r == 0 && data)
            r = add(assets, form_name(name, definition), "e", 1, ".css", data, size);
    }
    return r;
}

const struct asset *assets_form(const struct assets *assets, const struct event_definition *definition)
{
    char name[FORM_NAME_SIZE];

    return assets_by_name(assets, form_name(name, definition));
}

static const struct asset *own_or(const struct assets *assets, const struct settings_host *host, const char *own,
                                  const char *built_in)
{
    size_t size = host->id ? strlen(host->id) : 0;

    for (size_t i = 0; host->id && i < assets->count; i++) {
        const char *name = assets->items[i].name;
        if (strncmp(name, host->id, size) == 0 && name[size] == '/' && strcmp(name + size + 1, own) == 0)
            return &assets->items[i];
    }
    return assets_by_name(assets, built_in);
}

const struct asset *assets_sheet(const struct assets *assets, const struct settings_host *host)
{
    return own_or(assets, host, "style.css", "style.css");
}

const struct asset *assets_logo(const struct assets *assets, const struct settings_host *host)
{
    return own_or(assets, host, "logo", "logo.svg");
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

/* A handful of files and some events: a look at each is as quick as any order. */
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

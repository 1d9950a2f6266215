/* SPDX-License-Identifier: EUPL-1.2 */
/* The set of templates: reads a folder, knows each by its name, ties partials to their users before anything is
 * rendered. Compiling is mustache.c's, filling mustache_render.c's work. A partial that is nowhere renders as nothing,
 * as the Mustache specification says, and is a warning at load.
 * Callers: main (load), page, mail, ctl (render). Loading: main thread; rendering: any thread. */
#include "view/template.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "view/mustache.h"

#define ENDING ".mustache"
#define FILE_LIMIT (1u << 20)
#define FOLDER_DEPTH_MAX 8
#define NAME_SIZE 512

struct templates {
    struct mustache **items; /* sorted by name once all are loaded */
    size_t count, room;
};

static int read_failed(const char *path, int error)
{
    log_error("template.read_failed", LOG_TEXT("file", path), LOG_ERRNO(error));
    return error;
}

static int add_file(struct templates *templates, const char *path, const char *name)
{
    if (templates->count == templates->room) {
        size_t room = templates->room ? templates->room * 2 : 16;
        struct mustache **items = reallocarray(templates->items, room, sizeof(struct mustache *));
        if (!items)
            return -ENOMEM;
        templates->items = items;
        templates->room = room;
    }
    char *text;
    size_t size;
    int r = file_read(path, FILE_LIMIT, &text, &size);
    if (r < 0)
        return read_failed(path, r);
    r = mustache_compile(name, path, text, size, &templates->items[templates->count]);
    free(text);
    if (r == 0)
        templates->count++;
    return r;
}

/* The part of PATH before ENDING; 0: it has another one. */
static size_t stem_size(const char *path)
{
    size_t size = strlen(path), end = strlen(ENDING);
    return size > end && strcmp(path + size - end, ENDING) == 0 ? size - end : 0;
}

static int add_folder(struct templates *templates, const char *directory, const char *prefix, unsigned depth);

static int add_entry(struct templates *templates, const char *directory, const char *prefix, const char *entry,
                     unsigned depth)
{
    char path[PATH_MAX], name[NAME_SIZE];
    int path_size = snprintf(path, sizeof path, "%s/%s", directory, entry);
    int name_size = snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "/" : "", entry);
    if (path_size < 0 || (size_t)path_size >= sizeof path || name_size < 0 || (size_t)name_size >= sizeof name)
        return read_failed(directory, -ENAMETOOLONG);
    struct stat st;
    if (stat(path, &st) < 0)
        return read_failed(path, -errno);
    if (S_ISDIR(st.st_mode))
        return depth < FOLDER_DEPTH_MAX ? add_folder(templates, path, name, depth + 1) : read_failed(path, -ELOOP);
    size_t stem = stem_size(name);
    if (stem == 0)
        return 0;
    name[stem] = '\0';
    return add_file(templates, path, name);
}

/* Goes on after a fault, so that all show at once. */
static int add_folder(struct templates *templates, const char *directory, const char *prefix, unsigned depth)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return read_failed(directory, -errno);
    int result = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno != 0 && result == 0)
                result = read_failed(directory, -errno);
            break;
        }
        if (entry->d_name[0] == '.')
            continue;
        int r = add_entry(templates, directory, prefix, entry->d_name, depth);
        if (r < 0 && result == 0)
            result = r;
    }
    (void)closedir(dir);
    return result;
}

static int by_name(const void *a, const void *b)
{
    const struct mustache *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static int to_name(const void *key, const void *item)
{
    const struct mustache *const *mustache = item;
    return strcmp(key, (*mustache)->name);
}

static const struct mustache *find(const struct templates *templates, const char *name)
{
    if (!templates || templates->count == 0)
        return NULL;
    struct mustache *const *found =
        bsearch(name, templates->items, templates->count, sizeof(struct mustache *), to_name);
    return found ? *found : NULL;
}

static size_t folder_size(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) + 1 : 0;
}

/* The kind of text that NAME ends with: ".html", ".txt", "". */
static const char *kind_of(const char *name)
{
    const char *dot = strrchr(name + folder_size(name), '.');
    return dot ? dot : "";
}

/* PARTIAL as USER means it: beside it, or at the top. False: too long to be a name of ours. */
static bool partial_name(const struct mustache *user, const char *partial, bool beside, char ret_name[static NAME_SIZE])
{
    int folder = beside ? (int)folder_size(user->name) : 0;
    int size = snprintf(ret_name, NAME_SIZE, "%.*s%s%s", folder, user->name, partial, kind_of(user->name));
    return size > 0 && size < NAME_SIZE;
}

static void warn_missing(const struct mustache *user, const struct mustache_op *op)
{
    log_warning("template.partial_missing", LOG_TEXT("file", user->file), LOG_INT("line", op->line),
                LOG_TEXT("partial", op->name));
}

static void link_partials(struct mustache *user, const struct templates *templates)
{
    for (size_t i = 0; i < user->count; i++) {
        struct mustache_op *op = &user->ops[i];
        char name[NAME_SIZE];
        if (op->kind != MUSTACHE_PARTIAL)
            continue;
        if (partial_name(user, op->name, true, name))
            op->partial = find(templates, name);
        if (!op->partial && partial_name(user, op->name, false, name))
            op->partial = find(templates, name);
        if (!op->partial)
            warn_missing(user, op);
    }
}

int templates_load(const char *directory, struct templates **ret_templates)
{
    struct templates *templates = calloc(1, sizeof *templates);
    if (!templates)
        return -ENOMEM;
    int r = add_folder(templates, directory, "", 0);
    if (r < 0) {
        templates_free(templates);
        return r;
    }
    if (templates->count > 0)
        qsort(templates->items, templates->count, sizeof(struct mustache *), by_name);
    for (size_t i = 0; i < templates->count; i++)
        link_partials(templates->items[i], templates);
    *ret_templates = templates;
    return 0;
}

void templates_free(struct templates *templates)
{
    if (!templates)
        return;
    for (size_t i = 0; i < templates->count; i++)
        mustache_free(templates->items[i]);
    free(templates->items);
    free(templates);
}

int templates_render(const struct templates *templates, const char *name, const json_t *model,
                     const struct catalogue *catalogue, struct buffer *out)
{
    const struct mustache *mustache = find(templates, name);
    return mustache ? mustache_render(mustache, model, catalogue, out) : -ENOENT;
}

/* The partial's file beside USER, read once. *ret_partial stays NULL if there is no such file. */
static int partial_beside(struct templates *local, const char *folder, const struct mustache *user, const char *partial,
                          const struct mustache **ret_partial)
{
    char name[NAME_SIZE], path[PATH_MAX];
    if (!partial_name(user, partial, true, name))
        return 0;
    for (size_t i = 0; i < local->count; i++)
        if (strcmp(local->items[i]->name, name) == 0) {
            *ret_partial = local->items[i];
            return 0;
        }
    int size = snprintf(path, sizeof path, "%s%s" ENDING, folder, name);
    struct stat st;
    if (size < 0 || (size_t)size >= sizeof path || stat(path, &st) < 0)
        return 0;
    int r = add_file(local, path, name);
    if (r == 0)
        *ret_partial = local->items[local->count - 1];
    return r;
}

static int link_file(struct templates *local, const char *folder, struct mustache *user,
                     const struct templates *templates)
{
    for (size_t i = 0; i < user->count; i++) {
        struct mustache_op *op = &user->ops[i];
        char name[NAME_SIZE];
        if (op->kind != MUSTACHE_PARTIAL)
            continue;
        int r = partial_beside(local, folder, user, op->name, &op->partial);
        if (r < 0)
            return r;
        if (!op->partial && partial_name(user, op->name, false, name))
            op->partial = find(templates, name);
        if (!op->partial)
            warn_missing(user, op);
    }
    return 0;
}

int templates_render_file(const struct templates *templates, const char *path, const json_t *model,
                          const struct catalogue *catalogue, struct buffer *out)
{
    char folder[PATH_MAX], name[NAME_SIZE];
    size_t start = folder_size(path), stem = stem_size(path + start);
    if (stem == 0)
        stem = strlen(path + start);
    if (start >= sizeof folder || stem >= sizeof name)
        return -ENAMETOOLONG;
    memcpy(folder, path, start);
    folder[start] = '\0';
    memcpy(name, path + start, stem);
    name[stem] = '\0';

    struct templates local = { .items = NULL };
    int r = add_file(&local, path, name);
    for (size_t i = 0; i < local.count && r == 0; i++) /* grows while partials bring their own */
        r = link_file(&local, folder, local.items[i], templates);
    if (r == 0)
        r = mustache_render(local.items[0], model, catalogue, out);
    for (size_t i = 0; i < local.count; i++)
        mustache_free(local.items[i]);
    free(local.items);
    return r;
}

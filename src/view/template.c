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
#define MAIL "mail/" /* the folder that an installation's own mails stand in for */

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

/* The kind of text that NAME ends with, in NAME: ".html", ".txt", "". */
static const char *kind_of(const char *name)
{
    const char *dot = strrchr(name + folder_size(name), '.');
    return dot ? dot : name + strlen(name);
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

/* ---- an installation's own mails ---- */

static size_t position(const struct templates *templates, const char *name)
{
    size_t i = 0;
    while (i < templates->count && strcmp(templates->items[i]->name, name) != 0)
        i++;
    return i;
}

/* The file PATH as NAME, in the place of what was called so. */
static int put_file(struct templates *templates, const char *path, const char *name)
{
    const size_t old = position(templates, name), last = templates->count;
    int r = add_file(templates, path, name);
    if (r < 0)
        return r;
    templates->items[last]->own = old == last || templates->items[old]->own;
    if (old == last)
        return 0;
    mustache_free(templates->items[old]);
    templates->items[old] = templates->items[--templates->count];
    return 0;
}

/* Whether the own file NAME (`mail/confirmed.lt.txt`) speaks of a template that we have. */
static bool is_of_ours(const struct templates *templates, const char *name)
{
    static const char *const endings[] = { "txt", "html" };
    const char *stem = name + folder_size(name);
    for (size_t i = 0; i < 2; i++) {
        char ours[NAME_SIZE];
        (void)snprintf(ours, sizeof ours, MAIL "%.*s.%s", (int)strcspn(stem, "."), stem, endings[i]);
        const size_t at = position(templates, ours);
        if (at < templates->count && !templates->items[at]->own)
            return true;
    }
    return false;
}

/* The language that NAME is for (`mail/confirmed.subject.lt.txt`: "lt"), and its size; NULL: for all of them. */
static const char *language_of(const char *name, size_t *ret_size)
{
    const char *end = kind_of(name), *start = end;
    const char *first = strchr(name + folder_size(name), '.');
    while (start > name && start[-1] != '.' && start[-1] != '/')
        start--;
    *ret_size = (size_t)(end - start);
    bool there = first && start > first && !(*ret_size == 7 && strncmp(start, "subject", 7) == 0);
    return there ? start : NULL;
}

/* NAME for all languages; false: it is for all. */
static bool general_name(const char *name, char ret_name[static NAME_SIZE])
{
    size_t size;
    const char *language = language_of(name, &size);
    if (language)
        (void)snprintf(ret_name, NAME_SIZE, "%.*s%s", (int)(language - name - 1), name, language + size);
    return language;
}

/* The letters of one event: what FOLDER has, and all the others once more, so that they are tied to its parts. */
static int copy_others(struct templates *templates, const char *slug)
{
    const size_t count = templates->count;
    for (size_t i = 0; i < count; i++) {
        const struct mustache *item = templates->items[i];
        char name[NAME_SIZE], general[NAME_SIZE];
        if (folder_size(item->name) != sizeof MAIL - 1 || strncmp(item->name, MAIL, sizeof MAIL - 1) != 0)
            continue;
        int size = snprintf(name, sizeof name, MAIL "%s/%s", slug, item->name + sizeof MAIL - 1);
        if (size < 0 || (size_t)size >= sizeof name)
            return read_failed(item->file, -ENAMETOOLONG);
        /* what the event has for all languages goes before what the installation has for one */
        if (position(templates, name) < templates->count ||
            (general_name(name, general) && position(templates, general) < count))
            continue;
        int r = add_file(templates, item->file, name);
        if (r < 0)
            return r;
    }
    return 0;
}

static bool is_folder(const char *directory, const char *entry)
{
    char path[PATH_MAX];
    struct stat st;
    int size = snprintf(path, sizeof path, "%s/%s", directory, entry);
    return size > 0 && (size_t)size < sizeof path && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int add_own(struct templates *templates, const char *directory, const char *slug);

static int add_own_entry(struct templates *templates, const char *directory, const char *slug, const char *entry)
{
    char path[PATH_MAX], name[NAME_SIZE];
    int path_size = snprintf(path, sizeof path, "%s/%s", directory, entry);
    int name_size = snprintf(name, sizeof name, MAIL "%s%s%s", slug ? slug : "", slug ? "/" : "", entry);
    if (path_size < 0 || (size_t)path_size >= sizeof path || name_size < 0 || (size_t)name_size >= sizeof name)
        return read_failed(directory, -ENAMETOOLONG);
    if (is_folder(directory, entry))
        return slug ? 0 : add_own(templates, path, entry);
    size_t stem = stem_size(name);
    if (stem == 0)
        return 0;
    name[stem] = '\0';
    return put_file(templates, path, name);
}

/* For some event at least, which has it under a name of its own. */
static bool is_part(const struct templates *templates, const struct mustache *part)
{
    for (size_t i = 0; i < templates->count; i++)
        for (size_t k = 0; k < templates->items[i]->count; k++) {
            const struct mustache *used = templates->items[i]->ops[k].partial;
            if (used && strcmp(used->file, part->file) == 0)
                return true;
        }
    return false;
}

/* The file of ITEM lies in OWN under its own name; what an event has from elsewhere does not. */
static bool is_own(const char *own, const struct mustache *item)
{
    char path[PATH_MAX];
    if (strncmp(item->name, MAIL, sizeof MAIL - 1) != 0)
        return false;
    (void)snprintf(path, sizeof path, "%s/%s" ENDING, own, item->name + sizeof MAIL - 1);
    return strcmp(path, item->file) == 0;
}

/* Whether OWN has the other of text and HTML too, or ITEM has none. */
static bool is_whole(const struct templates *templates, const char *own, const struct mustache *item)
{
    char other[NAME_SIZE];
    const char *kind = kind_of(item->name);
    if (is_part(templates, item) || strstr(item->name + folder_size(item->name), ".subject."))
        return true;
    (void)snprintf(other, sizeof other, "%.*s%s", (int)(kind - item->name), item->name,
                   strcmp(kind, ".txt") == 0 ? ".html" : ".txt");
    const size_t at = position(templates, other);
    return at < templates->count && is_own(own, templates->items[at]);
}

/* What is most likely a slip: a name that nothing asks for; a file with nothing in it; a text without its HTML or the
 * other way about, for a mail program shows one of them, and the other would still be ours. */
static void warn_own(const struct templates *templates, const char *own)
{
    for (size_t i = 0; i < templates->count; i++) {
        const struct mustache *item = templates->items[i];
        if (item->own && !is_of_ours(templates, item->name) && !is_part(templates, item))
            log_warning("template.unused", LOG_TEXT("file", item->file));
        else if (is_own(own, item) && item->count == 0 && !is_part(templates, item))
            log_warning("template.empty", LOG_TEXT("file", item->file));
        else if (is_own(own, item) && !is_whole(templates, own, item))
            log_warning("template.half", LOG_TEXT("file", item->file),
                        LOG_TEXT("missing", strcmp(kind_of(item->name), ".txt") == 0 ? "html" : "txt"));
    }
}

void templates_check(const struct templates *templates, const char *own, templates_known *knows, void *user)
{
    for (size_t i = 0; own && i < templates->count; i++) {
        const struct mustache *item = templates->items[i];
        char slug[NAME_SIZE], language[NAME_SIZE];
        size_t folder, size;
        if (!is_own(own, item))
            continue;
        folder = folder_size(item->name);
        const char *found = language_of(item->name, &size);
        (void)snprintf(slug, sizeof slug, "%.*s", (int)(folder > sizeof MAIL ? folder - sizeof MAIL : 0),
                       item->name + sizeof MAIL - 1);
        (void)snprintf(language, sizeof language, "%.*s", found ? (int)size : 0, found ? found : "");
        if (!knows(user, *slug ? slug : NULL, found ? language : NULL))
            log_warning("template.stranger", LOG_TEXT("file", item->file), LOG_TEXT("event", *slug ? slug : NULL),
                        LOG_TEXT("language", found ? language : NULL));
    }
}

/* SLUG NULL: the folder itself. Its files come before the folders in it, for these begin with what it has. */
static int add_own(struct templates *templates, const char *directory, const char *slug)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort), result = 0;
    if (count < 0)
        return read_failed(directory, -errno);
    for (int folders = 0; folders < 2; folders++)
        for (int i = 0; i < count; i++) {
            if (entries[i]->d_name[0] == '.' || is_folder(directory, entries[i]->d_name) != (folders == 1))
                continue;
            int r = add_own_entry(templates, directory, slug, entries[i]->d_name);
            result = result == 0 ? r : result;
        }
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return result == 0 && slug ? copy_others(templates, slug) : result;
}

int templates_load(const char *directory, const char *own, struct templates **ret_templates)
{
    struct templates *templates = calloc(1, sizeof *templates);
    if (!templates)
        return -ENOMEM;
    int r = add_folder(templates, directory, "", 0);
    if (r == 0 && own)
        r = add_own(templates, own, NULL);
    if (r < 0) {
        templates_free(templates);
        return r;
    }
    if (templates->count > 0)
        qsort(templates->items, templates->count, sizeof(struct mustache *), by_name);
    for (size_t i = 0; i < templates->count; i++)
        link_partials(templates->items[i], templates);
    if (own)
        warn_own(templates, own);
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

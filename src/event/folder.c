/* SPDX-License-Identifier: EUPL-1.2 */
/* The folder of definitions: read, parsed and checked together. Called by main and ctl. One thread. */
#include "event/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/faults.h"
#include "base/file.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "event/parse.h"
#include "event/post_size.h"

#define FILES_MAX 2000
#define FILE_MAX (1024 * 1024)

static const char suffix[] = ".conf";

static bool ends_in_conf(const char *name)
{
    size_t size = strlen(name), tail = sizeof(suffix) - 1;
    return size >= tail && strcmp(name + size - tail, suffix) == 0;
}

/* [A-Za-z0-9_-]+.conf */
static bool is_definition(const char *name)
{
    size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return size > 0 && strcmp(name + size, suffix) == 0;
}

/* Takes PATH over, which may be NULL: no memory. */
static int add_path(struct event_folder *folder, char *path)
{
    struct event_file *files = path ? reallocarray(folder->files, folder->count + 1, sizeof(*files)) : NULL;
    if (!files) {
        free(path);
        return -ENOMEM;
    }
    const char *slash = strrchr(path, '/');
    folder->files = files;
    files[folder->count] = (struct event_file){ .path = path, .name = strdup(slash ? slash + 1 : path) };
    return files[folder->count++].name ? 0 : -ENOMEM;
}

static int add_file(struct event_folder *folder, const char *directory, const char *name)
{
    char *path;
    return add_path(folder, asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path);
}

static int list(DIR *stream, const char *directory, struct faults *faults, struct event_folder *folder)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            return -errno;
        if (!is_definition(entry->d_name)) {
            if (ends_in_conf(entry->d_name) && entry->d_name[0] != '.')
                faults_warn(faults, directory, 0, NULL,
                            "%s is left alone: names are made of letters, digits, _ and - before .conf", entry->d_name);
            continue;
        }
        if (folder->count == FILES_MAX)
            return -E2BIG;
        int r = add_file(folder, directory, entry->d_name);
        if (r < 0)
            return r;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct event_file *)a)->name, ((const struct event_file *)b)->name);
}

static int read_file(struct event_file *file, struct faults *faults)
{
    int r = file_read(file->path, FILE_MAX, &file->text, &file->size);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        faults_add(faults, file->path, 0, NULL, "cannot be read: %s", strerrordesc_np(-r));
        return 0;
    }
    r = event_definition_parse(file->text, file->size, file->path, faults, &file->definition);
    return r == -EINVAL ? 0 : r; /* its faults are noted */
}

/* Which of two files is meant nobody can say, so neither is taken. */
static void check_slugs(struct event_folder *folder, struct faults *faults)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct event_file *file = &folder->files[i];
        bool twice = false;
        for (size_t k = i + 1; file->definition && k < folder->count; k++) {
            struct event_file *other = &folder->files[k];
            if (!other->definition || strcmp(file->definition->slug, other->definition->slug) != 0)
                continue;
            faults_add(faults, other->path, parse_slug_line(other->definition), "slug", "\"%s\" stands in %s too",
                       file->definition->slug, file->name);
            if (!twice)
                faults_add(faults, file->path, parse_slug_line(file->definition), "slug", "\"%s\" stands in %s too",
                           file->definition->slug, other->name);
            event_definition_unref(other->definition);
            other->definition = NULL;
            twice = true;
        }
        if (twice) {
            event_definition_unref(file->definition);
            file->definition = NULL;
        }
    }
}

static void note_parsed(struct event_folder *folder)
{
    folder->all_parse = folder->count > 0;
    for (size_t i = 0; i < folder->count; i++)
        if (!folder->files[i].definition)
            folder->all_parse = false;
}

int event_folder_read(const char *directory, struct faults *faults, struct event_folder *ret_folder)
{
    struct event_folder folder = { 0 };
    DIR *stream = opendir(directory);

    if (!stream) {
        faults_add(faults, directory, 0, NULL, "cannot be listed: %s", strerrordesc_np(errno));
        *ret_folder = folder;
        return 0;
    }
    int r = list(stream, directory, faults, &folder);
    (void)closedir(stream);
    if (r < 0 && r != -ENOMEM) {
        event_folder_done(&folder);
        if (r == -E2BIG)
            faults_add(faults, directory, 0, NULL, "holds more than %d files", FILES_MAX);
        else
            faults_add(faults, directory, 0, NULL, "cannot be listed: %s", strerrordesc_np(-r));
        *ret_folder = folder;
        return 0;
    }
    folder.readable = true;
    if (r == 0 && folder.count == 0)
        faults_add(faults, directory, 0, NULL, "holds no definition");
    if (folder.count > 0)
        qsort(folder.files, folder.count, sizeof(*folder.files), compare);
    for (size_t i = 0; r == 0 && i < folder.count; i++)
        r = read_file(&folder.files[i], faults);
    if (r < 0) {
        event_folder_done(&folder);
        return r;
    }
    check_slugs(&folder, faults);
    note_parsed(&folder);
    *ret_folder = folder;
    return 0;
}

int event_folder_take(const char *const *paths, size_t count, struct faults *faults, struct event_folder *ret_folder)
{
    struct event_folder folder = { .readable = true };
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = add_path(&folder, strdup(paths[i]));
    for (size_t i = 0; r == 0 && i < count; i++)
        r = read_file(&folder.files[i], faults);
    if (r < 0) {
        event_folder_done(&folder);
        return r;
    }
    check_slugs(&folder, faults);
    note_parsed(&folder);
    *ret_folder = folder;
    return 0;
}

static void check_host(struct event_folder *folder, struct event_file *file, const struct settings *settings,
                       struct faults *faults)
{
    if (!file->definition->host || hosts_find(settings, file->definition->host))
        return;
    faults_add(faults, file->path, parse_host_line(file->definition), "host", "\"%s\" is no host of the settings",
               file->definition->host);
    event_definition_unref(file->definition);
    file->definition = NULL;
    folder->all_parse = false;
}

/* Who writes all that he may would read 413 and have nothing kept. */
static void check_size(const struct event_file *file, const struct settings *settings, struct faults *faults)
{
    const struct post_size size = event_post_size(file->definition);
    if (size.bytes > (size_t)settings->http.body_limit)
        faults_warn(faults, file->path, 0, NULL,
                    "a form in which all that may be written is written has up to %zu bytes in Greek or Cyrillic, but "
                    "http.body_limit is %lld: shorten max_length, lower group_max or raise the limit",
                    size.bytes, (long long)settings->http.body_limit);
    if (size.controls > (size_t)settings->http.field_limit)
        faults_warn(faults, file->path, 0, NULL,
                    "a form in which all that may be answered is answered has %zu controls, but http.field_limit is "
                    "%lld: ask less, lower group_max or raise the limit",
                    size.controls, (long long)settings->http.field_limit);
}

void event_folder_check(struct event_folder *folder, const struct settings *settings, struct faults *faults)
{
    for (size_t i = 0; settings && i < folder->count; i++) {
        struct event_file *file = &folder->files[i];
        if (file->definition)
            check_host(folder, file, settings, faults);
        if (file->definition)
            check_size(file, settings, faults);
    }
}

void event_folder_done(struct event_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct event_file *file = &folder->files[i];
        event_definition_unref(file->definition);
        free(file->path);
        free(file->name);
        free(file->text);
    }
    free(folder->files);
    *folder = (struct event_folder){ 0 };
}

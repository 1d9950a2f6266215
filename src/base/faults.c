/* SPDX-License-Identifier: EUPL-1.2 */
/* What a check found wrong, collected and shown together. Callers: config, event, main, ctl. One thread. */
#include "base/faults.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

struct fault {
    const char *file, *key, *text;
    unsigned line;
    bool warning;
    size_t order;
};

struct faults {
    struct arena *arena;
    struct fault *items;
    size_t count, room;
    size_t faults, warnings;
};

int faults_new(struct faults **ret_faults)
{
    struct faults *faults = calloc(1, sizeof(*faults));
    if (faults)
        faults->arena = arena_new();
    if (!faults || !faults->arena) {
        free(faults);
        return -ENOMEM;
    }
    *ret_faults = faults;
    return 0;
}

void faults_free(struct faults *faults)
{
    if (!faults)
        return;
    arena_free(faults->arena);
    free(faults->items);
    free(faults);
}

static void add(struct faults *faults, bool warning, const char *file, unsigned line, const char *key,
                const char *format, va_list args)
{
    if (warning)
        faults->warnings++;
    else
        faults->faults++;
    if (faults->count == faults->room) {
        size_t room = faults->room ? faults->room * 2 : 16;
        struct fault *items = reallocarray(faults->items, room, sizeof(*items));
        if (!items)
            return; /* still counted */
        faults->items = items;
        faults->room = room;
    }
    struct fault fault = {
        .file = arena_copy(faults->arena, file), .line = line, .warning = warning, .order = faults->count
    };
    if (key)
        fault.key = arena_copy(faults->arena, key);
    fault.text = arena_format_v(faults->arena, format, args);
    if (fault.file && fault.text)
        faults->items[faults->count++] = fault;
}

void faults_add(struct faults *faults, const char *file, unsigned line, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(faults, false, file, line, key, format, args);
    va_end(args);
}

void faults_warn(struct faults *faults, const char *file, unsigned line, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(faults, true, file, line, key, format, args);
    va_end(args);
}

size_t faults_count(const struct faults *faults)
{
    return faults->faults;
}

static int compare(const void *a, const void *b)
{
    const struct fault *x = a, *y = b;
    int r = strcmp(x->file, y->file);
    if (r == 0)
        r = (x->line > y->line) - (x->line < y->line);
    if (r == 0)
        r = (x->order > y->order) - (x->order < y->order);
    return r;
}

/* A copy in order of file and line; NULL if there is nothing (or no memory, then the count alone speaks). */
static struct fault *sorted(const struct faults *faults)
{
    struct fault *items = faults->count ? reallocarray(NULL, faults->count, sizeof(*items)) : NULL;
    if (items) {
        memcpy(items, faults->items, faults->count * sizeof(*items));
        qsort(items, faults->count, sizeof(*items), compare);
    }
    return items;
}

void faults_print(const struct faults *faults, size_t files, FILE *out)
{
    struct fault *items = sorted(faults);
    for (size_t i = 0; items && i < faults->count; i++) {
        const struct fault *f = &items[i];
        if (f->line > 0)
            (void)fprintf(out, "%s:%u: ", f->file, f->line);
        else
            (void)fprintf(out, "%s: ", f->file);
        if (f->key)
            (void)fprintf(out, "%s: ", f->key);
        (void)fprintf(out, "%s%s\n", f->warning ? "warning: " : "", f->text);
    }
    free(items);
    (void)fprintf(out, "%zu fault%s, %zu warning%s in %zu file%s\n", faults->faults, faults->faults == 1 ? "" : "s",
                  faults->warnings, faults->warnings == 1 ? "" : "s", files, files == 1 ? "" : "s");
}

int faults_each(const struct faults *faults, int (*each)(const struct fault_line *line, void *arg), void *arg)
{
    struct fault *items = sorted(faults);
    int r = items || faults->faults + faults->warnings == 0 ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < faults->count; i++) {
        const struct fault *f = &items[i];
        const struct fault_line line = { f->file, f->key, f->text, f->line, f->warning };
        r = each(&line, arg);
    }
    free(items);
    return r;
}

void faults_log(const struct faults *faults, const char *event)
{
    struct fault *items = sorted(faults);
    for (size_t i = 0; items && i < faults->count; i++) {
        const struct fault *f = &items[i];
        const struct log_field fields[] = { LOG_TEXT("file", f->file),
                                            LOG_INT("line", f->line),
                                            LOG_TEXT("key", f->key),
                                            LOG_TEXT("text", f->text),
                                            { .key = NULL } };
        log_write(f->warning ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, event, fields);
    }
    free(items);
}

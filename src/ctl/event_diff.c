/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event diff: what differs between two revisions of an event, or between one and a file: what it means, then
 * the lines. One thread. */
#include "ctl/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diff.h"
#include "base/faults.h"
#include "base/file.h"
#include "ctl/ctl_event.h"
#include "ctl/event_meaning.h"
#include "ctl/table.h"
#include "event/definition.h"

#define FILE_MAX (1024 * 1024)
#define CONTEXT 3 /* lines around what differs */

/* One side. */
struct side {
    const char *name; /* "revision 3", or the file's */
    const char *text;
    const struct event_definition *definition;
};

struct comparison {
    struct arena *arena;
    struct side old, new;
    size_t count;
    struct diff_line *lines;
    json_t *meaning;
};

/* ---- the sides ---- */

static enum ctl_exit take_revision(struct ctl *ctl, struct arena *arena, const char *slug, int64_t number,
                                   struct side *ret_side)
{
    struct event_revision revision;
    enum ctl_exit exit = ctl_event_revision(ctl, arena, slug, number, &revision);
    if (exit == CTL_OK)
        exit = ctl_event_parse(&revision, &ret_side->definition);
    if (exit != CTL_OK)
        return exit;
    ret_side->name = arena_format(arena, "revision %lld", (long long)revision.number);
    ret_side->text = revision.text;
    return ret_side->name ? CTL_OK : ctl_no_memory();
}

/* A file with faults has no meaning; what they are is said. */
static enum ctl_exit parse_file(const char *path, const char *text, size_t size, const struct event_definition **ret)
{
    struct faults *faults;
    if (faults_new(&faults) < 0)
        return ctl_no_memory();
    int r = event_definition_parse(text, size, path, faults, ret);
    if (r == -EINVAL)
        faults_print(faults, 1, stderr);
    faults_free(faults);
    if (r == -ENOMEM)
        return ctl_no_memory();
    return r < 0 ? CTL_WRONG : CTL_OK;
}

static enum ctl_exit take_file(struct arena *arena, const char *slug, const char *path, struct side *ret_side)
{
    char *data;
    size_t size;
    int r = file_read(path, FILE_MAX, &data, &size);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0) {
        ctl_complain("%s cannot be read: %s", path, strerrordesc_np(-r));
        return CTL_CANNOT;
    }
    ret_side->name = path;
    ret_side->text = arena_copy_n(arena, data, size);
    free(data);
    if (!ret_side->text)
        return ctl_no_memory();
    enum ctl_exit exit = parse_file(path, ret_side->text, size, &ret_side->definition);
    if (exit == CTL_OK && strcmp(ret_side->definition->slug, slug) != 0) {
        ctl_complain("%s is the definition of %s, not of %s", path, ret_side->definition->slug, slug);
        return CTL_WRONG;
    }
    return exit;
}

/* One revision against the current one, two against each other, one against a file; without any the current one
 * against the one before it. */
static enum ctl_exit take_sides(struct ctl *ctl, const struct event_arguments *arguments, struct comparison *c)
{
    const char *slug = arguments->slug;
    const bool has_file = arguments->rest_count == 2;
    int64_t old = arguments->revisions[0], new = arguments->revisions[1];
    if (has_file && arguments->revision_count == 2)
        return ctl_misused(&ctl_event);
    if (!has_file && arguments->revision_count == 0) {
        struct event_revision current;
        enum ctl_exit exit = ctl_event_revision(ctl, c->arena, slug, 0, &current);
        if (exit != CTL_OK)
            return exit;
        if (current.number == 1) {
            ctl_complain("%s has one revision only", slug);
            return CTL_WRONG;
        }
        old = current.number - 1;
    }
    enum ctl_exit exit = take_revision(ctl, c->arena, slug, old, &c->old);
    if (exit != CTL_OK)
        return exit;
    return has_file ? take_file(c->arena, slug, arguments->rest[1], &c->new)
                    : take_revision(ctl, c->arena, slug, new, &c->new);
}

/* ---- what is said ---- */

static json_t *lines_json(const struct comparison *c)
{
    static const char *const sides[] = { [DIFF_BOTH] = " ", [DIFF_OLD] = "-", [DIFF_NEW] = "+" };
    json_t *list = json_array();
    for (size_t i = 0; i < c->count; i++)
        if (c->lines[i].side != DIFF_BOTH)
            (void)json_array_append_new(list, json_pack("{s:s, s:s%}", "side", sides[c->lines[i].side], "text",
                                                        c->lines[i].text, c->lines[i].size));
    return list;
}

/* True if line AT is shown: it differs, or one near it does. */
static bool is_shown(const struct comparison *c, size_t at)
{
    const size_t first = at < CONTEXT ? 0 : at - CONTEXT;
    for (size_t i = first; i < c->count && i <= at + CONTEXT; i++)
        if (c->lines[i].side != DIFF_BOTH)
            return true;
    return false;
}

static enum ctl_exit print_lines(const struct comparison *c)
{
    static const char marks[] = { [DIFF_BOTH] = ' ', [DIFF_OLD] = '-', [DIFF_NEW] = '+' };
    size_t old_line = 1, new_line = 1;
    bool shown = false;
    for (size_t i = 0; i < c->count; i++) {
        const struct diff_line *line = &c->lines[i];
        const bool shows = is_shown(c, i);
        if (shows && !shown)
            (void)printf("\n@@ line %zu -> line %zu\n", old_line, new_line);
        if (shows) {
            const char *text = arena_copy_n(c->arena, line->text, line->size);
            if (!text)
                return ctl_no_memory();
            (void)putchar(marks[line->side]);
            table_print_text(text, 0, stdout);
            (void)putchar('\n');
        }
        shown = shows;
        old_line += line->side != DIFF_NEW;
        new_line += line->side != DIFF_OLD;
    }
    return ctl_output_done();
}

static enum ctl_exit say_words(const struct comparison *c)
{
    size_t i;
    json_t *sentence;
    (void)printf("%s -> ", c->old.name);
    table_print_text(c->new.name, 0, stdout);
    (void)putchar('\n');
    if (strcmp(c->old.text, c->new.text) == 0) {
        (void)puts("The same text.");
        return ctl_output_done();
    }
    (void)puts(json_array_size(c->meaning) > 0 ? "" : "\nNothing but texts that are only shown, or how it is written.");
    json_array_foreach(c->meaning, i, sentence) {
        table_print_text(json_string_value(sentence), 4, stdout);
        (void)putchar('\n');
    }
    return print_lines(c);
}

static enum ctl_exit compare(struct comparison *c, bool json)
{
    if (diff_lines(c->arena, c->old.text, c->new.text, &c->count, &c->lines) < 0 ||
        ctl_event_meaning(c->arena, c->old.definition, c->new.definition, &c->meaning) < 0)
        return ctl_no_memory();
    if (json)
        return ctl_print_json(json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "event", c->old.definition->slug, "old",
                                        c->old.name, "new", c->new.name, "same",
                                        strcmp(c->old.text, c->new.text) == 0, "meaning", c->meaning, "lines",
                                        lines_json(c)));
    enum ctl_exit exit = say_words(c);
    json_decref(c->meaning);
    return exit;
}

enum ctl_exit ctl_event_diff(struct ctl *ctl, const struct event_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    struct comparison c = { .arena = arena_new() };
    exit = c.arena ? take_sides(ctl, arguments, &c) : ctl_no_memory();
    if (exit == CTL_OK)
        exit = compare(&c, arguments->json);
    event_definition_unref(c.old.definition);
    event_definition_unref(c.new.definition);
    arena_free(c.arena);
    return exit;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Compiles a Mustache template (the public Mustache specification, core modules) to a flat list of operations.
 * A tag of a section, partial, comment or change of delimiters that is alone on its line takes the whole line with it;
 * a value never does. Caller: template.c. Any thread. */
#include "view/mustache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"

#define DELIMITER_MAX 15
#define NESTING_MAX 32 /* rendering goes as deep on the stack */
#define NONE ((size_t)-1)

struct delimiter {
    char text[DELIMITER_MAX + 1];
    size_t size;
};

struct compiler {
    struct mustache *made;
    const char *text;
    size_t size;
    size_t room;     /* of made->ops */
    size_t section;  /* the innermost open section, else NONE; its `end` leads to the outer one until it is closed */
    size_t depth;
    bool line_start; /* a line began at a tag that left no operation behind, such as a comment */
    struct delimiter open, close;
};

struct tag {
    char type;          /* one of & { # ^ / > ! =, or 0 for a value */
    size_t start, end;  /* with the delimiters */
    size_t content, content_size; /* between them, without type and outer blanks */
    bool alone;
    size_t line_from, line_to; /* the whole line, if it is alone there */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_white(char c)
{
    return is_blank(c) || c == '\n' || c == '\r';
}

static unsigned line_of(const struct compiler *c, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at; i++)
        line += c->text[i] == '\n';
    return line;
}

static int fault(const struct compiler *c, unsigned line, const char *text, const char *name)
{
    log_error("template.fault", LOG_TEXT("file", c->made->file), LOG_INT("line", line), LOG_TEXT("fault", text),
              LOG_TEXT("name", name ? name : ""));
    return -EINVAL;
}

/* The first WHAT at or behind FROM. */
static size_t find(const struct compiler *c, size_t from, const char *what, size_t size)
{
    const char *found = from <= c->size ? memmem(c->text + from, c->size - from, what, size) : NULL;
    return found ? (size_t)(found - c->text) : NONE;
}

static struct mustache_op *add(struct compiler *c, enum mustache_op_kind kind, size_t at)
{
    struct mustache *made = c->made;
    if (made->count == c->room) {
        size_t room = c->room ? c->room * 2 : 32;
        struct mustache_op *ops = reallocarray(made->ops, room, sizeof *ops);
        if (!ops)
            return NULL;
        made->ops = ops;
        c->room = room;
    }
    struct mustache_op *op = &made->ops[made->count++];
    bool fresh = c->line_start || at == 0 || c->text[at - 1] == '\n';
    *op = (struct mustache_op){ .kind = kind, .line_start = fresh, .end = NONE };
    c->line_start = false;
    return op;
}

static int add_text(struct compiler *c, size_t from, size_t to)
{
    if (from >= to)
        return 0;
    struct mustache_op *op = add(c, MUSTACHE_TEXT, from);
    if (!op)
        return -ENOMEM;
    op->text = c->text + from;
    op->size = to - from;
    return 0;
}

/* Takes the name apart at its dots. */
static int set_name(struct compiler *c, struct mustache_op *op, const struct tag *tag)
{
    struct arena *arena = c->made->arena;
    op->line = line_of(c, tag->start);
    char *name = arena_copy_n(arena, c->text + tag->content, tag->content_size);
    char *parts = name ? arena_copy(arena, name) : NULL;
    if (!parts)
        return -ENOMEM;
    op->name = name;
    if (!*name)
        return fault(c, op->line, "a tag without a name", NULL);
    if (strcspn(name, " \t\r\n") != strlen(name))
        return fault(c, op->line, "a name with a blank inside", name);
    if (strcmp(name, ".") == 0 || op->kind == MUSTACHE_PARTIAL)
        return 0;

    const char *dot = strchr(name, '.');
    op->rest = dot ? dot + 1 : NULL;
    size_t count = 1;
    for (const char *p = name; *p; p++)
        count += *p == '.';
    op->keys = arena_take(arena, count * sizeof *op->keys);
    if (!op->keys)
        return -ENOMEM;
    for (char *next = parts; next;) {
        const char *key = strsep(&next, ".");
        if (!*key)
            return fault(c, op->line, "a name with an empty part", name);
        op->keys[op->key_count++] = key;
    }
    return 0;
}

static int open_section(struct compiler *c, struct mustache_op *op)
{
    if (++c->depth > NESTING_MAX)
        return fault(c, op->line, "sections are nested too deeply", op->name);
    op->end = c->section;
    c->section = (size_t)(op - c->made->ops);
    return 0;
}

static int close_section(struct compiler *c, const struct mustache_op *op)
{
    if (c->section == NONE)
        return fault(c, op->line, "closes a section that is not open", op->name);
    struct mustache_op *opener = &c->made->ops[c->section];
    if (strcmp(opener->name, op->name) != 0)
        return fault(c, op->line, "closes another section than the one that is open", op->name);
    c->section = opener->end;
    c->depth--;
    opener->end = (size_t)(op - c->made->ops);
    return 0;
}

static int set_delimiters(struct compiler *c, const struct tag *tag)
{
    const char *text = c->text + tag->content;
    size_t size = tag->content_size, first = 0, last = size;
    while (first < size && !is_white(text[first]))
        first++;
    while (last > first && !is_white(text[last - 1]))
        last--;
    size_t middle = first;
    while (middle < last && is_white(text[middle]))
        middle++;
    bool good = first > 0 && first <= DELIMITER_MAX && last < size && size - last <= DELIMITER_MAX &&
                middle == last && !memchr(text, '=', size);
    if (!good)
        return fault(c, line_of(c, tag->start), "delimiters are two words without =, parted by a blank", NULL);
    c->open = (struct delimiter){ .size = first };
    memcpy(c->open.text, text, first);
    c->close = (struct delimiter){ .size = size - last };
    memcpy(c->close.text, text + last, size - last);
    return 0;
}

/* Reads the tag that opens at START. */
static int read_tag(const struct compiler *c, size_t start, struct tag *ret_tag)
{
    struct tag tag = { .start = start };
    size_t at = start + c->open.size;
    if (at < c->size && c->text[at] != '\0' && strchr("&{#^/>!=", c->text[at]))
        tag.type = c->text[at++];

    char closing[DELIMITER_MAX + 2];
    size_t closing_size = 0;
    if (tag.type == '{' || tag.type == '=')
        closing[closing_size++] = tag.type == '{' ? '}' : '=';
    memcpy(closing + closing_size, c->close.text, c->close.size);
    closing_size += c->close.size;
    size_t close = find(c, at, closing, closing_size);
    if (close == NONE)
        return fault(c, line_of(c, start), "a tag that is not closed", NULL);
    tag.end = close + closing_size;
    size_t to = close;
    while (at < to && is_white(c->text[at]))
        at++;
    while (to > at && is_white(c->text[to - 1]))
        to--;
    tag.content = at;
    tag.content_size = to - at;

    tag.line_from = start;
    while (tag.line_from > 0 && is_blank(c->text[tag.line_from - 1]))
        tag.line_from--;
    tag.line_to = tag.end;
    while (tag.line_to < c->size && is_blank(c->text[tag.line_to]))
        tag.line_to++;
    bool begins = tag.line_from == 0 || c->text[tag.line_from - 1] == '\n', ends = tag.line_to == c->size;
    if (!ends && c->text[tag.line_to] == '\r' && tag.line_to + 1 < c->size && c->text[tag.line_to + 1] == '\n')
        tag.line_to++;
    if (!ends && c->text[tag.line_to] == '\n') {
        tag.line_to++;
        ends = true;
    }
    tag.alone = begins && ends && tag.type != '\0' && tag.type != '&' && tag.type != '{';
    *ret_tag = tag;
    return 0;
}

static enum mustache_op_kind kind_of(char type)
{
    switch (type) {
    case '&': case '{': return MUSTACHE_RAW;
    case '#': return MUSTACHE_SECTION;
    case '^': return MUSTACHE_INVERTED;
    case '/': return MUSTACHE_END;
    case '>': return MUSTACHE_PARTIAL;
    default: return MUSTACHE_VALUE;
    }
}

static int add_tag(struct compiler *c, const struct tag *tag)
{
    if (tag->type == '!' || tag->type == '=') {
        if (!tag->alone && (tag->start == 0 || c->text[tag->start - 1] == '\n'))
            c->line_start = true;
        return tag->type == '=' ? set_delimiters(c, tag) : 0;
    }
    struct mustache_op *op = add(c, kind_of(tag->type), tag->start);
    if (!op)
        return -ENOMEM;
    if (tag->alone)
        op->line_start = false; /* the line is gone, so nothing is put in front of it */
    int r = set_name(c, op, tag);
    if (r < 0)
        return r;
    switch (op->kind) {
    case MUSTACHE_SECTION:
    case MUSTACHE_INVERTED:
        return open_section(c, op);
    case MUSTACHE_END:
        return close_section(c, op);
    case MUSTACHE_PARTIAL:
        if (op->name[0] == '/' || strstr(op->name, ".."))
            return fault(c, op->line, "a partial outside of the templates", op->name);
        if (tag->alone) {
            op->text = c->text + tag->line_from;
            op->size = tag->start - tag->line_from;
        }
        return 0;
    default:
        return 0;
    }
}

static int compile(struct compiler *c)
{
    size_t at = 0;
    while (at < c->size) {
        size_t start = find(c, at, c->open.text, c->open.size);
        if (start == NONE)
            break;
        struct tag tag = { .start = start };
        int r = read_tag(c, start, &tag);
        if (r < 0)
            return r;
        r = add_text(c, at, tag.alone ? tag.line_from : tag.start);
        if (r == 0)
            r = add_tag(c, &tag);
        if (r < 0)
            return r;
        at = tag.alone ? tag.line_to : tag.end;
    }
    if (c->section != NONE) {
        const struct mustache_op *opener = &c->made->ops[c->section];
        return fault(c, opener->line, "a section that is not closed", opener->name);
    }
    return add_text(c, at, c->size);
}

static bool ends_in(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

int mustache_compile(const char *name, const char *file, const char *text, size_t size, struct mustache **ret_made)
{
    struct arena *arena = arena_new();
    if (!arena)
        return -ENOMEM;
    struct mustache *made = arena_take(arena, sizeof *made);
    if (!made) {
        arena_free(arena);
        return -ENOMEM;
    }
    made->arena = arena;
    made->name = arena_copy(arena, name);
    made->file = arena_copy(arena, file);
    made->html = !ends_in(name, ".txt");
    char *copy = arena_copy_n(arena, text, size);
    struct compiler c = { .made = made, .text = copy, .size = size, .section = NONE,
                          .open = { "{{", 2 }, .close = { "}}", 2 } };
    int r = made->name && made->file && copy ? compile(&c) : -ENOMEM;
    if (r < 0) {
        mustache_free(made);
        return r;
    }
    *ret_made = made;
    return 0;
}

void mustache_free(struct mustache *mustache)
{
    if (!mustache)
        return;
    free(mustache->ops);
    arena_free(mustache->arena); /* holds MUSTACHE too */
}

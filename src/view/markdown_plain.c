/* SPDX-License-Identifier: EUPL-1.2 */
/* Descriptions as plain text for mail and leads: paragraphs filled to a width, `- ` and `1. ` before list items, `> `
 * before quotations, four blanks before code, links as `words (address)`. Raw HTML and pictures' addresses go.
 * Callers: page, mail. Any thread. */
#include "view/markdown.h"

#include <cmark.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

#define PREFIX_SIZE 80
#define CODE_INDENT "    "
#define BLOCK_DEPTH_MAX 20   /* what is nested deeper is left out: it would only eat the stack */
#define INLINE_DEPTH_MAX 50
#define NARROWEST 20 /* columns that words get however deep the lists are nested */

struct page {
    struct buffer out;
    char first[PREFIX_SIZE]; /* in front of the next line only, such as a list item's number */
    char rest[PREFIX_SIZE];  /* in front of the lines after it */
    size_t columns;          /* 0: any */
    bool gap;                /* an empty line is due before the next block */
    bool tight;              /* items of this list follow without one */
    unsigned depth;
};

static size_t width(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* The prefix without the blanks at its end, for lines that hold nothing else. */
static void put_bare(struct buffer *out, const char *prefix)
{
    size_t size = strlen(prefix);
    while (size > 0 && prefix[size - 1] == ' ')
        size--;
    buffer_add(out, prefix, size);
}

static void begin_block(struct page *page)
{
    if (page->gap) {
        put_bare(&page->out, page->rest);
        buffer_text(&page->out, "\n");
    }
    page->gap = false;
}

static void end_block(struct page *page)
{
    page->gap = !page->tight;
}

static void put_line(struct page *page, const char *text, size_t size)
{
    while (size > 0 && text[size - 1] == ' ')
        size--;
    if (size > 0)
        buffer_text(&page->out, page->first);
    else
        put_bare(&page->out, page->first);
    buffer_add(&page->out, text, size);
    buffer_text(&page->out, "\n");
    memcpy(page->first, page->rest, sizeof page->first);
}

/* One line of a paragraph, broken at blanks. A word longer than the line, such as an address, stays whole. */
static void fill_line(struct page *page, const char *text, size_t size)
{
    size_t taken = width(page->first, strlen(page->first));
    size_t room = page->columns > taken + NARROWEST ? page->columns - taken : NARROWEST;
    const char *end = text + size, *from = text, *last = NULL;
    for (const char *at = text; at <= end; at++) {
        if (at < end && *at != ' ')
            continue;
        if (page->columns > 0 && last && width(from, (size_t)(at - from)) > room) {
            put_line(page, from, (size_t)(last - from));
            from = last + 1;
        }
        last = at;
    }
    put_line(page, from, (size_t)(end - from));
}

/* Bytes of the control or bidi character at TEXT; 0: it is none. */
static size_t control_size(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    if (c[0] < 0x20 || c[0] == 0x7f)
        return 1;
    if (c[0] == 0xc2 && c[1] < 0xa0)
        return 2;
    bool is_bidi = c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae) ||
                                    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
    return is_bidi ? 3 : 0;
}

/* Entities such as &#10; and &#x202e; bring in what a definition may not hold: each becomes a blank. */
static void put_words(struct buffer *out, const char *text)
{
    const char *from = text;
    while (*text) {
        size_t size = control_size(text);
        if (size > 0) {
            buffer_add(out, from, (size_t)(text - from));
            buffer_text(out, " ");
            from = text + size;
        }
        text += size > 0 ? size : 1;
    }
    buffer_add(out, from, (size_t)(text - from));
}

static void put_inlines(struct buffer *out, cmark_node *node, bool lead, unsigned depth);

static void put_link(struct buffer *out, cmark_node *node, bool lead, unsigned depth)
{
    size_t from = out->size;
    put_inlines(out, node, lead, depth);
    const char *url = cmark_node_get_url(node);
    const char *shown = strncmp(url, "mailto:", 7) == 0 ? url + 7 : url;
    const char *words = out->data ? out->data + from : "";
    bool same = strcmp(words, shown) == 0 || strcmp(words, url) == 0;
    if (lead || same || !*shown)
        return;
    bool behind = *words;
    buffer_text(out, behind ? " (" : "");
    put_words(out, shown);
    buffer_text(out, behind ? ")" : "");
}

static void put_inline(struct buffer *out, cmark_node *node, bool lead, unsigned depth)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        put_words(out, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
        buffer_text(out, " ");
        break;
    case CMARK_NODE_LINEBREAK:
        buffer_text(out, lead ? " " : "\n");
        break;
    case CMARK_NODE_LINK:
        put_link(out, node, lead, depth);
        break;
    case CMARK_NODE_HTML_INLINE:
        break;
    default:
        put_inlines(out, node, lead, depth);
        break;
    }
}

static void put_inlines(struct buffer *out, cmark_node *node, bool lead, unsigned depth)
{
    if (depth >= INLINE_DEPTH_MAX)
        return;
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child))
        put_inline(out, child, lead, depth + 1);
}

static void put_paragraph(struct page *page, cmark_node *node)
{
    struct buffer words = { .data = NULL };
    put_inlines(&words, node, false, 0);
    begin_block(page);
    for (const char *line = buffer_string(&words); line;) {
        const char *feed = strchr(line, '\n');
        fill_line(page, line, feed ? (size_t)(feed - line) : strlen(line));
        line = feed ? feed + 1 : NULL;
    }
    if (words.failed)
        page->out.failed = true;
    buffer_done(&words);
    end_block(page);
}

static void put_code(struct page *page, cmark_node *node)
{
    begin_block(page);
    const char *line = cmark_node_get_literal(node);
    while (*line) {
        size_t size = strcspn(line, "\n");
        if (size > 0)
            buffer_format(&page->out, "%s" CODE_INDENT, page->first);
        else
            put_bare(&page->out, page->first);
        memcpy(page->first, page->rest, sizeof page->first);
        buffer_add(&page->out, line, size);
        buffer_text(&page->out, "\n");
        line += size + (line[size] == '\n');
    }
    end_block(page);
}

static void put_blocks(struct page *page, cmark_node *node);

/* TEXT, filled with blanks to WIDTH, behind a prefix that has room for it. */
static void append(char *prefix, const char *text, int width)
{
    size_t size = strlen(prefix);
    (void)snprintf(prefix + size, PREFIX_SIZE - size, "%-*s", width, text);
}

/* The blocks of NODE behind a mark, the lines after the first behind blanks as wide or behind AFTER. A mark that has
 * no room in the prefix is left out. */
static void put_marked(struct page *page, cmark_node *node, const char *mark, const char *after)
{
    if (page->depth >= BLOCK_DEPTH_MAX)
        return;
    char rest[PREFIX_SIZE];
    memcpy(rest, page->rest, sizeof rest);
    size_t room = PREFIX_SIZE - 1 - strlen(mark);
    if (strlen(page->first) <= room && strlen(rest) <= room) {
        append(page->first, mark, 0);
        append(page->rest, after ? after : "", after ? 0 : (int)strlen(mark));
    }
    page->depth++;
    if (cmark_node_first_child(node))
        put_blocks(page, node);
    else
        put_line(page, "", 0);
    page->depth--;
    memcpy(page->rest, rest, sizeof rest);
    memcpy(page->first, rest, sizeof rest);
}

static void put_list(struct page *page, cmark_node *list)
{
    begin_block(page);
    bool outer = page->tight, ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
    page->tight = cmark_node_get_list_tight(list) != 0;
    int number = cmark_node_get_list_start(list);
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
        char mark[16] = "- ";
        if (ordered)
            (void)snprintf(mark, sizeof mark, "%d. ", number++);
        begin_block(page);
        put_marked(page, item, mark, NULL);
        end_block(page);
    }
    page->tight = outer;
    end_block(page);
}

static void put_quote(struct page *page, cmark_node *node)
{
    begin_block(page);
    bool outer = page->tight;
    page->tight = false;
    put_marked(page, node, "> ", "> ");
    page->tight = outer;
    end_block(page);
}

static void put_blocks(struct page *page, cmark_node *node)
{
    for (cmark_node *child = cmark_node_first_child(node); child; child = cmark_node_next(child)) {
        switch (cmark_node_get_type(child)) {
        case CMARK_NODE_PARAGRAPH:
        case CMARK_NODE_HEADING:
            put_paragraph(page, child);
            break;
        case CMARK_NODE_CODE_BLOCK:
            put_code(page, child);
            break;
        case CMARK_NODE_LIST:
            put_list(page, child);
            break;
        case CMARK_NODE_BLOCK_QUOTE:
            put_quote(page, child);
            break;
        case CMARK_NODE_THEMATIC_BREAK:
            begin_block(page);
            put_line(page, "---", 3);
            end_block(page);
            break;
        default: /* raw HTML */
            break;
        }
    }
}

char *markdown_plain(struct arena *arena, const char *text, int columns)
{
    cmark_node *root = cmark_parse_document(text, strlen(text), CMARK_OPT_VALIDATE_UTF8);
    if (!root)
        return NULL;
    struct page page = { .columns = columns > 0 ? (size_t)columns : 0 };
    put_blocks(&page, root);
    cmark_node_free(root);
    char *copy = buffer_check(&page.out) == 0 ? arena_copy_n(arena, buffer_string(&page.out), page.out.size) : NULL;
    buffer_done(&page.out);
    return copy;
}

char *markdown_lead(struct arena *arena, const char *text)
{
    cmark_node *root = cmark_parse_document(text, strlen(text), CMARK_OPT_VALIDATE_UTF8);
    if (!root)
        return NULL;
    struct buffer out = { .data = NULL };
    cmark_node *node = cmark_node_first_child(root);
    while (node && cmark_node_get_type(node) != CMARK_NODE_PARAGRAPH)
        node = cmark_node_next(node);
    if (node)
        put_inlines(&out, node, true, 0);
    cmark_node_free(root);
    char *copy = buffer_check(&out) == 0 ? arena_copy_n(arena, buffer_string(&out), out.size) : NULL;
    buffer_done(&out);
    return copy;
}

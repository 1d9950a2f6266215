/* SPDX-License-Identifier: EUPL-1.2 */
/* Descriptions as safe HTML: raw HTML goes, pictures become their words (a reader meets no third party), links keep
 * only the schemes below, headings fit under the page's own. The plain twin is in markdown_plain.c.
 * libcmark ends the program if memory runs out; texts are bounded by the definition's check.
 * Callers: page, mail, through a model that shows the result unescaped. Any thread. */
#include "view/markdown.h"

#include <cmark.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

/* http, https, mailto, tel, or no scheme at all. */
static bool is_safe_link(const char *url)
{
    static const char *const schemes[] = { "http:", "https:", "mailto:", "tel:" };
    size_t before = strcspn(url, ":/?#");
    if (url[before] != ':')
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

/* Leaves the words of NODE where it stood. */
static void unwrap(cmark_node *node)
{
    for (cmark_node *child; (child = cmark_node_first_child(node));)
        if (!cmark_node_insert_before(node, child))
            cmark_node_unlink(child);
    cmark_node_free(node);
}

static void tame(cmark_node *node, int top)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
        cmark_node_free(node);
        break;
    case CMARK_NODE_IMAGE:
        unwrap(node);
        break;
    case CMARK_NODE_LINK:
        if (!is_safe_link(cmark_node_get_url(node)))
            unwrap(node);
        break;
    case CMARK_NODE_HEADING: {
        int level = cmark_node_get_heading_level(node) + top - 1;
        (void)cmark_node_set_heading_level(node, level > 6 ? 6 : level);
        break;
    }
    default:
        break;
    }
}

/* A node is changed when the walk leaves it (leaves are met once, by entering), so the walk never stands on a
 * freed one. */
static void tame_all(cmark_node *root, int top)
{
    cmark_iter *iter = cmark_iter_new(root);
    for (cmark_event_type event; (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(iter);
        cmark_node_type type = cmark_node_get_type(node);
        bool leaf = type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE;
        if (event == CMARK_EVENT_EXIT || leaf)
            tame(node, top);
    }
    cmark_iter_free(iter);
}

char *markdown_html(struct arena *arena, const char *text, int top)
{
    cmark_node *root = cmark_parse_document(text, strlen(text), CMARK_OPT_VALIDATE_UTF8);
    if (!root)
        return NULL;
    tame_all(root, top);
    char *html = cmark_render_html(root, CMARK_OPT_SAFE);
    cmark_node_free(root);
    char *copy = html ? arena_copy(arena, html) : NULL;
    free(html);
    return copy;
}

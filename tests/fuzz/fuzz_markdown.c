/* SPDX-License-Identifier: EUPL-1.2 */
/* Markdown of definitions: only harmless elements come out, whatever goes in. */
#include "fuzz.h"

#include <strings.h>

#include "base/arena.h"
#include "view/markdown.h"

/* What CommonMark makes without raw HTML and pictures. */
static bool is_harmless(const char *tag)
{
    static const char *const names[] = { "p",  "h1", "h2", "h3", "h4",     "h5", "h6",   "ul",  "ol",
                                         "li", "em", "a",  "br", "strong", "hr", "code", "pre", "blockquote" };
    tag += *tag == '/';
    size_t size = strcspn(tag, " />\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && memcmp(names[i], tag, size) == 0)
            return true;
    return false;
}

static void check_html(const char *html)
{
    static const char *const attributes[] = { " href=\"", " title=\"", " class=\"", " start=\"", " />", NULL };
    for (const char *open = html; (open = strchr(open, '<')); open++) {
        FUZZ_PROMISE(is_harmless(open + 1));
        const char *close = strchr(open, '>'), *blank = strchr(open, ' ');
        FUZZ_PROMISE(close);
        if (!blank || blank > close)
            continue;
        size_t i = 0;
        while (attributes[i] && strncmp(blank, attributes[i], strlen(attributes[i])) != 0)
            i++;
        FUZZ_PROMISE(attributes[i]);
        if (i == 0) {
            FUZZ_PROMISE(strncasecmp(blank + 7, "javascript:", 11) != 0);
            FUZZ_PROMISE(strncasecmp(blank + 7, "data:", 5) != 0);
            FUZZ_PROMISE(strncasecmp(blank + 7, "vbscript:", 9) != 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    FUZZ_PROMISE(arena);
    char *text = fuzz_text(data, size);
    const char *html = markdown_html(arena, text, 2), *deep = markdown_html(arena, text, 6);
    const char *plain = markdown_plain(arena, text, 72), *lead = markdown_lead(arena, text);
    FUZZ_PROMISE(html && deep && plain && lead);
    check_html(html);
    check_html(deep);
    for (const char *c = lead; *c; c++)
        FUZZ_PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
    arena_free(arena);
    free(text);
    return 0;
}

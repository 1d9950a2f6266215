/* SPDX-License-Identifier: EUPL-1.2 */
/* Wraps a rendered text mail. Caller: letter; any thread. */
#include "mail/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"

static size_t characters(const char *text, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static size_t blanks(const char *text, size_t size)
{
    size_t n = 0;
    while (n < size && text[n] == ' ')
        n++;
    return n;
}

/* Where the lines that follow begin: at the margin, or under the second column of a line that is set in. */
static size_t hanging(const char *line, size_t size)
{
    size_t lead = blanks(line, size);
    if (lead == 0)
        return 0;
    for (size_t i = lead; i + 1 < size; i++)
        if (line[i] == ' ' && line[i + 1] == ' ')
            return characters(line, i + blanks(line + i, size - i));
    return lead;
}

static void add_line(const char *line, size_t size, size_t columns, struct buffer *out)
{
    size_t indent = hanging(line, size), at = 0, column = 0;
    bool first = true;

    while (at < size) {
        size_t gap = blanks(line + at, size - at), word = 0;
        while (at + gap + word < size && line[at + gap + word] != ' ')
            word++;
        if (word == 0)
            break; /* blanks at the end */
        size_t width = characters(line + at + gap, word);
        if (!first && column + gap + width > columns) {
            buffer_text(out, "\n");
            for (size_t i = 0; i < indent; i++)
                buffer_text(out, " ");
            column = indent;
        } else {
            buffer_add(out, line + at, gap);
            column += gap;
        }
        buffer_add(out, line + at + gap, word);
        column += width;
        at += gap + word;
        /* the label and its gap belong to the first line: what follows them may stay beside them */
        first = first && indent > 0 && column < indent;
    }
    buffer_text(out, "\n");
}

void wrap_text(const char *text, size_t columns, struct buffer *out)
{
    bool owed = false, begun = false; /* an empty line, written before the next full one */

    while (*text) {
        size_t size = strcspn(text, "\n");
        if (blanks(text, size) == size)
            owed = begun;
        else {
            if (owed)
                buffer_text(out, "\n");
            owed = false;
            begun = true;
            add_line(text, size, columns, out);
        }
        text += size + (text[size] == '\n');
    }
}

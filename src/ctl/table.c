/* SPDX-License-Identifier: EUPL-1.2 */
/* Query results for people. Called by ctl's commands, on the one thread. What stands in the store came from strangers,
 * a mail server's reply too: no control character of it reaches a terminal. */
#include "ctl/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define GAP 2

struct table {
    const char *const *headings;
    size_t columns, count, room;
    char **cells;
    bool failed;
};

struct table *table_new(const char *const *headings, size_t columns)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table) {
        table->headings = headings;
        table->columns = columns;
    }
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table);
}

void table_add(struct table *table, const char *text)
{
    if (table->failed)
        return;
    if (table->count == table->room) {
        size_t room = table->room ? table->room * 2 : 64;
        char **cells = reallocarray(table->cells, room, sizeof(*cells));
        if (!cells) {
            table->failed = true;
            return;
        }
        table->cells = cells;
        table->room = room;
    }
    char *copy = strdup(text ? text : "");
    if (!copy)
        table->failed = true;
    else
        table->cells[table->count++] = copy;
}

/* Columns of a terminal that C takes. */
static size_t width_of(UChar32 c)
{
    int8_t type = u_charType(c);

    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR)
        return 0;
    int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

/* What steers a terminal, turns the direction of what follows, or is no UTF-8. */
static bool is_hidden(UChar32 c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Writes TEXT to OUT, if there is one. Gives back its width. */
static size_t print_clean(const char *text, int indent, FILE *out)
{
    const uint8_t *bytes = (const uint8_t *)text;
    size_t width = 0;

    for (int32_t i = 0; bytes[i];) {
        UChar32 c;
        const int32_t start = i;
        U8_NEXT(bytes, i, -1, c);
        if (c == '\n' && indent >= 0) {
            if (out)
                (void)fprintf(out, "\n%*s", indent, "");
        } else if (is_hidden(c)) {
            if (out)
                (void)fputc(c == '\n' ? ' ' : '?', out);
            width++;
        } else {
            if (out)
                (void)fwrite(text + start, 1, (size_t)(i - start), out);
            width += width_of(c);
        }
    }
    return width;
}

void table_print_text(const char *text, int indent, FILE *out)
{
    (void)print_clean(text, indent, out);
}

static void print_row(const struct table *table, const char *const *cells, const size_t *widths, FILE *out)
{
    for (size_t i = 0; i < table->columns; i++) {
        size_t width = print_clean(cells[i], -1, out);
        if (i + 1 < table->columns)
            (void)fprintf(out, "%*s", (int)(widths[i] - width) + GAP, "");
    }
    (void)fputc('\n', out);
}

int table_print(const struct table *table, FILE *out)
{
    if (table->failed)
        return -ENOMEM;
    size_t *widths = calloc(table->columns, sizeof(*widths));
    if (!widths)
        return -ENOMEM;
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = print_clean(table->headings[i], -1, NULL);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = print_clean(table->cells[i], -1, NULL);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    print_row(table, table->headings, widths, out);
    for (size_t i = 0; i + table->columns <= table->count; i += table->columns)
        print_row(table, (const char *const *)table->cells + i, widths, out);
    free(widths);
    return 0;
}

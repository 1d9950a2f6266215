/* SPDX-License-Identifier: EUPL-1.2 */
/* The longest common subsequence of the lines of two texts, by the table of the textbook. What is the same at both ends
 * is set aside first, so that the table is small for what people change in a file. Callers: ctl. Any thread. */
#include "base/diff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define CELLS_MAX (4 * 1024 * 1024)

struct lines {
    size_t count;
    struct diff_line *items;
};

struct merging {
    struct lines old, new;
    size_t count;
    struct diff_line *out;
};

static int split(struct arena *arena, const char *text, struct lines *ret_lines)
{
    struct lines lines = { .count = 0 };
    size_t room = 0;
    while (*text) {
        struct diff_line *items = arena_grow(arena, lines.items, lines.count, &room, sizeof(*items));
        if (!items)
            return -ENOMEM;
        lines.items = items;
        size_t size = strcspn(text, "\n");
        items[lines.count++] = (struct diff_line){ DIFF_BOTH, text, size };
        text += size + (text[size] == '\n');
    }
    *ret_lines = lines;
    return 0;
}

static bool same(const struct diff_line *a, const struct diff_line *b)
{
    return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static void put(struct merging *m, const struct diff_line *line, enum diff_side side)
{
    m->out[m->count] = *line;
    m->out[m->count++].side = side;
}

/* LENGTHS[i * (columns + 1) + k]: the longest that the old lines from i on and the new ones from k on have in
 * common. */
static void fill(const struct diff_line *old, size_t rows, const struct diff_line *new, size_t columns,
                 uint32_t *lengths)
{
    const size_t width = columns + 1;
    for (size_t i = rows; i-- > 0;) {
        for (size_t k = columns; k-- > 0;) {
            const uint32_t down = lengths[(i + 1) * width + k], right = lengths[i * width + k + 1];
            lengths[i * width + k] = same(&old[i], &new[k]) ? lengths[(i + 1) * width + k + 1] + 1
                                     : down >= right        ? down
                                                            : right;
        }
    }
}

/* The part in which the texts differ. LENGTHS NULL: nothing of it is looked for in the other. */
static void merge(struct merging *m, const struct diff_line *old, size_t rows, const struct diff_line *new,
                  size_t columns, const uint32_t *lengths)
{
    const size_t width = columns + 1;
    size_t i = 0, k = 0;
    while (i < rows || k < columns) {
        if (lengths && i < rows && k < columns && same(&old[i], &new[k])) {
            put(m, &old[i++], DIFF_BOTH);
            k++;
        } else if (i < rows &&
                   (k == columns || !lengths || lengths[(i + 1) * width + k] >= lengths[i * width + k + 1])) {
            put(m, &old[i++], DIFF_OLD);
        } else {
            put(m, &new[k++], DIFF_NEW);
        }
    }
}

static int merge_middle(struct merging *m, size_t head, size_t tail)
{
    const struct diff_line *old = m->old.items + head, *new = m->new.items + head;
    const size_t rows = m->old.count - head - tail, columns = m->new.count - head - tail;
    uint32_t *lengths = NULL;
    if (rows < CELLS_MAX && columns < CELLS_MAX && (rows + 1) * (columns + 1) <= CELLS_MAX) {
        lengths = calloc((rows + 1) * (columns + 1), sizeof(*lengths));
        if (!lengths)
            return -ENOMEM;
        fill(old, rows, new, columns, lengths);
    }
    merge(m, old, rows, new, columns, lengths);
    free(lengths);
    return 0;
}

int diff_lines(struct arena *arena, const char *old, const char *new, size_t *ret_count, struct diff_line **ret_lines)
{
    struct merging m = { .count = 0 };
    size_t head = 0, tail = 0;
    int r = split(arena, old, &m.old);
    if (r == 0)
        r = split(arena, new, &m.new);
    if (r < 0)
        return r;
    m.out = arena_take(arena, (m.old.count + m.new.count + 1) * sizeof(*m.out));
    if (!m.out)
        return -ENOMEM;
    const size_t least = m.old.count < m.new.count ? m.old.count : m.new.count;
    while (head < least && same(&m.old.items[head], &m.new.items[head]))
        put(&m, &m.old.items[head++], DIFF_BOTH);
    while (tail < least - head && same(&m.old.items[m.old.count - 1 - tail], &m.new.items[m.new.count - 1 - tail]))
        tail++;
    r = merge_middle(&m, head, tail);
    if (r < 0)
        return r;
    for (size_t i = m.old.count - tail; i < m.old.count; i++)
        put(&m, &m.old.items[i], DIFF_BOTH);
    *ret_count = m.count;
    *ret_lines = m.out;
    return 0;
}

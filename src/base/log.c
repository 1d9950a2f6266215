/* SPDX-License-Identifier: EUPL-1.2 */
/* One line an event on standard error, whole lines by one write. Callers: all rooms. Any thread. */
#include "base/log.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 2048

static atomic_int threshold = LOG_LEVEL_INFO;
static atomic_bool to_journal;

static const struct {
    const char *name;
    char priority;
} levels[] = {
    [LOG_LEVEL_ERROR] = { "error", '3' },
    [LOG_LEVEL_WARNING] = { "warning", '4' },
    [LOG_LEVEL_INFO] = { "info", '6' },
    [LOG_LEVEL_DEBUG] = { "debug", '7' },
};

struct line {
    char bytes[LINE_SIZE];
    size_t size;
};

static void put(struct line *line, char c)
{
    if (line->size < LINE_SIZE - 1) /* the last place is the line feed's */
        line->bytes[line->size++] = c;
}

static void put_text(struct line *line, const char *text)
{
    while (*text)
        put(line, *text++);
}

static void put_value(struct line *line, const char *text)
{
    bool plain = *text != '\0';
    for (const char *c = text; *c && plain; c++)
        plain = *c > ' ' && *c < 0x7f && *c != '"' && *c != '\\' && *c != '=';
    if (plain) {
        put_text(line, text);
        return;
    }
    put(line, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            put(line, '\\');
            put(line, *c);
        } else if ((unsigned char)*c < ' ' || *c == 0x7f) {
            char escape[5];
            (void)snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)*c);
            put_text(line, escape);
        } else
            put(line, *c);
    }
    put(line, '"');
}

static void put_field(struct line *line, const struct log_field *field)
{
    char number[24];

    put(line, ' ');
    put_text(line, field->key);
    put(line, '=');
    switch (field->type) {
    case LOG_FIELD_TEXT:
        put_value(line, field->text ? field->text : "-");
        return;
    case LOG_FIELD_ERROR: {
        const char *name = strerrorname_np((int)-field->number);
        if (name) {
            put_text(line, name);
            return;
        }
        break;
    }
    case LOG_FIELD_INT:
        break;
    }
    (void)snprintf(number, sizeof(number), "%lld", (long long)field->number);
    put_text(line, number);
}

void log_setup(enum log_level level)
{
    atomic_store(&threshold, (int)level);
    atomic_store(&to_journal, getenv("JOURNAL_STREAM") != NULL);
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    struct line line;

    if ((int)level > atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    line.size = 0;
    if (atomic_load_explicit(&to_journal, memory_order_relaxed)) { /* sd-daemon(3): the priority of the line */
        put(&line, '<');
        put(&line, levels[level].priority);
        put(&line, '>');
    }
    put_text(&line, "level=");
    put_text(&line, levels[level].name);
    put_text(&line, " event=");
    put_text(&line, event);
    for (; fields->key; fields++)
        put_field(&line, fields);
    line.bytes[line.size++] = '\n';
    ssize_t written = write(STDERR_FILENO, line.bytes, line.size);
    (void)written; /* nowhere left to say it */
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of settings as text: conf/convened.conf and the list of convened.conf(5). Run at build time by
 * tests/lint/settings_print, which `make check` compares with what is in the repository. */
#include <inttypes.h>
#include <string.h>

#include "config/hosts.h"
#include "config/settings.h"
#include "config/settings_table.h"

#define WIDTH 100

/* TEXT in lines that begin with INDENT; they break at blanks. */
static void print_wrapped(FILE *out, const char *indent, const char *text)
{
    size_t width = WIDTH - strlen(indent);
    while (*text) {
        size_t size = strlen(text);
        if (size > width) {
            size = width;
            while (size > 0 && text[size] != ' ')
                size--;
            if (size == 0)
                size = strcspn(text, " ");
        }
        (void)fprintf(out, "%s%.*s\n", indent, (int)size, text);
        text += size;
        text += strspn(text, " ");
    }
}

static void print_number(FILE *out, int64_t number)
{
    (void)fprintf(out, "%" PRId64, number);
}

/* Bounds, default and when it takes effect, as one sentence each. */
static void print_facts(FILE *out, const struct setting *row, const char *indent)
{
    char line[300] = "";
    FILE *memory = fmemopen(line, sizeof(line), "w");
    if (!memory)
        return;
    if (row->required)
        (void)fputs("Required. ", memory);
    if (row->type == SETTING_INT) {
        print_number(memory, row->min);
        (void)fputs(" to ", memory);
        print_number(memory, row->max);
        (void)fputs(". ", memory);
    }
    if (row->type == SETTING_LIST)
        (void)fprintf(memory, "At most %" PRId64 ". ", row->max);
    if (row->unset)
        (void)fprintf(memory, "Not given: %s. ", row->unset);
    (void)fputs(row->reload ? "A reload takes it over." : "A change needs a restart.", memory);
    (void)fclose(memory);
    print_wrapped(out, indent, line);
}

/* The default as it would stand in the file; for a setting without one a form of it. */
static void print_value(FILE *out, const struct setting *row)
{
    const char *text = row->required ? row->sample : row->initial;
    switch (row->type) {
    case SETTING_INT:
        print_number(out, row->number);
        break;
    case SETTING_LIST:
        if (text)
            (void)fprintf(out, "[ \"%s\" ]", text);
        else
            (void)fputs("[ ]", out);
        break;
    case SETTING_TEXT:
    case SETTING_ENUM:
    case SETTING_WORDS:
        (void)fprintf(out, "\"%s\"", text ? text : "");
        break;
    }
}

static void print_hosts_conf(FILE *out)
{
    struct hosts_key key;

    (void)fputc('\n', out);
    print_wrapped(out, "# ", hosts_help());
    (void)fputs("#hosts = ( {\n", out);
    for (size_t i = 0; hosts_key(i, &key); i++) {
        print_wrapped(out, "#    # ", key.help);
        (void)fprintf(out, "#    %s = %s;\n", key.name, key.sample);
    }
    (void)fputs("#} );\n", out);
}

void settings_print_conf(FILE *out)
{
    size_t count;
    const struct setting *rows = settings_rows(&count);
    const char *help, *group, *name;

    (void)fputs("# Settings of convened; see convened.conf(5). Every setting stands here. What is commented\n"
                "# out shows its default, or \"\" where there is none.\n"
                "# `convened -t -c FILE` checks this file and the events.\n", out);
    for (size_t g = 0; (group = settings_group(g, &help)) != NULL; g++) {
        (void)fprintf(out, "\n# %s\n%s = {\n", help, group);
        bool first = true;
        for (size_t i = 0; i < count; i++) {
            name = settings_name_in(&rows[i], group);
            if (!name)
                continue;
            if (!first)
                (void)fputc('\n', out);
            first = false;
            print_wrapped(out, "    # ", rows[i].help);
            print_facts(out, &rows[i], "    # ");
            (void)fprintf(out, "    %s%s = ", rows[i].required ? "" : "#", name);
            print_value(out, &rows[i]);
            (void)fputs(";\n", out);
        }
        (void)fputs("};\n", out);
    }
    print_hosts_conf(out);
}

/* TEXT for roff: a backslash is none of its commands, and no line begins with one. mdoc wants each sentence on a line
 * of its own, and none longer than 80. */
static void print_roff(FILE *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t size = strcspn(text, " ");
        if (column > 0 && column + 1 + size > 78) {
            (void)fputc('\n', out);
            column = 0;
        }
        if (column > 0)
            (void)fputc(' ', out);
        else if (*text == '.' || *text == '\'')
            (void)fputs("\\&", out);
        for (size_t i = 0; i < size; i++) {
            if (text[i] == '\\')
                (void)fputs("\\e", out);
            else if (text[i] == '-')
                (void)fputs("\\-", out);
            else
                (void)fputc(text[i], out);
        }
        column += size + 1;
        if (text[size - 1] == '.' && text[size]) {
            (void)fputc('\n', out);
            column = 0;
        }
        text += size + strspn(text + size, " ");
    }
    (void)fputc('\n', out);
}

static void print_item(FILE *out, const struct setting *row)
{
    static const char *const types[] = { [SETTING_TEXT] = "string", [SETTING_INT] = "number",
                                         [SETTING_LIST] = "list of strings", [SETTING_ENUM] = "word",
                                         [SETTING_WORDS] = "string or group by language" };
    char facts[400] = "";

    (void)fprintf(out, ".It Ic %s Pq %s\n", row->key, types[row->type]);
    print_roff(out, row->help);
    FILE *memory = fmemopen(facts, sizeof(facts), "w");
    if (memory) {
        print_facts(memory, row, "");
        (void)fclose(memory);
    }
    for (char *p = facts; *p; p++)
        if (*p == '\n')
            *p = p[1] ? ' ' : '\0';
    print_roff(out, facts);
    if (row->required || (!row->initial && row->type != SETTING_INT))
        return;
    (void)fputs("Default:\n.Li ", out);
    if (row->type == SETTING_INT)
        print_number(out, row->number);
    else
        (void)fputs(row->initial, out);
    (void)fputs(" .\n", out);
}

static void print_hosts_man(FILE *out)
{
    struct hosts_key key;

    (void)fputs(".Ss hosts\n", out);
    print_roff(out, hosts_help());
    (void)fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; hosts_key(i, &key); i++) {
        (void)fprintf(out, ".It Ic %s Pq %s\n", key.name, key.type);
        print_roff(out, key.help);
    }
    (void)fputs(".El\n", out);
}

void settings_print_man(FILE *out)
{
    size_t count;
    const struct setting *rows = settings_rows(&count);
    const char *help, *group;

    for (size_t g = 0; (group = settings_group(g, &help)) != NULL; g++) {
        (void)fprintf(out, ".Ss %s\n", group);
        print_roff(out, help);
        (void)fputs(".Bl -tag -width Ds\n", out);
        for (size_t i = 0; i < count; i++)
            if (settings_name_in(&rows[i], group))
                print_item(out, &rows[i]);
        (void)fputs(".El\n", out);
    }
    print_hosts_man(out);
}

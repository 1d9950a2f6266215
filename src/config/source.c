/* SPDX-License-Identifier: EUPL-1.2 */
/* A libconfig text read with care: checks before the parser, typed readers after it.
 * Callers: config, event. One thread at a time. */
#include "config/source.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/faults.h"
#include "base/text.h"

#define PATH_SIZE 200

static void note(struct source *source, bool warning, unsigned line, const char *key, const char *format, va_list args)
{
    if (!warning)
        source->fault_count++;
    if (!source->faults)
        return;
    struct arena *arena = arena_new();
    const char *text = arena ? arena_format_v(arena, format, args) : NULL;
    if (!text)
        text = "no memory to say what is wrong";
    if (warning)
        faults_warn(source->faults, source->file, line, key, "%s", text);
    else
        faults_add(source->faults, source->file, line, key, "%s", text);
    arena_free(arena);
}

/* Writes the path of SETTING, as `fields[3].label`; what does not fit is left out. */
static size_t write_path(const config_setting_t *setting, char path[static PATH_SIZE], size_t at)
{
    const config_setting_t *parent = setting ? config_setting_parent(setting) : NULL;
    if (!parent)
        return at;
    at = write_path(parent, path, at);
    const char *name = config_setting_name(setting);
    int n = name ? snprintf(path + at, PATH_SIZE - at, "%s%s", at > 0 ? "." : "", name)
                 : snprintf(path + at, PATH_SIZE - at, "[%d]", config_setting_index(setting));
    if (n < 0)
        return at;
    return at + (size_t)n < PATH_SIZE ? at + (size_t)n : PATH_SIZE - 1;
}

static void note_setting(struct source *source, bool warning, const config_setting_t *setting, const char *key,
                         const char *format, va_list args)
{
    char path[PATH_SIZE] = "";
    const config_setting_t *at = setting;
    const config_setting_t *member = key ? config_setting_get_member(setting, key) : NULL;

    if (member) {
        at = member;
        key = NULL;
    }
    size_t size = write_path(at, path, 0);
    if (key)
        (void)snprintf(path + size, sizeof(path) - size, "%s%s", size > 0 ? "." : "", key);
    unsigned line = config_setting_source_line(at);
    note(source, warning, line > 0 ? line : 1, path[0] ? path : NULL, format, args);
}

void source_fault(struct source *source, const config_setting_t *setting, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    note_setting(source, false, setting, key, format, args);
    va_end(args);
}

void source_warn(struct source *source, const config_setting_t *setting, const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    note_setting(source, true, setting, key, format, args);
    va_end(args);
}

static void fault_line(struct source *source, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void fault_line(struct source *source, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    note(source, false, line, NULL, format, args);
    va_end(args);
}

/* Lines that libconfig would misread whatever they stand in: a zero byte ends its reading, invalid UTF-8 passes, and
 * an @include is followed wherever a line begins with it. */
static void check_lines(struct source *source, const char *text, size_t size)
{
    unsigned line = 1;
    for (size_t at = 0; at < size; line++) {
        const char *start = text + at;
        const char *feed = memchr(start, '\n', size - at);
        size_t length = feed ? (size_t)(feed - start) : size - at;

        if (memchr(start, '\0', length))
            fault_line(source, line, "a zero byte");
        else if (!text_is_utf8(start, length))
            fault_line(source, line, "not UTF-8");
        size_t blanks = 0;
        while (blanks < length && (start[blanks] == ' ' || start[blanks] == '\t'))
            blanks++;
        if (length - blanks >= 8 && memcmp(start + blanks, "@include", 8) == 0)
            fault_line(source, line, "@include is not allowed: the file must hold all of its text");
        at += length + 1;
    }
}

/* Where the check of numbers stands. BROKEN: the line of the first string that runs over its line's end; 0: none. */
struct scan { unsigned line, broken; };

/* Skips what is neither number nor name: a string, a comment. Returns where it ends, or AT if none starts there. */
static size_t skip_quiet(struct source *source, const char *text, size_t size, size_t at, struct scan *scan)
{
    size_t end = at;
    unsigned start = scan->line;
    if (text[at] == '"') {
        for (end++; end < size && text[end] != '"'; end++) {
            if (text[end] == '\n')
                scan->line++;
            if (text[end] != '\\' || end + 1 >= size)
                continue;
            if (size - end >= 4 && memcmp(text + end, "\\x00", 4) == 0) /* libconfig drops it in silence */
                fault_line(source, scan->line, "a zero byte in a string");
            end++;
            if (text[end] == '\n')
                scan->line++;
        }
        if (scan->line > start && scan->broken == 0)
            scan->broken = start;
        if (end >= size) /* a missing quote turns all that follow round: it is missing where the turning starts */
            fault_line(source, scan->broken ? scan->broken : start, "a string that starts here is not closed");
        return end < size ? end + 1 : size;
    }
    if (text[at] == '#' || (text[at] == '/' && at + 1 < size && text[at + 1] == '/')) {
        while (end < size && text[end] != '\n')
            end++;
        return end;
    }
    if (text[at] == '/' && at + 1 < size && text[at + 1] == '*') {
        for (end = at + 2; end < size; end++) {
            if (text[end] == '\n')
                scan->line++;
            if (text[end] == '*' && end + 1 < size && text[end + 1] == '/')
                return end + 2;
        }
        fault_line(source, start, "a comment that starts here is not closed");
    }
    return end;
}

/* libconfig 1.5 cuts whole numbers to 32 bits without a word (and to 64 with an L behind them). */
static bool number_wraps(const char *digits, size_t length, bool hex, bool is_long, bool negative)
{
    size_t zeros = 0;
    uint64_t value = 0;
    while (zeros + 1 < length && digits[zeros] == '0')
        zeros++;
    if (length - zeros > (hex ? 15 : 18))
        return true;
    for (size_t i = zeros; i < length; i++) {
        int c = tolower((unsigned char)digits[i]);
        value = value * (hex ? 16 : 10) + (uint64_t)(c > '9' ? c - 'a' + 10 : c - '0');
    }
    return !is_long && value > (negative ? (uint64_t)INT32_MAX + 1 : (uint64_t)INT32_MAX);
}

static size_t check_number(struct source *source, const char *text, size_t size, size_t at, unsigned line)
{
    bool negative = at > 0 && text[at - 1] == '-';
    bool hex = size - at > 2 && text[at] == '0' && tolower((unsigned char)text[at + 1]) == 'x';
    size_t start = hex ? at + 2 : at, end = start;
    while (end < size && (hex ? isxdigit((unsigned char)text[end]) : isdigit((unsigned char)text[end])))
        end++;
    bool fraction = !hex && end < size && (text[end] == '.' || tolower((unsigned char)text[end]) == 'e');
    bool is_long = end < size && text[end] == 'L';
    if (!fraction && end > start && number_wraps(text + start, end - start, hex, is_long, negative))
        fault_line(source, line, "the number %.*s%s is too large", (int)(end - at > 40 ? 40 : end - at), text + at,
                   end - at > 40 ? "…" : "");
    while (end < size && (isalnum((unsigned char)text[end]) || text[end] == '.' ||
                          ((text[end] == '+' || text[end] == '-') && tolower((unsigned char)text[end - 1]) == 'e')))
        end++; /* the rest of a fraction, an L */
    return end;
}

static void check_numbers(struct source *source, const char *text, size_t size)
{
    struct scan scan = { .line = 1 };
    for (size_t at = 0; at < size;) {
        unsigned char c = (unsigned char)text[at];
        size_t end = skip_quiet(source, text, size, at, &scan);
        if (end > at) {
            at = end;
        } else if (isalpha(c) || c == '*') {
            while (at < size && (isalnum((unsigned char)text[at]) || strchr("-_*", text[at])))
                at++;
        } else if (isdigit(c)) {
            at = check_number(source, text, size, at, scan.line);
        } else {
            scan.line += c == '\n';
            at++;
        }
    }
}

int source_open(struct source *source, const char *text, size_t size, const char *file, struct faults *faults)
{
    *source = (struct source){ .file = file, .faults = faults };
    check_lines(source, text, size);
    if (source->fault_count == 0)
        check_numbers(source, text, size);
    if (source->fault_count > 0)
        return -EINVAL;

    config_init(&source->config);
    if (config_read_string(&source->config, text) != CONFIG_TRUE) {
        int line = config_error_line(&source->config);
        const char *word = config_error_text(&source->config);
        /* that is all the library says; where something is missing it notices only later */
        bool syntax = !word || strcmp(word, "syntax error") == 0;
        fault_line(source, line > 0 ? (unsigned)line : 1, "%s%s", word ? word : "does not parse",
                   syntax ? ": a quote, bracket or brace may be missing or too many, here or further up" : "");
        config_destroy(&source->config);
        return -EINVAL;
    }
    return 0;
}

void source_close(struct source *source)
{
    config_destroy(&source->config);
}

config_setting_t *source_root(const struct source *source)
{
    return config_root_setting(&source->config);
}

bool source_known(struct source *source, const config_setting_t *group, const char *const *keys)
{
    if (config_setting_type(group) != CONFIG_TYPE_GROUP)
        return false;
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        size_t k = 0;
        while (keys[k] && strcmp(keys[k], name) != 0)
            k++;
        if (!keys[k])
            source_fault(source, member, NULL, "unknown key");
    }
    return true;
}

static const char *type_name(const config_setting_t *setting)
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_GROUP: return "a group";
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64: return "a whole number";
    case CONFIG_TYPE_FLOAT: return "a fraction";
    case CONFIG_TYPE_STRING: return "a string";
    case CONFIG_TYPE_BOOL: return "true or false";
    case CONFIG_TYPE_ARRAY: return "an array";
    case CONFIG_TYPE_LIST: return "a list";
    default: return "nothing";
    }
}

static bool wrong_type(struct source *source, const config_setting_t *setting, const char *wanted)
{
    source_fault(source, setting, NULL, "must be %s, not %s", wanted, type_name(setting));
    return false;
}

bool source_group(struct source *source, const config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_GROUP || wrong_type(source, setting, "a group { … }");
}

int source_groups(struct source *source, const config_setting_t *setting, int max)
{
    int count = config_setting_length(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_LIST &&
        !(config_setting_type(setting) == CONFIG_TYPE_ARRAY && count == 0)) {
        (void)wrong_type(source, setting, "a list of groups ( { … } )");
        return -1;
    }
    if (count > max) {
        source_fault(source, setting, NULL, "%d entries, more than %d", count, max);
        return -1;
    }
    for (int i = 0; i < count; i++)
        (void)source_group(source, config_setting_get_elem(setting, (unsigned)i));
    return count;
}

int source_strings(struct source *source, const config_setting_t *setting, int max, size_t length)
{
    int type = config_setting_type(setting), count = config_setting_length(setting);
    bool good = true;
    const char *value;

    if (type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
        (void)wrong_type(source, setting, "a list of strings [ \"…\" ]");
        return -1;
    }
    if (count > max) {
        source_fault(source, setting, NULL, "%d entries, more than %d", count, max);
        return -1;
    }
    for (int i = 0; i < count; i++)
        if (!source_string(source, config_setting_get_elem(setting, (unsigned)i), length, false, &value))
            good = false;
    return good ? count : -1;
}

bool source_bool(struct source *source, const config_setting_t *setting, bool *ret_value)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return wrong_type(source, setting, "true or false");
    *ret_value = config_setting_get_bool(setting) != 0;
    return true;
}

bool source_int(struct source *source, const config_setting_t *setting, int64_t min, int64_t max, int64_t *ret_value)
{
    int type = config_setting_type(setting);
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return wrong_type(source, setting, "a whole number");
    int64_t value = type == CONFIG_TYPE_INT ? config_setting_get_int(setting) : config_setting_get_int64(setting);
    if (value < min) {
        source_fault(source, setting, NULL, "%lld is less than %lld", (long long)value, (long long)min);
        return false;
    }
    if (value > max) {
        source_fault(source, setting, NULL, "%lld is more than %lld", (long long)value, (long long)max);
        return false;
    }
    *ret_value = value;
    return true;
}

bool source_number(struct source *source, const config_setting_t *setting, double *ret_value)
{
    double value;
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT: value = config_setting_get_int(setting); break;
    case CONFIG_TYPE_INT64: value = (double)config_setting_get_int64(setting); break;
    case CONFIG_TYPE_FLOAT: value = config_setting_get_float(setting); break;
    default: return wrong_type(source, setting, "a number");
    }
    if (!isfinite(value)) {
        source_fault(source, setting, NULL, "is too large");
        return false;
    }
    *ret_value = value;
    return true;
}

/* Control characters, and those that turn the reading direction (Unicode UAX 9): they would show another text than the
 * one that was reviewed. TEXT is valid UTF-8. */
static bool has_hidden(const char *text, bool many_lines)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if ((*p < 0x20 && !(many_lines && *p == '\n')) || *p == 0x7f)
            return true;
        if (p[0] == 0xc2 && p[1] < 0xa0) /* C1 */
            return true;
        if (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) /* U+202A to 202E */
            return true;
        if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9) /* U+2066 to 2069 */
            return true;
        if (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) /* U+FEFF */
            return true;
    }
    return false;
}

bool source_string(struct source *source, const config_setting_t *setting, size_t length, bool many_lines,
                   const char **ret_value)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return wrong_type(source, setting, "a string");
    const char *value = config_setting_get_string(setting);
    if (!value || !value[0]) {
        source_fault(source, setting, NULL, "is empty");
        return false;
    }
    if (!text_is_utf8(value, strlen(value))) { /* \xNN can make what the file did not hold */
        source_fault(source, setting, NULL, "not UTF-8");
        return false;
    }
    if (has_hidden(value, many_lines)) {
        source_fault(source, setting, NULL, "a control character in the text");
        return false;
    }
    if (text_length(value) > length) {
        source_fault(source, setting, NULL, "%zu characters, more than %zu", text_length(value), length);
        return false;
    }
    *ret_value = value;
    return true;
}

bool source_word(struct source *source, const config_setting_t *setting, const char *const *words, int *ret_position)
{
    const char *value;
    char all[400] = "";
    size_t size = 0;

    if (!source_string(source, setting, 100, false, &value))
        return false;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], value) == 0) {
            *ret_position = i;
            return true;
        }
        int n = snprintf(all + size, sizeof(all) - size, "%s%s", i > 0 ? ", " : "", words[i]);
        if (n > 0 && size + (size_t)n < sizeof(all))
            size += (size_t)n;
    }
    source_fault(source, setting, NULL, "\"%s\" is none of: %s", value, all);
    return false;
}

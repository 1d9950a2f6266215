/* SPDX-License-Identifier: EUPL-1.2 */
/* Single values of a definition. Called by the files that read its parts. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/condition.h"
#include "event/parse.h"

#define DAY 86400

void *parse_take(struct parse *parse, size_t count, size_t size)
{
    size_t bytes;
    void *memory = __builtin_mul_overflow(count ? count : 1, size, &bytes) ? NULL : arena_take(parse->arena, bytes);
    if (!memory)
        parse->no_memory = true;
    return memory;
}

const char *parse_copy(struct parse *parse, const char *text)
{
    const char *copy = arena_copy(parse->arena, text);
    if (text && !copy)
        parse->no_memory = true;
    return copy;
}

bool parse_given(struct parse *parse, const config_setting_t *group, const char *key)
{
    if (config_setting_get_member(group, key))
        return true;
    source_fault(&parse->source, group, key, "is missing");
    return false;
}

const char *parse_string(struct parse *parse, const config_setting_t *group, const char *key, size_t length)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    const char *value;
    if (!setting || !source_string(&parse->source, setting, length, false, &value))
        return NULL;
    return parse_copy(parse, value);
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool has_form(const char *text, enum parse_form form)
{
    size_t max = form == PARSE_SLUG ? 57 : 40;
    bool first = is_lower(text[0]) || (form != PARSE_ID && is_digit(text[0])) ||
                 (form == PARSE_OPTION && is_upper(text[0]));
    if (!first || strlen(text) > max)
        return false;
    for (const char *p = text; *p; p++)
        if (!is_lower(*p) && !is_digit(*p) && !(form == PARSE_OPTION && is_upper(*p)) &&
            !(form != PARSE_ID && *p == '-') && !(form != PARSE_SLUG && *p == '_'))
            return false;
    return true;
}

const char *parse_id(struct parse *parse, const config_setting_t *group, const char *key, enum parse_form form)
{
    static const char *const words[] = {
        [PARSE_SLUG] = "[a-z0-9][a-z0-9-]{0,56}",
        [PARSE_ID] = "[a-z][a-z0-9_]{0,39}",
        [PARSE_OPTION] = "[A-Za-z0-9][A-Za-z0-9_-]{0,39}",
    };
    const char *value = parse_string(parse, group, key, PARSE_LABEL);
    if (!value)
        return NULL;
    if (!has_form(value, form)) {
        source_fault(&parse->source, group, key, "\"%s\" is not of the form %s", value, words[form]);
        return NULL;
    }
    return value;
}

bool parse_language_form(const char *code)
{
    size_t size = 0;
    while (is_lower(code[size]))
        size++;
    if (size != 2 && size != 3)
        return false;
    if (!code[size])
        return true;
    return code[size] == '-' && is_upper(code[size + 1]) && is_upper(code[size + 2]) && !code[size + 3];
}

/* A group by language: every language of the definition, and no other. */
static bool read_text_group(struct parse *parse, const config_setting_t *setting, size_t length, bool many_lines,
                            struct event_text *text)
{
    const struct event_definition *definition = parse->definition;
    size_t faults = parse->source.fault_count;

    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        const char *code = config_setting_name(member), *value;
        int at = event_language(definition, code);
        if (at < 0 && parse->languages_good)
            source_fault(&parse->source, member, NULL, "languages does not name %s", code);
        if (source_string(&parse->source, member, length, many_lines, &value) && at >= 0)
            text->bodies[at] = parse_copy(parse, value);
    }
    for (size_t i = 0; parse->languages_good && i < definition->language_count; i++)
        if (!config_setting_get_member(setting, definition->languages[i]))
            source_fault(&parse->source, setting, NULL, "missing language %s", definition->languages[i]);
    return parse->source.fault_count == faults;
}

bool parse_text(struct parse *parse, const config_setting_t *group, const char *key, size_t length, bool many_lines,
                struct event_text *ret_text)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    const char *value;

    if (!setting)
        return false;
    struct event_text text = { .bodies = parse_take(parse, parse->definition->language_count, sizeof(*text.bodies)) };
    if (!text.bodies)
        return false;
    if (config_setting_type(setting) == CONFIG_TYPE_GROUP) {
        if (!read_text_group(parse, setting, length, many_lines, &text))
            return false;
    } else if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
        if (!source_string(&parse->source, setting, length, many_lines, &value))
            return false;
        text.bodies[0] = parse_copy(parse, value);
    } else {
        source_fault(&parse->source, setting, NULL, "must be a string, or a group of strings by language");
        return false;
    }
    *ret_text = text;
    return true;
}

bool parse_bool(struct parse *parse, const config_setting_t *group, const char *key, bool fallback)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    bool value;
    return setting && source_bool(&parse->source, setting, &value) ? value : fallback;
}

bool parse_int(struct parse *parse, const config_setting_t *group, const char *key, int64_t min, int64_t max,
               int64_t *ret_value)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    return setting && source_int(&parse->source, setting, min, max, ret_value);
}

bool parse_number(struct parse *parse, const config_setting_t *group, const char *key, double *ret_value)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    return setting && source_number(&parse->source, setting, ret_value);
}

int parse_word(struct parse *parse, const config_setting_t *group, const char *key, const char *const *words,
               int fallback)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    int position;
    return setting && source_word(&parse->source, setting, words, &position) ? position : fallback;
}

/* The hour that clocks show who did not go forward over WALL. */
static void hint_at_gap(struct parse *parse, const config_setting_t *group, const char *key, const char *value,
                        const struct wall *wall)
{
    const char *zone = parse->definition->zone;
    struct wall later;
    int64_t as_utc;

    if (zone_to_utc("UTC", wall, &as_utc) < 0)
        return;
    zone_to_wall(zone, as_utc - zone_offset(zone, as_utc - DAY), &later);
    source_fault(&parse->source, group, key,
                 "%s does not exist in %s, where clocks go forward then; did you mean %04d-%02d-%02dT%02d:%02d?", value,
                 zone, later.year, later.month, later.day, later.hour, later.minute);
}

bool parse_wall(struct parse *parse, const config_setting_t *group, const char *key, struct wall *ret_wall,
                int64_t *ret_at)
{
    const char *value = parse_string(parse, group, key, PARSE_LABEL);
    struct wall wall;
    int64_t at;

    if (!value)
        return false;
    if (wall_parse(value, &wall) < 0) {
        source_fault(&parse->source, group, key, "\"%s\" is no time of the form 2027-03-18T09:30", value);
        return false;
    }
    int r = zone_to_utc(parse->zone_good ? parse->definition->zone : "UTC", &wall, &at);
    if (r < 0) {
        hint_at_gap(parse, group, key, value, &wall);
        return false;
    }
    *ret_wall = wall;
    *ret_at = at;
    return true;
}

/* FIRST, LAST: of its years. */
static const char *read_day(struct parse *parse, const config_setting_t *group, const char *key, const char *first,
                            const char *last)
{
    const char *value = parse_string(parse, group, key, PARSE_LABEL);

    if (!value)
        return NULL;
    if (!wall_is_day(value) || strncmp(value, first, 4) < 0 || strncmp(value, last, 4) > 0) {
        source_fault(&parse->source, group, key, "\"%s\" is no date of the form 2032-12-31", value);
        return NULL;
    }
    return value;
}

const char *parse_date(struct parse *parse, const config_setting_t *group, const char *key)
{
    return read_day(parse, group, key, "1970", "2199"); /* what wall_parse takes */
}

const char *parse_day(struct parse *parse, const config_setting_t *group, const char *key)
{
    return read_day(parse, group, key, "1000", "9999");
}

int parse_groups(struct parse *parse, const config_setting_t *group, const char *key, int max)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    return setting ? source_groups(&parse->source, setting, max) : 0;
}

const char *parse_entry_id(struct parse *parse, const config_setting_t *list, size_t at, const char *key)
{
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);
    const char *id = parse_given(parse, group, key) ? parse_id(parse, group, key, PARSE_ID) : NULL, *other;

    for (size_t i = 0; id && i < at; i++)
        if (config_setting_lookup_string(config_setting_get_elem(list, (unsigned)i), key, &other) &&
            strcmp(id, other) == 0) {
            source_fault(&parse->source, group, key, "\"%s\" stands twice", id);
            return "";
        }
    return id ? id : "";
}

int parse_mode(struct parse *parse, const config_setting_t *group)
{
    const char *id = parse_id(parse, group, "mode", PARSE_ID);
    int position = id ? event_mode(parse->definition, id) : -1;

    if (id && position < 0 && parse->definition->mode_count > 0)
        source_fault(&parse->source, group, "mode", "no mode has the id \"%s\"", id);
    return position;
}

const struct condition *parse_condition(struct parse *parse, const config_setting_t *group, const char *key,
                                        const char **ret_words)
{
    const struct condition *condition = NULL;
    const char *words = parse_string(parse, group, key, PARSE_HELP), *fault = NULL;

    if (!words)
        return NULL;
    int r = condition_parse(parse->arena, words, &condition, &fault);
    if (r == -ENOMEM)
        parse->no_memory = true;
    else if (r < 0)
        source_fault(&parse->source, group, key, "%s", fault);
    if (r == 0 && ret_words)
        *ret_words = words;
    return condition;
}

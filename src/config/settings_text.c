/* SPDX-License-Identifier: EUPL-1.2 */
/* Words for people in convened.conf: read, found by language, compared. Called by hosts.c and settings.c before the
 * threads and at reload; settings_text_in by page, any thread. */
#include "config/settings_text.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "config/settings.h"
#include "config/source.h"

#define LANGUAGES_MAX 40

static bool is_language(const char *code)
{
    size_t size = strspn(code, "abcdefghijklmnopqrstuvwxyz");
    if (size != 2 && size != 3)
        return false;
    return !code[size] ||
           (code[size] == '-' && strspn(code + size + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2 && !code[size + 3]);
}

static int add(struct arena *arena, struct settings_text *text, const char *language, const char *body)
{
    text->languages[text->count] = arena_copy(arena, language);
    text->bodies[text->count] = arena_copy(arena, body);
    if ((language && !text->languages[text->count]) || !text->bodies[text->count])
        return -ENOMEM;
    text->count++;
    return 0;
}

int settings_text_read(struct source *source, struct arena *arena, const config_setting_t *setting, size_t length,
                       struct settings_text *text)
{
    int r = 0, count = config_setting_type(setting) == CONFIG_TYPE_GROUP ? config_setting_length(setting) : 1;
    const char *body;

    if (count == 0 || count > LANGUAGES_MAX) {
        source_fault(source, setting, NULL, count == 0 ? "is empty" : "too many languages");
        return 0;
    }
    text->languages = arena_take(arena, (size_t)count * sizeof(*text->languages));
    text->bodies = arena_take(arena, (size_t)count * sizeof(*text->bodies));
    if (!text->languages || !text->bodies)
        return -ENOMEM;
    if (config_setting_type(setting) != CONFIG_TYPE_GROUP) {
        if (config_setting_type(setting) != CONFIG_TYPE_STRING)
            source_fault(source, setting, NULL, "must be a string, or a group of strings by language");
        else if (source_string(source, setting, length, true, &body))
            r = add(arena, text, NULL, body);
        return r;
    }
    for (int i = 0; r == 0 && i < count; i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        if (!is_language(config_setting_name(member)))
            source_fault(source, member, NULL, "the key is no language of the form en or pt-BR");
        else if (source_string(source, member, length, true, &body))
            r = add(arena, text, config_setting_name(member), body);
    }
    return r;
}

const char *settings_text_in(const struct settings_text *text, const char *language, const char **ret_language)
{
    size_t found = 0;
    bool exact = false;

    if (text->count == 0)
        return NULL;
    for (size_t i = 0; i < text->count && text->languages[i] && !exact; i++) {
        exact = strcmp(text->languages[i], language) == 0;
        if (exact || strcmp(text->languages[i], "en") == 0)
            found = i;
    }
    *ret_language = text->languages[found];
    return text->bodies[found];
}

bool settings_text_same(const struct settings_text *a, const struct settings_text *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = !a->languages[i] == !b->languages[i] &&
               (!a->languages[i] || strcmp(a->languages[i], b->languages[i]) == 0) &&
               strcmp(a->bodies[i], b->bodies[i]) == 0;
    return same;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of a form that was understood. Called by signup/rules. Pure. Any thread. */
#include "signup/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "event/definition.h"

int answers_json(struct arena *arena, const struct event_definition *definition, const struct answer *answers,
                 char **ret_json)
{
    json_t *object = json_object();
    if (!object)
        return -ENOMEM;
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        json_t *value = NULL;
        if (field->role == ROLE_NAME || field->role == ROLE_EMAIL)
            continue; /* columns only */
        if (field->type == FIELD_CONSENT)
            value = json_boolean(answers[i].given);
        else if (answers[i].text)
            value = json_string(answers[i].text);
        else
            continue;
        if (json_object_set_new(object, field->id, value) < 0) { /* a NULL value too */
            json_decref(object);
            return -ENOMEM;
        }
    }
    char *dump = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(object);
    char *json = arena_copy(arena, dump);
    free(dump);
    if (!json)
        return -ENOMEM;
    *ret_json = json;
    return 0;
}

static void add_line(struct buffer *buffer, const char *text)
{
    if (!text)
        return;
    if (buffer->size > 0)
        buffer_text(buffer, "\n");
    buffer_text(buffer, text);
}

static const char *by_role(const struct event_definition *definition, const struct answer *answers,
    enum field_role role)
{
    for (size_t i = 0; i < definition->field_count; i++) {
        if (definition->fields[i].role == role)
            return answers[i].text;
    }
    return NULL;
}

int answers_search(struct arena *arena, struct text_folder *folder, const struct event_definition *definition,
                   const struct answer *answers, char **ret_search)
{
    struct buffer lines = { 0 };

    add_line(&lines, by_role(definition, answers, ROLE_NAME));
    add_line(&lines, by_role(definition, answers, ROLE_ORGANISATION));
    for (size_t i = 0; i < definition->field_count; i++) {
        enum field_role role = definition->fields[i].role;
        if (role != ROLE_NAME && role != ROLE_EMAIL && role != ROLE_ORGANISATION)
            add_line(&lines, answers[i].text);
    }
    int r = buffer_check(&lines);
    if (r == 0)
        r = text_fold(folder, arena, buffer_string(&lines), ret_search);
    buffer_done(&lines);
    return r;
}

/* "=" and the hash of all that was typed: only the very same form counts as the same, within the time that the
 * change allows. */
static int dedupe_by_all(struct arena *arena, const char *email, const char *name, const char *mode, const char *json,
                         const char *words, char **ret_dedupe)
{
    unsigned char hash[16];
    char hex[2 * sizeof(hash) + 1];
    const char *parts[] = { email, name, mode, json, words };
    const size_t count = sizeof(parts) / sizeof(parts[0]) - (words[0] == '\0'); /* keys from before there were words */
    crypto_generichash_state state;

    if (crypto_generichash_init(&state, NULL, 0, sizeof(hash)) != 0)
        return -ENOMEM;
    /* with the zero, so that no part runs into the next */
    for (size_t i = 0; i < count; i++) {
        if (crypto_generichash_update(&state, (const unsigned char *)parts[i], strlen(parts[i]) + 1) != 0)
            return -ENOMEM;
    }
    if (crypto_generichash_final(&state, hash, sizeof(hash)) != 0)
        return -ENOMEM;
    char *key = arena_format(arena, "=%s", sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash)));
    if (!key)
        return -ENOMEM;
    *ret_dedupe = key;
    return 0;
}

int answers_dedupe(struct arena *arena, const struct event_definition *definition, const char *email, const char *name,
                   const char *mode, const char *json, const char *words, char **ret_dedupe)
{
    char *folded_email, *folded_name, *key;

    int r = text_casefold(arena, email ? email : "", &folded_email);
    if (r < 0)
        return r;
    if (definition->unique == EVENT_UNIQUE_NONE || !email)
        return dedupe_by_all(arena, folded_email, name ? name : "", mode, json, words, ret_dedupe);
    if (definition->unique == EVENT_UNIQUE_EMAIL) {
        *ret_dedupe = folded_email;
        return 0;
    }
    r = text_casefold(arena, name ? name : "", &folded_name);
    if (r < 0)
        return r;
    key = arena_format(arena, "%s\n%s", folded_email, folded_name);
    if (!key)
        return -ENOMEM;
    *ret_dedupe = key;
    return 0;
}

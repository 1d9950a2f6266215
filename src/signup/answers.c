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

#define DIGITS 15 /* what a double holds exactly: 0.1 stays 0.1 */

/* Members that are left empty do not stand there. */
static json_t *organisation_json(const struct answer_organisation *organisation)
{
    const struct { const char *key, *text; } parts[] = {
        { "name", organisation->name }, { "country", organisation->country }, { "number", organisation->number },
        { "size", organisation->size } };
    json_t *object = json_object();
    int r = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && r == 0; i++)
        if (parts[i].text)
            r = json_object_set_new(object, parts[i].key, json_string(parts[i].text));
    if (r == 0 && organisation->sme) {
        r = json_object_set_new(object, "sme", json_true());
        if (r == 0)
            r = json_object_set_new(object, "sme_on", json_string(organisation->sme_on));
    }
    if (r == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *ids_json(const struct answer *answer)
{
    json_t *ids = json_array();

    for (size_t i = 0; i < answer->count; i++) {
        if (json_array_append_new(ids, json_string(answer->ids[i])) < 0) {
            json_decref(ids);
            return NULL;
        }
    }
    return ids;
}

/* False: nothing stands there. *ret_value NULL: no memory. */
static bool answer_json(const struct event_field *field, const struct answer *answer, json_t **ret_value)
{
    if (answer->skipped || field->role == ROLE_NAME || field->role == ROLE_EMAIL || /* columns only */
        field->type == FIELD_SPECIAL_NEED || field->type == FIELD_STATEMENT)
        return false;
    if (field->type == FIELD_CONSENT)
        *ret_value = json_boolean(answer->given);
    else if (answer->has_number)
        *ret_value = field->decimals > 0 ? json_real(answer->number) : json_integer((json_int_t)answer->number);
    else if (answer->count > 0)
        *ret_value = ids_json(answer);
    else if (answer->organisation.name)
        *ret_value = organisation_json(&answer->organisation);
    else if (answer->text)
        *ret_value = json_string(answer->text);
    else
        return false;
    return true;
}

int answers_json(struct arena *arena, const struct event_definition *definition, const struct answer *answers,
                 char **ret_json)
{
    json_t *object = json_object();
    if (!object)
        return -ENOMEM;
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        json_t *value = NULL;
        if (!answer_json(field, &answers[i], &value))
            continue;
        if (json_object_set_new(object, field->id, value) < 0) { /* a NULL value too */
            json_decref(object);
            return -ENOMEM;
        }
    }
    char *dump = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(DIGITS));
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
            return definition->fields[i].type == FIELD_ORGANISATION ? answers[i].organisation.name : answers[i].text;
    }
    return NULL;
}

/* A number or a tick is nothing to look for, a special need is nobody's to find, nor is anybody found by what is asked
 * after the review. */
static void add_answer(struct buffer *lines, const struct event_field *field, const struct answer *answer)
{
    if (field->type == FIELD_SPECIAL_NEED || field->type == FIELD_HIDDEN || field->after_review)
        return;
    if (field->type == FIELD_ORGANISATION) { /* its name stands above */
        add_line(lines, answer->organisation.number);
        add_line(lines, answer->organisation.country);
    } else if (field->role != ROLE_NAME && field->role != ROLE_EMAIL && field->role != ROLE_ORGANISATION) {
        add_line(lines, answer->text);
        for (size_t i = 0; i < answer->count; i++)
            add_line(lines, answer->ids[i]);
    }
}

int answers_search(struct arena *arena, struct text_folder *folder, const struct event_definition *definition,
                   const struct answer *answers, char **ret_search)
{
    struct buffer lines = { 0 };

    add_line(&lines, by_role(definition, answers, ROLE_NAME));
    add_line(&lines, by_role(definition, answers, ROLE_ORGANISATION));
    for (size_t i = 0; i < definition->field_count; i++)
        add_answer(&lines, &definition->fields[i], &answers[i]);
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

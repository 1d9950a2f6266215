/* SPDX-License-Identifier: EUPL-1.2 */
/* Look-ups in a definition, and the print of its form. Callers: all rooms above. Any thread. */
#include "event/definition.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

int event_language(const struct event_definition *definition, const char *language)
{
    for (size_t i = 0; language && i < definition->language_count; i++)
        if (definition->languages[i] && strcmp(definition->languages[i], language) == 0)
            return (int)i;
    return -1;
}

const char *event_text_in(const struct event_definition *definition, const struct event_text *text,
                          const char *language, const char **ret_language)
{
    int at = event_language(definition, language);
    if (at < 0 || !text->bodies || !text->bodies[at])
        at = 0;
    if (ret_language)
        *ret_language = definition->languages[at];
    return text->bodies && text->bodies[at] ? text->bodies[at] : "";
}

bool event_times_moved(const struct event_definition *old, const struct event_definition *new)
{
    bool same = old->day_count == new->day_count && strcmp(old->zone, new->zone) == 0;
    for (size_t i = 0; same && i < old->day_count; i++)
        same = old->days[i].starts == new->days[i].starts && old->days[i].ends == new->days[i].ends;
    return !same;
}

bool event_place_moved(const struct event_definition *old, const struct event_definition *new)
{
    if (old->has_place != new->has_place)
        return true;
    if (!old->has_place)
        return false;
    const char *was = event_text_in(old, &old->place, old->languages[0], NULL);
    const char *is = event_text_in(new, &new->place, new->languages[0], NULL);
    return !was || !is || strcmp(was, is) != 0;
}

const struct event_field *event_field(const struct event_definition *definition, const char *id)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].id && strcmp(definition->fields[i].id, id) == 0)
            return &definition->fields[i];
    return NULL;
}

const struct event_field *event_field_by_role(const struct event_definition *definition, enum field_role role)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].role == role)
            return &definition->fields[i];
    return NULL;
}

bool event_consent_is_free(const struct event_field *field)
{
    return field->type == FIELD_CONSENT && !field->required;
}

const struct event_option *event_option(const struct event_field *field, const char *id)
{
    for (size_t i = 0; i < field->option_count; i++)
        if (strcmp(field->options[i].id, id) == 0)
            return &field->options[i];
    return NULL;
}

bool event_fallback_has(const struct event_field *field, const char *id)
{
    const char *at = field->fallback ? field->fallback : "";
    size_t size = strlen(id);

    while (*at) {
        at += strspn(at, ", ");
        size_t word = strcspn(at, ", ");
        if (word == size && size > 0 && memcmp(at, id, size) == 0)
            return true;
        at += word;
    }
    return false;
}

int event_mode(const struct event_definition *definition, const char *id)
{
    for (size_t i = 0; i < definition->mode_count; i++)
        if (definition->modes[i].id && strcmp(definition->modes[i].id, id) == 0)
            return (int)i;
    return -1;
}

bool event_asks_after_review(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].after_review && definition->fields[i].type != FIELD_STATEMENT)
            return true;
    return false;
}

bool event_mode_is_online(const struct event_mode *mode)
{
    return strcmp(mode->id, "online") == 0;
}

bool event_mode_has_door(const struct event_mode *mode)
{
    return !event_mode_is_online(mode) && strcmp(mode->id, "phone") != 0;
}

/* Each value with its final zero, so that "ab", "c" and "a", "bc" differ. */
static void hash_string(crypto_generichash_state *state, const char *text)
{
    if (!text)
        text = "";
    (void)crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void hash_number(crypto_generichash_state *state, int64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    (void)crypto_generichash_update(state, bytes, sizeof(bytes));
}

static void hash_bound(crypto_generichash_state *state, bool given, double bound)
{
    int64_t bits = 0;
    _Static_assert(sizeof(bits) == sizeof(bound), "a double has 64 bits");
    if (given)
        memcpy(&bits, &bound, sizeof(bits));
    hash_number(state, given);
    hash_number(state, bits);
}

/* The help of a consent is part of what is agreed to; that of a question only explains it and may be mended while
 * somebody fills the form. */
static void hash_field(crypto_generichash_state *state, const struct event_definition *definition,
                       const struct event_field *field, const char *language)
{
    hash_string(state, field->id);
    hash_number(state, field->type);
    hash_number(state, field->role);
    hash_number(state, field->required);
    hash_number(state, field->max_length);
    hash_bound(state, field->has_min, field->min);
    hash_bound(state, field->has_max, field->max);
    hash_string(state, event_text_in(definition, &field->label, language, NULL));
    hash_number(state, field->decimals);
    hash_string(state, field->earliest);
    hash_string(state, field->latest);
    hash_string(state, field->pattern);
    hash_string(state, field->show_if_words);
    hash_number(state, field->each);
    if (field->after_review)
        hash_string(state, "after_review");
    for (size_t i = 0; i < ORGANISATION_PARTS; i++)
        hash_number(state, field->parts[i] + 2 * field->required_parts[i]);
    if (field->parts_if)
        hash_string(state, field->parts_if_words);
    if (field->type == FIELD_SPECIAL_NEED)
        hash_string(state, event_text_in(definition, &field->consent, language, NULL));
    if (field->type == FIELD_HIDDEN)
        hash_string(state, field->fallback); /* it is the answer */
    if (field->type == FIELD_CONSENT) {
        hash_string(state, field->purpose);
        hash_string(state, event_text_in(definition, &field->help, language, NULL));
    }
    hash_number(state, (int64_t)field->option_count);
    for (size_t i = 0; i < field->option_count; i++) {
        hash_string(state, field->options[i].id);
        hash_string(state, event_text_in(definition, &field->options[i].label, language, NULL));
    }
}

/* What a visitor sees of the sessions. How many places they have, and who else they exclude, may change: that is
 * judged when a form comes. */
static void hash_sessions(crypto_generichash_state *state, const struct event_definition *definition,
                          const char *language)
{
    const struct event_programme *programme = &definition->programme;

    hash_number(state, (int64_t)programme->session_count);
    for (size_t i = 0; i < programme->session_count; i++) {
        const struct event_session *session = &programme->sessions[i];
        hash_string(state, session->id);
        hash_string(state, event_text_in(definition, &session->title, language, NULL));
        hash_number(state, session->has_times);
        hash_number(state, session->starts);
        hash_number(state, session->ends);
        hash_number(state, session->round);
        for (size_t k = 0; k < definition->mode_count; k++) {
            const struct event_room *room = &session->rooms[session->per_mode ? k : 0];
            hash_number(state, room->limited && room->capacity == 0);
        }
    }
    hash_number(state, (int64_t)programme->round_count);
    for (size_t i = 0; i < programme->round_count; i++) {
        const struct event_round *round = &programme->rounds[i];
        hash_string(state, round->id);
        hash_string(state, event_text_in(definition, &round->title, language, NULL));
        hash_number(state, round->choose);
        hash_number(state, round->required);
        hash_number(state, (int64_t)round->ranks);
    }
}

static void hash_slots(crypto_generichash_state *state, const struct event_definition *definition,
                       const char *language)
{
    const struct event_programme *programme = &definition->programme;

    hash_number(state, (int64_t)programme->resource_count);
    for (size_t i = 0; i < programme->resource_count; i++) {
        const struct event_resource *resource = &programme->resources[i];
        hash_string(state, resource->id);
        hash_string(state, event_text_in(definition, &resource->title, language, NULL));
        hash_number(state, resource->mode);
        hash_number(state, resource->propose);
    }
    hash_number(state, (int64_t)programme->slot_count);
    for (size_t i = 0; i < programme->slot_count; i++) {
        hash_string(state, programme->slots[i].key);
        hash_number(state, programme->slots[i].starts);
        hash_number(state, programme->slots[i].ends);
    }
}

int event_form_print(const struct event_definition *definition, const char *language,
                     unsigned char ret_print[static FORM_PRINT_SIZE])
{
    crypto_generichash_state state;
    unsigned char hash[crypto_generichash_BYTES];

    if (sodium_init() < 0 || crypto_generichash_init(&state, NULL, 0, sizeof(hash)) != 0)
        return -EIO;
    hash_number(&state, definition->mode_asked);
    for (size_t i = 0; definition->mode_asked && i < definition->mode_count; i++) {
        hash_string(&state, definition->modes[i].id);
        hash_string(&state, event_text_in(definition, &definition->modes[i].title, language, NULL));
    }
    hash_number(&state, (int64_t)definition->field_count);
    for (size_t i = 0; i < definition->field_count; i++)
        hash_field(&state, definition, &definition->fields[i], language);
    hash_number(&state, definition->group_max);
    hash_number(&state, definition->guest_name_optional);
    for (size_t i = 0; definition->group_max > 1 && i < definition->field_count; i++)
        hash_number(&state, definition->fields[i].each);
    hash_sessions(&state, definition, language);
    hash_slots(&state, definition, language);
    if (crypto_generichash_final(&state, hash, sizeof(hash)) != 0)
        return -EIO;
    memcpy(ret_print, hash, FORM_PRINT_SIZE);
    return 0;
}

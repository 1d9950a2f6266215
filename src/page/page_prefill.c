/* SPDX-License-Identifier: EUPL-1.2 */
/* Turns a stored registration back into a form. Called by page_change and page_release. A worker's thread. */
#include "page/page_prefill.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_places.h"
#include "page/page_record.h"
#include "signup/rules.h"

/* A form that grows in the page's arena. */
struct filling {
    struct page *page;
    struct form form;
    size_t room;
};

static void add(struct filling *filling, const char *name, const char *value)
{
    struct form *form = &filling->form;
    struct form_value *values =
        arena_grow(filling->page->arena, form->values, form->count, &filling->room, sizeof *values);

    if (!name || !value || !values) {
        filling->page->failed = true;
        return;
    }
    form->values = values;
    values[form->count++] = (struct form_value){ .name = name, .value = value, .size = strlen(value) };
}

static json_t *stored_answers(struct page *page, const struct record *record)
{
    json_t *answers = json_loads(record->answers ? record->answers : "{}", 0, NULL);

    if (!answers)
        page->failed = true;
    return answers;
}

/* Only a page that is sent at once may point into ANSWERS: everything is copied. */
static void add_answer(struct filling *filling, const char *id, const json_t *answer)
{
    struct arena *arena = filling->page->arena;
    const json_t *each;
    size_t i;

    switch (json_typeof(answer)) {
    case JSON_STRING:
        add(filling, id, arena_copy(arena, json_string_value(answer)));
        break;
    case JSON_INTEGER:
        add(filling, id, arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(answer)));
        break;
    case JSON_REAL:
        add(filling, id, arena_format(arena, "%.15g", json_real_value(answer)));
        break;
    case JSON_TRUE:
        add(filling, id, "yes");
        break;
    case JSON_ARRAY:
        json_array_foreach (answer, i, each)
            if (json_is_string(each))
                add(filling, id, arena_copy(arena, json_string_value(each)));
        break;
    default:
        break;
    }
}

static bool is_kept(const struct event_field *field)
{
    return field->role == ROLE_EMAIL || field->type == FIELD_CONSENT;
}

static void add_fields(struct filling *filling, const struct page_record *found)
{
    const struct event_definition *definition = found->entry->definition;
    json_t *answers = stored_answers(filling->page, &found->record);

    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const json_t *answer = json_object_get(answers, field->id);

        if (field->role == ROLE_NAME && found->record.name)
            add(filling, field->id, found->record.name);
        else if (!is_kept(field) && answer)
            add_answer(filling, field->id, answer);
    }
    json_decref(answers);
}

/* The session that the key of a place names, "a" or "a@onsite"; -1: today's programme has none. */
static int session_of(const struct filling *filling, const struct event_programme *programme, const char *key)
{
    const char *at = strchr(key, '@');
    const char *id = at ? arena_format(filling->page->arena, "%.*s", (int)(at - key), key) : key;

    if (!id)
        filling->page->failed = true;
    return id ? programme_session(programme, id) : -1;
}

static void add_sessions(struct filling *filling, const struct page_record *found)
{
    const struct event_programme *programme = &found->entry->definition->programme;

    for (size_t i = 0; i < found->record.place_count; i++) {
        const struct record_place *place = &found->record.places[i];
        int s = strcmp(place->kind, "session") == 0 ? session_of(filling, programme, place->key) : -1;

        if (s >= 0 && programme->sessions[s].round >= 0)
            add(filling,
                arena_format(filling->page->arena, "session.%s",
                             programme->rounds[programme->sessions[s].round].id),
                programme->sessions[s].id);
    }
}

static void add_wishes(struct filling *filling, const struct page_record *found, const struct page_places *places)
{
    const struct event_programme *programme = &found->entry->definition->programme;

    for (size_t i = 0; i < found->record.wish_count; i++) {
        const struct record_wish *wish = &found->record.wishes[i];
        int round = programme_round(programme, wish->round), s = session_of(filling, programme, wish->key);

        if (round >= 0 && s >= 0 && programme->sessions[s].round == round && !places->allocated[round])
            add(filling, arena_format(filling->page->arena, "session.%s.%" PRId64, wish->round, wish->rank),
                programme->sessions[s].id);
    }
}

static const struct record_place *slot_of(const struct record *record)
{
    for (size_t i = 0; i < record->place_count; i++)
        if (strcmp(record->places[i].kind, "slot") == 0)
            return &record->places[i];
    return NULL;
}

void page_prefill(struct page *page, const struct page_record *found, const struct page_places *places,
                  struct form *ret_form)
{
    struct filling filling = { .page = page };
    const struct record *record = &found->record;
    const struct record_place *slot = slot_of(record);

    add_fields(&filling, found);
    if (record->mode)
        add(&filling, "mode", record->mode);
    add_sessions(&filling, found);
    add_wishes(&filling, found, places);
    if (slot)
        add(&filling, "slot", slot->key);
    if (record->proposal) {
        add(&filling, "slot", "propose");
        add(&filling, "slot.propose", record->proposal);
    }
    *ret_form = filling.form;
}

void page_prefill_complete(struct page *page, const struct page_record *found, const struct form *typed,
                           struct form *ret_form)
{
    const struct event_definition *definition = found->entry->definition;
    struct filling filling = { .page = page };
    json_t *answers = stored_answers(page, &found->record);

    for (size_t i = 0; i < typed->count; i++) {
        const struct event_field *field = event_field(definition, typed->values[i].name);

        if (!field || !is_kept(field)) {
            add(&filling, typed->values[i].name, typed->values[i].value);
            if (!page->failed)
                filling.form.values[filling.form.count - 1] = typed->values[i]; /* its size and whether it is bad */
        }
    }
    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (field->role == ROLE_EMAIL)
            add(&filling, field->id, found->record.email);
        else if (field->type == FIELD_CONSENT &&
                 (field->required || json_is_true(json_object_get(answers, field->id))))
            add(&filling, field->id, "yes");
    }
    json_decref(answers);
    *ret_form = filling.form;
}

static const char *dumped(struct page *page, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *copy = text ? arena_copy(page->arena, text) : NULL;

    free(text);
    if (!copy)
        page->failed = true;
    return copy;
}

const char *page_prefill_answers(struct page *page, const struct page_record *found, const struct rules_result *rules)
{
    const struct event_definition *definition = found->entry->definition;
    json_t *stored = stored_answers(page, &found->record), *new = json_loads(rules->answers, 0, NULL);
    const char *text = NULL;

    page->failed = page->failed || !new;
    for (size_t i = 0; !page->failed && i < definition->field_count; i++) {
        const char *id = definition->fields[i].id;
        json_t *consent = json_object_get(stored, id);

        if (definition->fields[i].type != FIELD_CONSENT)
            continue;
        if (!consent)
            (void)json_object_del(new, id); /* it was not asked */
        else if (json_object_set(new, id, consent) < 0)
            page->failed = true;
    }
    if (!page->failed)
        text = dumped(page, new);
    json_decref(stored);
    json_decref(new);
    return text;
}

static void add_id(struct page *page, json_t *list, const char *id)
{
    page_add(page, list, json_string(id));
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *page_prefill_changes(struct page *page, const struct page_record *found, const struct rules_result *rules,
                                 const char *answers)
{
    const struct event_definition *definition = found->entry->definition;
    json_t *stored = stored_answers(page, &found->record), *new = json_loads(answers, 0, NULL), *value;
    json_t *list = page_array(page);
    const char *text = NULL, *key;

    page->failed = page->failed || !new;
    for (size_t i = 0; !page->failed && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        bool same = field->role == ROLE_NAME
                        ? same_text(found->record.name, rules->name)
                        : json_equal(json_object_get(stored, field->id), json_object_get(new, field->id)) ||
                              (!json_object_get(stored, field->id) && !json_object_get(new, field->id));

        if (!same)
            add_id(page, list, field->id);
    }
    json_object_foreach (stored, key, value) /* what is not asked any more goes */
        if (!page->failed && !event_field(definition, key))
            add_id(page, list, key);
    if (found->record.proposal && rules->proposal && !same_text(found->record.proposal, rules->proposal))
        add_id(page, list, "slot.propose");
    if (!page->failed)
        text = dumped(page, list);
    json_decref(stored);
    json_decref(new);
    json_decref(list);
    return text;
}

void page_prefill_moment(const struct page *page, const struct page_record *found, const struct page_places *places,
                         struct rules_moment *ret_moment)
{
    const struct record_place *slot = slot_of(&found->record);

    *ret_moment = (struct rules_moment){
        .now = page->now,
        .allocated = places->allocated,
        .own_slot = slot ? slot->key : NULL,
    };
}

static void open_session(const struct event_definition *definition, struct page_places *places, const char *key)
{
    const struct event_programme *programme = &definition->programme;
    size_t size = strcspn(key, "@");

    for (size_t s = 0; s < programme->session_count; s++) {
        const char *id = programme->sessions[s].id;

        if (strlen(id) != size || strncmp(id, key, size) != 0)
            continue;
        for (size_t m = 0; m < definition->mode_count; m++)
            if (!key[size] || strcmp(key + size + 1, definition->modes[m].id) == 0)
                places->session_verdicts[s * definition->mode_count + m] = PLACES_FREE;
    }
}

void page_prefill_open(const struct event_entry *entry, const struct record *record, struct page_places *places)
{
    const struct event_definition *definition = entry->definition;
    int mode = record->mode ? event_mode(definition, record->mode) : -1;

    if (mode >= 0)
        places->verdicts[mode] = PLACES_FREE;
    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        int slot = strcmp(place->kind, "slot") == 0 ? programme_slot(&definition->programme, place->key) : -1;

        if (place->hold == RECORD_ASKED)
            continue;
        if (strcmp(place->kind, "session") == 0)
            open_session(definition, places, place->key);
        if (slot >= 0)
            places->slots[slot] = true;
    }
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Turns a stored registration back into a form. Called by page_change and page_release. A worker's thread. */
#include "page/page_prefill.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "config/settings.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_places.h"
#include "page/page_record.h"
#include "report/privates.h"
#include "signup/fill.h"
#include "signup/rules.h"
#include "view/edition.h"

/* A form that grows in the page's arena. */
struct filling {
    struct page *page;
    struct fill fill;
};

static struct filling begin(struct page *page)
{
    return (struct filling){ .page = page, .fill = { .arena = page->arena, .language = page->language } };
}

static void add(struct filling *filling, const char *name, const char *value)
{
    if (fill_add(&filling->fill, name, value) < 0)
        filling->page->failed = true;
}

static json_t *stored_answers(struct page *page, const char *stored)
{
    json_t *answers = json_loads(stored ? stored : "{}", 0, NULL);

    if (!answers)
        page->failed = true;
    return answers;
}

static bool is_kept(const struct event_field *field)
{
    return field->role == ROLE_EMAIL || field->type == FIELD_CONSENT;
}

static void add_fields(struct filling *filling, const struct page_record *found)
{
    const struct event_definition *definition = found->entry->definition;
    json_t *answers = stored_answers(filling->page, found->record.answers);

    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const json_t *answer = json_object_get(answers, field->id);

        const char *need = privates_value(&found->privates, field->id);

        if (field->role == ROLE_NAME && found->record.name)
            add(filling, field->id, found->record.name);
        else if (field->type == FIELD_SPECIAL_NEED && need)
            filling->page->failed |= fill_need(&filling->fill, field, need) < 0;
        else if (!is_kept(field) && fill_answer(&filling->fill, field, answer) < 0)
            filling->page->failed = true;
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
    struct filling filling = begin(page);
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
    page_prefill_guests_add(page, found, &filling.fill);
    *ret_form = filling.fill.form;
}

void page_prefill_complete(struct page *page, const struct page_record *found, const struct form *typed,
                           struct form *ret_form)
{
    const struct event_definition *definition = found->entry->definition;
    struct filling filling = begin(page);
    json_t *answers = stored_answers(page, found->record.answers);

    for (size_t i = 0; i < typed->count; i++) {
        const struct event_field *field = event_field(definition, typed->values[i].name);

        if ((!field || !is_kept(field)) && !page_prefill_guest_keeps(found, typed->values[i].name)) {
            add(&filling, typed->values[i].name, typed->values[i].value);
            if (!page->failed)
                /* its size and whether it is bad */
                filling.fill.form.values[filling.fill.form.count - 1] = typed->values[i];
        }
    }
    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const char *text = json_string_value(json_object_get(answers, field->id));

        if (field->role == ROLE_EMAIL) {
            add(&filling, field->id, found->record.email);
            add(&filling, RULES_TYPED, found->record.email); /* it was asked back about when it was given */
        } else if (field->type == FIELD_EMAIL && text) {
            add(&filling, RULES_TYPED, arena_copy(page->arena, text));
        } else if (field->type == FIELD_CONSENT &&
                     (field->required || json_is_true(json_object_get(answers, field->id)))) {
            add(&filling, field->id, "yes");
        }
    }
    json_decref(answers);
    page_prefill_guests_complete(page, found, &filling.fill);
    *ret_form = filling.fill.form;
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

const char *page_prefill_answers(struct page *page, const struct event_definition *definition,
                                 const struct page_prefill_person *stored, const struct page_prefill_person *said)
{
    json_t *old = stored_answers(page, stored->answers), *new = json_loads(said->answers, 0, NULL);
    const char *text = NULL;

    page->failed = page->failed || !new;
    for (size_t i = 0; !page->failed && i < definition->field_count; i++) {
        const char *id = definition->fields[i].id;
        json_t *consent = json_object_get(old, id);

        if (definition->fields[i].type != FIELD_CONSENT)
            continue;
        if (!consent)
            (void)json_object_del(new, id); /* it was not asked */
        else if (json_object_set(new, id, consent) < 0)
            page->failed = true;
    }
    if (!page->failed)
        text = dumped(page, new);
    json_decref(old);
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

static bool same_answer(const struct event_field *field, const struct page_prefill_person *stored, const json_t *old,
                        const struct page_prefill_person *said, const json_t *new)
{
    const json_t *was = json_object_get(old, field->id), *is = json_object_get(new, field->id);

    if (field->role == ROLE_NAME)
        return same_text(stored->name, said->name);
    if (field->role == ROLE_EMAIL)
        return same_text(stored->email, said->email);
    if (field->type == FIELD_SPECIAL_NEED)
        return same_text(privates_value(stored->privates, field->id), privates_value(said->privates, field->id));
    return json_equal(was, is) || (!was && !is);
}

/* What somebody needs is not for a mail, and a long text is read on the page. */
static bool is_told(const struct event_field *field)
{
    return field->type != FIELD_SPECIAL_NEED && field->type != FIELD_TEXTAREA && field->type != FIELD_HIDDEN;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *answer_or_null(const json_t *answers, const char *id)
{
    json_t *answer = json_object_get(answers, id);
    return answer ? json_incref(answer) : json_null();
}

static void add_told(struct page *page, json_t *told, const struct event_field *field,
                     const struct page_prefill_person *stored, const json_t *old,
                     const struct page_prefill_person *said, const json_t *new)
{
    json_t *both;

    if (!is_told(field))
        return;
    if (field->role == ROLE_NAME)
        both = json_pack("[o, o]", text_or_null(stored->name), text_or_null(said->name));
    else if (field->role == ROLE_EMAIL)
        both = json_pack("[o, o]", text_or_null(stored->email), text_or_null(said->email));
    else
        both = json_pack("[o, o]", answer_or_null(old, field->id), answer_or_null(new, field->id));
    if (json_object_set_new(told, field->id, both) < 0)
        page->failed = true;
}

const char *page_prefill_changes(struct page *page, const struct event_definition *definition,
                                 const struct page_prefill_person *stored, const struct page_prefill_person *said,
                                 const char **ret_told)
{
    json_t *old = stored_answers(page, stored->answers), *new = json_loads(said->answers, 0, NULL), *value;
    json_t *list = page_array(page), *told = page_object(page);
    const char *text = NULL, *key;

    page->failed = page->failed || !new;
    for (size_t i = 0; !page->failed && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if ((!said->guest || rules_guest_field(field)) && !same_answer(field, stored, old, said, new)) {
            add_id(page, list, field->id);
            add_told(page, told, field, stored, old, said, new);
        }
    }
    json_object_foreach (old, key, value) /* what is not asked any more goes */
        if (!page->failed && !event_field(definition, key))
            add_id(page, list, key);
    if (stored->proposal && said->proposal && !same_text(stored->proposal, said->proposal))
        add_id(page, list, "slot.propose");
    if (!page->failed)
        text = dumped(page, list);
    if (text)
        *ret_told = dumped(page, told);
    json_decref(old);
    json_decref(new);
    json_decref(list);
    json_decref(told);
    return page->failed ? NULL : text;
}

/* The day on which an SME was declared in ANSWERS; NULL: never. */
static const char *declared_on(struct page *page, const struct event_definition *definition, const char *stored)
{
    const struct event_field *field = event_field_by_role(definition, ROLE_ORGANISATION);
    json_t *answers = stored_answers(page, stored);
    const char *day = json_string_value(
        json_object_get(field ? json_object_get(answers, field->id) : NULL, "sme_on"));
    const char *copy = arena_copy(page->arena, day);

    page->failed = page->failed || (day && !copy);
    json_decref(answers);
    return copy;
}

void page_prefill_moment(struct page *page, const struct page_record *found, const struct page_places *places,
                         struct rules_moment *ret_moment)
{
    const struct event_definition *definition = found->entry->definition;
    const struct record_place *slot = slot_of(&found->record);
    const size_t guests = page_prefill_guest_count(found);
    const char **days = arena_take(page->arena, (guests + 1) * sizeof *days);

    page->failed = page->failed || !days;
    for (size_t i = 0; days && i < guests; i++)
        days[i] = declared_on(page, definition, page_prefill_guest(found, i, NULL)->answers);
    *ret_moment = (struct rules_moment){
        .now = page->now,
        .allocated = places->allocated,
        .own_slot = slot ? slot->key : NULL,
        .guests = guests,
        .declared_on = declared_on(page, definition, found->record.answers),
        .guests_declared_on = days,
        .language = page->language,
        .utf8_addresses = settings_takes_utf8(page->edition->settings),
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

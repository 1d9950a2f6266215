/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts conditions into words, where they are simple. Called by the files page_field*. A worker's thread. */
#include "page/page_condition.h"

#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "event/condition.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "page/page_session.h"
#include "signup/rules.h"
#include "view/catalogue.h"
#include "view/sheet_condition.h"
#include "view/words.h"

#define SESSION "session."

/* The text of {text, lang}, which is given back. */
static const char *text_of(struct page *page, json_t *words)
{
    const char *text = words ? arena_copy(page->arena, json_string_value(json_object_get(words, "text"))) : NULL;

    json_decref(words);
    return text;
}

/* The round of `session.ROUND`; NULL: the name is no round's. */
static const struct event_round *round_of(const struct event_definition *definition, const char *name)
{
    int round = strncmp(name, SESSION, strlen(SESSION)) == 0
                    ? programme_round(&definition->programme, name + strlen(SESSION)) : -1;

    return round >= 0 ? &definition->programme.rounds[round] : NULL;
}

/* What the question of NAME is called on the page; NULL: it is not asked there. */
static const char *question(struct page *page, const struct event_definition *definition, const char *name)
{
    const struct event_field *field = event_field(definition, name);
    const struct event_round *round = round_of(definition, name);

    if (strcmp(name, "mode") == 0)
        return definition->mode_asked ? page_say(page, "form.mode") : NULL;
    if (round)
        return text_of(page, page_session_round(page, definition, round));
    return field && field->type != FIELD_HIDDEN ? event_text_in(definition, &field->label, page->language, NULL) : NULL;
}

static const char *option_words(struct page *page, const struct event_definition *definition,
                                const struct event_field *field, const char *value)
{
    const struct event_option *option = event_option(field, value);
    const char *key;

    if (!option)
        return NULL;
    if (!field->shared_options)
        return event_text_in(definition, &option->label, page->language, NULL);
    key = arena_format(page->arena, "stakeholder.%s", value);
    return key ? page_say(page, key) : NULL;
}

/* What the answer VALUE is called on the page; NULL: there is no word for it. */
static const char *answer(struct page *page, const struct event_definition *definition, const char *name,
                          const char *value)
{
    const struct event_field *field = event_field(definition, name);
    int found;

    if (strcmp(name, "mode") == 0) {
        found = event_mode(definition, value);
        return found < 0 ? NULL : text_of(page, page_model_mode(page, definition, &definition->modes[found]));
    }
    if (round_of(definition, name)) {
        found = programme_session(&definition->programme, value);
        return found < 0 ? NULL : page_session_title(page, definition, (size_t)found);
    }
    switch (field ? field->type : FIELD_TEXT) {
    case FIELD_CHOICE:
    case FIELD_CHOICES:
    case FIELD_STAKEHOLDER:
        return option_words(page, definition, field, value);
    case FIELD_COUNTRY:
        return words_country(page->worker->words, page->arena, page->language, value);
    case FIELD_SCALE:
        return value;
    default:
        return NULL;
    }
}

/* “A” or “B”: puts WORDS behind ALL, of which NULL is none. NULL: lack of memory, which PAGE knows. */
static const char *either(struct page *page, const char *all, const char *words)
{
    words = words ? catalogue_format(page->catalogue, page->arena, "condition.quoted", "answer", words, NULL) : NULL;
    if (words && all)
        words = catalogue_format(page->catalogue, page->arena, "condition.or", "first", all, "second", words, NULL);
    page->failed = page->failed || !words;
    return words;
}

/* NULL: there is no word for one of them. */
static const char *answers(struct page *page, const struct event_definition *definition,
                           const struct condition *condition)
{
    const char *all = NULL, *value;

    for (size_t n = 0; (value = condition_value(condition, n)) != NULL; n++) {
        const char *words = answer(page, definition, condition_name(condition), value);

        all = words ? either(page, all, words) : NULL;
        if (!all)
            return NULL;
    }
    return all;
}

/* One test that can be said in a sentence; NULL: it cannot. */
static const char *said(struct page *page, const struct event_definition *definition, const struct condition *condition)
{
    const enum condition_kind kind = condition_kind(condition);
    const char *name = condition_name(condition), *asked, *chosen;
    const struct event_field *field;

    if (kind != CONDITION_EQUAL && kind != CONDITION_IN && kind != CONDITION_UNEQUAL)
        return NULL;
    asked = question(page, definition, name);
    field = event_field(definition, name);
    if (asked && field && field->type == FIELD_CONSENT)
        return catalogue_format(page->catalogue, page->arena,
                                kind == CONDITION_UNEQUAL ? "condition.not_ticked" : "condition.ticked", "question",
                                asked, NULL);
    chosen = asked ? answers(page, definition, condition) : NULL;
    if (!chosen)
        return NULL;
    return catalogue_format(page->catalogue, page->arena,
                            kind == CONDITION_UNEQUAL ? "condition.not_chosen" : "condition.chosen", "answers", chosen,
                            "question", asked, NULL);
}

/* What the page of a change does not ask again is not there to be seen by a sheet. */
static int is_not_there(void *arg, const char *name, const char *value)
{
    const struct event_field *field = event_field(arg, name);

    (void)value;
    return field && field->type == FIELD_CONSENT;
}

/* Also through the conditions of the fields that it asks about: those are asked of the same person. */
static bool can_hide(const struct event_definition *definition, const struct page_form *form)
{
    if (!form->own)
        return true;
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if ((field->show_if && condition_each(field->show_if, is_not_there, (void *)definition) != 0) ||
            (field->parts_if && condition_each(field->parts_if, is_not_there, (void *)definition) != 0))
            return false;
    }
    return true;
}

static void put(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field,
                const char *rule)
{
    const char *words = said(page, form->entry->definition, field->show_if);
    /* a help says more than we can */
    if (!words)
        words = page_say(page, field->has_help ? "condition.some_helped" : "condition.some");
    page_control_put_when(page, control, words, rule);
}

void page_condition_put(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field, bool wrong)
{
    const struct event_definition *definition = form->entry->definition;
    const char *rule = NULL;

    if (!field->show_if)
        return;
    if (!wrong && can_hide(definition, form)) {
        rule = arena_format(page->arena, "if-%s", sheet_condition_id(definition, field));
        page->failed = page->failed || !rule;
    }
    put(page, control, form, field, rule);
}

void page_condition_put_guest(struct page *page, json_t *control, const struct page_form *form,
                              const struct event_field *field, size_t number, bool wrong)
{
    const char *rule = NULL;

    if (!field->show_if)
        return;
    if (!wrong && can_hide(form->entry->definition, form)) {
        rule = arena_format(page->arena, "if-%s-%zu", field->id, number);
        page->failed = page->failed || !rule;
    }
    put(page, control, form, field, rule);
}

json_t *page_condition_parts(struct page *page, const struct page_form *form, const struct event_field *field,
                             bool wrong)
{
    const struct event_definition *definition = form->entry->definition;
    json_t *model = page_object(page);
    const char *words = said(page, definition, field->parts_if), *rule = NULL;

    if (!wrong && can_hide(definition, form)) {
        rule = arena_format(page->arena, "if-parts-%s", field->id);
        page->failed = page->failed || !rule;
    }
    page_put_string(page, model, "words", words ? words : page_say(page, "condition.some"));
    page_put_optional(page, model, "rule", rule);
    return model;
}

void page_condition_put_round(struct page *page, json_t *control, const struct page_form *form, size_t round,
                              bool wrong)
{
    const struct event_definition *definition = form->entry->definition;
    const struct event_programme *programme = &definition->programme;
    const char *modes = NULL, *words, *rule = NULL;

    if (!sheet_condition_round(definition, round))
        return;
    for (size_t mode = 0; mode < definition->mode_count; mode++)
        if (rules_round_held(programme, round, (int)mode))
            modes = either(page, modes, answer(page, definition, "mode", definition->modes[mode].id));
    words = modes ? catalogue_format(page->catalogue, page->arena, "condition.chosen", "answers", modes, "question",
                                     page_say(page, "form.mode"), NULL)
                  : NULL;
    if (!wrong)
        rule = arena_format(page->arena, "if-session-%s", programme->rounds[round].id);
    page->failed = page->failed || !words || (!wrong && !rule);
    page_control_put_when(page, control, words, rule);
}

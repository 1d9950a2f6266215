/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts answers into words. Called by page_manage. A worker's thread. */
#include "page/page_answers.h"

#include "base/arena.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "report/record.h"
#include "view/words.h"

static void add(struct page *page, json_t *list, json_t *label, json_t *value)
{
    json_t *line = page_object(page);

    page_put(page, line, "label", label);
    page_put(page, line, "value", value);
    page_add(page, list, line);
}

static json_t *own(struct page *page, const char *text)
{
    return page_words(page, text, page->language);
}

static json_t *option_words(struct page *page, const struct record *record, const struct event_field *field,
                            const char *id)
{
    const struct event_option *option = event_option(field, id);

    return option ? page_text(page, record->definition, &option->label) : own(page, id);
}

static json_t *value_words(struct page *page, const struct record *record, const struct event_field *field,
                           const json_t *value)
{
    const char *text = json_string_value(value);

    if (field->type == FIELD_CONSENT)
        return own(page, page_say(page, json_is_true(value) ? "manage.yes" : "manage.no"));
    if (text && field->type == FIELD_CHOICE)
        return option_words(page, record, field, text);
    if (text && field->type == FIELD_COUNTRY)
        return own(page, words_country(page->worker->words, page->arena, page->language, text));
    /* What somebody wrote is in whatever language it is in. */
    return own(page, text ? text : page_say(page, "manage.not_given"));
}

json_t *page_answers_model(struct page *page, const struct record *record)
{
    const struct event_definition *definition = record->definition;
    json_t *list = page_array(page);
    json_t *answers = record->answers ? json_loads(record->answers, 0, NULL) : NULL;

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        json_t *label, *value;

        if (record->restricted && field->role != ROLE_NAME && !json_object_get(answers, field->id))
            continue; /* it was erased: "not given" would not be true */
        label = page_text(page, definition, &field->label);
        if (field->role == ROLE_NAME || field->role == ROLE_EMAIL) {
            const char *text = field->role == ROLE_NAME ? record->name : record->email;

            value = own(page, text ? text : page_say(page, "manage.not_given"));
        } else {
            value = value_words(page, record, field, json_object_get(answers, field->id));
        }
        add(page, list, label, value);
    }
    if (definition->mode_asked && record->mode) {
        int mode = event_mode(definition, record->mode);

        add(page, list, own(page, page_say(page, "step.taking_part")),
            mode >= 0 ? page_model_mode(page, definition, &definition->modes[mode]) : own(page, record->mode));
    }
    json_decref(answers);
    return list;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* A person's answers as a list. Called by page_manage and page_review. A worker's thread. */
#include "page/page_answers.h"

#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "report/answer.h"
#include "report/privates.h"
#include "report/record.h"
#include "signup/rules.h"

static void add(struct page *page, json_t *list, const char *id, json_t *label, json_t *value)
{
    json_t *line = page_object(page);

    page_put_string(page, line, "id", id);
    page_put(page, line, "label", label);
    page_put(page, line, "value", value);
    page_add(page, list, line);
}

static json_t *own(struct page *page, const char *text)
{
    return page_words(page, text, page->language);
}

static json_t *nothing(struct page *page)
{
    json_t *value = own(page, page_say(page, "manage.not_given"));

    page_put_bool(page, value, "none", true);
    return value;
}

static json_t *value_words(struct page *page, const struct record *record, const struct event_field *field,
                           const json_t *value)
{
    const struct answer_desk desk = { .arena = page->arena,
                                      .words = page->worker->words,
                                      .catalogue = page->catalogue,
                                      .language = page->language };
    const char *language;

    if (!answer_given(field, value))
        return nothing(page);
    const char *text = answer_words(&desk, record->definition, field, value, &language);
    return page_words(page, text, language);
}

/* What the person said: NULL, or a new reference. */
static json_t *value_of(const struct record *record, const struct privates *privates, const struct event_field *field,
                        const json_t *answers)
{
    const char *text = NULL;

    if (field->role == ROLE_NAME)
        text = record->name;
    else if (field->role == ROLE_EMAIL)
        text = record->email;
    else if (field->type == FIELD_SPECIAL_NEED)
        text = privates_value(privates, field->id);
    else
        return json_incref(json_object_get(answers, field->id));
    return text ? json_string(text) : NULL;
}

/* What is not there was asked and left empty: not what a condition left out, nor what guests are not asked. Of the
 * restricted it was erased: "not given" would not be true. */
static bool is_missing(const struct record *record, const struct event_field *field)
{
    if (field->show_if || (record_is_guest(record) && !rules_guest_field(field)))
        return false;
    return !record->restricted || field->role == ROLE_NAME;
}

json_t *page_answers_model(struct page *page, const struct record *record, const struct privates *privates)
{
    const struct event_definition *definition = record->definition;
    json_t *list = page_array(page);
    json_t *answers = record->answers ? json_loads(record->answers, 0, NULL) : NULL;

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        json_t *value;

        if (field->type == FIELD_STATEMENT || field->type == FIELD_HIDDEN)
            continue;
        value = value_of(record, privates, field, answers);
        if (value || is_missing(record, field))
            add(page, list, field->id, page_text(page, definition, &field->label),
                value_words(page, record, field, value));
        json_decref(value);
    }
    if (definition->mode_asked && record->mode) {
        int mode = event_mode(definition, record->mode);

        add(page, list, "mode", own(page, page_say(page, "step.taking_part")),
            mode >= 0 ? page_model_mode(page, definition, &definition->modes[mode]) : own(page, record->mode));
    }
    json_decref(answers);
    return list;
}

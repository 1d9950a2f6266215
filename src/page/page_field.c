/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the model of one control: what all types share, and which file does the rest. Called by page_form. A worker's
 * thread. */
#include "page/page_field.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_condition.h"
#include "view/catalogue.h"
#include "view/markdown.h"

/* Statements stand in a step of the form, whose heading is of the second level. */
#define STATEMENT_TOP 3

const char *page_field_typed(const struct page_form *form, const char *control)
{
    return form->answers && control ? form_value(form->answers, control) : NULL;
}

const char *page_field_answer(const struct page_form *form, const struct event_field *field)
{
    const char *typed = page_field_typed(form, field->id);

    return !typed && form->fresh ? field->fallback : typed;
}

const char *page_field_part(struct page *page, const struct event_field *field, const char *part)
{
    const char *control = arena_format(page->arena, "%s.%s", field->id, part);

    page->failed = page->failed || !control;
    return control;
}

const char *page_field_part_error(struct page *page, const struct page_form *form, const struct event_field *field,
                                  const char *control, json_t *items)
{
    const char *error = control ? page_form_error(page, form, control, field) : NULL;

    if (error)
        page_form_item(page, items, control, error);
    return error;
}

json_t *page_field_own(struct page *page, const char *words)
{
    return words ? page_words(page, words, page->language) : json_false();
}

static void put_consent(struct page *page, json_t *model, const struct page_form *form, const struct event_field *field)
{
    json_t *consent = page_object(page);

    page_put_bool(page, consent, "checked", form->answers && form_has(form->answers, field->id, "yes"));
    page_put(page, model, "consent", consent);
}

static void put_statement(struct page *page, json_t *model, const struct page_form *form,
                          const struct event_field *field)
{
    const char *language = page->language;
    const char *text = event_text_in(form->entry->definition, &field->label, page->language, &language);
    const char *html = text ? markdown_html(page->arena, text, STATEMENT_TOP) : NULL;
    json_t *prose = page_object(page);

    page_put_string(page, prose, "html", html);
    page_put_optional(page, prose, "lang", strcmp(language, page->language) != 0 ? language : NULL);
    page_put(page, model, "prose", prose);
}

/* The email field says what the address is for, also where a definition does not. */
static json_t *help_of(struct page *page, const struct page_form *form, const struct event_field *field)
{
    if (field->has_help)
        return page_text(page, form->entry->definition, &field->help);
    if (field->role == ROLE_EMAIL)
        return page_field_own(page, page_say(page, "form.email_help"));
    if (field->type == FIELD_ORGANISATION && !field->required)
        return page_field_own(page, page_say(page, "form.private_person"));
    return json_false();
}

json_t *page_field_model(struct page *page, const struct page_form *form, const struct event_field *field,
                         const char *error, json_t *items)
{
    json_t *model;
    const size_t wrong = json_array_size(items);

    if (field->type == FIELD_HIDDEN)
        return NULL;
    model = page_control(page, field->id, page_text(page, form->entry->definition, &field->label),
                         help_of(page, form, field), field->required, error);
    switch (field->type) {
    case FIELD_CHOICE:
    case FIELD_CHOICES:
    case FIELD_STAKEHOLDER:
        page_field_options(page, model, form, field);
        break;
    case FIELD_RANKING:
        page_field_ranking(page, model, form, field, items);
        break;
    case FIELD_SCALE:
        page_field_scale(page, model, form, field);
        break;
    case FIELD_COUNTRY:
        page_field_country(page, model, form, field);
        break;
    case FIELD_REGION:
        page_field_region(page, model, form, field);
        break;
    case FIELD_ORGANISATION:
        page_field_organisation(page, model, form, field, items);
        break;
    case FIELD_CONSENT:
        put_consent(page, model, form, field);
        break;
    case FIELD_SPECIAL_NEED:
        page_field_need(page, model, form, field, items);
        break;
    case FIELD_STATEMENT:
        put_statement(page, model, form, field);
        break;
    default:
        page_field_line(page, model, form, field);
        break;
    }
    page_condition_put(page, model, form, field, error || json_array_size(items) > wrong);
    return model;
}

/* What an approval means for who chooses the mode; who joins its list has no place that could be kept. */
static json_t *approval_hint(struct page *page, const struct page_form *form, size_t mode)
{
    return page_field_own(page, page_form_approval(page, form, mode));
}

json_t *page_field_mode(struct page *page, const struct page_form *form, const char *error)
{
    const struct event_definition *definition = form->entry->definition;
    const char *chosen = page_field_typed(form, "mode");
    json_t *question = page_words(page, page_say(page, "form.mode"), page->language);
    json_t *model = page_control(page, "mode", question, json_false(), true, error);
    json_t *rows = page_array(page);

    for (size_t i = 0; i < definition->mode_count; i++) {
        const struct event_mode *mode = &definition->modes[i];
        bool full = form->places->verdicts[i] == PLACES_FULL;
        json_t *row = page_control_row(page, mode->id, page_model_mode(page, definition, mode),
                                       approval_hint(page, form, i), !full && chosen && strcmp(chosen, mode->id) == 0);

        page_put_bool(page, row, "disabled", full);
        page_put(page, row, "left", page_places_chip(page, form->places, i));
        page_add(page, rows, row);
    }
    page_control_put_rows(page, model, rows, false);
    return model;
}

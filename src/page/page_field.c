/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the model of one control. Called by page_form. A worker's thread. */
#include "page/page_field.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_country.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "view/catalogue.h"

/* More options than this are a list to open. */
#define RADIOS_MOST 14

static const char *answer(const struct page_form *form, const char *id)
{
    return form->answers ? form_value(form->answers, id) : NULL;
}

static void put_choice(struct page *page, json_t *model, const struct page_form *form, const struct event_field *field)
{
    const struct event_definition *definition = form->entry->definition;
    const char *chosen = answer(form, field->id);
    bool listed = field->option_count > RADIOS_MOST;
    json_t *rows = page_array(page), *select;

    for (size_t i = 0; i < field->option_count; i++) {
        const struct event_option *each = &field->options[i];
        bool helped = each->help.bodies && each->help.bodies[0], checked = chosen && strcmp(chosen, each->id) == 0;
        json_t *label = page_text(page, definition, &each->label);

        if (listed)
            page_add(page, rows, page_control_entry(page, each->id, label, checked));
        else
            page_add(page, rows, page_control_row(page, each->id, label,
                                                  helped ? page_text(page, definition, &each->help) : json_false(),
                                                  checked));
    }
    if (listed) {
        select = page_control_put_select(page, model,
                                         page_say(page, field->required ? "form.choose" : "form.no_answer"));
        page_put_optional(page, select, "autocomplete", field->autocomplete);
        page_put(page, select, "options", rows);
        return;
    }
    /* A radio cannot be taken back, so that "no answer" is a row of its own. */
    if (!field->required)
        page_add(page, rows, page_control_row(page, "", page_words(page, page_say(page, "form.no_answer"),
                                                                   page->language),
                                              json_false(), !chosen || !*chosen));
    page_control_put_rows(page, model, rows, false);
}

static void put_country(struct page *page, json_t *model, const struct page_form *form, const struct event_field *field)
{
    const char *empty = page_say(page, field->required ? "form.choose_country" : "form.no_answer");
    json_t *select = page_control_put_select(page, model, empty);

    page_put_optional(page, select, "autocomplete", field->autocomplete);
    page_put(page, select, "groups", page_country_groups(page, answer(form, field->id)));
}

/* No maxlength: it would cut what is pasted without a word. The rules count and say so. */
static void put_line(struct page *page, json_t *model, const struct page_form *form, const struct event_field *field)
{
    const char *value = answer(form, field->id);
    json_t *line;

    if (field->type == FIELD_TEXTAREA) {
        line = page_object(page);
        page_put_string(page, line, "value", value ? value : "");
        page_put(page, line, "rows", json_integer(field->max_length > 600 ? 6 : 3));
        page_put(page, model, "textarea", line);
    } else {
        line = page_control_put_line(page, model, value);
        page_put_string(page, line, "type", field->type == FIELD_EMAIL ? "email" : "text");
        page_put_bool(page, line, "plain", field->role != ROLE_NONE);
    }
    page_put_optional(page, line, "autocomplete", field->autocomplete);
}

static void put_consent(struct page *page, json_t *model, const struct page_form *form, const struct event_field *field)
{
    json_t *consent = page_object(page);

    page_put_bool(page, consent, "checked", form->answers && form_has(form->answers, field->id, "yes"));
    page_put(page, model, "consent", consent);
}

/* The email field says what the address is for, also where a definition does not. */
static json_t *help_of(struct page *page, const struct page_form *form, const struct event_field *field)
{
    if (field->has_help)
        return page_text(page, form->entry->definition, &field->help);
    if (field->role == ROLE_EMAIL)
        return page_words(page, page_say(page, "form.email_help"), page->language);
    return json_false();
}

json_t *page_field_model(struct page *page, const struct page_form *form, const struct event_field *field,
                         const char *error)
{
    json_t *model = page_control(page, field->id, page_text(page, form->entry->definition, &field->label),
                                 help_of(page, form, field), field->required, error);

    switch (field->type) {
    case FIELD_CHOICE:
        put_choice(page, model, form, field);
        break;
    case FIELD_COUNTRY:
        put_country(page, model, form, field);
        break;
    case FIELD_CONSENT:
        put_consent(page, model, form, field);
        break;
    default: /* event/unserved.c keeps the types away that this version has no control for */
        put_line(page, model, form, field);
        break;
    }
    return model;
}

/* What an approval means for who chooses the mode; who joins its list has no place that could be kept. */
static json_t *approval_hint(struct page *page, const struct page_form *form, size_t mode)
{
    const char *words = page_form_approval(page, form, mode);

    return words ? page_words(page, words, page->language) : json_false();
}

json_t *page_field_mode(struct page *page, const struct page_form *form, const char *error)
{
    const struct event_definition *definition = form->entry->definition;
    const char *chosen = answer(form, "mode");
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

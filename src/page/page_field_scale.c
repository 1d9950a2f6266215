/* SPDX-License-Identifier: EUPL-1.2 */
/* Scales: a row of radio buttons, alone or as a row of a grid. Each row is a group with a name of its own, so that a
 * screen reader says the question and "1, not at all", whatever the grid looks like. Called by page_field. A worker's
 * thread. */
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_field.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "page/page_condition.h"
#include "signup/number.h"
#include "view/catalogue.h"

static json_t *end(struct page *page, const struct page_form *form, bool given, const struct event_text *text)
{
    return given ? page_text(page, form->entry->definition, text) : json_false();
}

/* What the radio says aloud behind its number. */
static json_t *end_of(struct page *page, const struct page_form *form, const struct event_field *field, int at)
{
    if (at == (int)field->min)
        return end(page, form, field->has_low, &field->low);
    return at == (int)field->max ? end(page, form, field->has_high, &field->high) : json_false();
}

static json_t *points(struct page *page, const struct page_form *form, const struct event_field *field,
                      const char *chosen)
{
    json_t *list = page_array(page);

    for (int at = (int)field->min; at <= (int)field->max; at++) {
        const char *value = arena_format(page->arena, "%d", at);
        json_t *point = page_object(page);

        page_put_string(page, point, "value", value);
        page_put_string(page, point, "text", number_write(page->arena, page->language, at, 0));
        page_put(page, point, "end", end_of(page, form, field, at));
        page_put_bool(page, point, "checked", value && chosen && strcmp(value, chosen) == 0);
        page_put_bool(page, point, "first", at == (int)field->min);
        page_add(page, list, point);
    }
    return list;
}

static json_t *scale(struct page *page, const struct page_form *form, const struct event_field *field)
{
    json_t *model = page_object(page);
    const char *chosen = page_field_answer(form, field);

    page_put(page, model, "points", points(page, form, field, chosen));
    page_put(page, model, "low", end(page, form, field->has_low, &field->low));
    page_put(page, model, "high", end(page, form, field->has_high, &field->high));
    page_put_bool(page, model, "ends", field->has_low || field->has_high);
    page_put_bool(page, model, "nothing", !chosen || !*chosen);
    return model;
}

void page_field_scale(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field)
{
    page_put(page, control, "scale", scale(page, form, field));
}

/* "1", or "1 (not at all)". */
static const char *end_words(struct page *page, const struct page_form *form, bool given, const struct event_text *text,
                             double at)
{
    const char *number = number_write(page->arena, page->language, at, 0);
    const char *words = given ? event_text_in(form->entry->definition, text, page->language, NULL) : NULL;
    const char *both = number && words ? arena_format(page->arena, "%s (%s)", number, words) : number;

    page->failed = page->failed || !both;
    return both ? both : "";
}

static json_t *row(struct page *page, const struct page_form *form, const struct event_field *field, json_t *items)
{
    const char *error = page_form_error(page, form, field->id, field);
    json_t *help = field->has_help ? page_text(page, form->entry->definition, &field->help) : json_false();
    json_t *control = page_control(page, field->id, page_text(page, form->entry->definition, &field->label), help,
                                   field->required, error);

    if (error)
        page_form_item(page, items, field->id, error);
    page_field_scale(page, control, form, field);
    return control;
}

json_t *page_field_grid(struct page *page, const struct page_form *form, size_t count,
                        const struct event_field *const *fields, json_t *items)
{
    const struct event_field *first = fields[0];
    const char *legend = catalogue_format(page->catalogue, page->arena, "form.scale", "least",
                                          end_words(page, form, first->has_low, &first->low, first->min), "most",
                                          end_words(page, form, first->has_high, &first->high, first->max), NULL);
    const char *id = arena_format(page->arena, "%s-grid", first->id);
    json_t *control = page_control(page, id ? id : "", page_field_own(page, legend ? legend : ""), json_false(), true,
                                   NULL);
    json_t *grid = page_object(page), *rows = page_array(page);
    const size_t wrong = json_array_size(items);

    page->failed = page->failed || !id || !legend;
    for (size_t i = 0; i < count; i++)
        page_add(page, rows, row(page, form, fields[i], items));
    page_put(page, grid, "rows", rows);
    page_put(page, control, "grid", grid);
    page_condition_put(page, control, form, first, json_array_size(items) > wrong);
    return control;
}

static bool same_text(bool has_a, const struct event_text *a, bool has_b, const struct event_text *b,
                      size_t language_count)
{
    if (!has_a || !has_b)
        return has_a == has_b;
    for (size_t i = 0; i < language_count; i++) {
        const char *left = a->bodies[i], *right = b->bodies[i];
        if (!left || !right ? left != right : strcmp(left, right) != 0)
            return false;
    }
    return true;
}

static bool same_words(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool page_field_in_grid(const struct event_definition *definition, const struct event_field *a,
                        const struct event_field *b)
{
    return a->type == FIELD_SCALE && b->type == FIELD_SCALE && (int)a->min == (int)b->min &&
           (int)a->max == (int)b->max &&
           same_text(a->has_low, &a->low, b->has_low, &b->low, definition->language_count) &&
           same_text(a->has_high, &a->high, b->has_high, &b->high, definition->language_count) &&
           same_words(a->show_if ? a->show_if_words : NULL, b->show_if ? b->show_if_words : NULL);
}

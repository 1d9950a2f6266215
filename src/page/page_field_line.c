/* SPDX-License-Identifier: EUPL-1.2 */
/* Controls into which one types: a line, several lines, numbers, days. Called by page_field. A worker's thread. */
#include <inttypes.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "signup/number.h"
#include "view/catalogue.h"

/* Answers that may be longer than this get a larger box. */
#define LONG 600
#define ROWS 3
#define ROWS_LONG 6

/* How many characters may be typed. It is said, and no attribute cuts what is pasted: the rules count. */
static int64_t most(const struct event_field *field)
{
    return field->has_max && field->max < (double)field->max_length ? (int64_t)field->max : field->max_length;
}

static void put_textarea(struct page *page, json_t *control, const struct page_form *form,
                         const struct event_field *field)
{
    json_t *box = page_object(page);
    const char *value = page_field_answer(form, field);

    page_put_string(page, box, "value", value ? value : "");
    page_put(page, box, "rows", json_integer(field->max_length > LONG ? ROWS_LONG : ROWS));
    page_put_optional(page, box, "autocomplete", field->autocomplete);
    page_put(page, control, "textarea", box);
    page_control_put_hint(page, control,
                          catalogue_count(page->catalogue, page->arena, "form.up_to", most(field), NULL));
}

/* Wide enough for its greatest number, so that the box says how much is asked for (class w1, w2, w3). */
static const char *width(const struct event_field *field)
{
    if (!field->has_max || !field->has_min || field->min < -999)
        return "w3";
    return field->max <= 999 ? "w1" : field->max <= 99999 ? "w2" : "w3";
}

static const char *written(struct page *page, const struct event_field *field, double number)
{
    const char *text = number_write(page->arena, page->language, number, field->decimals);

    page->failed = page->failed || !text;
    return text ? text : "";
}

static void put_number(struct page *page, json_t *control, const struct page_form *form,
                       const struct event_field *field)
{
    const char *value = page_field_typed(form, field->id);
    json_t *line;

    if (!value && form->fresh && field->fallback)
        value = written(page, field, strtod(field->fallback, NULL));
    line = page_control_put_line(page, control, value);
    /* never type=number: it drops what it does not understand and turns with the wheel */
    page_put_string(page, line, "inputmode", field->decimals > 0 ? "decimal" : "numeric");
    page_put_string(page, line, "width", width(field));
    page_put_bool(page, line, "plain", true);
    if (field->has_min && field->min < 0) /* keys for numbers have no sign on some telephones */
        page_put_bool(page, line, "inputmode", false);
    if (field->has_min && field->has_max)
        page_control_put_hint(page, control,
                              catalogue_format(page->catalogue, page->arena, "form.between", "least",
                                               written(page, field, field->min), "most",
                                               written(page, field, field->max), NULL));
    page_put_optional(page, line, "autocomplete", field->autocomplete);
}

/* What is no day stays in a plain line, for a control of days would drop it. */
static void put_date(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field)
{
    const char *value = page_field_answer(form, field);
    json_t *line = page_control_put_line(page, control, value);

    page_put_string(page, line, "type", !value || !*value || wall_is_day(value) ? "date" : "text");
    page_put_string(page, line, "width", "w3");
    page_put_optional(page, line, "min", field->earliest);
    page_put_optional(page, line, "max", field->latest);
    page_put_optional(page, line, "autocomplete", field->autocomplete);
    page_control_put_hint(page, control, page_say(page, "form.date"));
}

static const char *type_of(const struct event_field *field)
{
    switch (field->type) {
    case FIELD_EMAIL:
        return "email";
    case FIELD_TEL:
        return "tel";
    case FIELD_URL:
        return "url";
    default:
        return "text";
    }
}

void page_field_line(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field)
{
    json_t *line;

    if (field->type == FIELD_TEXTAREA) {
        put_textarea(page, control, form, field);
        return;
    }
    if (field->type == FIELD_NUMBER) {
        put_number(page, control, form, field);
        return;
    }
    if (field->type == FIELD_DATE) {
        put_date(page, control, form, field);
        return;
    }
    line = page_control_put_line(page, control, page_field_answer(form, field));
    page_put_string(page, line, "type", type_of(field));
    page_put_bool(page, line, "plain", field->role != ROLE_NONE || field->type != FIELD_TEXT);
    page_put_optional(page, line, "autocomplete", field->autocomplete);
}

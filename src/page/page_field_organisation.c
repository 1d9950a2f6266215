/* SPDX-License-Identifier: EUPL-1.2 */
/* The block of an organisation: its legal name, country, number in a register, size, and whether it is an SME. Called
 * by page_field. A worker's thread. */
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_condition.h"
#include "page/page_control.h"
#include "page/page_country.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "signup/registry.h"
#include "view/catalogue.h"


/* What the parts are made from. */
struct block {
    const struct page_form *form;
    const struct event_field *field;
    json_t *items;
};

/* A part that is empty with the whole block is no fault, so that only of a block that is required parts are. */
static bool is_required(const struct block *block, enum organisation_part part)
{
    return block->field->required && block->field->required_parts[part];
}

static json_t *begin(struct page *page, const struct block *block, enum organisation_part part, const char *help,
                     const char **ret_value)
{
    const char *control = page_field_part(page, block->field, organisation_part_name(part));
    const char *key = arena_format(page->arena, "organisation.%s", organisation_part_name(part));

    page->failed = page->failed || !key;
    *ret_value = page_field_typed(block->form, control);
    return page_control(page, control ? control : "", page_field_own(page, key ? page_say(page, key) : NULL),
                        page_field_own(page, help), is_required(block, part),
                        page_field_part_error(page, block->form, block->field, control, block->items));
}

static json_t *name(struct page *page, const struct block *block)
{
    const char *value;
    json_t *control = begin(page, block, PART_NAME, NULL, &value), *line;

    line = page_control_put_line(page, control, value);
    page_put_optional(page, line, "autocomplete", block->field->autocomplete);
    page_put_bool(page, line, "plain", true);
    return control;
}

static json_t *country(struct page *page, const struct block *block)
{
    const char *value;
    json_t *control = begin(page, block, PART_COUNTRY, NULL, &value);
    json_t *select = page_control_put_select(page, control, page_say(page, "form.choose_country"));

    page_put(page, select, "groups",
             page_country_groups(page, block->field->first_count, block->field->first, value));
    return control;
}

/* An example of the country's register, where the country is known: it was typed, or there is but one to expect. */
static const char *number_help(struct page *page, const struct block *block)
{
    const char *typed = page_field_typed(block->form, page_field_part(page, block->field, "country"));
    const char *code = typed && *typed ? typed : block->field->first_count == 1 ? block->field->first[0] : NULL;
    const char *example = code ? registry_example(code) : NULL;

    if (!example)
        return page_say(page, "organisation.number_help");
    return catalogue_format(page->catalogue, page->arena, "organisation.number_example", "example", example, NULL);
}

static json_t *number(struct page *page, const struct block *block)
{
    const char *value, *help = number_help(page, block);
    json_t *control, *line;

    page->failed = page->failed || !help;
    control = begin(page, block, PART_NUMBER, help, &value);
    line = page_control_put_line(page, control, value);
    page_put_bool(page, line, "plain", true);
    return control;
}

static json_t *size(struct page *page, const struct block *block)
{
    static const char *const sizes[] = { "micro", "small", "medium", "large" };
    const char *value;
    json_t *control = begin(page, block, PART_SIZE, NULL, &value), *rows = page_array(page);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *key = arena_format(page->arena, "answers.size_%s", sizes[i]);

        page->failed = page->failed || !key;
        page_add(page, rows, page_control_row(page, sizes[i], page_field_own(page, key ? page_say(page, key) : NULL),
                                              json_false(), value && strcmp(value, sizes[i]) == 0));
    }
    if (!is_required(block, PART_SIZE))
        page_add(page, rows, page_control_row(page, "", page_field_own(page, page_say(page, "form.no_answer")),
                                              json_false(), !value || !*value));
    page_control_put_rows(page, control, rows, false);
    return control;
}

/* The declaration of Recommendation 2003/361/EC; it counts from the day on which the form is sent. */
static json_t *sme(struct page *page, const struct block *block)
{
    const char *value;
    json_t *control = begin(page, block, PART_SME, page_say(page, "organisation.sme_help"), &value);
    json_t *consent = page_object(page);

    page_put_bool(page, consent, "checked", value && strcmp(value, "yes") == 0);
    page_put(page, control, "consent", consent);
    return control;
}

void page_field_organisation(struct page *page, json_t *control, const struct page_form *form,
                             const struct event_field *field, json_t *items)
{
    static json_t *(*const makers[ORGANISATION_PARTS])(struct page *page, const struct block *block) = {
        [PART_NAME] = name, [PART_COUNTRY] = country, [PART_NUMBER] = number, [PART_SIZE] = size, [PART_SME] = sme,
    };
    const struct block block = { .form = form, .field = field, .items = items };
    json_t *model = page_object(page), *parts = page_array(page), *some = page_array(page), *of_some = json_false();
    size_t wrong = 0;

    for (size_t part = 0; part < ORGANISATION_PARTS; part++) {
        const bool depends = field->parts_if && organisation_part_depends((enum organisation_part)part);
        const size_t before = json_array_size(items);

        if (field->parts[part])
            page_add(page, depends ? some : parts, makers[part](page, &block));
        wrong += depends ? json_array_size(items) - before : 0;
    }
    if (field->parts_if) {
        of_some = page_condition_parts(page, form, field, wrong > 0);
        page_put(page, of_some, "parts", some);
    } else {
        json_decref(some);
    }
    page_put(page, model, "of_some", of_some);
    page_put(page, model, "parts", parts);
    page_put(page, control, "block", model);
}

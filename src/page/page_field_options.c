/* SPDX-License-Identifier: EUPL-1.2 */
/* Controls with options: radio buttons or a list, check boxes, a list for each rank. Called by page_field. A worker's
 * thread. */
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "page/page_round.h"
#include "view/catalogue.h"

/* The shared vocabulary is named by the catalogue. */
static json_t *label_of(struct page *page, const struct page_form *form, const struct event_field *field,
                        const struct event_option *option)
{
    const char *key;

    if (!field->shared_options)
        return page_text(page, form->entry->definition, &option->label);
    key = arena_format(page->arena, "stakeholder.%s", option->id);
    page->failed = page->failed || !key;
    return page_field_own(page, key ? page_say(page, key) : NULL);
}

static json_t *help_of(struct page *page, const struct page_form *form, const struct event_field *field,
                       const struct event_option *option)
{
    const char *key;

    if (!field->shared_options)
        return option->help.bodies && option->help.bodies[0] ? page_text(page, form->entry->definition, &option->help)
                                                             : json_false();
    key = arena_format(page->arena, "stakeholder.%s_help", option->id);
    page->failed = page->failed || !key;
    return key && catalogue_has(page->catalogue, key) ? page_field_own(page, page_say(page, key)) : json_false();
}

static json_t *entries(struct page *page, const struct page_form *form, const struct event_field *field,
                       const char *chosen)
{
    json_t *list = page_array(page);

    for (size_t i = 0; i < field->option_count; i++) {
        const struct event_option *each = &field->options[i];

        page_add(page, list, page_control_entry(page, each->id, label_of(page, form, field, each),
                                                chosen && strcmp(chosen, each->id) == 0));
    }
    return list;
}

/* The lines of a list have no room for what helps to choose among them. */
static void put_meanings(struct page *page, json_t *select, const struct page_form *form,
                         const struct event_field *field)
{
    json_t *meanings = page_array(page);

    for (size_t i = 0; i < field->option_count; i++) {
        json_t *help = help_of(page, form, field, &field->options[i]), *meaning;

        if (json_is_false(help)) {
            json_decref(help);
            continue;
        }
        meaning = page_object(page);
        page_put(page, meaning, "label", label_of(page, form, field, &field->options[i]));
        page_put(page, meaning, "help", help);
        page_add(page, meanings, meaning);
    }
    page_put_bool(page, select, "has_meanings", json_array_size(meanings) > 0);
    page_put(page, select, "meanings", meanings);
}

/* Words for no answer. The id `not_said` is an answer of its own: then it is not offered twice. */
static const char *no_answer(struct page *page, const struct event_field *field)
{
    if (field->after_review && !event_option(field, "not_said"))
        return page_say(page, "optional.not_said");
    return page_say(page, "form.no_answer");
}

static void put_select(struct page *page, json_t *control, const struct page_form *form,
                       const struct event_field *field)
{
    json_t *select = page_control_put_select(page, control,
                                             field->required ? page_say(page, "form.choose") : no_answer(page, field));

    page_put_optional(page, select, "autocomplete", field->autocomplete);
    page_put(page, select, "options", entries(page, form, field, page_field_answer(form, field)));
    put_meanings(page, select, form, field);
}

/* "Choose 2 to 4", as far as there are limits; NULL: there are none. */
static const char *how_many(struct page *page, const struct event_field *field)
{
    const bool least = field->has_min && field->min > 1;
    const bool most = field->has_max && field->max < (double)field->option_count;
    const char *low = arena_format(page->arena, "%.0f", field->min);
    const char *high = arena_format(page->arena, "%.0f", field->max);

    if (!low || !high) {
        page->failed = true;
        return NULL;
    }
    if (least && field->has_max && field->min == field->max)
        return catalogue_count(page->catalogue, page->arena, "form.choose_exactly", (int64_t)field->max, NULL);
    if (least && most)
        return catalogue_format(page->catalogue, page->arena, "form.choose_between", "least", low, "most", high, NULL);
    if (most)
        return catalogue_count(page->catalogue, page->arena, "form.choose_most", (int64_t)field->max, NULL);
    if (least)
        return catalogue_count(page->catalogue, page->arena, "form.choose_least", (int64_t)field->min, NULL);
    return field->required ? page_say(page, "form.choose_all_that_apply") : NULL;
}

static bool is_ticked(const struct page_form *form, const struct event_field *field, const char *id)
{
    if (form->answers && form_times(form->answers, field->id) > 0)
        return form_has(form->answers, field->id, id);
    return form->fresh && event_fallback_has(field, id);
}

static void put_rows(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field)
{
    const bool many = field->type == FIELD_CHOICES;
    json_t *rows = page_array(page);
    bool some = false;

    for (size_t i = 0; i < field->option_count; i++) {
        const struct event_option *each = &field->options[i];
        const bool checked = is_ticked(form, field, each->id);

        page_add(page, rows, page_control_row(page, each->id, label_of(page, form, field, each),
                                              help_of(page, form, field, each), checked));
        some = some || checked;
    }
    /* A radio cannot be taken back, so that "no answer" is a row of its own. Who has come to the page of what is asked
     * after the review chooses it himself. */
    if (!many && !field->required && !(field->after_review && event_option(field, "not_said")))
        page_add(page, rows, page_control_row(page, "", page_field_own(page, no_answer(page, field)), json_false(),
                                              field->after_review ? is_ticked(form, field, "") : !some));
    page_control_put_rows(page, control, rows, many);
}

void page_field_options(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field)
{
    const char *hint = field->type == FIELD_CHOICES ? how_many(page, field) : NULL;

    if (hint)
        page_control_put_hint(page, control, hint);
    if (field->type != FIELD_CHOICES && field->option_count > PAGE_FIELD_RADIOS_MOST)
        put_select(page, control, form, field);
    else
        put_rows(page, control, form, field);
}

/* How many must be ranked at least: of whom an answer is wanted, or who ranks any at all. */
static size_t ranks_needed(const struct event_field *field)
{
    const size_t least = field->has_min ? (size_t)field->min : 1;

    return !field->required ? 0 : least > 0 ? least : 1;
}

void page_field_ranking(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field, json_t *items)
{
    json_t *ranks = page_array(page), *model = page_object(page);
    const size_t most = (size_t)field->max;

    for (size_t rank = 1; rank <= most; rank++) {
        const char *name = arena_format(page->arena, "%s.%zu", field->id, rank);
        const char *mistake = page_field_part_error(page, form, field, name, items);
        json_t *each = page_object(page);

        page_put_string(page, each, "name", name);
        page_put_string(page, each, "rank", page_round_rank(page, rank));
        page_put_optional(page, each, "mistake", mistake);
        page_put_bool(page, each, "must", rank <= ranks_needed(field));
        page_put_string(page, each, "empty", page_say(page, "form.no_choice"));
        page_put(page, each, "options", entries(page, form, field, page_field_typed(form, name)));
        page_add(page, ranks, each);
    }
    page_control_put_hint(page, control, field->has_min && field->min > 1
                                             ? catalogue_count(page->catalogue, page->arena, "form.rank_least",
                                                               (int64_t)field->min, NULL)
                                             : page_say(page, "form.rank"));
    page_put(page, model, "wishes", ranks);
    page_put(page, control, "ranks", model);
}

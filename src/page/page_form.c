/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the form: its steps, its button. Called by page_event. A worker's thread. */
#include "page/page_form.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_carry.h"
#include "page/page_fault.h"
#include "page/page_field.h"
#include "page/page_full.h"
#include "page/page_guests.h"
#include "page/page_model.h"
#include "page/page_notice.h"
#include "page/page_places.h"
#include "page/page_round.h"
#include "page/page_slot.h"
#include "signup/rules.h"
#include "view/catalogue.h"
#include "view/words.h"

static const char *const step_keys[STEPS] = {
    [STEP_YOU] = "step.you",
    [STEP_ORGANISATION] = "step.organisation",
    [STEP_TAKING_PART] = "step.taking_part",
    [STEP_QUESTIONS] = "step.questions",
    [STEP_CHOICES] = "step.choices",
    [STEP_OPTIONAL] = "optional.title",
};

void page_form_item(struct page *page, json_t *items, const char *control, const char *text)
{
    json_t *item = page_object(page);

    page_put_optional(page, item, "href", control ? arena_format(page->arena, "#%s", control) : NULL);
    page_put_string(page, item, "text", text);
    page_add(page, items, item);
}

const char *page_form_error(struct page *page, const struct page_form *form, const char *control,
                            const struct event_field *field)
{
    const struct rules_fault *fault = page_fault_find(form->rules, control);

    if (fault)
        return page_fault_words(page, form->entry->definition, field, fault);
    if (form->full && form->full->control && strcmp(form->full->control, control) == 0)
        return form->full->words;
    return NULL;
}

static void add_mode(struct page *page, const struct page_form *form, json_t *fields, json_t *items)
{
    const char *error = page_form_error(page, form, "mode", NULL);

    if (error)
        page_form_item(page, items, "mode", error);
    page_add(page, fields, page_field_mode(page, form, error));
}

/* How one takes part, which sessions, and when. */
static void add_taking_part(struct page *page, const struct page_form *form, json_t *fields, json_t *items)
{
    const struct event_definition *definition = form->entry->definition;

    if (definition->mode_asked)
        add_mode(page, form, fields, items);
    for (size_t r = 0; r < definition->programme.round_count; r++)
        page_round_add(page, form, r, fields, items);
    if (page_slot_asked(form))
        page_slot_add(page, form, fields, items);
}

/* Words of the organisers stand before what comes after them in the definition, in whatever step that is, on the same
 * page. */
static enum step step_at(const struct event_definition *definition, size_t i)
{
    size_t next = i;

    while (next < definition->field_count &&
           (definition->fields[next].type == FIELD_STATEMENT ||
            definition->fields[next].after_review != definition->fields[i].after_review))
        next++;
    return step_of(&definition->fields[next < definition->field_count ? next : i]);
}

/* The fields of the step that are on the page, in the definition's order. */
static const struct event_field **fields_of(struct page *page, const struct page_form *form, enum step step,
                                            size_t *ret_count)
{
    const struct event_definition *definition = form->entry->definition;
    const struct event_field **fields = arena_take(page->arena, (definition->field_count + 1) * sizeof *fields);

    *ret_count = 0;
    page->failed = page->failed || !fields;
    for (size_t i = 0; fields && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (step_at(definition, i) == step && field->type != FIELD_HIDDEN &&
            !(form->own && (field->role == ROLE_EMAIL || field->type == FIELD_CONSENT)))
            fields[(*ret_count)++] = field;
    }
    return fields;
}

/* How many fields from the first on are rows of one grid. */
static size_t grid_size(const struct event_definition *definition, const struct event_field *const *fields,
                        size_t count)
{
    size_t size = 1;

    while (size < count && page_field_in_grid(definition, fields[0], fields[size]))
        size++;
    return size;
}

void page_form_add(struct page *page, const struct page_form *form, enum step step, json_t *list, json_t *items)
{
    size_t count, size;
    const struct event_field **fields = fields_of(page, form, step, &count);

    for (size_t i = 0; fields && i < count; i += size) {
        const struct event_field *field = fields[i];
        const char *error;

        size = grid_size(form->entry->definition, fields + i, count - i);
        if (size > 1) {
            page_add(page, list, page_field_grid(page, form, size, fields + i, items));
            continue;
        }
        error = page_form_error(page, form, field->id, field);
        if (error)
            page_form_item(page, items, field->id, error);
        page_add(page, list, page_field_model(page, form, field, error, items));
    }
}

/* What is wrong with controls that are not on the page: said all the same, without a link. */
static void add_hidden_faults(struct page *page, const struct page_form *form, json_t *items)
{
    const struct event_definition *definition = form->entry->definition;

    for (size_t i = 0; form->rules && i < form->rules->fault_count; i++) {
        const struct rules_fault *fault = &form->rules->faults[i];
        const char *words = fault->field >= 0 || page_fault_is_shown(definition, fault->control)
                                ? NULL
                                : page_fault_words(page, definition, NULL, fault);

        if (words)
            page_form_item(page, items, NULL, words);
    }
    if (form->full && form->full->words
        && !(form->full->control && page_fault_is_shown(definition, form->full->control)))
        page_form_item(page, items, NULL, form->full->words);
}

static const char *choices_hint(struct page *page, const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].type == FIELD_CONSENT && definition->fields[i].required)
            return page_say(page, "form.nothing_ticked");
    return page_say(page, "form.all_optional");
}

static const char *hint(struct page *page, const struct event_definition *definition, enum step step)
{
    if (step == STEP_OPTIONAL)
        return page_say(page, "optional.decides");
    return step == STEP_CHOICES ? choices_hint(page, definition) : NULL;
}

/* Whom the notices are for: nobody whose own form it is, for that has no consents. */
static const struct event_definition *noticed(const struct page_form *form)
{
    return form->own ? NULL : form->entry->definition;
}

/* Without it "Your organisation" would stand above a question or two about the person. */
static bool asks_organisation(const struct event_definition *definition)
{
    return event_field_by_role(definition, ROLE_ORGANISATION) != NULL;
}

/* *ret_with_choices: the last of them has them, and beside them what must be known. */
static json_t *steps(struct page *page, const struct page_form *form, json_t *items, bool *ret_with_choices)
{
    const struct event_definition *definition = form->entry->definition;
    json_t *list = page_array(page), *step;
    size_t i;

    *ret_with_choices = false;
    for (enum step at = 0; at < STEPS; at++) {
        if (at == STEP_OPTIONAL && !form->own)
            continue; /* a page of its own */
        if (at == STEP_ORGANISATION && !asks_organisation(definition))
            continue; /* they were asked with the first step */
        json_t *fields = page_array(page);

        if (at == STEP_TAKING_PART)
            add_taking_part(page, form, fields, items);
        page_form_add(page, form, at, fields, items);
        if (at == STEP_YOU && !asks_organisation(definition))
            page_form_add(page, form, STEP_ORGANISATION, fields, items);
        json_t *guests = at == STEP_TAKING_PART ? page_guests_model(page, form, items) : json_false();
        if (json_array_size(fields) == 0 && json_is_false(guests)) {
            json_decref(fields);
            continue;
        }
        step = page_object(page);
        page_put_string(page, step, "title", page_say(page, step_keys[at]));
        page_put_optional(page, step, "hint", hint(page, definition, at));
        page_put(page, step, "fields", fields);
        page_put(page, step, "guests", guests);
        page_notice_put_known(page, step, at == STEP_CHOICES ? noticed(form) : NULL);
        *ret_with_choices = at == STEP_CHOICES;
        page_add(page, list, step);
    }
    add_hidden_faults(page, form, items);
    json_array_foreach (list, i, step) {
        const char *number = arena_format(page->arena, "%zu", i + 1);
        const char *total = arena_format(page->arena, "%zu", json_array_size(list));

        page_put_string(page, step, "position",
                        number && total ? catalogue_format(page->catalogue, page->arena, "form.position",
                                                           "number", number, "total", total, NULL)
                                        : NULL);
    }
    return list;
}

const char *page_form_approval(struct page *page, const struct page_form *form, size_t mode)
{
    const struct event_definition *definition = form->entry->definition;
    const char *words = page_say(page, "form.approval");

    if (!definition->modes[mode].approval)
        return NULL;
    if (definition->approval_holds && form->places->verdicts[mode] == PLACES_FREE)
        words = arena_format(page->arena, "%s %s", words, page_say(page, "form.approval_holds"));
    if (!words)
        page->failed = true;
    return words;
}

static void add_typed(struct page *page, json_t *list, const char *address)
{
    if (address)
        page_add(page, list, json_string(address));
}

/* The addresses that are taken when they come again as they are: those that are asked about now, and those before. */
static json_t *typed(struct page *page, const struct page_form *form)
{
    json_t *list = page_array(page);

    for (size_t i = 0; form->answers && i < form->answers->count; i++)
        if (!form->answers->values[i].bad && strcmp(form->answers->values[i].name, RULES_TYPED) == 0)
            add_typed(page, list, form->answers->values[i].value);
    for (size_t i = 0; form->answers && form->rules && i < form->rules->fault_count; i++)
        if (form->rules->faults[i].fault == RULE_MISTYPED)
            add_typed(page, list, form_value(form->answers, form->rules->faults[i].control));
    return list;
}

/* Where the mode is not asked there is no row of it that could say how it is given. */
static const char *intro(struct page *page, const struct page_form *form)
{
    const struct page_places *places = form->places;
    const char *words = page_say(page, places->eligible   ? "form.eligible_intro"
                                       : places->reserved ? "form.reserved_intro"
                                       : places->waiting  ? "form.join_intro"
                                                          : "form.intro");
    const char *approval = form->entry->definition->mode_asked ? NULL : page_form_approval(page, form, 0);

    return approval ? arena_format(page->arena, "%s %s", words, approval) : words;
}

static const char *after(struct page *page, const struct event_definition *definition)
{
    if (!definition->confirm)
        return page_say(page, "form.after");
    return catalogue_count(page->catalogue, page->arena, "form.after_confirm", definition->hold_hours, NULL);
}

static json_t *own_model(struct page *page, const struct page_form *form, json_t *items)
{
    json_t *model = page_object(page);
    bool with_choices;

    page_put_string(page, model, "action", form->own->action);
    page_put_bool(page, model, "token", false);
    page_put_bool(page, model, "invite_token", false);
    page_put_bool(page, model, "carried", false);
    page_put_optional(page, model, "group",
                      form->entry->definition->group_max > 1 ? page_say(page, "change.save") : NULL);
    page_put(page, model, "typed", typed(page, form));
    page_put_string(page, model, "version", form->own->version);
    page_put_string(page, model, "heading", page_say(page, "change.form_heading"));
    page_put_string(page, model, "intro", page_say(page, "change.intro"));
    page_put(page, model, "steps", steps(page, form, items, &with_choices));
    page_notice_put_known(page, model, NULL);
    page_put_bool(page, model, "privacy", false);
    page_put_string(page, model, "button", page_say(page, "change.save"));
    page_put_string(page, model, "after", page_say(page, "change.after"));
    return model;
}

json_t *page_form_model(struct page *page, const struct page_form *form, json_t *items)
{
    if (form->own)
        return own_model(page, form, items);

    const struct event_definition *definition = form->entry->definition;
    json_t *model = page_object(page);
    const char *path = page_model_event_path(page, definition);
    bool waiting = form->places->waiting && !form->places->eligible; /* for sure */
    bool with_choices, final = form->phase != PHASE_OPEN && form->phase != PHASE_BEFORE;

    page_put_string(page, model, "action", path ? page_href(page, path) : NULL);
    page_put_string(page, model, "token", form->token);
    page_put_optional(page, model, "invite_token", form->invite);
    page_put(page, model, "carried", page_carry(page, definition, PAGE_CARRY_AFTER_REVIEW));
    page_put(page, model, "typed", typed(page, form));
    page_put_bool(page, model, "version", false);
    page_put_string(page, model, "heading", page_say(page, waiting ? "form.join_heading" : "form.heading"));
    page_put_string(page, model, "begin", page_say(page, waiting ? "form.join_heading" : "form.heading"));
    page_put_string(page, model, "intro", intro(page, form));
    page_put(page, model, "steps", steps(page, form, items, &with_choices));
    page_notice_put_known(page, model, with_choices ? NULL : definition);
    page_put(page, model, "privacy", page_notice_short(page, definition));
    /* Where nothing can be sent any more the answers are shown, to be copied, and there is no button. */
    page_put_optional(page, model, "button",
                      final ? NULL : page_say(page, waiting ? "form.join" : "form.register"));
    /* The enter key presses the first button of a form: that must not be the one for more people. */
    page_put_optional(page, model, "group",
                      final || definition->group_max <= 1
                          ? NULL
                          : page_say(page, waiting ? "form.join" : "form.register"));
    page_put_string(page, model, "after", after(page, definition));
    return model;
}

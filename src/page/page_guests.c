/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the part of the form about who comes along. Without script: the number is chosen, a button brings the form
 * back with a block for each person, and nothing is stored until the form is sent. Called by page_form and
 * page_sign_up. A worker's thread. */
#include "page/page_guests.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_condition.h"
#include "page/page_control.h"
#include "page/page_field.h"
#include "page/page_form.h"
#include "signup/rules.h"
#include "signup/step.h"
#include "view/catalogue.h"

#define COUNT_CONTROL "_guests"
#define SHOWN_CONTROL "_shown" /* how many blocks the form had when it was sent */
#define ADD_CONTROL "_add"

/* How many came along already. */
static size_t already(const struct page_form *form)
{
    return form->own ? form->own->guest_count : 0;
}

static size_t blocks_of(const struct page_form *form)
{
    int blocks = form->answers ? rules_guest_blocks(form->entry->definition, form->answers, already(form)) : 0;
    return blocks > 0 ? (size_t)blocks : 0;
}

bool page_guests_wanted(const struct event_definition *definition, const struct form *form, size_t there)
{
    if (definition->group_max <= 1)
        return false;
    if (form_value(form, ADD_CONTROL))
        return true;
    const char *shown = form_value(form, SHOWN_CONTROL);
    return shown && rules_guest_blocks(definition, form, there) > strtol(shown, NULL, 10);
}

static json_t *count_control(struct page *page, const struct page_form *form, json_t *items)
{
    const char *error = page_form_error(page, form, COUNT_CONTROL, NULL);
    json_t *label = page_words(page, page_say(page, "guests.count"), page->language);
    json_t *help = page_words(page, page_say(page, "guests.count_help"), page->language);
    json_t *control = page_control(page, COUNT_CONTROL, label, help, false, error);
    json_t *select = page_control_put_select(page, control, NULL), *options = page_array(page);
    size_t chosen = blocks_of(form);

    if (error)
        page_form_item(page, items, COUNT_CONTROL, error);
    for (size_t i = already(form); i < (size_t)form->entry->definition->group_max; i++) {
        const char *number = arena_format(page->arena, "%zu", i);
        page->failed = page->failed || !number;
        page_add(page, options, page_control_entry(page, number ? number : "",
                                                   page_words(page, i == 0 ? page_say(page, "guests.nobody") : number,
                                                              page->language),
                                                   i == chosen));
    }
    page_put(page, select, "options", options);
    return control;
}

/* Who came along in block NUMBER; NULL: somebody new. */
static const struct page_form_guest *guest_of(const struct page_form *form, size_t number)
{
    return number <= already(form) ? &form->own->guests[number - 1] : NULL;
}

/* What he is called by: his reference ends so, or would. */
static const char *legend_of(struct page *page, const struct page_form *form, size_t number)
{
    const struct page_form_guest *guest = guest_of(form, number);
    size_t next = form->own ? form->own->next_guest + number - already(form) - 1 : number + 1;
    const char *end = guest ? guest->number : arena_format(page->arena, "%zu", next);
    const char *legend =
        end ? catalogue_format(page->catalogue, page->arena, "guests.person", "number", end, NULL) : NULL;

    page->failed = page->failed || !legend;
    return legend;
}

static bool is_asked(const struct page_form *form, const struct event_field *field, size_t number)
{
    const struct page_form_guest *guest = guest_of(form, number);

    if (!rules_guest_field(field))
        return false;
    if (guest && field->role == ROLE_EMAIL)
        return !guest->own;
    return !guest || !guest->reached || field->type != FIELD_CONSENT;
}

/* Each of ITEMS from the one at FIRST says whose mistake it is. */
static void name_person(struct page *page, json_t *items, size_t first, const char *person)
{
    for (size_t i = first; !page->failed && i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        const char *fault = json_string_value(json_object_get(item, "text"));

        page_put_string(page, item, "text",
                        catalogue_format(page->catalogue, page->arena, "guests.fault", "person", person, "fault",
                                         fault ? fault : "", NULL));
    }
}

static void add_field(struct page *page, const struct page_form *form, const struct event_field *field, size_t number,
                      const char *legend, json_t *fields, json_t *items)
{
    const size_t first = json_array_size(items);
    struct event_field asked;
    const char *error;

    if (rules_guest_ask(page->arena, form->entry->definition, field, number, &asked) < 0) {
        page->failed = true;
        return;
    }
    error = page_form_error(page, form, asked.id, field);
    if (error)
        page_form_item(page, items, asked.id, error);
    json_t *control = page_field_model(page, form, &asked, error, items); /* its parts have mistakes of their own */
    name_person(page, items, first, legend);
    if (control)
        page_condition_put_guest(page, control, form, field, number, json_array_size(items) > first);
    if (control)
        page_add(page, fields, control);
}

/* What becomes of the address of somebody who came along; NULL: nothing was sent to one yet. */
static const char *address_words(struct page *page, const struct page_form_guest *guest)
{
    if (!guest || !guest->reached)
        return NULL;
    return page_say(page, guest->own             ? "guests.address_own"
                          : guest->undeliverable ? "guests.address_back"
                                                 : "guests.address_again");
}

/* Nobody has typed in that block yet: it has just been added. */
static bool is_fresh(struct page *page, const struct page_form *form, size_t number)
{
    const char *prefix = arena_format(page->arena, "guest.%zu.", number);

    page->failed = page->failed || !prefix;
    for (size_t i = 0; prefix && form->answers && i < form->answers->count; i++)
        if (strncmp(form->answers->values[i].name, prefix, strlen(prefix)) == 0)
            return false;
    return true;
}

/* In the order of the page, as who signs up is asked. */
static json_t *person(struct page *page, const struct page_form *whole, size_t number, json_t *items)
{
    struct page_form block = *whole;
    const struct page_form *form = &block;
    const struct event_definition *definition = form->entry->definition;
    const struct page_form_guest *guest = guest_of(form, number);
    const char *legend = legend_of(page, form, number);
    json_t *model = page_object(page), *fields = page_array(page);

    block.fresh = is_fresh(page, whole, number);
    page_put_string(page, model, "legend", legend);
    page_put_string(page, model, "control", arena_format(page->arena, "guest.%zu._number", number));
    page_put_optional(page, model, "number", guest ? guest->number : NULL);
    page_put_optional(page, model, "address", address_words(page, guest));
    for (enum step step = 0; step < STEPS; step++)
        for (size_t i = 0; i < definition->field_count; i++)
            if (step_of(&definition->fields[i]) == step && is_asked(form, &definition->fields[i], number))
                add_field(page, form, &definition->fields[i], number, legend, fields, items);
    page_put(page, model, "fields", fields);
    return model;
}

/* In words to who changes what is there already; NULL: they stand there for who signs up. */
static const char *own_words(struct page *page, const struct page_form *form)
{
    return already(form) > 0 ? page_say(page, "guests.leave") : NULL;
}

/* A block that was not on the page yet: it came without a name, even an empty one. Who came along already may have
 * none. */
static bool is_new(struct page *page, const struct page_form *form, size_t number)
{
    const struct event_field *name = event_field_by_role(form->entry->definition, ROLE_NAME);
    const char *control = arena_format(page->arena, "guest.%zu.%s", number, name->id);

    page->failed = page->failed || !control;
    return control && form_times(form->answers, control) == 0;
}

/* FORM, whose new blocks have of who signs up what they share. */
static struct page_form shared(struct page *page, const struct page_form *form, size_t blocks)
{
    const struct form *typed = form->answers;
    struct form *answers = arena_take(page->arena, sizeof *answers);
    struct page_form filled = *form;

    if (blocks == 0)
        return filled;
    if (answers)
        answers->values = arena_take(page->arena, typed->count * (blocks + 1) * sizeof *answers->values);
    if (!answers || !answers->values) {
        page->failed = true;
        return filled;
    }
    memcpy(answers->values, typed->values, typed->count * sizeof *typed->values);
    answers->count = typed->count;
    for (size_t number = 1; number <= blocks; number++) {
        if (guest_of(form, number) || !is_new(page, form, number))
            continue;
        for (size_t i = 0; i < typed->count; i++)
            if (rules_guest_shares(form->entry->definition, typed->values[i].name)) {
                struct form_value *value = &answers->values[answers->count++];
                *value = typed->values[i];
                value->name = arena_format(page->arena, "guest.%zu.%s", number, typed->values[i].name);
                page->failed = page->failed || !value->name;
            }
    }
    filled.answers = page->failed ? typed : answers;
    return filled;
}

json_t *page_guests_model(struct page *page, const struct page_form *form, json_t *items)
{
    const struct event_definition *definition = form->entry->definition;
    size_t blocks, there = already(form);
    json_t *model, *people;
    bool more = (size_t)definition->group_max > there + 1;

    if (!more && there == 0)
        return json_false();
    blocks = blocks_of(form);
    model = page_object(page);
    people = page_array(page);
    page_put(page, model, "select", more ? count_control(page, form, items) : json_false());
    page_put_optional(page, model, "fixed", more ? NULL : arena_format(page->arena, "%zu", blocks));
    page_put_string(page, model, "shown", arena_format(page->arena, "%zu", blocks));
    page_put_optional(page, model, "more", more ? page_say(page, "guests.add") : NULL);
    page_put_string(page, model, "mail", page_say(page, "guests.mail"));
    page_put_optional(page, model, "leave", own_words(page, form));
    const struct page_form filled = shared(page, form, blocks);
    for (size_t i = 1; i <= blocks; i++)
        page_add(page, people, person(page, &filled, i, items));
    page_put_bool(page, model, "has_people", blocks > 0);
    page_put(page, model, "people", people);
    return model;
}

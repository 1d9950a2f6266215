/* SPDX-License-Identifier: EUPL-1.2 */
/* Turns those who came along back into blocks of the form. Each block says in `guest.N._number` whose it is, by the end
 * of his reference, for somebody may leave between the page and the button. What he agreed to has its own way if he has
 * an address, and so has that once he has used it. Called by page_prefill and page_change. A worker's thread. */
#include "page/page_prefill.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_party.h"
#include "page/page_record.h"
#include "report/privates.h"
#include "signup/fill.h"
#include "signup/rules.h"
#include "signup/state.h"

#define COUNT_CONTROL "_guests"
#define NUMBER_CONTROL "_number"

const struct record_guest *page_prefill_guest(const struct page_record *found, size_t n,
                                              const struct privates **ret_privates)
{
    for (size_t i = 0; i < found->record.guest_count; i++) {
        const struct record_guest *guest = &found->record.guests[i];

        if (!state_is_live(guest->status) || guest->restricted || n-- > 0)
            continue;
        if (ret_privates)
            *ret_privates = &found->guest_privates[i];
        return guest;
    }
    return NULL;
}

size_t page_prefill_guest_count(const struct page_record *found)
{
    size_t count = 0;

    while (page_prefill_guest(found, count, NULL))
        count++;
    return count;
}

static void add(struct page *page, struct fill *fill, const char *name, const char *value)
{
    if (fill_add(fill, name, value) < 0)
        page->failed = true;
}

static void add_block(struct page *page, const struct page_record *found, size_t n, struct fill *fill)
{
    const struct event_definition *definition = found->entry->definition;
    const struct privates *privates;
    const struct record_guest *guest = page_prefill_guest(found, n, &privates);
    json_t *answers = json_loads(guest->answers, 0, NULL);

    page->failed = page->failed || !answers;
    add(page, fill, arena_format(page->arena, "guest.%zu." NUMBER_CONTROL, n + 1), page_party_number(guest));
    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        struct event_field asked;
        const char *need = privates_value(privates, field->id);
        int r = 0;

        if (!rules_guest_field(field) || (field->role == ROLE_EMAIL && (guest->own || !guest->email)))
            continue;
        if (rules_guest_ask(page->arena, definition, field, n + 1, &asked) < 0)
            page->failed = true;
        else if (field->role == ROLE_EMAIL)
            r = fill_add(fill, asked.id, guest->email);
        else if (field->role == ROLE_NAME)
            r = guest->name ? fill_add(fill, asked.id, guest->name) : 0;
        else if (field->type == FIELD_SPECIAL_NEED)
            r = need ? fill_need(fill, &asked, need) : 0;
        else if (field->type != FIELD_CONSENT)
            r = fill_answer(fill, &asked, json_object_get(answers, field->id));
        else if (!guest->email && json_is_true(json_object_get(answers, field->id)))
            r = fill_add(fill, asked.id, "yes");
        page->failed = page->failed || r < 0;
    }
    json_decref(answers);
}

void page_prefill_guests_add(struct page *page, const struct page_record *found, struct fill *fill)
{
    size_t count = page_prefill_guest_count(found);

    if (count == 0)
        return;
    add(page, fill, COUNT_CONTROL, arena_format(page->arena, "%zu", count));
    for (size_t i = 0; !page->failed && i < count; i++)
        add_block(page, found, i, fill);
}

/* `guest.N.REST`: N, and where REST begins; 0: no control of a guest. */
static size_t number_in(const char *control, const char **ret_rest)
{
    char *end;
    size_t number;

    if (strncmp(control, "guest.", 6) != 0)
        return 0;
    number = strtoul(control + 6, &end, 10);
    if (*end != '.' || end == control + 6)
        return 0;
    *ret_rest = end + 1;
    return number;
}

static bool is_kept(const struct record_guest *guest, const struct event_field *field)
{
    return guest->email && (field->role == ROLE_EMAIL ? guest->own : field->type == FIELD_CONSENT);
}

bool page_prefill_guest_keeps(const struct page_record *found, const char *control)
{
    const char *rest;
    size_t number = number_in(control, &rest);
    const struct record_guest *guest = number > 0 ? page_prefill_guest(found, number - 1, NULL) : NULL;
    const struct event_field *field = guest ? event_field(found->entry->definition, rest) : NULL;

    return field && is_kept(guest, field);
}

static void complete(struct page *page, const struct page_record *found, size_t n, struct fill *fill)
{
    const struct event_definition *definition = found->entry->definition;
    const struct record_guest *guest = page_prefill_guest(found, n, NULL);
    json_t *answers = json_loads(guest->answers, 0, NULL);

    page->failed = page->failed || !answers;
    if (guest->email)
        add(page, fill, RULES_TYPED, guest->email); /* it was asked back about when it was given */
    for (size_t i = 0; answers && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        const char *control = arena_format(page->arena, "guest.%zu.%s", n + 1, field->id);
        const char *text = json_string_value(json_object_get(answers, field->id));

        if (field->type == FIELD_EMAIL && text)
            add(page, fill, RULES_TYPED, arena_copy(page->arena, text));
        if (!rules_guest_field(field) || !is_kept(guest, field))
            continue;
        if (field->role == ROLE_EMAIL)
            add(page, fill, control, guest->email);
        else if (field->type == FIELD_CONSENT && (field->required || json_is_true(json_object_get(answers, field->id))))
            add(page, fill, control, "yes");
    }
    json_decref(answers);
}

void page_prefill_guests_complete(struct page *page, const struct page_record *found, struct fill *fill)
{
    for (size_t i = 0; !page->failed && i < page_prefill_guest_count(found); i++)
        complete(page, found, i, fill);
}

/* ---- the blocks of a form that was typed, in their order ---- */

static const char *number_of_block(struct page *page, const struct form *typed, size_t block)
{
    const char *control = arena_format(page->arena, "guest.%zu." NUMBER_CONTROL, block);

    page->failed = page->failed || !control;
    return control ? form_value(typed, control) : NULL;
}

/* The block of TYPED that is GUEST's; 0: none. */
static size_t block_of(struct page *page, const struct form *typed, size_t blocks, const struct record_guest *guest)
{
    for (size_t block = 1; block <= blocks; block++) {
        const char *number = number_of_block(page, typed, block);

        if (number && strcmp(number, page_party_number(guest)) == 0)
            return block;
    }
    return 0;
}

static void copy_block(struct page *page, const struct form *typed, size_t from, size_t to, struct fill *fill)
{
    const char *rest;

    for (size_t i = 0; !page->failed && i < typed->count; i++) {
        if (number_in(typed->values[i].name, &rest) != from)
            continue;
        const struct form_value *value = &typed->values[i];

        add(page, fill, arena_format(page->arena, "guest.%zu.%s", to, rest), value->value);
        if (!page->failed) { /* its size and whether it is bad */
            fill->form.values[fill->form.count - 1].size = value->size;
            fill->form.values[fill->form.count - 1].bad = value->bad;
        }
    }
}

bool page_prefill_settle(struct page *page, const struct page_record *found, const struct form *typed,
                         struct form *ret_form)
{
    struct fill fill = { .arena = page->arena, .language = page->language };
    size_t live = page_prefill_guest_count(found), next = live, named = 0, known = 0;
    int count = rules_guest_blocks(found->entry->definition, typed, found->record.guest_count);
    size_t blocks = count > 0 ? (size_t)count : 0;
    const char *rest;

    for (size_t i = 0; !page->failed && i < typed->count; i++)
        if (number_in(typed->values[i].name, &rest) == 0 &&
            (count < 0 || strcmp(typed->values[i].name, COUNT_CONTROL) != 0)) {
            add(page, &fill, typed->values[i].name, typed->values[i].value);
            if (!page->failed)
                fill.form.values[fill.form.count - 1] = typed->values[i];
        }
    for (size_t i = 0; !page->failed && i < live; i++) {
        size_t block = block_of(page, typed, blocks, page_prefill_guest(found, i, NULL));

        if (block > 0)
            copy_block(page, typed, block, i + 1, &fill);
        else
            add_block(page, found, i, &fill);
        known += block > 0;
    }
    for (size_t block = 1; !page->failed && block <= blocks; block++)
        if (number_of_block(page, typed, block))
            named++;
        else
            copy_block(page, typed, block, ++next, &fill);
    if (count >= 0 && (next > 0 || form_value(typed, COUNT_CONTROL)))
        add(page, &fill, COUNT_CONTROL, arena_format(page->arena, "%zu", next));
    *ret_form = fill.form;
    return named == known;
}

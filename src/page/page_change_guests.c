/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along, of a change. Called by page_change. A worker's thread. */
#include "page/page_change_guests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "change/edit.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_form.h"
#include "page/page_party.h"
#include "page/page_prefill.h"
#include "page/page_record.h"
#include "page/page_said.h"
#include "signup/rules.h"

void page_change_party_take(struct arena *arena, const struct page_record *found, struct page_change_party *ret_party,
                            bool *failed)
{
    struct page_change_party party = { .count = page_prefill_guest_count(found), .next = 2 };

    party.guests = arena_take(arena, (party.count + 1) * sizeof *party.guests);
    *failed = *failed || !party.guests;
    for (size_t i = 0; party.guests && i < party.count; i++) {
        const struct record_guest *guest = page_prefill_guest(found, i, NULL);

        party.guests[i] = (struct page_form_guest){
            .number = page_said_text(arena, page_party_number(guest), failed), .reached = guest->email != NULL,
            .own = guest->own,
            .undeliverable = guest->undeliverable,
        };
    }
    for (size_t i = 0; i < found->record.guest_count; i++) {
        size_t number = strtoul(page_party_number(&found->record.guests[i]), NULL, 10);

        party.next = number >= party.next ? number + 1 : party.next;
    }
    *ret_party = party;
}

void page_change_form_copy(struct arena *arena, const struct form *form, struct form *ret_form, bool *failed)
{
    struct form_value *values = arena_take(arena, (form->count + 1) * sizeof *values);

    *failed = *failed || !values;
    *ret_form = (struct form){ .count = values ? form->count : 0, .values = values };
    for (size_t i = 0; values && i < form->count; i++) {
        values[i] = form->values[i];
        values[i].name = page_said_text(arena, form->values[i].name, failed);
        values[i].value = page_said_text(arena, form->values[i].value, failed);
    }
}

struct privates page_change_needs(struct page *page, size_t count, const struct rules_private *privates)
{
    struct privates needs = { .items = arena_take(page->arena, (count + 1) * sizeof *needs.items) };

    page->failed = page->failed || !needs.items;
    for (size_t i = 0; needs.items && i < count; i++)
        needs.items[needs.count++] =
            (struct private_item){ .field = privates[i].field->id, .value = privates[i].value };
    return needs;
}

struct rules_consent *page_change_consents(struct page *page, const struct event_definition *definition, bool guest,
                                           size_t count, const struct rules_private *privates, size_t *ret_count)
{
    struct rules_consent *consents = arena_take(page->arena, (definition->field_count + 1) * sizeof *consents);

    *ret_count = 0;
    for (size_t i = 0; consents && i < definition->field_count; i++) {
        struct rules_consent given = { .field = &definition->fields[i] };

        if (given.field->type != FIELD_SPECIAL_NEED || (guest && !given.field->each))
            continue;
        for (size_t k = 0; k < count; k++)
            /* a guest's field is a copy of its own */
            given.given = given.given || strcmp(privates[k].field->id, given.field->id) == 0;
        consents[(*ret_count)++] = given;
    }
    return consents;
}

/* Of special needs, and of all else that he agreed to unless he can be reached, for then that is his own. */
static int take_consents(struct page *page, const struct page_record *found, const struct record_guest *guest,
                         const struct rules_guest *rules, struct arena *arena, struct sign_up_guest *said)
{
    const struct event_definition *definition = found->entry->definition;
    size_t count;
    struct rules_consent *all =
        page_change_consents(page, definition, true, rules->private_count, rules->privates, &count);

    if (!all)
        return -ENOMEM;
    for (size_t i = 0; !guest->email && i < rules->consent_count; i++)
        if (rules->consents[i].field->type == FIELD_CONSENT)
            all[count++] = rules->consents[i];
    said->consent_count = count;
    return page_said_consents(page, arena, definition, count, all, &said->consents);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Who is there already, in block NUMBER. */
static int take_old(struct page *page, const struct page_record *found, const struct rules_guest *rules,
                    struct arena *arena, struct edit_guest *edit)
{
    const struct event_definition *definition = found->entry->definition;
    const struct privates *privates, needs = page_change_needs(page, rules->private_count, rules->privates);
    const struct record_guest *guest = page_prefill_guest(found, rules->number - 1, &privates);
    const struct page_prefill_person stored = {
        .name = guest->name, .email = guest->email, .answers = guest->answers, .privates = privates,
    };
    struct page_prefill_person said = {
        .name = rules->name, .email = rules->email, .answers = rules->answers, .privates = &needs, .guest = true,
    };
    const char *told = NULL;
    bool failed = false;

    if (guest->email)
        said.answers = page_prefill_answers(page, definition, &stored, &said);
    edit->id = guest->id;
    edit->said.answers = page_said_text(arena, said.answers, &failed);
    edit->readdressed = !same(guest->email, rules->email);
    edit->fields = page_said_text(
        arena, said.answers ? page_prefill_changes(page, definition, &stored, &said, &told) : NULL, &failed);
    edit->told = page_said_text(arena, told, &failed);
    if (failed || !edit->said.answers || !edit->fields || !edit->told)
        return -ENOMEM;
    return take_consents(page, found, guest, rules, arena, &edit->said);
}

int page_change_guests_take(struct page *page, const struct page_record *found, const struct rules_result *rules,
                            struct edit *edit, const size_t **ret_blocks)
{
    const struct ask_invitation *invitation = found->invitation.id ? &found->invitation : NULL;
    struct arena *arena = edit->job.arena;
    struct edit_guest *guests = arena_take(arena, (rules->guest_count + 1) * sizeof *guests);
    size_t *blocks = arena_take(arena, (rules->guest_count + 1) * sizeof *blocks);
    size_t there = page_prefill_guest_count(found);

    if (!guests || !blocks)
        return -ENOMEM;
    for (size_t i = 0; i < rules->guest_count; i++) {
        const struct rules_guest *guest = &rules->guests[i];
        int r;

        guests[i] = (struct edit_guest){ .id = 0 };
        blocks[i] = guest->number;
        r = page_said_guest(page, arena, found->entry, invitation, guest, &guests[i].said);
        if (r == 0 && guest->number <= there)
            r = take_old(page, found, guest, arena, &guests[i]);
        if (r < 0)
            return r;
    }
    edit->guests = guests;
    edit->guest_count = rules->guest_count;
    *ret_blocks = blocks;
    return 0;
}

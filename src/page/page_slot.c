/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the control for slots: radio buttons while they are few, else a list by resource and time. Only what is free
 * and not too near is offered. Called by page_form. A worker's thread. */
#include "page/page_slot.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "view/catalogue.h"
#include "view/words.h"

/* More slots than this are a list to open. */
#define RADIOS_MOST 14
#define CONTROL "slot"
#define PROPOSE "propose" /* the value of `slot` for who proposes a time */
#define PROPOSAL "slot.propose"

/* Formatting hours costs more than the rest of a row, and a resource has the same hours each day. */
struct hours { int from, to; const char *words; };

struct asked {
    const struct page_form *form;
    const struct event_definition *definition;
    const struct event_programme *programme;
    const char *chosen;
    size_t free;
    bool all; /* some slot or proposal is for each way of taking part */
    struct wall day; /* of DATE */
    const char *date;
    size_t hours_count, hours_room;
    struct hours *hours;
};

bool page_slot_asked(const struct page_form *form)
{
    return form->entry->definition->programme.resource_count > 0;
}

static json_t *own(struct page *page, const char *words)
{
    return page_words(page, words, page->language);
}

/* ---- the words of a slot ---- */

static const char *hours_of(struct page *page, struct asked *asked, const struct event_slot *slot,
                            const struct wall *from, const struct wall *to)
{
    struct hours wanted = { .from = from->hour * 60 + from->minute, .to = to->hour * 60 + to->minute };
    struct hours *more;

    for (size_t i = 0; i < asked->hours_count; i++)
        if (asked->hours[i].from == wanted.from && asked->hours[i].to == wanted.to)
            return asked->hours[i].words;
    wanted.words = words_time_range(page->worker->words, page->arena, page->language, asked->definition->zone,
                                    slot->starts, slot->ends);
    more = arena_grow(page->arena, asked->hours, asked->hours_count, &asked->hours_room, sizeof *more);
    if (!wanted.words || !more)
        return NULL;
    asked->hours = more;
    asked->hours[asked->hours_count++] = wanted;
    return wanted.words;
}

/* "Tue, 18 May 2027, 09:00–13:00" */
static const char *slot_time(struct page *page, struct asked *asked, const struct event_slot *slot)
{
    const char *zone = asked->definition->zone, *hours, *words;
    struct wall from, to;

    zone_to_wall(zone, slot->starts, &from);
    zone_to_wall(zone, slot->ends, &to);
    if (!asked->date || from.day != asked->day.day || from.month != asked->day.month || from.year != asked->day.year)
        asked->date = words_date(page->worker->words, page->arena, page->language, zone, slot->starts,
                                 WORDS_SHORT_DATE_WEEKDAY);
    asked->day = from;
    hours = hours_of(page, asked, slot, &from, &to);
    words = asked->date && hours ? arena_format(page->arena, "%s, %s", asked->date, hours) : NULL;
    if (!words)
        page->failed = true;
    return words;
}

/* {text, lang} of the resource, with whom it is for if it is not for all; false: nothing is to be said. */
static json_t *resource_title(struct page *page, const struct asked *asked, const struct event_resource *resource)
{
    const struct event_definition *definition = asked->definition;
    const char *language = page->language, *title = NULL, *only = NULL;
    json_t *mode;

    if (resource->has_title)
        title = event_text_in(definition, &resource->title, page->language, &language);
    else if (asked->programme->resource_count > 1)
        title = resource->id;
    if (resource->mode >= 0 && definition->mode_count > 1) {
        mode = page_model_mode(page, definition, &definition->modes[resource->mode]);
        only = catalogue_format(page->catalogue, page->arena, "programme.only", "mode",
                                mode ? json_string_value(json_object_get(mode, "text")) : "", NULL);
        json_decref(mode);
        page->failed = page->failed || !only;
    }
    if (title && only)
        return page_words(page, arena_format(page->arena, "%s (%s)", title, only), language);
    return title ? page_words(page, title, language) : only ? own(page, only) : json_false();
}

/* ---- the control ---- */

static bool is_chosen(const struct asked *asked, const char *value)
{
    return asked->chosen && strcmp(asked->chosen, value) == 0;
}

/* Radio buttons: the time is the label, the resource its help where there are several. */
static void put_rows(struct page *page, json_t *control, struct asked *asked)
{
    json_t *rows = page_array(page);

    for (size_t i = 0; i < asked->programme->slot_count; i++) {
        const struct event_slot *slot = &asked->programme->slots[i];
        const struct event_resource *resource = &asked->programme->resources[slot->resource];

        if (!asked->form->places->slots[i])
            continue;
        page_add(page, rows, page_control_row(page, slot->key, own(page, slot_time(page, asked, slot)),
                                              asked->programme->resource_count > 1
                                                  ? resource_title(page, asked, resource)
                                                  : json_false(),
                                              is_chosen(asked, slot->key)));
    }
    /* A radio cannot be taken back. */
    if (!asked->all)
        page_add(page, rows, page_control_row(page, "", own(page, page_say(page, "choose.slot_none")), json_false(),
                                              false));
    if (asked->programme->propose)
        page_add(page, rows, page_control_row(page, PROPOSE, own(page, page_say(page, "choose.propose_row")),
                                              json_false(), is_chosen(asked, PROPOSE)));
    page_control_put_rows(page, control, rows, false);
}

/* A list: by resource, then time. One resource alone needs no heading in it. */
static void put_select(struct page *page, json_t *control, struct asked *asked)
{
    json_t *select = page_control_put_select(page, control, page_say(page, "choose.slot_empty"));
    json_t *groups = json_object_get(select, "groups"), *entries = json_object_get(select, "options"), *group;
    size_t last = SIZE_MAX;

    for (size_t i = 0; i < asked->programme->slot_count; i++) {
        const struct event_slot *slot = &asked->programme->slots[i];

        if (!asked->form->places->slots[i])
            continue;
        if (asked->programme->resource_count > 1 && slot->resource != last) {
            entries = page_array(page);
            group = page_object(page);
            page_put(page, group, "title",
                     resource_title(page, asked, &asked->programme->resources[slot->resource]));
            page_put(page, group, "entries", entries);
            page_add(page, groups, group);
            last = slot->resource;
        }
        page_add(page, entries, page_control_entry(page, slot->key, own(page, slot_time(page, asked, slot)),
                                                   is_chosen(asked, slot->key)));
    }
    if (asked->programme->propose)
        page_put(page, select, "last", page_control_entry(page, PROPOSE,
                                                          own(page, page_say(page, "choose.propose_row")),
                                                          is_chosen(asked, PROPOSE)));
}

/* Of one resource the title stands above; without a free time that is said, too. */
static json_t *help(struct page *page, const struct asked *asked)
{
    json_t *title = json_false();
    const char *said;

    if (asked->programme->resource_count == 1)
        title = resource_title(page, asked, &asked->programme->resources[0]);
    if (asked->free > 0)
        return title;
    said = page_say(page, asked->programme->propose ? "choose.no_slot_propose" : "choose.no_slot");
    json_decref(title);
    return own(page, said);
}

/* Shown when "none suits me" is chosen; always where the sheet cannot tell, or there is something in it. */
static void add_proposal(struct page *page, const struct page_form *form, json_t *fields, json_t *items)
{
    const char *error = page_form_error(page, form, PROPOSAL, NULL);
    const char *value = form->answers ? form_value(form->answers, PROPOSAL) : NULL;
    json_t *control = page_control(page, PROPOSAL, own(page, page_say(page, "choose.propose")),
                                   own(page, page_say(page, "choose.propose_help")), true, error);

    if (error)
        page_form_item(page, items, PROPOSAL, error);
    page_control_put_line(page, control, value);
    page_put_string(page, control, "then", error || (value && *value) ? "then" : "then on-propose");
    page_add(page, fields, control);
}

static bool is_for_all(const struct event_definition *definition)
{
    const struct event_programme *programme = &definition->programme;

    for (size_t m = 0; m < definition->mode_count; m++) {
        bool offered = false;

        for (size_t i = 0; i < programme->resource_count; i++)
            offered = offered || page_places_offers(programme, i, m);
        if (!offered)
            return false;
    }
    return true;
}

void page_slot_add(struct page *page, const struct page_form *form, json_t *fields, json_t *items)
{
    const struct event_programme *programme = &form->entry->definition->programme;
    struct asked asked = {
        .form = form,
        .definition = form->entry->definition,
        .programme = programme,
        .all = is_for_all(form->entry->definition),
        .chosen = form->answers ? form_value(form->answers, CONTROL) : NULL,
    };
    const char *error = page_form_error(page, form, CONTROL, NULL);
    json_t *control;

    for (size_t i = 0; i < programme->slot_count; i++)
        asked.free += form->places->slots[i];
    if (error)
        page_form_item(page, items, CONTROL, error);
    control = page_control(page, CONTROL, own(page, page_say(page, "choose.slot")), help(page, &asked), true, error);
    if (asked.free == 0 && !programme->propose)
        page_put_bool(page, control, "said", true);
    else if (asked.free <= RADIOS_MOST)
        put_rows(page, control, &asked);
    else
        put_select(page, control, &asked);
    page_add(page, fields, control);
    if (programme->propose)
        add_proposal(page, form, fields, items);
}

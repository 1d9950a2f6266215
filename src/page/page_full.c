/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts a place or a limit that is full into words. Called by page_event. A worker's thread. */
#include "page/page_full.h"

#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_session.h"
#include "signup/ask.h"
#include "signup/rules.h"
#include "view/catalogue.h"
#include "view/words.h"

static const char *title_of(struct page *page, json_t *words)
{
    const char *text = words ? arena_copy(page->arena, json_string_value(json_object_get(words, "text"))) : NULL;

    json_decref(words);
    if (!text)
        page->failed = true;
    return text ? text : "";
}

static const char *mode_title(struct page *page, const struct event_definition *definition, size_t mode)
{
    return title_of(page, page_model_mode(page, definition, &definition->modes[mode]));
}

/* "A, B" */
static const char *listed(struct page *page, const char *list, const char *title)
{
    const char *more = list ? arena_format(page->arena, "%s, %s", list, title) : title;

    if (!more)
        page->failed = true;
    return more;
}

/* "“NAME” has just become full. Still open: OPEN." */
static const char *full_words(struct page *page, const char *name, const char *open)
{
    if (!open)
        return catalogue_format(page->catalogue, page->arena, "full.none", "name", name, NULL);
    return catalogue_format(page->catalogue, page->arena, "full.open", "name", name, "open", open, NULL);
}

static void mode_full(struct page *page, const struct event_definition *definition, const struct page_places *places,
                      size_t mode, struct page_full *ret_full)
{
    const char *open = NULL;

    if (!definition->mode_asked) /* all is full: the problem's own sentence says that */
        return;
    for (size_t m = 0; m < definition->mode_count; m++)
        if (m != mode && places->verdicts[m] == PLACES_FREE)
            open = listed(page, open, mode_title(page, definition, m));
    ret_full->control = "mode";
    ret_full->words = full_words(page, mode_title(page, definition, mode), open);
}

static void session_full(struct page *page, const struct event_definition *definition, const struct page_places *places,
                         size_t session, size_t mode, struct page_full *ret_full)
{
    const struct event_programme *programme = &definition->programme;
    int r = programme->sessions[session].round;
    const char *open = NULL;

    if (r < 0) { /* everybody takes part in it: there is nothing to choose in its stead */
        ret_full->words = full_words(page, page_session_title(page, definition, session), NULL);
        return;
    }
    for (size_t i = 0; i < programme->rounds[r].session_count; i++) {
        size_t s = programme->rounds[r].sessions[i];
        bool over = programme->sessions[s].has_times && page->now >= programme->sessions[s].ends;

        if (s != session && !over && rules_held(&programme->sessions[s], (int)mode)
            && places->session_verdicts[s * definition->mode_count + mode] == PLACES_FREE)
            open = listed(page, open, page_session_title(page, definition, s));
    }
    ret_full->control = arena_format(page->arena, "session.%s", programme->rounds[r].id);
    ret_full->words = full_words(page, page_session_title(page, definition, session), open);
}

static int find(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return (int)i;
    return -1;
}

void page_full_place(struct page *page, const struct event_entry *entry, const struct page_places *places,
                     int64_t place, int mode, struct page_full *ret_full)
{
    const struct event_definition *definition = entry->definition;
    const struct event_programme *programme = &definition->programme;
    size_t modes = definition->mode_count;
    int session = find(entry->session_places, programme->session_count * modes, place);

    *ret_full = (struct page_full){ .control = NULL };
    if (find(entry->slot_places, programme->slot_count, place) >= 0) {
        ret_full->control = "slot";
        ret_full->words = page_say(page, "full.slot");
    } else if (session >= 0) {
        session_full(page, definition, places, (size_t)session / modes, (size_t)mode, ret_full);
    } else { /* the mode itself, or its reserve */
        mode_full(page, definition, places, (size_t)mode, ret_full);
    }
    if (ret_full->control && !ret_full->words)
        page->failed = true;
}

static const char *control_of(const struct event_definition *definition, enum field_role role)
{
    const struct event_field *field = event_field_by_role(definition, role);

    return field ? field->id : NULL;
}

/* The control of the number or of the country; without a question of its own it is a part of the organisation's, or
 * its name where the number may not be asked. */
static const char *company_control(struct page *page, const struct event_definition *definition, enum field_role role)
{
    const char *control = control_of(definition, role);

    for (size_t i = 0; !control && i < definition->field_count; i++)
        if (definition->fields[i].type == FIELD_ORGANISATION) {
            const bool number = definition->fields[i].parts[PART_NUMBER] && !definition->fields[i].parts_if;
            const enum organisation_part part = role == ROLE_COUNTRY ? PART_COUNTRY : number ? PART_NUMBER : PART_NAME;

            control = arena_format(page->arena, "%s.%s", definition->fields[i].id, organisation_part_name(part));
            page->failed = page->failed || !control;
            return control;
        }
    return control;
}

static const char *type_title(struct page *page, const struct event_definition *definition, const char *type)
{
    const struct event_field *field = event_field_by_role(definition, ROLE_STAKEHOLDER);
    const struct event_option *option = field ? event_option(field, type) : NULL;

    const char *key;

    if (!option)
        return type;
    if (!field->shared_options)
        return event_text_in(definition, &option->label, page->language, NULL);
    key = arena_format(page->arena, "stakeholder.%s", type);
    return key ? page_say(page, key) : NULL;
}

/* LIMIT, and how much is left of the event for those whom it does not bind. */
static const char *with_others(struct page *page, const struct event_definition *definition,
                               const struct page_places *places, const char *limit)
{
    int64_t left = 0;
    bool any = false;

    for (size_t m = 0; places->numbers && m < definition->mode_count; m++)
        if (places->verdicts[m] == PLACES_FREE) {
            any = any || !places->numbers[m].limited;
            left += places->numbers[m].left;
        }
    if (any)
        return catalogue_format(page->catalogue, page->arena, "full.others_any", "limit", limit, NULL);
    if (left == 0)
        return limit;
    return catalogue_count(page->catalogue, page->arena, "full.others", left, "limit", limit, NULL);
}

void page_full_cap(struct page *page, const struct event_entry *entry, const struct page_places *places,
                   const struct ask_cap *cap, struct page_full *ret_full)
{
    const struct event_definition *definition = entry->definition;
    const char *colon = strchr(cap->key, ':'), *what = colon ? colon + 1 : cap->key, *key = "full.organisation";
    struct page_full full = { .control = NULL };

    if (strncmp(cap->key, "country:", 8) == 0) {
        full.control = company_control(page, definition, ROLE_COUNTRY);
        what = words_country(page->worker->words, page->arena, page->language, what);
        key = "full.country";
    } else if (strncmp(cap->key, "type:", 5) == 0) {
        full.control = control_of(definition, ROLE_STAKEHOLDER);
        what = type_title(page, definition, what);
        key = "full.type";
    } else if (strncmp(cap->key, "org:@", 5) == 0) {
        full.control = control_of(definition, ROLE_EMAIL);
    } else {
        full.control = company_control(page, definition, ROLE_REGISTRY_NUMBER);
        what = cap->title; /* its name as it was typed here, else the number */
    }
    full.words = what ? catalogue_count(page->catalogue, page->arena, key, cap->max, "name", what, NULL) : NULL;
    if (full.words)
        full.words = with_others(page, definition, places, full.words);
    if (!full.words)
        page->failed = true;
    *ret_full = full;
}

bool page_full_move(struct page *page, const struct event_definition *definition, size_t number,
                    struct page_full *full)
{
    const char *control = full->control ? full->control : "";
    const char *id = arena_format(page->arena, "%.*s", (int)strcspn(control, "."), control);
    const struct event_field *field = id ? event_field(definition, id) : NULL;

    page->failed = page->failed || !id;
    if (!field || !rules_guest_field(field))
        return false;
    full->control = arena_format(page->arena, "guest.%zu.%s", number, control);
    page->failed = page->failed || !full->control;
    return true;
}

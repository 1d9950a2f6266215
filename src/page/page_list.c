/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /: the public events, what is to come first; `?host=ID`: those of one host. A worker's thread. */
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_cover.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_table.h"
#include "signup/phase.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/markdown.h"
#include "view/words.h"

#define PAST_MOST 10   /* events that are over, the latest first */
#define LEAD_MOST 200  /* characters */

/* What is left in all modes together; NULL if none is limited. */
static const char *left_words(struct page *page, const struct event_definition *definition,
                              const struct page_places *places)
{
    const char *words = NULL;

    for (size_t i = 0; i < definition->mode_count; i++) {
        const char *each = page_places_words(page, places, i);

        if (each && definition->mode_count > 1) {
            json_t *title = page_model_mode(page, definition, &definition->modes[i]);

            each = catalogue_format(page->catalogue, page->arena, "programme.in_mode", "mode",
                                    json_string_value(json_object_get(title, "text")), "places", each, NULL);
            json_decref(title);
        }
        if (each)
            words = words ? arena_format(page->arena, "%s · %s", words, each) : each;
    }
    return words;
}

static const char *bar(struct page *page, const struct event_definition *definition, const struct page_places *places)
{
    int64_t capacity = 0, taken = 0;

    for (size_t i = 0; i < definition->mode_count; i++) {
        if (!places->numbers[i].known || !places->numbers[i].limited)
            return NULL;
        capacity += places->numbers[i].capacity;
        taken += places->verdicts[i] == PLACES_FREE ? places->numbers[i].taken : places->numbers[i].capacity;
    }
    return page_places_part(page, taken, capacity);
}

static json_t *state(struct page *page, const struct event_entry *entry, enum phase phase)
{
    const struct event_definition *definition = entry->definition;
    json_t *model = page_object(page);
    const char *mark = "off", *word, *date, *detail = NULL, *filled = NULL;
    struct page_places places;

    switch (phase) {
    case PHASE_OPEN:
        page_places_read(page, entry, &places);
        if (page->failed)
            return model;
        mark = places.open && !places.waiting ? "ok" : "no";
        word = page_say(page, places.reserved                       ? "event.kept"
                              : !places.open || places.waiting ? "list.full"
                                                               : "list.open");
        detail = places.waiting ? page_say(page, "list.waiting") : left_words(page, definition, &places);
        detail = places.open ? detail : NULL;
        filled = places.open && !places.waiting ? bar(page, definition, &places) : NULL;
        break;
    case PHASE_BEFORE:
        date = words_date(page->worker->words, page->arena, page->language, definition->zone, definition->opens,
                          WORDS_DATE);
        word = date ? catalogue_format(page->catalogue, page->arena, "list.opens", "date", date, NULL) : NULL;
        break;
    case PHASE_SOON:
        word = page_say(page, "list.soon");
        break;
    case PHASE_OFF:
        mark = "no";
        word = page_say(page, "list.off");
        break;
    case PHASE_OVER:
        mark = "no";
        word = page_say(page, "list.over");
        break;
    default:
        mark = "no";
        word = page_say(page, "list.closed");
        break;
    }
    page_put_string(page, model, "mark", mark);
    page_put_string(page, model, "word", word);
    page_put_optional(page, model, "detail", detail);
    page_put_optional(page, model, "bar", filled);
    return model;
}

static json_t *lead(struct page *page, const struct event_definition *definition)
{
    const char *language = page->language, *text;

    if (!definition->has_description)
        return json_false();
    text = markdown_lead(page->arena, event_text_in(definition, &definition->description, page->language, &language));
    /* A long paragraph is for the event's own page. */
    if (text && text_length(text) > LEAD_MOST)
        return json_false();
    return page_words(page, text, language);
}

/* What is listed. */
struct chosen {
    const struct settings_host *host; /* its events only; NULL: everybody's, and each line says whose */
    bool named;                       /* there are several hosts */
};

static bool is_listed(const struct page *page, const struct chosen *chosen, const struct event_entry *entry)
{
    const struct event_definition *definition = entry->definition;
    enum phase phase = phase_of(entry, page->now);

    return definition->visibility == EVENT_PUBLIC && phase != PHASE_HIDDEN && phase != PHASE_WITHDRAWN
           && (!chosen->host || hosts_of(page->edition->settings, definition->host) == chosen->host);
}

/* How many of what is to come belong to its series; 1 if it has none. */
static int64_t series_size(const struct page *page, const struct event_entry *entry)
{
    const struct event_book *book = page->edition->events;
    const struct chosen all = { .host = NULL };
    int64_t size = 0;

    for (size_t i = 0; entry->definition->series && i < book->count; i++)
        if (book->entries[i].definition->series && is_listed(page, &all, &book->entries[i])
            && strcmp(book->entries[i].definition->series, entry->definition->series) == 0)
            size++;
    return size;
}

static void put_kin(struct page *page, json_t *model, const struct chosen *chosen, const struct event_entry *entry)
{
    const struct settings_host *host = hosts_of(page->edition->settings, entry->definition->host);
    int64_t size = series_size(page, entry);

    page_put_optional(page, model, "host", chosen->named && !chosen->host ? host->name : NULL);
    page_put_optional(page, model, "series",
                      size > 1 ? catalogue_count(page->catalogue, page->arena, "list.series", size, NULL) : NULL);
}

static json_t *line(struct page *page, const struct chosen *chosen, const struct event_entry *entry, enum phase phase)
{
    const struct event_definition *definition = entry->definition;
    json_t *model = page_model_event(page, definition);
    json_t *hours = json_object_get(model, "hours");

    page_cover_day(page, model, definition);
    page_put(page, model, "lead", lead(page, definition));
    page_put(page, model, "state", state(page, entry, phase));
    /* The margin shows the day; where that and the hours are all, the line needs the hours alone. */
    if (json_is_string(hours))
        page_put(page, model, "when", json_incref(hours));
    put_kin(page, model, chosen, entry);
    return model;
}

/* The funder, if all that is listed has the same one. */
static void note_funder(const struct event_definition *definition, const struct event_definition **funder, bool *mixed)
{
    if (!definition->funding.given)
        return;
    if (!*funder)
        *funder = definition;
    else if (strcmp((*funder)->funding.grant ? (*funder)->funding.grant : "",
                    definition->funding.grant ? definition->funding.grant : "") != 0)
        *mixed = true;
}

static void put_past(struct page *page, const struct chosen *chosen, const struct event_definition **funder,
                     bool *mixed)
{
    const struct event_book *book = page->edition->events;
    json_t *past = page_array(page);

    for (size_t i = book->count; i > 0 && json_array_size(past) < PAST_MOST && !page->failed; i--) {
        const struct event_entry *entry = &book->entries[i - 1];

        if (!is_listed(page, chosen, entry) || phase_of(entry, page->now) != PHASE_OVER)
            continue;
        page_add(page, past, line(page, chosen, entry, PHASE_OVER));
        note_funder(entry->definition, funder, mixed);
    }
    page_put_bool(page, page->model, "has_past", json_array_size(past) > 0);
    page_put(page, page->model, "past", past);
}

static void put_upcoming(struct page *page, const struct chosen *chosen, const struct event_definition **funder,
                         bool *mixed)
{
    const struct event_book *book = page->edition->events;
    json_t *upcoming = page_array(page);

    for (size_t i = 0; i < book->count && !page->failed; i++) {
        const struct event_entry *entry = &book->entries[i];
        enum phase phase = phase_of(entry, page->now);

        if (!is_listed(page, chosen, entry) || phase == PHASE_OVER)
            continue;
        page_add(page, upcoming, line(page, chosen, entry, phase));
        note_funder(entry->definition, funder, mixed);
    }
    page_put_string(page, page->model, "lead",
                    page_say(page, json_array_size(upcoming) > 0 ? "list.lead" : "list.none"));
    page_put_bool(page, page->model, "has_upcoming", json_array_size(upcoming) > 0);
    page_put(page, page->model, "upcoming", upcoming);
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct settings_host *host = page_model_asked_host(request, worker->edition);
    const struct event_definition *funder = NULL;
    const char *language, *path;
    bool mixed = false, vary;
    struct page page;

    if (!host) {
        page_error(request, 404);
        return;
    }
    const struct chosen chosen = {
        .host = request_query(request, "host") ? host : NULL,
        .named = worker->edition->settings->hosts.count > 1,
    };
    language = page_language_choose(request, worker->edition, NULL, &vary);
    page_begin(&page, request, NULL, language, vary);
    put_upcoming(&page, &chosen, &funder, &mixed);
    put_past(&page, &chosen, &funder, &mixed);
    page_put_optional(&page, page.model, "one_host", chosen.host && chosen.named ? host->name : NULL);
    path = chosen.host ? arena_format(page.arena, "/?host=%s", host->id) : "/";
    page.failed = page.failed || !path;
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, "list.heading"),
        .description = page_say(&page, "list.lead"),
        .path = path,
        .definition = mixed ? NULL : funder,
        .host = host,
        .links = true,
    });
    page_send(&page, "list", &(struct reply){ .status = 200, .cache = REPLY_PRIVATE });
}

const struct endpoint page_list = {
    .name = "list",
    .path = "/",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

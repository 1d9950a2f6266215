/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /e/{slug}.ics: the event for anybody's calendar. GET /r/{token}/event.ics: the entry of who has a place, under
 * the name that the mail's entry has, so that a calendar holds one of them. A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_event.h"
#include "page/page_language.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "view/edition.h"
#include "view/entry.h"

static void send(struct page *page, const struct entry *entry, enum reply_cache cache)
{
    const char *filename = arena_format(page->arena, "%s.ics", entry->slug);
    char *text;

    if (!filename || entry_make(page->arena, entry, &text) < 0) {
        json_decref(page->model);
        page_error(page->request, 500);
        return;
    }
    page_send_file(page, &(struct reply){
        .status = 200,
        .type = "text/calendar; charset=utf-8; method=PUBLISH",
        .filename = filename,
        .cache = cache,
        .data = text,
        .size = strlen(text),
    });
}

static struct entry begin(const struct page *page, const struct event_entry *event,
                          const struct event_definition *definition)
{
    return (struct entry){
        .settings = page->edition->settings,
        .catalogue = page->catalogue,
        .definition = definition,
        .slug = definition->slug,
        .method = CALENDAR_PUBLISH,
        .called_off = event && event->state == EVENT_OFF,
        .sequence = event ? event->ical_sequence : 0,
        .stamp = page->now,
    };
}

static void handle_event(struct request *request)
{
    struct page_worker *worker = request_state(request);
    enum phase phase;
    const struct event_entry *event = page_event_entry(request, &phase);
    struct entry entry;
    struct page page;
    const char *language;
    bool vary;

    if (!event)
        return;
    language = page_language_choose(request, worker->edition, event->definition, &vary);
    page_begin(&page, request, NULL, language, vary);
    entry = begin(&page, event, event->definition);
    send(&page, &entry, REPLY_PRIVATE);
}

/* As the mail sees it: the mode of today's definition, else of the one that its owner saw. */
static bool is_online(const struct record *record, const struct event_definition *today)
{
    const struct event_definition *definition = today;
    int mode = record->mode ? event_mode(today, record->mode) : -1;

    if (record->mode && mode < 0) {
        definition = record->definition;
        mode = event_mode(definition, record->mode);
    }
    return mode >= 0 && event_mode_is_online(&definition->modes[mode]);
}

static void answer(struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
    struct entry entry;
    struct page page;

    if (record->status != STATE_CONFIRMED) {
        page_error(found->link.request, 404);
        return;
    }
    page_record_begin(&page, found);
    entry = begin(&page, found->entry, today);
    entry.slug = record->slug;
    entry.sequence += record->ical_sequence;
    entry.reference = record->reference;
    entry.online = is_online(record, today);
    send(&page, &entry, REPLY_NO_STORE);
}

static void handle_person(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_event_calendar = {
    .name = "event_calendar",
    .path = "/e/{slug}.ics",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle_event,
};

const struct endpoint page_person_calendar = {
    .name = "person_calendar",
    .path = "/r/{token}/event.ics",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle_person,
};

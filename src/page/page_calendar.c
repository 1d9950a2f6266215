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
#include "report/record_entry.h"
#include "view/edition.h"
#include "view/entry.h"

/* TEXT NULL: it could not be made. */
static void send(struct page *page, const char *slug, const char *text, enum reply_cache cache)
{
    const char *filename = arena_format(page->arena, "%s.ics", slug);

    if (!filename || !text) {
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

static void handle_event(struct request *request)
{
    struct page_worker *worker = request_state(request);
    enum phase phase;
    const struct event_entry *event = page_event_entry(request, &phase);
    struct page page;
    const char *language;
    char *text = NULL;
    bool vary;

    if (!event)
        return;
    language = page_language_choose(request, worker->edition, event->definition, &vary);
    page_begin(&page, request, NULL, language, vary);
    const struct entry entry = {
        .settings = page.edition->settings,
        .catalogue = page.catalogue,
        .definition = event->definition,
        .slug = event->definition->slug,
        .method = CALENDAR_PUBLISH,
        .called_off = event->state == EVENT_OFF,
        .sequence = event->ical_sequence,
        .stamp = page.now,
    };
    send(&page, entry.slug, entry_make(page.arena, &entry, &text) < 0 ? NULL : text, REPLY_PRIVATE);
}

static void answer(struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
    struct page page;
    char *text = NULL;

    if (record->status != STATE_CONFIRMED || !record_entry_is_due(record, today)) {
        page_error(found->link.request, 404);
        return;
    }
    page_record_begin(&page, found);
    const struct record_entry wanted = {
        .settings = page.edition->settings,
        .catalogue = page.catalogue,
        .words = page.worker->words,
        .event = found->entry,
        .record = record,
        .method = CALENDAR_PUBLISH,
        .called_off = found->entry && found->entry->state == EVENT_OFF,
        .sessions = true,
        .now = page.now,
    };
    send(&page, record->slug, record_entry_make(page.arena, &wanted, &text) < 0 ? NULL : text, REPLY_NO_STORE);
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

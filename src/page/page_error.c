/* SPDX-License-Identifier: EUPL-1.2 */
/* Plain error pages. Called by http/ through site.c's refuse and by the endpoints. A worker's thread. */
#include "page/page_error.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define EVENTS_MAX 20 /* named where a link is lost */
#define RETRY_SECONDS 30

/* A link of a mail that leads nowhere. The path may be missing: not every request that is refused was understood. */
static bool is_own_link(const struct request *request)
{
    const char *path = request_path(request);

    return path && (strncmp(path, "/r/", 3) == 0 || strncmp(path, "/a/", 3) == 0);
}

/* Where the link can be asked for anew. Nothing of the broken one is looked at: the list is the same for all. */
static void put_events(struct page *page, bool wanted)
{
    const struct event_book *book = page->edition->events;
    json_t *list = page_array(page);

    for (size_t i = 0; wanted && i < book->count && json_array_size(list) < EVENTS_MAX; i++) {
        const struct event_entry *entry = &book->entries[i];
        const struct event_definition *definition = entry->definition;
        json_t *item;

        if (definition->visibility != EVENT_PUBLIC || entry->state != EVENT_LIVE || definition->ends <= page->now)
            continue;
        item = page_object(page);
        page_put_string(page, item, "href", page_model_find(page, definition->slug));
        page_put(page, item, "title", page_text(page, definition, &definition->title));
        page_add(page, list, item);
    }
    page_put_bool(page, page->model, "lost_link", wanted);
    page_put_bool(page, page->model, "has_events", json_array_size(list) > 0);
    page_put(page, page->model, "events", list);
}

static void send_words(struct page *page, int status, const char *words, int64_t retry_after)
{
    const char *heading = arena_format(page->arena, "error.%s.heading", words);
    const char *text = arena_format(page->arena, "error.%s.text", words);

    if (!heading || !text) {
        heading = "error.other.heading";
        text = "error.other.text";
    }
    page_put_string(page, page->model, "heading", page_say(page, heading));
    page_put_string(page, page->model, "text", page_say(page, text));
    page_put_bool(page, page->model, "lost", status == 404);
    put_events(page, status == 404 && is_own_link(page->request));
    page_model_layout(page, &(struct page_layout){ .title = page_say(page, heading), .private = true });
    page_send(page, "error", &(struct reply){
        .status = status,
        .cache = REPLY_NO_STORE,
        .retry_after = status == 503 ? RETRY_SECONDS : (int)retry_after,
    });
}

static void send_status(struct request *request, int status, int64_t retry_after)
{
    struct page_worker *worker = request_state(request);
    struct page page;
    char words[12], key[32];
    bool vary;
    const char *language = page_language_choose(request, worker->edition, NULL, &vary);

    page_begin(&page, request, NULL, language, vary);
    (void)snprintf(words, sizeof words, "%d", status);
    (void)snprintf(key, sizeof key, "error.%s.heading", words);
    send_words(&page, status, catalogue_has(page.catalogue, key) ? words : "other", retry_after);
}

void page_error(struct request *request, int status)
{
    send_status(request, status, 0);
}

bool page_error_limited(struct request *request)
{
    int64_t seconds;

    if (request_allowed(request, &seconds))
        return false;
    send_status(request, 429, seconds);
    return true;
}

void page_error_words(struct request *request, int status, const char *words, const char *language)
{
    struct page page;

    page_begin(&page, request, NULL, language, false);
    send_words(&page, status, words, 0);
}

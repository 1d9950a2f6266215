/* SPDX-License-Identifier: EUPL-1.2 */
/* Plain error pages. Called by http/ through site.c's refuse and by the endpoints. A worker's thread. */
#include "page/page_error.h"

#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "view/catalogue.h"

#define RETRY_SECONDS 30

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

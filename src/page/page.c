/* SPDX-License-Identifier: EUPL-1.2 */
/* A page in the making: begin, put the model together, render, send. Called by every endpoint of this room.
 * A worker's thread. */
#include "page/page.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/settings.h"
#include "event/definition.h"
#include "http/encoding.h"
#include "http/request.h"
#include "page/site.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"

void page_begin(struct page *page, struct request *request, const struct edition *edition, const char *language,
                bool vary)
{
    struct page_worker *worker = request_state(request);

    *page = (struct page){
        .request = request,
        .worker = worker,
        .arena = request_arena(request),
        .edition = edition ? edition : worker->edition,
        .vary = vary,
        .now = clock_now(worker->options->clock),
        .model = json_object(),
    };
    page->catalogue = catalogues_find(page->edition->catalogues, language);
    if (!page->catalogue)
        page->catalogue = catalogues_find(page->edition->catalogues, "en");
    page->language = catalogue_language(page->catalogue);
    page->failed = !page->model;
}

void page_respond(struct request *request, const struct reply *how)
{
    const struct page_worker *worker = request_state(request);
    struct reply reply = *how;

    reply.https = strncmp(worker->edition->settings->http.base_url, "https:", 6) == 0;
    reply_send(request, &reply);
}

void page_see_other(struct request *request, const char *location, const char *frames)
{
    page_respond(request, &(struct reply){
        .status = location ? 303 : 500,
        .type = "text/plain; charset=utf-8",
        .location = location,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = frames,
        .data = "",
    });
}

void page_drop(struct page *page)
{
    json_decref(page->model);
    page->model = NULL;
}

bool page_takes_gzip(const struct request *request)
{
    return encoding_takes_gzip(request_header(request, "Accept-Encoding"));
}

static void send_last_resort(struct page *page)
{
    static const char text[] = "The page could not be made. Try again in a minute.\n";

    page_respond(page->request, &(struct reply){
        .status = 500,
        .type = "text/plain; charset=utf-8",
        .language = "en",
        .cache = REPLY_NO_STORE,
        .data = text,
        .size = sizeof text - 1,
    });
}

int page_render(struct page *page, const char *template)
{
    struct buffer *out = &page->worker->out;
    const char *name = arena_format(page->arena, "page/%s.html", template);
    int r = -ENOMEM;

    buffer_clear(out);
    if (name && !page->failed) {
        r = templates_render(page->edition->templates, name, page->model, page->catalogue, out);
        if (r == 0)
            r = buffer_check(out);
    }
    page_drop(page);
    if (r < 0) {
        log_error("page.failed", LOG_TEXT("template", template), LOG_ERRNO(r));
        /* A buffer that failed stays failed until it is emptied wholly. */
        buffer_done(out);
        *out = (struct buffer){ 0 };
        send_last_resort(page);
    }
    return r;
}

void page_reply(struct page *page, const struct reply *how, const char *data, size_t size)
{
    struct reply reply = *how;

    reply.type = "text/html; charset=utf-8";
    reply.language = page->language;
    reply.vary_language = page->vary;
    reply.data = data;
    reply.size = size;
    page_respond(page->request, &reply);
}

void page_send(struct page *page, const char *template, const struct reply *how)
{
    if (page_render(page, template) < 0)
        return;
    page_reply(page, how, buffer_string(&page->worker->out), page->worker->out.size);
}

void page_send_file(struct page *page, const struct reply *how)
{
    struct reply reply = *how;

    page_drop(page);
    reply.language = page->language;
    reply.vary_language = page->vary;
    page_respond(page->request, &reply);
}

json_t *page_object(struct page *page)
{
    json_t *object = json_object();

    if (!object)
        page->failed = true;
    return object;
}

json_t *page_array(struct page *page)
{
    json_t *array = json_array();

    if (!array)
        page->failed = true;
    return array;
}

void page_put(struct page *page, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new_nocheck(object, key, value) < 0)
        page->failed = true;
}

void page_add(struct page *page, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) < 0)
        page->failed = true;
}

void page_put_string(struct page *page, json_t *object, const char *key, const char *text)
{
    page_put(page, object, key, text ? json_string(text) : NULL);
}

void page_put_optional(struct page *page, json_t *object, const char *key, const char *text)
{
    page_put(page, object, key, text ? json_string(text) : json_false());
}

void page_put_bool(struct page *page, json_t *object, const char *key, bool value)
{
    page_put(page, object, key, json_boolean(value));
}

json_t *page_words(struct page *page, const char *text, const char *language)
{
    json_t *object = page_object(page);

    page_put_string(page, object, "text", text);
    page_put_optional(page, object, "lang", strcmp(language, page->language) == 0 ? NULL : language);
    return object;
}

json_t *page_text(struct page *page, const struct event_definition *definition, const struct event_text *text)
{
    const char *language = page->language;
    const char *found = event_text_in(definition, text, page->language, &language);

    return page_words(page, found, language);
}

const char *page_href(struct page *page, const char *path)
{
    const char *href = arena_format(page->arena, "/%s%s", page->language, path);

    if (!href)
        page->failed = true;
    return href;
}

const char *page_say(struct page *page, const char *key)
{
    return catalogue_text(page->catalogue, key);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /accessibility: the accessibility statement, in the structure of the model of Implementing Decision (EU)
 * 2018/1523; `?host=ID`: that of another host than the first. What it says of these pages is of the program, the rest
 * of the settings. A worker's thread. */
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "config/settings.h"
#include "config/settings_text.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/markdown.h"

#define TOP 3 /* headings of the settings stand under an h2 */

static const char *status_words(struct page *page)
{
    static const char *const keys[] = {
        [SETTINGS_CONFORMS_FULLY] = "accessibility.full",
        [SETTINGS_CONFORMS_PARTLY] = "accessibility.partial",
        [SETTINGS_CONFORMS_NOT] = "accessibility.none",
    };

    return page_say(page, keys[page->edition->settings->accessibility.conformance]);
}

static json_t *markdown(struct page *page, const struct settings_text *text)
{
    const char *language = NULL, *found = settings_text_in(text, page->language, &language);

    if (!found)
        return json_false();
    return page_words(page, markdown_html(page->arena, found, TOP), language ? language : page->language);
}

static const char *dated(struct page *page, const char *key, const char *day)
{
    const char *words = day ? page_model_day(page, day) : NULL;

    return words ? catalogue_format(page->catalogue, page->arena, key, "date", words, NULL) : NULL;
}

static void put_statement(struct page *page, const struct settings_host *host)
{
    const struct settings *settings = page->edition->settings;
    bool self = settings->accessibility.assessed == SETTINGS_ASSESSED_SELF;
    json_t *feedback = page_object(page);

    page_put_string(page, page->model, "intro",
                    catalogue_format(page->catalogue, page->arena, "accessibility.intro", "name", host->name, "site",
                                     settings->http.base_url, NULL));
    page_put_string(page, page->model, "status", status_words(page));
    page_put(page, page->model, "limits", markdown(page, &settings->accessibility.limits));
    /* Even who conforms is not answerable for what organisers write: it is said unless the assessment covers all. */
    page_put_bool(page, page->model, "texts",
                  settings->accessibility.conformance != SETTINGS_CONFORMS_FULLY);
    page_put_string(page, page->model, "method",
                    page_say(page, self ? "accessibility.assessed_self" : "accessibility.assessed_others"));
    page_put_optional(page, page->model, "prepared",
                      dated(page, "accessibility.prepared", settings->accessibility.prepared));
    page_put_optional(page, page->model, "reviewed",
                      dated(page, "accessibility.reviewed", settings->accessibility.reviewed));
    page_model_contact(page, feedback,
                       settings->accessibility.contact ? settings->accessibility.contact : host->contact);
    page_put(page, page->model, "feedback", feedback);
    page_put(page, page->model, "enforcement", markdown(page, &settings->accessibility.enforcement));
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct settings_host *host = page_model_asked_host(request, worker->edition);
    const char *language;
    struct page page;
    bool vary;

    if (!host) {
        page_error(request, 404);
        return;
    }
    language = page_language_choose(request, worker->edition, NULL, &vary);
    page_begin(&page, request, NULL, language, vary);
    put_statement(&page, host);
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, "accessibility.heading"),
        .path = page_model_hosted(&page, "/accessibility", host),
        .host = host,
        .links = true,
    });
    page_send(&page, "accessibility", &(struct reply){ .status = 200, .cache = REPLY_PRIVATE });
}

const struct endpoint page_accessibility = {
    .name = "accessibility",
    .path = "/accessibility",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

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

static const char *status_words(struct page *page, enum settings_conformance conformance)
{
    static const char *const keys[] = {
        [SETTINGS_CONFORMS_FULLY] = "accessibility.full",
        [SETTINGS_CONFORMS_PARTLY] = "accessibility.partial",
        [SETTINGS_CONFORMS_NOT] = "accessibility.none",
    };

    return page_say(page, keys[conformance]);
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

static const char *named(struct page *page, const char *key, const struct settings_host *host)
{
    return catalogue_format(page->catalogue, page->arena, key, "name", host->name, NULL);
}

/* Who has assessed the pages; a statement that nobody has made yet says so. */
static const char *method_words(struct page *page, const struct settings_host *host)
{
    switch (host->accessibility.assessed) {
    case SETTINGS_ASSESSED_SELF:
        return page_say(page, "accessibility.assessed_self");
    case SETTINGS_ASSESSED_OTHERS:
        return page_say(page, "accessibility.assessed_others");
    case SETTINGS_ASSESSED_NOT:
        break;
    }
    return named(page, "accessibility.assessed_none", host);
}

static json_t *words(struct page *page, const struct settings_text *text)
{
    const char *language = NULL, *found = settings_text_in(text, page->language, &language);

    return found ? page_words(page, found, language ? language : page->language) : json_false();
}

static void put_statement(struct page *page, const struct settings_host *host)
{
    const struct settings_statement *statement = &host->accessibility;
    const char *prepared = statement->prepared ? dated(page, "accessibility.prepared", statement->prepared)
                                               : page_say(page, "accessibility.no_date");
    json_t *feedback = page_object(page), *enforcement = markdown(page, &statement->enforcement);

    page_put_string(page, page->model, "intro",
                    catalogue_format(page->catalogue, page->arena, "accessibility.intro", "name", host->name, "site",
                                     page->edition->settings->http.base_url, NULL));
    page_put_string(page, page->model, "status", status_words(page, statement->conformance));
    page_put(page, page->model, "law", words(page, &statement->law));
    page_put(page, page->model, "limits", markdown(page, &statement->limits));
    /* Even who conforms is not answerable for what organisers write: it is said unless the assessment covers all. */
    page_put_bool(page, page->model, "texts", statement->conformance != SETTINGS_CONFORMS_FULLY);
    page_put_string(page, page->model, "method", method_words(page, host));
    page_put_string(page, page->model, "prepared", prepared);
    page_put_optional(page, page->model, "reviewed", dated(page, "accessibility.reviewed", statement->reviewed));
    page_model_contact(page, feedback, statement->contact ? statement->contact : host->contact);
    page_put(page, page->model, "feedback", feedback);
    page_put_optional(page, page->model, "no_body",
                      json_is_false(enforcement) ? named(page, "accessibility.no_body", host) : NULL);
    page_put(page, page->model, "enforcement", enforcement);
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

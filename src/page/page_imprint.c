/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /imprint: who publishes the pages, from the settings; `?host=ID`: those of another host than the first. Only
 * there if they say it. A worker's thread. */
#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "config/settings_text.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "view/edition.h"
#include "view/markdown.h"

#define TOP 3 /* its headings stand under an h2 */

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct settings_host *host = page_model_asked_host(request, worker->edition);
    const char *language, *written_in, *imprint;
    struct page page;
    json_t *text;
    bool vary;

    language = page_language_choose(request, worker->edition, NULL, &vary);
    imprint = host ? settings_text_in(&host->imprint, language, &written_in) : NULL;
    if (!imprint) {
        page_error(request, 404);
        return;
    }
    page_begin(&page, request, NULL, language, vary);
    text = page_words(&page, markdown_html(page.arena, imprint, TOP), written_in ? written_in : page.language);
    page_put_string(&page, page.model, "name", host->name);
    page_put_optional(&page, page.model, "controller", host->controller);
    page_put(&page, page.model, "text", text);
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, "imprint.heading"),
        .path = page_model_hosted(&page, "/imprint", host),
        .host = host,
        .links = true,
    });
    page_send(&page, "imprint", &(struct reply){ .status = 200, .cache = REPLY_PRIVATE });
}

const struct endpoint page_imprint = {
    .name = "imprint",
    .path = "/imprint",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /robots.txt (RFC 9309): what belongs to one person is not for search engines. Such pages say so themselves too.
 * A worker's thread. */
#include "base/buffer.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_table.h"
#include "view/catalogue.h"
#include "view/edition.h"

/* Paths with a token in them. */
static const char *const closed[] = { "/r/", "/n/", "/a/", "/u/" };

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct catalogues *catalogues = worker->edition->catalogues;
    struct buffer text = { 0 };

    buffer_text(&text, "User-agent: *\nAllow: /static/\n");
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        buffer_format(&text, "Disallow: %s\n", closed[i]);
        for (size_t k = 0; k < catalogues_count(catalogues); k++)
            buffer_format(&text, "Disallow: /%s%s\n", catalogue_language(catalogues_at(catalogues, k)), closed[i]);
    }
    if (buffer_check(&text) < 0)
        page_error(request, 503);
    else
        page_respond(request, &(struct reply){
            .status = 200,
            .type = "text/plain; charset=utf-8",
            .cache = REPLY_DAY,
            .data = buffer_string(&text),
            .size = text.size,
        });
    buffer_done(&text);
}

const struct endpoint page_robots = {
    .name = "robots",
    .path = "/robots.txt",
    .methods = HTTP_GET,
    .handle = handle,
};

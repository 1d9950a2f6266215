/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /static/{name}: files by the name with their hash, so that they may be kept for a year. A worker's thread. */
#include "page/page_static.h"

#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_table.h"
#include "view/assets.h"
#include "view/edition.h"

void page_static_send(struct request *request, const struct asset *asset, enum reply_cache cache)
{
    bool gzip = asset->gzip && page_takes_gzip(request);

    page_respond(request, &(struct reply){
        .status = 200,
        .type = asset->type,
        .cache = cache,
        .vary_encoding = asset->gzip != NULL,
        .gzip = gzip,
        .data = gzip ? asset->gzip : asset->data,
        .size = gzip ? asset->gzip_size : asset->size,
    });
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const char *name = request_part(request, "name");
    const struct asset *asset = name ? assets_by_hashed(worker->edition->assets, name) : NULL;

    if (!asset) {
        page_error(request, 404);
        return;
    }
    page_static_send(request, asset, REPLY_YEAR);
}

const struct endpoint page_static = {
    .name = "static",
    .path = "/static/{name}",
    .methods = HTTP_GET,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /static/{name}: files by the name with their hash, so that they may be kept for a year. A worker's thread. */
#include "http/reply.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_table.h"
#include "view/assets.h"
#include "view/edition.h"

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const char *name = request_part(request, "name");
    const struct asset *asset = name ? assets_by_hashed(worker->edition->assets, name) : NULL;

    if (!asset) {
        page_error(request, 404);
        return;
    }
    reply_send(request, &(struct reply){
        .status = 200,
        .type = asset->type,
        .cache = REPLY_YEAR,
        .data = asset->data,
        .size = asset->size,
    });
}

const struct endpoint page_static = {
    .name = "static",
    .path = "/static/{name}",
    .methods = HTTP_GET,
    .handle = handle,
};

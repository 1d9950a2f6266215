/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /favicon.ico: browsers ask for it by this name where no page names another, such as beside plain text.
 * A worker's thread. */
#include <stddef.h>

#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_static.h"
#include "page/page_table.h"
#include "view/assets.h"
#include "view/edition.h"

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct asset *asset = assets_by_name(worker->edition->assets, "favicon.ico");

    if (asset)
        page_static_send(request, asset, REPLY_DAY);
    else
        page_error(request, 404);
}

const struct endpoint page_favicon = {
    .name = "favicon",
    .path = "/favicon.ico",
    .methods = HTTP_GET,
    .handle = handle,
};

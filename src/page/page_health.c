/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /healthz: the process is alive and its loop turns. A worker's thread. */
#include "http/reply.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_table.h"

static void handle(struct request *request)
{
    static const char text[] = "ok\n";

    page_respond(request, &(struct reply){
        .status = 200,
        .type = "text/plain; charset=utf-8",
        .cache = REPLY_NO_STORE,
        .data = text,
        .size = sizeof text - 1,
    });
}

const struct endpoint page_health = {
    .name = "health",
    .path = "/healthz",
    .methods = HTTP_GET,
    .handle = handle,
};

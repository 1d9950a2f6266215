/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /readyz: whether the store takes sign-ups. Trouble with mail is told and is no reason to take a node away: people
 * can sign up and their mail waits. A worker's thread. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/metrics.h"
#include "http/reply.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_table.h"
#include "page/site.h"
#include "store/store.h"

static const char *word(int ready, bool mail_down)
{
    switch (ready) {
    case 0:
        return mail_down ? "ready\nthe mail server cannot be reached; mails wait\n" : "ready\n";
    case -EBUSY:
        return "the queue of sign-ups is full\n";
    case -ENOSPC:
        return "the store cannot be written\n";
    default:
        return "the store is broken\n";
    }
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    int ready = store_ready(worker->options->store);
    const char *text = word(ready, metrics_get(worker->options->metrics, METRIC_MAIL_DOWN) != 0);

    page_respond(request, &(struct reply){
        .status = ready == 0 ? 200 : 503,
        .type = "text/plain; charset=utf-8",
        .cache = REPLY_NO_STORE,
        .data = text,
        .size = strlen(text),
    });
}

const struct endpoint page_ready = {
    .name = "ready",
    .path = "/readyz",
    .methods = HTTP_GET,
    .handle = handle,
};

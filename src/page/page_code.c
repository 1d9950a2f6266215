/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /r/{token}/code.png: the reference of who comes to the door, as the QR code that the mail brings too. A worker's
 * thread. */
#include <stdlib.h>

#include "base/log.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "report/record_entry.h"
#include "view/qr.h"

static void answer(struct page_record *found)
{
    bool off = found->entry && found->entry->state == EVENT_OFF;
    struct page page;
    void *data = NULL;
    size_t size = 0;

    if (!record_entry_has_code(&found->record, page_record_today(found), off)) {
        page_error(found->link.request, 404);
        return;
    }
    int r = qr_png(found->record.reference, &data, &size);
    if (r < 0) {
        log_error("code.failed", LOG_INT("registration", found->link.id), LOG_ERRNO(r));
        page_error(found->link.request, 500);
        return;
    }
    page_record_begin(&page, found);
    page_send_file(&page, &(struct reply){
        .status = 200,
        .type = "image/png",
        .cache = REPLY_NO_STORE,
        .data = data,
        .size = size,
    });
    free(data);
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_code = {
    .name = "code",
    .path = "/r/{token}/code.png",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /readyz: whether the store takes sign-ups. Trouble with mail is told and is no reason to take a node away: people
 * can sign up and their mail waits. A worker's thread. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buffer.h"
#include "base/metrics.h"
#include "http/reply.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_table.h"
#include "page/site.h"
#include "store/store.h"

static const char *word(int ready)
{
    switch (ready) {
    case 0:
        return "ready\n";
    case -EBUSY:
        return "the queue of sign-ups is full\n";
    case -ENOSPC:
        return "the store cannot be written\n";
    default:
        return "the store is broken\n";
    }
}

/* Sentences about the mail, none where all is well. */
static void add_mail_words(const struct metrics *metrics, struct buffer *out)
{
    static const struct {
        enum metric metric;
        const char *words;
    } troubles[] = {
        { METRIC_MAIL_DOWN, "the mail server cannot be reached; mails wait\n" },
        { METRIC_MAIL_PAUSES, "mails are paused\n" },
        { METRIC_MAIL_ALARM_AGE, "alarm: mails have waited too long\n" },
        { METRIC_MAIL_ALARM_FAILURES, "alarm: too many mails are refused\n" },
        { METRIC_MAIL_ALARM_POLICY, "alarm: a mail was refused for reasons of policy\n" },
    };
    for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
        if (metrics_get(metrics, troubles[i].metric) != 0)
            buffer_text(out, troubles[i].words);
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    int ready = store_ready(worker->options->store);
    struct buffer text = { 0 };

    buffer_text(&text, word(ready));
    add_mail_words(worker->options->metrics, &text);
    const char *data = buffer_check(&text) < 0 ? word(ready) : buffer_string(&text);
    page_respond(request, &(struct reply){
        .status = ready == 0 ? 200 : 503,
        .type = "text/plain; charset=utf-8",
        .cache = REPLY_NO_STORE,
        .data = data,
        .size = strlen(data),
    });
    buffer_done(&text);
}

const struct endpoint page_ready = {
    .name = "ready",
    .path = "/readyz",
    .methods = HTTP_GET,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/cancel: GET shows what a cancellation does and a button, POST cancels; GET changes nothing, for mail
 * scanners follow every link. The token in the path is the secret that another site would need to forge the POST.
 * A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/log.h"
#include "base/metrics.h"
#include "change/cancel.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_model.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "page/site.h"
#include "signup/state.h"
#include "view/edition.h"

static const char *const reasons[] = { "cannot_travel", "date", "colleague", "other" };
#define REASONS (sizeof reasons / sizeof *reasons)

/* A cancellation under way; it lives in the job's arena. */
struct waiting {
    struct cancel change; /* first: the mailbox hands it back */
    struct request *request;
    const char *location; /* back to the registration */
    const char *language;
};

static void go_back(struct request *request, const char *location)
{
    page_respond(request, &(struct reply){
        .status = location ? 303 : 500,
        .type = "text/plain; charset=utf-8",
        .location = location,
        .cache = REPLY_NO_STORE,
        .data = "",
    });
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;

    switch (waiting->change.job.outcome) {
    case 0:
        if (waiting->change.result == CANCEL_DONE)
            metrics_add(((struct page_worker *)request_state(waiting->request))->options->metrics, METRIC_CANCELS, 1);
        if (waiting->change.result == CANCEL_GONE)
            page_error(waiting->request, 404);
        else
            go_back(waiting->request, waiting->location);
        break;
    case -EAGAIN:
        page_error_words(waiting->request, 503, "not_cancelled", waiting->language);
        break;
    case -EINPROGRESS:
        page_error_words(waiting->request, 503, "maybe_cancelled", waiting->language);
        break;
    default:
        page_error_words(waiting->request, 500, "not_cancelled", waiting->language);
        break;
    }
    edition_unref(edition);
    arena_free(arena);
}

/* One of our own words; whatever else came is no reason. */
static const char *reason_of(const struct form *form)
{
    const char *value = form_value(form, "reason");

    for (size_t i = 0; value && i < REASONS; i++)
        if (strcmp(value, reasons[i]) == 0)
            return reasons[i];
    return NULL;
}

static int waiting_new(struct page *page, const struct page_record *found, const char *location,
                       struct waiting **ret_waiting)
{
    const char *from = page->edition->settings->mail.from_address, *at = strrchr(from, '@');
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;

    if (!waiting)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_cancel,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .registration_id = found->record.id,
            .link_version = found->record.link_version,
            .actor = "person",
            .reason = reason_of(request_form(found->request)),
            .message_domain = arena_copy(arena, at ? at + 1 : from),
        },
        .request = found->request,
        .location = arena_copy(arena, location),
        .language = arena_copy(arena, page->language),
    };
    if (!waiting->change.message_domain || !waiting->location || !waiting->language)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

static void cancel(struct page *page, const struct page_record *found, const char *location)
{
    struct waiting *waiting;
    int r;

    if (waiting_new(page, found, location, &waiting) < 0) {
        page_error_words(found->request, 503, "not_cancelled", page->language);
        return;
    }
    waiting->change.job.edition = edition_ref(found->job.edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r < 0) {
        log_debug("cancel.refused", LOG_ERRNO(r));
        edition_unref(waiting->change.job.edition);
        arena_free(waiting->change.job.arena);
        page_error_words(found->request, 503, "not_cancelled", page->language);
    }
}

static void put_effects(struct page *page, bool waitlisted)
{
    json_t *effects = page_array(page);

    page_add(page, effects, json_string(page_say(page, waitlisted ? "cancel.leave_list" : "cancel.lose_place")));
    page_add(page, effects, json_string(page_say(page, waitlisted ? "cancel.mail" : "cancel.mail_calendar")));
    page_add(page, effects, json_string(page_say(page, "cancel.again")));
    page_put(page, page->model, "effects", effects);
}

static void show(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = found->entry ? found->entry->definition : record->definition;
    bool waitlisted = record->status == STATE_WAITLISTED;
    json_t *list = page_array(page);

    for (size_t i = 0; i < REASONS; i++) {
        json_t *reason = page_object(page);
        const char *key = arena_format(page->arena, "cancel.reasons.%s", reasons[i]);

        page_put_string(page, reason, "value", reasons[i]);
        page_put_string(page, reason, "word", key ? page_say(page, key) : NULL);
        page_add(page, list, reason);
    }
    page_put(page, page->model, "reasons", list);
    page_put(page, page->model, "event", page_model_today(page, found->entry, record->definition));
    page_put_string(page, page->model, "name", record->name ? record->name : record->reference);
    page_put_string(page, page->model, "action", page_record_href(page, found, "/cancel"));
    page_put_string(page, page->model, "keep", page_record_href(page, found, ""));
    page_put_string(page, page->model, "keep_word", page_say(page, waitlisted ? "cancel.stay" : "cancel.keep"));
    put_effects(page, waitlisted);
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, "cancel.heading"),
        .definition = today,
        .private = true,
        .links = true,
    });
    page_send(page, "cancel", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

static void answer(struct page_record *found)
{
    struct page page;
    const char *location;

    page_record_begin(&page, found);
    if (state_is_live(found->record.status) && !request_is_post(found->request)) {
        show(&page, found);
        return;
    }
    location = page_record_href(&page, found, "");
    json_decref(page.model);
    if (!location)
        page_error(found->request, 503);
    else if (state_is_live(found->record.status))
        cancel(&page, found, location);
    else
        go_back(found->request, location); /* it is cancelled already, or was never to be */
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_cancel = {
    .name = "cancel",
    .path = "/r/{token}/cancel",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

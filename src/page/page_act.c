/* SPDX-License-Identifier: EUPL-1.2 */
/* Runs a person's act on the own registration. The token in the path is the secret that another site would need to
 * forge the POST. Called by page_cancel, page_confirm, page_consents and page_erase. A worker's thread. */
#include "page/page_act.h"

#include <errno.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/metrics.h"
#include "change/act.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_record.h"
#include "page/site.h"
#include "view/edition.h"

/* An act under way; it lives in the job's arena. */
struct waiting {
    struct act change; /* first: the mailbox hands it back */
    struct request *request;
    const char *location; /* back to the registration */
    const char *language;
    const char *failed, *unknown;
    int64_t event_id;
    void (*late)(struct page_record *found);
    void (*done)(struct page *page, const struct event_entry *entry);
};

static void finish(const struct waiting *waiting)
{
    struct edition *edition = waiting->change.job.edition;
    struct page page;

    page_begin(&page, waiting->request, edition, waiting->language, false);
    waiting->done(&page, event_book_by_id(edition->events, waiting->event_id));
}

static void decided(const struct waiting *waiting)
{
    switch (waiting->change.result) {
    case ACT_GONE:
        page_error(waiting->request, 404);
        return;
    case ACT_LATE:
        if (waiting->late) {
            page_record_read(waiting->request, waiting->late);
            return;
        }
        break;
    case ACT_DONE:
        if (waiting->change.job.kind == &change_cancel)
            metrics_add(((struct page_worker *)request_state(waiting->request))->options->metrics, METRIC_CANCELS, 1);
        if (waiting->done) {
            finish(waiting);
            return;
        }
        break;
    case ACT_ALREADY:
    case ACT_FULL:
    case ACT_KEPT:
    case ACT_OFF:
    case ACT_NO_SLOT:
        break;
    }
    page_see_other(waiting->request, waiting->location, NULL);
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;

    switch (waiting->change.job.outcome) {
    case 0:
        decided(waiting);
        break;
    case -EAGAIN:
        page_error_words(waiting->request, 503, waiting->failed, waiting->language);
        break;
    case -EINPROGRESS:
        page_error_words(waiting->request, 503, waiting->unknown, waiting->language);
        break;
    default:
        page_error_words(waiting->request, 500, waiting->failed, waiting->language);
        break;
    }
    edition_unref(edition);
    arena_free(arena);
}

static int waiting_new(struct page *page, const struct page_record *found, const struct page_act *act,
                       struct waiting **ret_waiting)
{
    const char *from = page->edition->settings->mail.from_address;
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    const char *location = page_record_href(page, found, "");

    if (!waiting || !location)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = act->kind,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .registration_id = act->guest ? act->guest->id : found->record.id,
            .link_version = act->guest ? act->guest->link_version : found->record.link_version,
            .actor = "person",
            .reason = act->reason,
            .purpose = arena_copy(arena, act->purpose),
            .field = arena_copy(arena, act->field),
            .evidence_until = act->evidence_until,
            .title = { arena_copy(arena, act->title.text), arena_copy(arena, act->title.language),
                       arena_copy(arena, act->title.zone) },
            .kept = arena_copy(arena, act->kept),
            .message_domain = arena_copy(arena, mail_row_domain(from)),
        },
        .request = found->link.request,
        .location = arena_copy(arena, location),
        .language = arena_copy(arena, page->language),
        .failed = act->failed,
        .unknown = act->unknown,
        .event_id = found->record.event_id,
        .late = act->late,
        .done = act->done,
    };
    if ((act->purpose && !waiting->change.purpose) || (act->field && !waiting->change.field) ||
        (act->kept && !waiting->change.kept) ||
        (act->title.text && (!waiting->change.title.text || !waiting->change.title.language ||
                             !waiting->change.title.zone)) ||
        !waiting->change.message_domain || !waiting->location || !waiting->language)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

void page_act_run(struct page *page, const struct page_record *found, const struct page_act *act)
{
    struct waiting *waiting;
    int r;

    page_drop(page);
    if (waiting_new(page, found, act, &waiting) < 0) {
        page_error_words(found->link.request, 503, act->failed, page->language);
        return;
    }
    waiting->change.job.edition = edition_ref(found->link.job.edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r < 0) {
        log_debug("act.refused", LOG_TEXT("kind", act->kind->name), LOG_ERRNO(r));
        edition_unref(waiting->change.job.edition);
        arena_free(waiting->change.job.arena);
        page_error_words(found->link.request, 503, act->failed, page->language);
    }
}

void page_act_back(struct page *page, const struct page_record *found)
{
    const char *location = page_record_href(page, found, "");

    page_drop(page);
    page_see_other(found->link.request, location, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* /u/{token}: GET shows a button and changes nothing, for mail scanners follow every link; POST stops reminders,
 * surveys and news, or has them sent again. A mail provider posts `List-Unsubscribe=One-Click` for the reader without a
 * cookie and takes no redirect (RFC 8058); our own button posts the same. The link is in a header that providers see,
 * so its page says the event and nothing of the person, and leads nowhere else. A worker's thread. */
#include "page/page_stop.h"

#include <errno.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/log.h"
#include "base/token.h"
#include "change/stop.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/page_link.h"
#include "page/page_model.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "page/site.h"
#include "report/record.h"
#include "view/edition.h"

#define FIELD "List-Unsubscribe"
#define ONE_CLICK "One-Click"
#define AGAIN "Again"

/* A look-up under way; it lives in the job's arena. */
struct looking {
    struct page_link link; /* first: the mailbox hands it back */
    struct revisions *revisions;
    struct record record;
};

/* A change under way; likewise. */
struct waiting {
    struct stop change; /* first */
    struct request *request;
    const char *language;
    bool vary;
    int64_t event_id;
};

const char *page_stop_href(struct page *page, const struct page_record *found)
{
    char token[TOKEN_SIZE];
    const char *path;

    token_make(page->worker->options->keyring, TOKEN_STOP, found->record.id, found->record.link_version, token);
    path = arena_format(page->arena, "/u/%s", token);
    page->failed = page->failed || !path;
    return path ? page_href(page, path) : NULL;
}

/* STOPPED: as it is now; SAID: a sentence of what has just been done, or NULL. */
static void show(struct page *page, const struct event_entry *entry, bool stopped, const char *said)
{
    const char *heading = stopped ? "stop.stopped_heading" : "stop.heading";
    const char *token = request_part(page->request, "token");
    const char *path = arena_format(page->arena, "/u/%s", token);

    page->failed = page->failed || !path;
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_put_string(page, page->model, "heading", page_say(page, heading));
    page_put_optional(page, page->model, "said", said ? page_say(page, said) : NULL);
    page_put_bool(page, page->model, "stopped", stopped);
    page_put_string(page, page->model, "action", path ? page_href(page, path) : NULL);
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, heading),
        .definition = entry ? entry->definition : NULL,
        .private = true,
        .links = true,
    });
    page_send(page, "stop", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

/* ---- POST ---- */

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;
    int outcome = waiting->change.job.outcome;
    struct page page;

    if (outcome == 0 && !waiting->change.gone) {
        page_begin(&page, waiting->request, edition, waiting->language, waiting->vary);
        show(&page, event_book_by_id(edition->events, waiting->event_id), waiting->change.stops,
             waiting->change.stops ? "stop.none" : "stop.resumed");
    } else {
        page_error(waiting->request, outcome == 0 ? 404 : outcome == -EAGAIN || outcome == -EINPROGRESS ? 503 : 500);
    }
    edition_unref(edition);
    arena_free(arena);
}

static int waiting_new(const struct looking *looking, bool stops, struct waiting **ret_waiting)
{
    struct page_worker *worker = request_state(looking->link.request);
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;

    if (!waiting) {
        arena_free(arena);
        return -ENOMEM;
    }
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_stop,
                .reply_to = worker->mailbox,
                .arena = arena,
            },
            .registration_id = looking->record.id,
            .link_version = looking->record.link_version,
            .stops = stops,
            .actor = "person",
        },
        .request = looking->link.request,
        .event_id = looking->record.event_id,
    };
    waiting->language = arena_copy(arena, page_language_stored(looking->link.request, looking->link.job.edition,
                                                               looking->record.language, &waiting->vary));
    if (!waiting->language) {
        arena_free(arena);
        return -ENOMEM;
    }
    *ret_waiting = waiting;
    return 0;
}

static void post(const struct looking *looking)
{
    struct request *request = looking->link.request;
    struct page_worker *worker = request_state(request);
    const struct form *form = request_form(request);
    struct waiting *waiting;
    bool stops = form_has(form, FIELD, ONE_CLICK);
    int r;

    if (form_times(form, FIELD) != 1 || (!stops && !form_has(form, FIELD, AGAIN))) {
        page_error(request, 422);
        return;
    }
    if (waiting_new(looking, stops, &waiting) < 0) {
        page_error(request, 503);
        return;
    }
    waiting->change.job.edition = edition_ref(looking->link.job.edition);
    r = store_submit(worker->options->store, &waiting->change.job);
    if (r < 0) {
        log_debug("stop.refused", LOG_ERRNO(r));
        edition_unref(waiting->change.job.edition);
        arena_free(waiting->change.job.arena);
        page_error(request, 503);
    }
}

/* ---- the way to the registration ---- */

static int run(struct read_job *job, struct db *db)
{
    struct looking *looking = (struct looking *)job;

    return record_read(db, job->arena, looking->revisions, looking->link.id, &looking->record);
}

static void answer(struct page_link *link)
{
    const struct looking *looking = (const struct looking *)link;
    const struct edition *edition = link->job.edition;
    struct page page;
    const char *language;
    bool vary;

    if (!page_link_found(link) || !page_link_proved(link, TOKEN_STOP, looking->record.link_version))
        return;
    if (request_is_post(link->request)) {
        post(looking);
        return;
    }
    language = page_language_stored(link->request, edition, looking->record.language, &vary);
    page_begin(&page, link->request, edition, language, vary);
    show(&page, event_book_by_id(edition->events, looking->record.event_id), looking->record.stopped, NULL);
}

static void release(struct page_link *link)
{
    record_done(&((struct looking *)link)->record); /* nothing where none was found */
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    struct looking *looking = (struct looking *)page_link_new(request, sizeof *looking);

    if (!looking)
        return;
    looking->revisions = worker->options->revisions;
    page_link_read(&looking->link, run, answer, release);
}

const struct endpoint page_stop = {
    .name = "stop",
    .path = "/u/{token}",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .multipart = true,
    .handle = handle,
};

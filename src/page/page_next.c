/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /n/{token}: what happens next, right after a sign-up, the same for everybody: it rests on the submission, which
 * says what a new address would have got and holds nothing of the person. A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/token.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_event.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "page/site.h"
#include "store/db.h"
#include "store/store.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define GOOD_FOR 3600 /* seconds; afterwards the mail brings the link */

/* A look-up under way; it lives in the job's arena. */
struct looking {
    struct read_job job; /* first: the mailbox hands it back */
    struct request *request;
    int64_t id;

    /* found */
    const char *reference, *language, *outcome;
    int64_t event_id, at;
};

static int run(struct read_job *job, struct db *db)
{
    struct looking *looking = (struct looking *)job;
    struct query *query = db_query(db, "submission_by_id");
    int r;

    db_bind_int(query, ":id", looking->id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    looking->reference = arena_copy(job->arena, db_text(query, 0));
    looking->event_id = db_int(query, 1);
    looking->outcome = arena_copy(job->arena, db_text(query, 2));
    looking->language = arena_copy(job->arena, db_text(query, 3));
    looking->at = db_int(query, 4);
    db_reset(query);
    return looking->reference && looking->outcome && looking->language ? 0 : -ENOMEM;
}

static void show(struct looking *looking)
{
    const struct edition *edition = looking->job.edition;
    const struct event_entry *entry = event_book_by_id(edition->events, looking->event_id);
    bool waiting = strcmp(looking->outcome, "waitlisted") == 0, vary;
    const char *language = page_language_stored(looking->request, edition, looking->language, &vary);
    struct page page;

    page_begin(&page, looking->request, edition, language, vary);
    page_put(&page, page.model, "event", page_model_today(&page, entry, NULL));
    page_put_string(&page, page.model, "heading", page_say(&page, waiting ? "next.waiting_heading" : "next.heading"));
    page_put_string(&page, page.model, "text", page_say(&page, waiting ? "next.waiting_text" : "next.text"));
    page_put_string(&page, page.model, "reference", looking->reference);
    page_put_string(&page, page.model, "no_mail",
                    catalogue_format(page.catalogue, page.arena, "next.no_mail_text", "from",
                                     hosts_first(edition->settings)->from_address, NULL));
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, waiting ? "next.waiting_heading" : "next.heading"),
        .definition = entry ? entry->definition : NULL,
        .private = true,
        .links = true,
    });
    page_send(&page, "next", &(struct reply){
        .status = 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = entry ? page_event_frames(&page, entry->definition) : NULL,
    });
}

static void answer(struct looking *looking)
{
    struct page_worker *worker = request_state(looking->request);
    const char *token = request_part(looking->request, "token");
    int64_t now = clock_now(worker->options->clock);
    bool vary;

    switch (looking->job.outcome) {
    case 0:
        break;
    case -ENOENT:
        page_error(looking->request, 404);
        return;
    case -ENOMEM:
    case -EIO:
        log_error("next.failed", LOG_ERRNO(looking->job.outcome));
        page_error(looking->request, 500);
        return;
    default: /* busy, or the reader's deadline */
        page_error(looking->request, 503);
        return;
    }
    if (token_verify(worker->options->keyring, TOKEN_NEXT, token, looking->at) < 0)
        page_error(looking->request, 404);
    else if (now - looking->at > GOOD_FOR)
        page_error_words(looking->request, 410, "late",
                         page_language_stored(looking->request, worker->edition, looking->language, &vary));
    else
        show(looking);
}

static void arrive(struct post *post)
{
    struct looking *looking = (struct looking *)post;
    struct edition *edition = looking->job.edition;
    struct arena *arena = looking->job.arena;

    answer(looking);
    edition_unref(edition);
    arena_free(arena);
}

static void handle(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const char *token = request_part(request, "token");
    struct arena *arena;
    struct looking *looking;
    int64_t id;

    if (page_error_limited(request))
        return;
    if (!token || token_read(worker->options->keyring, token, &id) < 0) {
        page_error(request, 404);
        return;
    }
    arena = arena_new();
    looking = arena ? arena_take(arena, sizeof *looking) : NULL;
    if (!looking) {
        arena_free(arena);
        page_error(request, 503);
        return;
    }
    *looking = (struct looking){
        .job = {
            .post = { .arrive = arrive },
            .run = run,
            .reply_to = worker->mailbox,
            .arena = arena,
            .edition = edition_ref(worker->edition),
        },
        .request = request,
        .id = id,
    };
    if (store_read(worker->options->store, &looking->job) < 0) {
        edition_unref(looking->job.edition);
        arena_free(arena);
        page_error(request, 503);
    }
}

const struct endpoint page_next = {
    .name = "next",
    .path = "/n/{token}",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

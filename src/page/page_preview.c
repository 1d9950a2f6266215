/* SPDX-License-Identifier: EUPL-1.2 */
/* Proves the link to a draft. Called by page_event and page_privacy. A worker's thread, but for run(), which a reader
 * of the store calls. */
#include "page/page_preview.h"

#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/site.h"
#include "signup/phase.h"
#include "store/db.h"
#include "view/edition.h"

int page_preview_version(struct db *db, int64_t event_id, int64_t *ret_version)
{
    struct query *query = db_query(db, "preview_version");
    int r;

    db_bind_int(query, ":event", event_id);
    r = db_step(query);
    if (r < 0)
        return r;
    *ret_version = r > 0 ? db_int(query, 0) : 0;
    if (r > 0)
        db_reset(query);
    return 0;
}

bool page_preview_proves(const struct request *request, const char *token, int64_t event_id, int64_t version)
{
    const struct page_worker *worker = request_state(request);
    const struct keyring *keyring = worker->options->keyring;
    int64_t id;

    return token_read(keyring, token, &id) == 0 && id == event_id
           && token_verify(keyring, TOKEN_PREVIEW, token, version) == 0;
}

const struct event_entry *page_preview_asked(struct request *request)
{
    const struct page_worker *worker = request_state(request);
    const char *slug = request_part(request, "slug");
    const struct event_entry *entry = slug ? event_book_find(worker->edition->events, slug) : NULL;

    return entry && request_query(request, "preview") && phase_of(entry, 0) == PHASE_HIDDEN ? entry : NULL;
}

static int run(struct read_job *job, struct db *db)
{
    struct page_preview *preview = (struct page_preview *)job;

    return page_preview_version(db, preview->entry->event_id, &preview->version);
}

static void answer(const struct page_preview *preview)
{
    switch (preview->job.outcome) {
    case 0:
        break;
    case -EAGAIN:
    case -EBUSY:
    case -ETIME:
        page_error(preview->request, 503);
        return;
    default:
        log_error("preview.failed", LOG_INT("event", preview->entry->event_id), LOG_ERRNO(preview->job.outcome));
        page_error(preview->request, 500);
        return;
    }
    if (page_preview_proves(preview->request, preview->token, preview->entry->event_id, preview->version))
        preview->then(preview);
    else
        page_error(preview->request, 404);
}

static void arrive(struct post *post)
{
    struct page_preview *preview = (struct page_preview *)post;
    struct edition *edition = preview->job.edition;
    struct arena *arena = preview->job.arena;

    answer(preview);
    edition_unref(edition);
    arena_free(arena);
}

void page_preview_read(struct request *request, const struct event_entry *entry,
                       void (*then)(const struct page_preview *preview))
{
    struct page_worker *worker = request_state(request);
    struct arena *arena;
    struct page_preview *preview;

    if (page_error_limited(request))
        return;
    arena = arena_new();
    preview = arena ? arena_take(arena, sizeof *preview) : NULL;
    if (!preview) {
        arena_free(arena);
        page_error(request, 503);
        return;
    }
    *preview = (struct page_preview){
        .job = {
            .post = { .arrive = arrive },
            .run = run,
            .reply_to = worker->mailbox,
            .arena = arena,
            .edition = edition_ref(worker->edition),
        },
        .request = request,
        .then = then,
        .entry = entry,
        .token = request_query(request, "preview"),
    };
    if (store_read(worker->options->store, &preview->job) < 0) {
        edition_unref(preview->job.edition);
        arena_free(arena);
        page_error(request, 503);
    }
}

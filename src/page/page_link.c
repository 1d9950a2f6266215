/* SPDX-License-Identifier: EUPL-1.2 */
/* The read job behind a link. Called by page_record, page_next and page_new_address. A worker's thread. */
#include "page/page_link.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/site.h"
#include "view/edition.h"

struct page_link *page_link_new(struct request *request, size_t size)
{
    struct page_worker *worker = request_state(request);
    const char *token = request_part(request, "token");
    struct arena *arena;
    struct page_link *link;
    int64_t id;

    if (page_error_limited(request))
        return NULL;
    if (!token || token_read(worker->options->keyring, token, &id) < 0) {
        page_error(request, 404);
        return NULL;
    }
    arena = arena_new();
    link = arena ? arena_take(arena, size) : NULL;
    if (!link) {
        arena_free(arena);
        page_error(request, 503);
        return NULL;
    }
    *link = (struct page_link){ .job.arena = arena, .request = request, .id = id };
    return link;
}

static void arrive(struct post *post)
{
    struct page_link *link = (struct page_link *)post;
    struct edition *edition = link->job.edition;
    struct arena *arena = link->job.arena;

    link->answer(link);
    if (link->release)
        link->release(link);
    edition_unref(edition);
    arena_free(arena);
}

void page_link_read(struct page_link *link, int (*run)(struct read_job *job, struct db *db),
                    void (*answer)(struct page_link *link), void (*release)(struct page_link *link))
{
    struct page_worker *worker = request_state(link->request);

    link->job.post.arrive = arrive;
    link->job.run = run;
    link->job.reply_to = worker->mailbox;
    link->job.edition = edition_ref(worker->edition);
    link->answer = answer;
    link->release = release;
    if (store_read(worker->options->store, &link->job) < 0) {
        struct request *request = link->request;

        edition_unref(link->job.edition);
        arena_free(link->job.arena);
        page_error(request, 503);
    }
}

bool page_link_found(struct page_link *link)
{
    switch (link->job.outcome) {
    case 0:
        return true;
    case -ENOENT:
        page_error(link->request, 404);
        return false;
    case -EAGAIN:
    case -EBUSY:
    case -ETIME: /* the reader's deadline */
        page_error(link->request, 503);
        return false;
    default:
        log_error("link.failed", LOG_INT("id", link->id), LOG_ERRNO(link->job.outcome));
        page_error(link->request, 500);
        return false;
    }
}

bool page_link_proved(struct page_link *link, enum token_purpose purpose, int64_t version)
{
    struct page_worker *worker = request_state(link->request);

    if (token_verify(worker->options->keyring, purpose, request_part(link->request, "token"), version) == 0)
        return true;
    page_error(link->request, 404);
    return false;
}

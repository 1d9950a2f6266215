/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads and proves the registration of a manage link. Called by the pages behind it. A worker's thread, but for
 * run(), which a reader of the store calls. */
#include "page/page_record.h"

#include <errno.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/site.h"
#include "report/person.h"
#include "store/db.h"
#include "view/edition.h"

static int count_before(struct page_record *found, struct db *db)
{
    struct query *query = db_query(db, "registration_before");
    int r;

    db_bind_int(query, ":id", found->id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    found->before = db_int(query, 0);
    db_reset(query);
    return 0;
}

static int run(struct read_job *job, struct db *db)
{
    struct page_record *found = (struct page_record *)job;
    int r = record_read(db, job->arena, found->revisions, found->id, &found->record);

    if (r < 0)
        return r;
    if (found->record.status == STATE_WAITLISTED)
        r = count_before(found, db);
    if (r == 0 && found->parts & PAGE_RECORD_CONSENTS)
        r = consents_read(db, job->arena, found->id, &found->consents);
    if (r == 0 && found->parts & PAGE_RECORD_CONSENTS)
        r = privates_read(db, job->arena, found->id, &found->privates);
    if (r == 0 && found->parts & PAGE_RECORD_PERSON)
        r = person_read(db, &found->record, found->language, &found->person);
    if (r < 0)
        record_done(&found->record);
    return r;
}

static void answer(struct page_record *found)
{
    struct page_worker *worker = request_state(found->request);
    const char *token = request_part(found->request, "token");

    switch (found->job.outcome) {
    case 0:
        break;
    case -ENOENT:
        page_error(found->request, 404);
        return;
    case -EAGAIN:
    case -EBUSY:
    case -ETIME:
        page_error(found->request, 503);
        return;
    default:
        log_error("record.failed", LOG_INT("registration", found->id), LOG_ERRNO(found->job.outcome));
        page_error(found->request, 500);
        return;
    }
    if (token_verify(worker->options->keyring, TOKEN_MANAGE, token, found->record.link_version) < 0) {
        page_error(found->request, 404);
    } else {
        found->entry = event_book_by_id(found->job.edition->events, found->record.event_id);
        found->then(found);
    }
    record_done(&found->record);
}

static void arrive(struct post *post)
{
    struct page_record *found = (struct page_record *)post;
    struct edition *edition = found->job.edition;
    struct arena *arena = found->job.arena;

    answer(found);
    json_decref(found->person);
    edition_unref(edition);
    arena_free(arena);
}

void page_record_read(struct request *request, void (*then)(struct page_record *found))
{
    page_record_read_parts(request, 0, then);
}

void page_record_read_parts(struct request *request, unsigned parts, void (*then)(struct page_record *found))
{
    struct page_worker *worker = request_state(request);
    const char *token = request_part(request, "token");
    struct arena *arena;
    struct page_record *found;
    int64_t id;

    if (page_error_limited(request))
        return;
    if (!token || token_read(worker->options->keyring, token, &id) < 0) {
        page_error(request, 404);
        return;
    }
    arena = arena_new();
    found = arena ? arena_take(arena, sizeof *found) : NULL;
    if (!found) {
        arena_free(arena);
        page_error(request, 503);
        return;
    }
    *found = (struct page_record){
        .job = {
            .post = { .arrive = arrive },
            .run = run,
            .reply_to = worker->mailbox,
            .arena = arena,
            .edition = edition_ref(worker->edition),
        },
        .request = request,
        .then = then,
        .parts = parts,
        .language = arena_copy(arena, request_language(request)),
        .revisions = worker->options->revisions,
        .id = id,
    };
    if (store_read(worker->options->store, &found->job) < 0) {
        edition_unref(found->job.edition);
        arena_free(arena);
        page_error(request, 503);
    }
}

void page_record_begin(struct page *page, const struct page_record *found)
{
    bool vary;
    const char *language = page_language_stored(found->request, found->job.edition, found->record.language, &vary);

    page_begin(page, found->request, found->job.edition, language, vary);
}

const char *page_record_href(struct page *page, const struct page_record *found, const char *tail)
{
    const char *path = arena_format(page->arena, "/r/%s%s", request_part(found->request, "token"), tail);

    if (!path) {
        page->failed = true;
        return NULL;
    }
    return page_href(page, path);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /e/{slug}/privacy: the whole privacy notice of an event, as it is now; with `?revision=N` as it stood in an older
 * revision, for who registered then. A draft's is shown to who may see the draft. A worker's thread, but for run(),
 * which a reader of the store calls. */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_event.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_notice.h"
#include "page/page_preview.h"
#include "page/page_table.h"
#include "page/site.h"
#include "report/record.h"
#include "store/db.h"
#include "store/store.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

struct looking {
    struct read_job job; /* first: the mailbox hands it back */
    struct request *request;
    struct revisions *revisions;
    const struct event_entry *entry; /* of job.edition */
    int64_t asked;                   /* the revision's number; 0: the one that holds */
    int64_t number, since;           /* of the revision that is shown */
    const struct event_definition *old; /* a reference; NULL: the one that holds is shown */
    const char *preview;                /* of a draft: the token that must prove it */
    int64_t preview_version;
};

static int read_revision(struct looking *looking, struct db *db)
{
    struct query *query = db_query(db, "revision_notice");
    int64_t id;
    int r;

    db_bind_int(query, ":event", looking->entry->event_id);
    db_bind_int(query, ":number", looking->asked);
    db_bind_int(query, ":current", looking->entry->revision_id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    id = db_int(query, 0);
    looking->number = db_int(query, 1);
    looking->since = db_int(query, 2);
    db_reset(query);
    return id == looking->entry->revision_id ? 0 : revisions_get(looking->revisions, db, id, &looking->old);
}

static int run(struct read_job *job, struct db *db)
{
    struct looking *looking = (struct looking *)job;
    int r = 0;

    if (looking->preview)
        r = page_preview_version(db, looking->entry->event_id, &looking->preview_version);
    return r < 0 ? r : read_revision(looking, db);
}

/* Which revision it is, and the way to the others. */
static void put_revision(struct page *page, const struct looking *looking, const struct event_definition *definition)
{
    const char *number = arena_format(page->arena, "%lld", (long long)looking->number);
    const char *since = words_date(page->worker->words, page->arena, page->language, definition->zone, looking->since,
                                   WORDS_DATE);
    const char *now = page_model_notice(page, looking->entry->definition->slug), *before = NULL;

    if (looking->number > 1 && !looking->preview)
        before = now ? arena_format(page->arena, "%s?revision=%lld", now, (long long)looking->number - 1) : NULL;
    page_put_string(page, page->model, "revision",
                    number && since ? catalogue_format(page->catalogue, page->arena, "notice.revision", "number",
                                                       number, "date", since, NULL)
                                    : NULL);
    page_put_optional(page, page->model, "current", looking->old ? now : NULL);
    page_put_optional(page, page->model, "before", before);
}

static void show(const struct looking *looking)
{
    const struct event_definition *today = looking->entry->definition;
    const struct event_definition *definition = looking->old ? looking->old : today;
    const char *language, *path, *query = "";
    struct page page;
    bool vary;

    language = page_language_choose(looking->request, looking->job.edition, definition, &vary);
    page_begin(&page, looking->request, looking->job.edition, language, vary);
    page.preview = looking->preview;
    if (looking->old)
        query = arena_format(page.arena, "?revision=%lld", (long long)looking->number);
    else if (looking->preview)
        query = arena_format(page.arena, "?preview=%s", looking->preview);
    path = query ? arena_format(page.arena, "/e/%s/privacy%s", today->slug, query) : NULL;
    page_put(&page, page.model, "event", page_model_event(&page, today));
    page_notice_full(&page, definition);
    put_revision(&page, looking, definition);
    page.failed = page.failed || !path;
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, "privacy.notice"),
        .path = path,
        .definition = definition,
        .offered = true,
        .private = today->visibility != EVENT_PUBLIC || looking->old,
        .links = true,
        .find = today->slug,
        .notice = today->slug,
    });
    page_send(&page, "privacy", &(struct reply){
        .status = 200,
        .cache = looking->preview ? REPLY_NO_STORE : REPLY_PRIVATE,
        .frame_ancestors = page_event_frames(&page, today),
    });
}

static void answer(const struct looking *looking)
{
    switch (looking->job.outcome) {
    case 0:
        break;
    case -ENOENT:
    case -EINVAL: /* a revision of an older version that this one no longer reads */
        page_error(looking->request, 404);
        return;
    case -EAGAIN:
    case -EBUSY:
    case -ETIME:
        page_error(looking->request, 503);
        return;
    default:
        log_error("privacy.failed", LOG_INT("event", looking->entry->event_id), LOG_ERRNO(looking->job.outcome));
        page_error(looking->request, 500);
        return;
    }
    if (looking->preview
        && !page_preview_proves(looking->request, looking->preview, looking->entry->event_id,
                                looking->preview_version))
        page_error(looking->request, 404);
    else
        show(looking);
}

static void arrive(struct post *post)
{
    struct looking *looking = (struct looking *)post;
    struct edition *edition = looking->job.edition;
    struct arena *arena = looking->job.arena;

    answer(looking);
    event_definition_unref(looking->old);
    edition_unref(edition);
    arena_free(arena);
}

static void look(struct request *request, const struct event_entry *entry, bool draft, int64_t revision)
{
    struct page_worker *worker = request_state(request);
    struct arena *arena = arena_new();
    struct looking *looking = arena ? arena_take(arena, sizeof *looking) : NULL;

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
        .revisions = worker->options->revisions,
        .entry = entry,
        .asked = revision,
        .preview = draft ? request_query(request, "preview") : NULL,
    };
    if (store_read(worker->options->store, &looking->job) < 0) {
        edition_unref(looking->job.edition);
        arena_free(arena);
        page_error(request, 503);
    }
}

static void handle(struct request *request)
{
    const char *number = request_query(request, "revision");
    const struct event_entry *entry = page_preview_asked(request);
    bool draft = entry != NULL;
    enum phase phase;
    int64_t revision = 0;

    if (draft && page_error_limited(request))
        return;
    if (!draft)
        entry = page_event_entry(request, &phase);
    if (!entry)
        return;
    if (number && text_to_int(number, 1, INT32_MAX, &revision) < 0) {
        page_error(request, 404);
        return;
    }
    look(request, entry, draft, revision);
}

const struct endpoint page_privacy = {
    .name = "privacy",
    .path = "/e/{slug}/privacy",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* /a/{token}: the link in the mail to another address. GET shows a button, POST makes it the address of the
 * registration; GET changes nothing, for mail scanners follow every link. Whoever reads that mailbox learns here
 * which event it is about and nothing of the person, for the address may have been mistyped. A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "change/address.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_language.h"
#include "page/page_link.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "page/site.h"
#include "report/record.h"
#include "signup/answers.h"
#include "signup/state.h"
#include "store/db.h"
#include "view/catalogue.h"
#include "view/edition.h"

/* A look-up under way; it lives in the job's arena. */
struct looking {
    struct page_link link; /* first: the mailbox hands it back */
    struct revisions *revisions;

    /* found */
    int64_t registration_id, link_version, expires_at;
    bool ended;
    const char *email; /* NULL: it has ended */
    struct record record;
    bool has_record; /* it is still there */
};

/* A change under way; it lives in the job's arena. */
struct waiting {
    struct address_take change; /* first: the mailbox hands it back */
    struct request *request;
    const char *language;
    void (*again)(struct request *request); /* the registration was changed meanwhile: look once more */
};

static int run(struct read_job *job, struct db *db)
{
    struct looking *looking = (struct looking *)job;
    struct query *query = db_query(db, "address_by_id");
    int r;

    db_bind_int(query, ":id", looking->link.id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    looking->registration_id = db_int(query, 0);
    looking->email = arena_copy(job->arena, db_text(query, 1));
    looking->link_version = db_int(query, 2);
    looking->expires_at = db_int(query, 3);
    looking->ended = db_int(query, 4) != 0;
    r = db_text(query, 1) && !looking->email ? -ENOMEM : 0;
    db_reset(query);
    if (r < 0)
        return r;
    r = record_read(db, job->arena, looking->revisions, looking->registration_id, &looking->record);
    looking->has_record = r == 0;
    return r == -ENOENT ? 0 : r;
}

/* WORDS: new_address.WORDS.heading and .text. ACTION: of the button; NULL: there is nothing to press. */
static void send(struct page *page, int status, const struct event_entry *entry, const char *words, const char *email,
                 const char *action)
{
    const char *heading = arena_format(page->arena, "new_address.%s.heading", words);
    const char *text = arena_format(page->arena, "new_address.%s.text", words);

    if (heading && text) {
        page_put_string(page, page->model, "heading", page_say(page, heading));
        page_put_string(page, page->model, "text",
                        catalogue_format(page->catalogue, page->arena, text, "email", email ? email : "", NULL));
    } else {
        page->failed = true;
    }
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_put_optional(page, page->model, "action", action);
    page_model_layout(page, &(struct page_layout){
        .title = heading ? page_say(page, heading) : "",
        .definition = entry ? entry->definition : NULL,
        .private = true,
        .links = true,
        .find = entry ? entry->definition->slug : NULL,
    });
    page_send(page, "new_address", &(struct reply){ .status = status, .cache = REPLY_NO_STORE });
}

/* ---- the way through the store ---- */

static void decided(const struct waiting *waiting)
{
    struct edition *edition = waiting->change.job.edition;
    const struct event_entry *entry = event_book_by_id(edition->events, waiting->change.event_id);
    struct page page;

    if (waiting->change.result == ADDRESS_STALE) {
        waiting->again(waiting->request);
        return;
    }
    page_begin(&page, waiting->request, edition, waiting->language, false);
    switch (waiting->change.result) {
    case ADDRESS_DONE:
        send(&page, 200, entry, "done", NULL, NULL);
        break;
    case ADDRESS_FULL:
        send(&page, 409, entry, "full", NULL, NULL);
        break;
    case ADDRESS_OTHER:
        send(&page, 409, entry, "other", NULL, NULL);
        break;
    default:
        send(&page, 410, entry, "late", NULL, NULL);
        break;
    }
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
        page_error_words(waiting->request, 503, "not_readdressed", waiting->language);
        break;
    case -EINPROGRESS:
        page_error_words(waiting->request, 503, "maybe_readdressed", waiting->language);
        break;
    default:
        page_error_words(waiting->request, 500, "not_readdressed", waiting->language);
        break;
    }
    edition_unref(edition);
    arena_free(arena);
}

static void handle(struct request *request);

static int waiting_new(struct page *page, const struct looking *looking, const struct event_entry *entry,
                       struct waiting **ret_waiting)
{
    const struct record *record = &looking->record;
    const struct event_definition *today = entry ? entry->definition : record->definition;
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    struct ask_cap cap;
    char *dedupe;
    bool counted;

    if (!waiting || answers_dedupe(arena, today, looking->email, record->name, record->mode ? record->mode : "",
                                   record->answers ? record->answers : "{}", "", &dedupe) < 0 ||
        ask_domain_cap(arena, today, looking->email, &counted, &cap) < 0)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_address_take,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .change_id = looking->link.id,
            .registration_id = record->id,
            .link_version = looking->link_version,
            .version = record->version,
            .event_id = record->event_id,
            .dedupe = dedupe,
            .counted = counted && !record->registry_number,
            .cap = cap,
        },
        .request = page->request,
        .language = arena_copy(arena, page->language),
        .again = handle,
    };
    if (!waiting->language)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

static void submit(struct page *page, const struct looking *looking, const struct event_entry *entry)
{
    struct request *request = page->request;
    struct waiting *waiting;
    int r = waiting_new(page, looking, entry, &waiting);

    page_drop(page);
    if (r < 0) {
        page_error_words(request, 503, "not_readdressed", page->language);
        return;
    }
    waiting->change.job.edition = edition_ref(looking->link.job.edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r < 0) {
        log_debug("new_address.refused", LOG_ERRNO(r));
        edition_unref(waiting->change.job.edition);
        arena_free(waiting->change.job.arena);
        page_error_words(request, 503, "not_readdressed", page->language);
    }
}

static void answer(struct page_link *link)
{
    struct looking *looking = (struct looking *)link;
    const struct edition *edition = link->job.edition;
    const struct event_entry *entry;
    struct page page;
    const char *language, *path;
    bool vary, good;

    if (!page_link_found(link) || !page_link_proved(link, TOKEN_ADDRESS, looking->link_version))
        return;
    entry = looking->has_record ? event_book_by_id(edition->events, looking->record.event_id) : NULL;
    language = page_language_stored(link->request, edition, looking->has_record ? looking->record.language : NULL,
                                    &vary);
    page_begin(&page, link->request, edition, language, vary);
    good = looking->has_record && looking->email && !looking->ended && looking->expires_at > page.now &&
           state_is_live(looking->record.status);
    if (!good) {
        send(&page, 410, entry, "late", NULL, NULL);
    } else if (request_is_post(link->request)) {
        submit(&page, looking, entry);
    } else {
        path = arena_format(page.arena, "/a/%s", request_part(link->request, "token"));
        send(&page, 200, entry, "ask", looking->email, path ? page_href(&page, path) : NULL);
    }
}

static void release(struct page_link *link)
{
    struct looking *looking = (struct looking *)link;

    if (looking->has_record)
        record_done(&looking->record);
}

static void handle(struct request *request)
{
    const struct page_worker *worker = request_state(request);
    struct looking *looking = (struct looking *)page_link_new(request, sizeof *looking);

    if (!looking)
        return;
    looking->revisions = worker->options->revisions;
    page_link_read(&looking->link, run, answer, release);
}

const struct endpoint page_new_address = {
    .name = "new_address",
    .path = "/a/{token}",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /n/{token}: what happens next, right after a sign-up, the same for everybody: it rests on the submission, which
 * says what a new address would have got and holds nothing of the person. A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_error.h"
#include "page/page_event.h"
#include "page/page_language.h"
#include "page/page_link.h"
#include "page/page_model.h"
#include "page/page_table.h"
#include "page/site.h"
#include "signup/state.h"
#include "store/db.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

#define GOOD_FOR 3600 /* seconds; afterwards the mail brings the link */

/* A look-up under way; it lives in the job's arena. */
struct looking {
    struct page_link link; /* first: the mailbox hands it back */

    /* found */
    const char *reference, *language, *outcome;
    int64_t event_id, at;
};

static int run(struct read_job *job, struct db *db)
{
    struct looking *looking = (struct looking *)job;
    struct query *query = db_query(db, "submission_by_id");
    int r;

    db_bind_int(query, ":id", looking->link.id);
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

static const char *heading_of(enum state outcome)
{
    switch (outcome) {
    case STATE_WAITLISTED:
        return "next.waiting_heading";
    case STATE_PENDING_EMAIL:
        return "next.confirm_heading";
    case STATE_AWAITING_APPROVAL:
        return "next.approval_heading";
    default:
        return "next.heading";
    }
}

/* Whoever is asked to confirm has a place kept, unless there is a list to join or applications without a place. */
static bool always_kept(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->mode_count; i++)
        if (definition->modes[i].approval && !definition->approval_holds)
            return false;
    return !definition->waiting_list;
}

static const char *confirm_words(struct page *page, const struct looking *looking, const struct event_entry *entry)
{
    const struct event_definition *definition = entry ? entry->definition : NULL;
    const char *date, *city;

    if (!definition)
        return page_say(page, "next.confirm_soon");
    date = page_model_deadline(page, definition->zone, looking->at + definition->hold_hours * 3600);
    city = words_zone_city(page->worker->words, page->arena, page->language, definition->zone);
    date = date && city ? arena_format(page->arena, "%s (%s)", date, city) : NULL;
    return date ? catalogue_format(page->catalogue, page->arena,
                                   always_kept(definition) ? "next.confirm_kept" : "next.confirm_text", "date", date,
                                   NULL)
                : NULL;
}

static const char *text_of(struct page *page, const struct looking *looking, enum state outcome,
                           const struct event_entry *entry)
{
    switch (outcome) {
    case STATE_WAITLISTED:
        return page_say(page, "next.waiting_text");
    case STATE_PENDING_EMAIL:
        return confirm_words(page, looking, entry);
    case STATE_AWAITING_APPROVAL:
        return page_say(page, entry && entry->definition->approval_holds ? "next.approval_held" : "next.approval_text");
    default:
        return page_say(page, "next.text");
    }
}

static void show(struct looking *looking)
{
    const struct edition *edition = looking->link.job.edition;
    const struct event_entry *entry = event_book_by_id(edition->events, looking->event_id);
    enum state outcome = state_by_name(looking->outcome);
    bool vary;
    const char *language = page_language_stored(looking->link.request, edition, looking->language, &vary);
    const struct settings_host *host = hosts_of(edition->settings, entry ? entry->definition->host : NULL);
    struct page page;

    page_begin(&page, looking->link.request, edition, language, vary);
    page_put(&page, page.model, "event", page_model_today(&page, entry, NULL));
    page_put_string(&page, page.model, "heading", page_say(&page, heading_of(outcome)));
    page_put_string(&page, page.model, "text", text_of(&page, looking, outcome, entry));
    page_put_string(&page, page.model, "reference", looking->reference);
    page_put_string(&page, page.model, "no_mail",
                    catalogue_format(page.catalogue, page.arena, "next.no_mail_text", "from",
                                     host->from_address, NULL));
    page_model_layout(&page, &(struct page_layout){
        .title = page_say(&page, heading_of(outcome)),
        .definition = entry ? entry->definition : NULL,
        .private = true,
        .links = true,
        .find = entry ? entry->definition->slug : NULL,
        .notice = entry ? entry->definition->slug : NULL,
    });
    page_send(&page, "next", &(struct reply){
        .status = 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = entry ? page_event_frames(&page, entry->definition) : NULL,
    });
}

static void answer(struct page_link *link)
{
    struct page_worker *worker = request_state(link->request);
    struct looking *looking = (struct looking *)link;
    int64_t now = clock_now(worker->options->clock);
    bool vary;

    if (!page_link_found(link) || !page_link_proved(link, TOKEN_NEXT, looking->at))
        return;
    if (now - looking->at > GOOD_FOR)
        page_error_words(link->request, 410, "late",
                         page_language_stored(link->request, worker->edition, looking->language, &vary));
    else
        show(looking);
}

static void handle(struct request *request)
{
    struct page_link *link = page_link_new(request, sizeof(struct looking));

    if (link)
        page_link_read(link, run, answer, NULL);
}

const struct endpoint page_next = {
    .name = "next",
    .path = "/n/{token}",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

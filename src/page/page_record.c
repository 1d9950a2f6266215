/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads and proves the registration of a manage link. Called by the pages behind it. A worker's thread, but for
 * run(), which a reader of the store calls. */
#include "page/page_record.h"

#include <errno.h>

#include "base/arena.h"
#include "base/token.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_language.h"
#include "page/site.h"
#include "report/person.h"
#include "store/db.h"
#include "view/edition.h"

static int count_before(struct page_record *found, struct db *db)
{
    struct query *query = db_query(db, "registration_before");
    int r;

    db_bind_int(query, ":id", found->link.id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    found->before = db_int(query, 0);
    db_reset(query);
    return 0;
}

static int read_address(struct page_record *found, struct db *db)
{
    struct arena *arena = found->link.job.arena;
    struct query *query = db_query(db, "address_open");
    int r;

    db_bind_int(query, ":registration", found->link.id);
    r = db_step(query);
    if (r <= 0)
        return r;
    found->address.email = arena_copy(arena, db_text(query, 1));
    found->address.expires_at = db_int(query, 3);
    r = db_text(query, 1) && !found->address.email ? -ENOMEM : 0;
    db_reset(query);
    return r;
}

static int read_invitation(struct page_record *found, struct db *db)
{
    struct arena *arena = found->link.job.arena;
    struct query *query = db_query(db, "invitation_of");
    int r;

    db_bind_int(query, ":registration", found->link.id);
    r = db_step(query);
    if (r <= 0)
        return r;
    found->invitation = (struct ask_invitation){
        .id = db_int(query, 0),
        .uses = db_int(query, 1),
        .reserve = arena_copy(arena, db_text(query, 2)),
    };
    r = db_text(query, 2) && !found->invitation.reserve ? -ENOMEM : 0;
    db_reset(query);
    return r;
}

static int read_guest_privates(struct page_record *found, struct db *db)
{
    struct arena *arena = found->link.job.arena;
    int r = 0;

    found->guest_privates = arena_take(arena, (found->record.guest_count + 1) * sizeof *found->guest_privates);
    if (!found->guest_privates)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < found->record.guest_count; i++)
        r = privates_read(db, arena, found->record.guests[i].id, &found->guest_privates[i]);
    return r;
}

static int run(struct read_job *job, struct db *db)
{
    struct page_record *found = (struct page_record *)job;
    int r = record_read(db, job->arena, found->revisions, found->link.id, &found->record);

    if (r < 0)
        return r;
    if (found->record.status == STATE_WAITLISTED)
        r = count_before(found, db);
    if (r == 0)
        r = read_invitation(found, db);
    if (r == 0 && found->parts & PAGE_RECORD_ADDRESS)
        r = read_address(found, db);
    if (r == 0 && found->parts & PAGE_RECORD_CONSENTS)
        r = consents_read(db, job->arena, found->link.id, &found->consents);
    if (r == 0)
        r = privates_read(db, job->arena, found->link.id, &found->privates);
    if (r == 0)
        r = read_guest_privates(found, db);
    if (r == 0 && found->parts & PAGE_RECORD_PERSON)
        r = person_read(db, &found->record, found->language, &found->person);
    if (r < 0)
        record_done(&found->record);
    return r;
}

static void answer(struct page_link *link)
{
    struct page_record *found = (struct page_record *)link;

    if (!page_link_found(link))
        return;
    if (page_link_proved(link, TOKEN_MANAGE, found->record.link_version)) {
        found->entry = event_book_by_id(link->job.edition->events, found->record.event_id);
        found->then(found);
    }
    record_done(&found->record);
}

static void release(struct page_link *link)
{
    json_decref(((struct page_record *)link)->person);
}

void page_record_read(struct request *request, void (*then)(struct page_record *found))
{
    page_record_read_parts(request, 0, then);
}

void page_record_read_parts(struct request *request, unsigned parts, void (*then)(struct page_record *found))
{
    struct page_worker *worker = request_state(request);
    struct page_record *found = (struct page_record *)page_link_new(request, sizeof *found);

    if (!found)
        return;
    found->then = then;
    found->parts = parts;
    found->language = arena_copy(found->link.job.arena, request_language(request));
    found->revisions = worker->options->revisions;
    page_link_read(&found->link, run, answer, release);
}

const struct event_definition *page_record_today(const struct page_record *found)
{
    return found->entry ? found->entry->definition : found->record.definition;
}

void page_record_begin(struct page *page, const struct page_record *found)
{
    bool vary;
    const char *language =
        page_language_stored(found->link.request, found->link.job.edition, found->record.language, &vary);

    page_begin(page, found->link.request, found->link.job.edition, language, vary);
}

const char *page_record_href(struct page *page, const struct page_record *found, const char *tail)
{
    const char *path = arena_format(page->arena, "/r/%s%s", request_part(found->link.request, "token"), tail);

    if (!path) {
        page->failed = true;
        return NULL;
    }
    return page_href(page, path);
}

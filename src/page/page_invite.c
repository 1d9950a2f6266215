/* SPDX-License-Identifier: EUPL-1.2 */
/* Invitations on the event's page. Called by page_event and page_sign_up; the change proves the invitation once more,
 * inside its transaction. A worker's thread, but for run(), which a reader of the store calls. */
#include "page/page_invite.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/form.h"
#include "base/log.h"
#include "base/text.h"
#include "base/token.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_places.h"
#include "page/site.h"
#include "signup/rules.h"
#include "store/board.h"
#include "store/db.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define CONTROL "_invite"

/* ---- proving one ---- */

static const char *keep(struct arena *arena, const struct query *query, int column, int *r)
{
    const char *text = db_text(query, column);
    const char *copy = arena_copy(arena, text);

    if (text && !copy)
        *r = -ENOMEM;
    return copy;
}

static int run(struct read_job *job, struct db *db)
{
    struct page_invite_read *read = (struct page_invite_read *)job;
    struct query *query = db_query(db, "invitation_uses");
    int r;

    db_bind_int(query, ":id", read->invite.id);
    r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    r = 0;
    read->event_id = db_int(query, 0);
    read->invite.email = keep(job->arena, query, 1, &r);
    read->invite.reserve = keep(job->arena, query, 2, &r);
    read->invite.uses = db_int(query, 3);
    read->ended = !db_is_null(query, 5) || (!db_is_null(query, 4) && db_int(query, 4) <= read->now) ||
                  db_int(query, 7) >= read->invite.uses;
    read->invite.link_version = db_int(query, 6);
    db_reset(query);
    return r;
}

static enum page_invite_state judge(const struct page_invite_read *read)
{
    const struct page_worker *worker = request_state(read->request);

    switch (read->job.outcome) {
    case 0:
        break;
    case -ENOENT:
        return PAGE_INVITE_BAD;
    default:
        if (read->job.outcome != -EAGAIN && read->job.outcome != -EBUSY && read->job.outcome != -ETIME)
            log_error("invitation.failed", LOG_INT("invitation", read->invite.id), LOG_ERRNO(read->job.outcome));
        return PAGE_INVITE_UNKNOWN;
    }
    if (token_verify(worker->options->keyring, TOKEN_INVITE, read->invite.token, read->invite.link_version) < 0 ||
        read->event_id != read->entry->event_id || read->ended)
        return PAGE_INVITE_BAD;
    return PAGE_INVITE_GOOD;
}

static void arrive(struct post *post)
{
    struct page_invite_read *read = (struct page_invite_read *)post;
    struct edition *edition = read->job.edition;
    struct arena *arena = read->job.arena;

    read->state = judge(read);
    read->then(read);
    edition_unref(edition);
    arena_free(arena);
}

/* Without the store: THEN at once. */
static void answer_now(const struct page_invite_read *read, enum page_invite_state state)
{
    struct page_invite_read now = *read;

    now.state = state;
    now.then(&now);
    edition_unref(now.job.edition);
}

void page_invite_prove(struct request *request, const struct event_entry *entry, const char *token,
                       void (*then)(struct page_invite_read *read))
{
    struct page_worker *worker = request_state(request);
    struct page_invite_read begun = {
        .job = {
            .post = { .arrive = arrive },
            .run = run,
            .reply_to = worker->mailbox,
            .edition = edition_ref(worker->edition),
        },
        .request = request,
        .entry = entry,
        .then = then,
        .now = clock_now(worker->options->clock),
    };
    struct arena *arena;
    struct page_invite_read *read;

    if (token_read(worker->options->keyring, token, &begun.invite.id) < 0) {
        answer_now(&begun, PAGE_INVITE_BAD);
        return;
    }
    arena = arena_new();
    read = arena ? arena_take(arena, sizeof *read) : NULL;
    begun.invite.token = arena ? arena_copy(arena, token) : NULL;
    if (read && begun.invite.token) {
        *read = begun;
        read->job.arena = arena;
        if (store_read(worker->options->store, &read->job) == 0)
            return;
    }
    arena_free(arena);
    answer_now(&begun, PAGE_INVITE_UNKNOWN);
}

struct page_invite *page_invite_copy(struct arena *arena, const struct page_invite *invite)
{
    struct page_invite *copy = arena_take(arena, sizeof *copy);

    if (!copy)
        return NULL;
    *copy = *invite;
    copy->token = arena_copy(arena, invite->token);
    copy->email = arena_copy(arena, invite->email);
    copy->reserve = arena_copy(arena, invite->reserve);
    return copy->token && (!invite->email || copy->email) && (!invite->reserve || copy->reserve) ? copy : NULL;
}

int page_invite_check(struct page *page, const struct event_entry *entry, const struct page_invite *invite,
                      struct rules_result *rules)
{
    const struct event_field *field = event_field_by_role(entry->definition, ROLE_EMAIL);
    char *folded;

    if (!invite->email || !rules->email || !field)
        return 0;
    if (text_casefold(page->arena, rules->email, &folded) < 0)
        return -ENOMEM;
    if (strcmp(folded, invite->email) != 0) /* of a result without faults: there is room for one */
        rules->faults[rules->fault_count++] =
            (struct rules_fault){ .control = field->id, .fault = RULE_NOT_INVITED, .session = -1 };
    return 0;
}

/* ---- what is seen of it ---- */

void page_invite_places(struct page *page, const struct event_entry *entry, struct page_places *places)
{
    const struct event_programme *programme = &entry->definition->programme;
    struct board_numbers numbers;
    uint64_t version;

    if (!page->invite || !page->invite->reserve || page->failed)
        return;
    for (size_t i = 0; i < programme->reserve_count; i++) {
        const struct event_reserve *reserve = &programme->reserves[i];
        if (strcmp(reserve->id, page->invite->reserve) != 0)
            continue;
        board_read(store_board(page->worker->options->store), entry->event_id, &entry->reserve_places[i], 1, &numbers,
                   &version);
        if (!numbers.known || numbers.left == 0)
            continue;
        places->verdicts[reserve->mode] = PLACES_FREE;
        places->open = true;
        places->waiting = places->reserved = places->eligible = false;
    }
}

const char *page_invite_token(const struct page *page)
{
    const struct form *form = request_is_post(page->request) ? request_form(page->request) : NULL;
    const char *token = form ? form_value(form, CONTROL) : NULL;
    int64_t id;

    if (page->invite)
        return page->invite->token;
    return token && token_read(page->worker->options->keyring, token, &id) == 0 ? token : NULL;
}

const char *page_invite_path(struct page *page, const struct event_entry *entry)
{
    const char *slug = entry->definition->slug;

    return page->invite ? arena_format(page->arena, "/e/%s?invite=%s", slug, page->invite->token)
                        : arena_format(page->arena, "/e/%s", slug);
}

static bool any_approval(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->mode_count; i++)
        if (definition->modes[i].approval)
            return true;
    return false;
}

json_t *page_invite_model(struct page *page, const struct event_entry *entry, enum page_invite_state state)
{
    const struct page_invite *invite = page->invite;
    const bool good = state == PAGE_INVITE_GOOD && invite;
    json_t *model = page_object(page);

    page_put_string(page, model, "heading", page_say(page, good ? "invitation.heading" : "invitation.bad_heading"));
    page_put_string(page, model, "text", page_say(page, good ? "invitation.text" : "invitation.bad_text"));
    page_put_optional(page, model, "approval",
                      good && any_approval(entry->definition) ? page_say(page, "invitation.approval") : NULL);
    if (good && invite->email)
        page_put_string(page, model, "address",
                        catalogue_format(page->catalogue, page->arena, "invitation.address", "email", invite->email,
                                         NULL));
    else
        page_put_bool(page, model, "address", false);
    return model;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/address: another email address for a registration. POST sends a link to it and leads back to this page,
 * which says so; it says the same whether somebody is registered with that address already or not. A worker's thread.
 * */
#include "page/page_address.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "change/address.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_error.h"
#include "page/page_model.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "page/site.h"
#include "signup/address.h"
#include "signup/phase.h"
#include "signup/state.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

#define EMAIL_MAX 1000 /* bytes that are shown again; a good address has at most 254 */
#define RETRY_SECONDS 30

/* An address under way to the store. It lives in the job's arena. */
struct waiting {
    struct address_ask change; /* first: the mailbox hands it back */
    struct request *request;
    const struct event_entry *entry; /* of the job's edition; may be NULL */
    const char *language;
};

/* Why the form is shown, and what for. */
struct back {
    int status;
    int64_t retry_after;
    const char *trouble; /* key of the sentence; NULL: none */
    bool wrong;          /* it is the address that is wrong */
};

bool page_address_may_change(const struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    enum phase phase = found->entry ? phase_of(found->entry, page->now) : PHASE_WITHDRAWN;

    return state_is_live(record->status) && record->status != STATE_PENDING_EMAIL && record->email &&
           (phase == PHASE_BEFORE || phase == PHASE_OPEN || phase == PHASE_CLOSED || phase == PHASE_SOON);
}

const char *page_address_pending(struct page *page, const struct page_record *found)
{
    const char *zone = page_record_today(found)->zone, *date, *city, *words;

    if (!found->address.email || found->address.expires_at <= page->now)
        return NULL;
    date = page_model_deadline(page, zone, found->address.expires_at);
    city = words_zone_city(page->worker->words, page->arena, page->language, zone);
    date = date && city ? arena_format(page->arena, "%s (%s)", date, city) : NULL;
    words = date ? catalogue_format(page->catalogue, page->arena, "address.pending", "email", found->address.email,
                                    "date", date, NULL)
                 : NULL;
    if (!words)
        page->failed = true;
    return words;
}

static const char *own_href(struct page *page, const char *tail)
{
    const char *path = arena_format(page->arena, "/r/%s%s", request_part(page->request, "token"), tail);

    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

static const char *typed(const struct page *page)
{
    const char *email = request_is_post(page->request) ? form_value(request_form(page->request), "email") : NULL;

    return email && strlen(email) <= EMAIL_MAX ? email : "";
}

static void put_problem(struct page *page, const struct back *back)
{
    const char *words = back->trouble ? page_say(page, back->trouble) : NULL;
    json_t *problem, *items;

    page_put_optional(page, page->model, "wrong", back->wrong ? words : NULL);
    if (!words) {
        page_put_bool(page, page->model, "problem", false);
        return;
    }
    problem = page_object(page);
    items = page_array(page);
    if (back->wrong) {
        json_t *item = page_object(page);

        page_put_string(page, item, "text", words);
        page_put_string(page, item, "href", "#email");
        page_add(page, items, item);
    }
    page_put_string(page, problem, "heading", page_say(page, "problem.heading"));
    page_put_string(page, problem, "text", back->wrong ? page_say(page, "find.look") : words);
    page_put_bool(page, problem, "has_items", back->wrong);
    page_put(page, problem, "items", items);
    page_put(page, page->model, "problem", problem);
}

/* NOW: the address that is held; NULL: not known here. PENDING: about one that is not confirmed; NULL. */
static void send(struct page *page, const struct event_entry *entry, const char *now, const char *pending,
                 const struct back *back)
{
    const char *title = page_say(page, "address.heading");

    put_problem(page, back);
    if (back->trouble) {
        title = catalogue_format(page->catalogue, page->arena, "problem.title", "title", title, NULL);
        page->failed = page->failed || !title;
    }
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_put_optional(page, page->model, "now", now);
    page_put_optional(page, page->model, "pending", pending);
    page_put_string(page, page->model, "action", own_href(page, "/address"));
    page_put_string(page, page->model, "keep", own_href(page, ""));
    page_put_string(page, page->model, "email", typed(page));
    page_model_layout(page, &(struct page_layout){
        .title = title ? title : "",
        .definition = entry ? entry->definition : NULL,
        .private = true,
        .links = true,
    });
    page_send(page, "address", &(struct reply){
        .status = back->status,
        .cache = REPLY_NO_STORE,
        .retry_after = back->status == 503 ? RETRY_SECONDS : (int)back->retry_after,
    });
}

static void show(struct page *page, const struct page_record *found, const struct back *back)
{
    const char *now = catalogue_format(page->catalogue, page->arena, "address.now", "email", found->record.email, NULL);

    page->failed = page->failed || !now;
    send(page, found->entry, now, page_address_pending(page, found), back);
}

/* ---- the way through the store ---- */

static void decided(struct page *page, const struct waiting *waiting)
{
    const struct address_ask *change = &waiting->change;

    switch (change->result) {
    case ADDRESS_LIMITED:
        metrics_add(page->worker->options->metrics, METRIC_LIMITED_MAILBOX, 1);
        send(page, waiting->entry, NULL, NULL, &(struct back){
            .status = 429, .trouble = "find.mailbox", .retry_after = change->retry_after,
        });
        return;
    case ADDRESS_GONE:
        page_drop(page);
        page_error(waiting->request, 404);
        return;
    case ADDRESS_CLOSED: {
        const char *back = own_href(page, "");

        page_drop(page);
        page_see_other(waiting->request, back, NULL);
        return;
    }
    default: {
        const char *here = own_href(page, "/address");

        page_drop(page);
        page_see_other(waiting->request, here, NULL);
        return;
    }
    }
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;
    int outcome = waiting->change.job.outcome;
    struct page page;

    page_begin(&page, waiting->request, edition, waiting->language, false);
    if (outcome == 0)
        decided(&page, waiting);
    else
        send(&page, waiting->entry, NULL, NULL, &(struct back){
            .status = outcome == -EAGAIN || outcome == -EINPROGRESS ? 503 : 500,
            .trouble = "find.busy",
        });
    edition_unref(edition);
    arena_free(arena);
}

static int waiting_new(struct page *page, const struct page_record *found, const char *email,
                       struct waiting **ret_waiting)
{
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    char *key = arena ? arena_take(arena, ADDRESS_KEY_SIZE) : NULL;

    if (!waiting || !key || address_key(arena, email, key) < 0)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_address_ask,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .registration_id = found->record.id,
            .link_version = found->record.link_version,
            .email = arena_copy(arena, email),
            .mailbox = key,
        },
        .request = page->request,
        .entry = found->entry,
        .language = arena_copy(arena, page->language),
    };
    if (!waiting->change.email || !waiting->language)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

static void submit(struct page *page, const struct page_record *found, const char *email)
{
    const struct back busy = { .status = 503, .trouble = "find.busy" };
    struct waiting *waiting;
    int r;

    if (waiting_new(page, found, email, &waiting) < 0) {
        show(page, found, &busy);
        return;
    }
    waiting->change.job.edition = edition_ref(found->link.job.edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r == 0) {
        page_drop(page); /* it is begun again when the job comes back */
        return;
    }
    log_debug("address.refused", LOG_ERRNO(r));
    edition_unref(waiting->change.job.edition);
    arena_free(waiting->change.job.arena);
    show(page, found, &busy);
}

/* The fault of what was typed, as a key; NULL: *ret_email can be written to. */
static const char *fault_of(struct page *page, const struct page_record *found, const char **ret_email)
{
    const struct form *form = request_form(page->request);
    const char *value = form_times(form, "email") == 1 ? form_value(form, "email") : NULL;
    char *email;
    int r;

    if (!value || text_has_control(value, strlen(value)) ||
        text_clean(page->arena, value, strlen(value), false, &email) < 0)
        return "fault.bad_address";
    r = address_check(email);
    if (r < 0 && (r != -EAFNOSUPPORT || !settings_takes_utf8(page->edition->settings)))
        return r == -EAFNOSUPPORT ? "fault.bad_local" : "fault.bad_address";
    if (strcmp(email, found->record.email) == 0)
        return "address.same";
    *ret_email = email;
    return NULL;
}

static void post(struct page *page, const struct page_record *found)
{
    const char *email = NULL, *fault = fault_of(page, found, &email);

    if (fault)
        show(page, found, &(struct back){ .status = 422, .trouble = fault, .wrong = true });
    else
        submit(page, found, email);
}

static void answer(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (!page_address_may_change(&page, found))
        page_act_back(&page, found);
    else if (request_is_post(found->link.request))
        post(&page, found);
    else
        show(&page, found, &(struct back){ .status = 200 });
}

static void handle(struct request *request)
{
    page_record_read_parts(request, PAGE_RECORD_ADDRESS, answer);
}

const struct endpoint page_address = {
    .name = "address",
    .path = "/r/{token}/address",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

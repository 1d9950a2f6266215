/* SPDX-License-Identifier: EUPL-1.2 */
/* /e/{slug}/find: "lost my link". POST sends the link once more to who is registered under the address, and leads to
 * /e/{slug}/find/sent, which says the same to everybody. A worker's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/text.h"
#include "change/find.h"
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
#include "signup/address.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define EMAIL_MAX 1000 /* bytes that are shown again; a good address has at most 254 */
#define RETRY_SECONDS 30

/* A search under way. It lives in the job's arena. */
struct waiting {
    struct find change; /* first: the mailbox hands it back */
    struct request *request;
    const struct event_entry *entry; /* of the job's edition */
    const char *language;            /* of the page */
    bool vary;
};

/* Why the form comes back: `find.TROUBLE`. */
struct back {
    int status;
    int64_t retry_after;
    const char *trouble; /* NULL: it is shown for the first time */
    bool wrong;          /* it is the address that is wrong */
};

static const char *own_href(struct page *page, const struct event_entry *entry, const char *tail)
{
    const char *find = page_model_find(page, entry->definition->slug);
    const char *href = find ? arena_format(page->arena, "%s%s", find, tail) : NULL;

    if (!href)
        page->failed = true;
    return href;
}

static const char *typed(const struct page *page)
{
    const char *email = request_is_post(page->request) ? form_value(request_form(page->request), "email") : NULL;

    return email && strlen(email) <= EMAIL_MAX ? email : "";
}

static void put_problem(struct page *page, const struct back *back)
{
    const char *key = back->trouble ? arena_format(page->arena, "find.%s", back->trouble) : NULL;
    json_t *problem, *items, *item;

    page_put_optional(page, page->model, "wrong", back->wrong && key ? page_say(page, key) : NULL);
    if (!key) {
        page_put_bool(page, page->model, "problem", false);
        return;
    }
    problem = page_object(page);
    items = page_array(page);
    if (back->wrong) {
        item = page_object(page);
        page_put_string(page, item, "text", page_say(page, key));
        page_put_string(page, item, "href", "#email");
        page_add(page, items, item);
    }
    page_put_string(page, problem, "heading", page_say(page, "problem.heading"));
    page_put_string(page, problem, "text", page_say(page, back->wrong ? "find.look" : key));
    page_put_bool(page, problem, "has_items", back->wrong);
    page_put(page, problem, "items", items);
    page_put(page, page->model, "problem", problem);
}

static void layout(struct page *page, const struct event_entry *entry, const char *heading)
{
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_put_string(page, page->model, "heading", page_say(page, heading));
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, heading),
        .definition = entry->definition,
        .private = true,
        .links = true,
        .find = entry->definition->slug,
        .notice = entry->definition->slug,
    });
}

static void show(struct page *page, const struct event_entry *entry, const struct back *back)
{
    put_problem(page, back);
    page_put_string(page, page->model, "action", own_href(page, entry, ""));
    page_put_string(page, page->model, "email", typed(page));
    layout(page, entry, "find.heading");
    page_send(page, "find", &(struct reply){
        .status = back->status,
        .cache = request_is_post(page->request) ? REPLY_NO_STORE : REPLY_PRIVATE,
        .retry_after = back->status == 503 ? RETRY_SECONDS : (int)back->retry_after,
        .frame_ancestors = page_event_frames(page, entry->definition),
    });
}

/* ---- the way through the store ---- */

static void go_on(struct page *page, const struct event_entry *entry)
{
    const char *location = own_href(page, entry, "/sent");
    const char *frames = page_event_frames(page, entry->definition);

    page_drop(page);
    page_see_other(page->request, location, frames);
}

static void decided(struct page *page, const struct waiting *waiting)
{
    if (!waiting->change.limited) {
        go_on(page, waiting->entry);
        return;
    }
    metrics_add(page->worker->options->metrics, METRIC_LIMITED_MAILBOX, 1);
    show(page, waiting->entry, &(struct back){
        .status = 429,
        .trouble = "mailbox",
        .retry_after = waiting->change.retry_after,
    });
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;
    int outcome = waiting->change.job.outcome;
    struct page page;

    page_begin(&page, waiting->request, edition, waiting->language, waiting->vary);
    if (outcome == 0)
        decided(&page, waiting);
    else
        show(&page, waiting->entry, &(struct back){
            .status = outcome == -EAGAIN || outcome == -EINPROGRESS ? 503 : 500,
            .trouble = "busy",
        });
    edition_unref(edition);
    arena_free(arena);
}

static int waiting_new(struct page *page, const struct event_entry *entry, const char *email,
                       struct waiting **ret_waiting)
{
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    char *key = arena ? arena_take(arena, ADDRESS_KEY_SIZE) : NULL, *folded;

    if (!waiting || !key || address_key(arena, email, key) < 0 || text_casefold(arena, email, &folded) < 0)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_find,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .event_id = entry->event_id,
            .email = arena_copy(arena, email),
            .folded = folded,
            .mailbox = key,
        },
        .request = page->request,
        .entry = entry,
        .language = arena_copy(arena, page->language),
        .vary = page->vary,
    };
    if (!waiting->change.email || !waiting->language)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

static void submit(struct page *page, const struct event_entry *entry, const char *email)
{
    const struct back busy = { .status = 503, .trouble = "busy" };
    struct waiting *waiting;
    int r;

    if (waiting_new(page, entry, email, &waiting) < 0) {
        show(page, entry, &busy);
        return;
    }
    waiting->change.job.edition = edition_ref(page->worker->edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r == 0) {
        page_drop(page); /* it is begun again when the job comes back */
        return;
    }
    log_debug("find.refused", LOG_ERRNO(r));
    edition_unref(waiting->change.job.edition);
    arena_free(waiting->change.job.arena);
    show(page, entry, &busy);
}

static void post(struct page *page, const struct event_entry *entry, bool allowed, int64_t seconds)
{
    const struct form *form = request_form(page->request);
    const char *value = form_times(form, "email") == 1 ? form_value(form, "email") : NULL;
    char *email;
    int r = -EINVAL;

    if (!allowed) {
        show(page, entry, &(struct back){ .status = 429, .trouble = "limited", .retry_after = seconds });
        return;
    }
    if (value && !text_has_control(value, strlen(value)))
        r = text_clean(page->arena, value, strlen(value), false, &email);
    if (r == 0)
        r = address_check(email);
    if (r < 0 && (r != -EAFNOSUPPORT || !settings_takes_utf8(page->edition->settings))) {
        show(page, entry, &(struct back){ .status = 422, .trouble = "bad_address", .wrong = true });
        return;
    }
    submit(page, entry, email);
}

/* The event of the path, and the page begun in its language; NULL: it is answered. */
static const struct event_entry *begin(struct request *request, struct page *page)
{
    struct page_worker *worker = request_state(request);
    enum phase phase;
    const struct event_entry *entry = page_event_entry(request, &phase);
    const char *language;
    bool vary;

    if (!entry)
        return NULL;
    language = page_language_choose(request, worker->edition, entry->definition, &vary);
    page_begin(page, request, NULL, language, vary);
    return entry;
}

static void handle(struct request *request)
{
    struct page page;
    int64_t seconds = 0;
    bool allowed = !request_is_post(request) || request_allowed(request, &seconds);
    const struct event_entry *entry = begin(request, &page);

    if (!entry)
        return;
    if (request_is_post(request))
        post(&page, entry, allowed, seconds);
    else
        show(&page, entry, &(struct back){ .status = 200 });
}

static void handle_sent(struct request *request)
{
    struct page page;
    const struct event_entry *entry = begin(request, &page);

    if (!entry)
        return;
    page_put_string(&page, page.model, "no_mail",
                    catalogue_format(page.catalogue, page.arena, "find.no_mail", "from",
                                     hosts_of(page.edition->settings, entry->definition->host)->from_address, NULL));
    layout(&page, entry, "find.sent_heading");
    page_send(&page, "found", &(struct reply){
        .status = 200,
        .cache = REPLY_PRIVATE,
        .frame_ancestors = page_event_frames(&page, entry->definition),
    });
}

const struct endpoint page_find = {
    .name = "find",
    .path = "/e/{slug}/find",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

const struct endpoint page_find_sent = {
    .name = "find_sent",
    .path = "/e/{slug}/find/sent",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle_sent,
};

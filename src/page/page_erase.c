/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/erase: GET says what goes, what is kept and until when, and shows a button; POST erases, or restricts
 * where a duty of evidence stands against it. GET changes nothing, for mail scanners follow every link. A worker's
 * thread. */
#include "base/arena.h"
#include "change/act.h"
#include "event/book.h"
#include "event/definition.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_evidence.h"
#include "page/page_model.h"
#include "page/page_own.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "signup/state.h"

static void say(struct page *page, json_t *list, const char *key)
{
    page_add(page, list, json_string(page_say(page, key)));
}

/* What happens, no more than is true for this registration. */
static void put_effects(struct page *page, const struct record *record, bool kept)
{
    json_t *effects = page_array(page);

    if (kept) {
        say(page, effects, "erase.rest");
        say(page, effects, "erase.link_stays");
    } else {
        if (record->has_claim)
            say(page, effects, "erase.place");
        else if (state_is_live(record->status))
            say(page, effects, "erase.ends");
        say(page, effects, "erase.all");
        say(page, effects, "erase.link_dies");
        say(page, effects, "erase.numbers");
    }
    if (record->email)
        say(page, effects, "erase.no_mail");
    page_put(page, page->model, "effects", effects);
}

static void layout(struct page *page, const struct event_definition *today, const char *heading)
{
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, heading),
        .definition = today,
        .private = true,
        .links = true,
    });
}

static void show(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    bool kept = page_evidence_is_due(page, found);
    const char *name = record->name ? record->name : record->reference;

    page_put(page, page->model, "event", page_own_event(page, found));
    page_put_string(page, page->model, "name", name);
    page_put_string(page, page->model, "action", page_record_href(page, found, "/erase"));
    page_put_string(page, page->model, "keep", page_record_href(page, found, ""));
    page_put_string(page, page->model, "data_json", page_record_href(page, found, "/data.json"));
    page_put_string(page, page->model, "data_csv", page_record_href(page, found, "/data.csv"));
    page_put_optional(page, page->model, "kept", kept ? page_evidence_words(page, found) : NULL);
    put_effects(page, record, kept);
    layout(page, page_record_today(found), "erase.heading");
    page_send(page, "erase", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

/* The link leads nowhere any more, so that the words stand here. */
static void done(struct page *page, const struct event_entry *entry)
{
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    layout(page, entry ? entry->definition : NULL, "erase.done_heading");
    page_send(page, "erased", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

/* POST. */
static void erase(struct page *page, const struct page_record *found)
{
    const struct event_definition *today = page_record_today(found);
    struct page_act act = {
        .kind = &change_erase,
        .evidence_until = evidence_until(today),
        .kept = evidence_fields(page->arena, found->record.definition),
        .failed = "not_erased",
        .unknown = "maybe_erased",
        .done = done,
    };

    act.title.text = event_text_in(today, &today->title, found->record.language, &act.title.language);
    act.title.zone = today->zone;
    page_act_run(page, found, &act);
}

static void answer(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (found->record.restricted && page_evidence_is_due(&page, found))
        page_act_back(&page, found); /* its page says what is kept */
    else if (request_is_post(found->link.request))
        erase(&page, found);
    else
        show(&page, found);
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_erase = {
    .name = "erase",
    .path = "/r/{token}/erase",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

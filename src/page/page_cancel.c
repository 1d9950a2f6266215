/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/cancel: GET shows what a cancellation does and a button, POST cancels; GET changes nothing, for mail
 * scanners follow every link. A worker's thread. */
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "change/act.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_model.h"
#include "page/page_own.h"
#include "page/page_party.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "report/record_entry.h"
#include "signup/state.h"
#include "view/catalogue.h"

static const char *const reasons[] = { "cannot_travel", "date", "colleague", "other" };
#define REASONS (sizeof reasons / sizeof *reasons)

/* One of our own words; whatever else came is no reason. */
static const char *reason_of(const struct form *form)
{
    const char *value = form_value(form, "reason");

    for (size_t i = 0; value && i < REASONS; i++)
        if (strcmp(value, reasons[i]) == 0)
            return reasons[i];
    return NULL;
}

/* What becomes of one of a group while the others stay. */
static void put_guest_effects(struct page *page, const struct record_guest *guest)
{
    json_t *effects = page_array(page);

    page_add(page, effects,
             json_string(page_say(page, guest->status == STATE_WAITLISTED ? "guests.cancel_leave"
                                                                          : "guests.cancel_place")));
    if (guest->status != STATE_PENDING_EMAIL)
        page_add(page, effects, json_string(page_say(page, "guests.cancel_mail")));
    page_put(page, page->model, "effects", effects);
}

static void add_party(struct page *page, const struct record *record, json_t *effects)
{
    size_t count = record_live_guests(record);
    const char *words;

    if (count == 0)
        return;
    words = catalogue_count(page->catalogue, page->arena, "guests.cancelled_too", (int64_t)count, NULL);
    page->failed = page->failed || !words;
    page_add(page, effects, json_string(words ? words : ""));
}

static void put_effects(struct page *page, const struct record *record, const struct event_definition *today)
{
    json_t *effects = page_array(page);
    const char *first, *mail = "cancel.mail";

    switch (record->status) {
    case STATE_CONFIRMED:
        first = "cancel.lose_place";
        mail = record_entry_is_due(record, today) ? "cancel.mail_calendar" : "cancel.mail";
        break;
    case STATE_WAITLISTED:
        first = "cancel.leave_list";
        break;
    case STATE_OFFERED:
        first = "cancel.pass_on";
        break;
    default: /* not confirmed, or awaiting an answer: with a place that is held, or without */
        first = record->has_claim ? "cancel.free_place" : "cancel.withdraw";
        if (record->status == STATE_PENDING_EMAIL)
            mail = "cancel.no_mail";
        break;
    }
    page_add(page, effects, json_string(page_say(page, first)));
    add_party(page, record, effects);
    page_add(page, effects, json_string(page_say(page, mail)));
    page_add(page, effects, json_string(page_say(page, "cancel.again")));
    page_put(page, page->model, "effects", effects);
}

static const char *keep_word(enum state state)
{
    switch (state) {
    case STATE_CONFIRMED:
        return "cancel.keep";
    case STATE_WAITLISTED:
        return "cancel.stay";
    default:
        return "cancel.keep_registration";
    }
}

/* The page of one guest leads to itself. */
static const char *own_query(struct page *page, const struct page_record *found)
{
    const char *tail = arena_format(page->arena, "/cancel?guest=%s", request_query(found->link.request, "guest"));

    page->failed = page->failed || !tail;
    return tail ? tail : "/cancel";
}

static void show(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
    const struct record_guest *guest = page_party_guest(found);
    const char *self = guest ? own_query(page, found) : "/cancel";
    json_t *list = page_array(page);

    for (size_t i = 0; i < REASONS; i++) {
        json_t *reason = page_object(page);
        const char *key = arena_format(page->arena, "cancel.reasons.%s", reasons[i]);

        page_put_string(page, reason, "value", reasons[i]);
        page_put_string(page, reason, "word", key ? page_say(page, key) : NULL);
        page_add(page, list, reason);
    }
    page_put(page, page->model, "reasons", list);
    page_put(page, page->model, "event", page_own_event(page, found));
    page_put_string(page, page->model, "action", page_record_href(page, found, self));
    page_put_string(page, page->model, "keep", page_record_href(page, found, ""));
    if (guest) {
        page_put_string(page, page->model, "heading", page_say(page, "guests.cancel_heading"));
        page_put_string(page, page->model, "name", page_party_name(page, guest));
        page_put_string(page, page->model, "button", page_say(page, "guests.cancel_button"));
        page_put_string(page, page->model, "keep_word", page_say(page, "guests.cancel_keep"));
        put_guest_effects(page, guest);
    } else {
        page_put_string(page, page->model, "heading", page_say(page, "cancel.heading"));
        page_put_string(page, page->model, "name", record->name ? record->name : record->reference);
        page_put_string(page, page->model, "button", page_say(page, "manage.cancel"));
        page_put_string(page, page->model, "keep_word", page_say(page, keep_word(record->status)));
        put_effects(page, record, today);
    }
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, guest ? "guests.cancel_heading" : "cancel.heading"),
        .definition = today,
        .private = true,
        .links = true,
    });
    page_send(page, "cancel", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

static void answer(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (!state_is_live(found->record.status) || found->record.restricted)
        page_act_back(&page, found); /* it is cancelled already, or was never to be, or only evidence is left */
    else if (request_query(found->link.request, "guest") && !page_party_guest(found))
        page_act_back(&page, found); /* he has left already */
    else if (request_is_post(found->link.request))
        page_act_run(&page, found, &(struct page_act){
            .kind = &change_cancel,
            .guest = page_party_guest(found),
            .reason = reason_of(request_form(found->link.request)),
            .failed = "not_cancelled",
            .unknown = "maybe_cancelled",
        });
    else
        show(&page, found);
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_cancel = {
    .name = "cancel",
    .path = "/r/{token}/cancel",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

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
#include "page/page_record.h"
#include "page/page_table.h"
#include "report/record_entry.h"
#include "signup/state.h"

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

static void show(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
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
    page_put_string(page, page->model, "name", record->name ? record->name : record->reference);
    page_put_string(page, page->model, "action", page_record_href(page, found, "/cancel"));
    page_put_string(page, page->model, "keep", page_record_href(page, found, ""));
    page_put_string(page, page->model, "keep_word", page_say(page, keep_word(record->status)));
    put_effects(page, record, today);
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, "cancel.heading"),
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
    else if (request_is_post(found->link.request))
        page_act_run(&page, found, &(struct page_act){
            .kind = &change_cancel,
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

/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/confirm: GET shows what is asked, until when, and a button; POST confirms the address, or takes or gives
 * up an offered place. GET changes nothing, for mail scanners follow every link. A worker's thread. */
#include <string.h>

#include "base/form.h"
#include "change/act.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_model.h"
#include "page/page_own.h"
#include "page/page_record.h"
#include "page/page_stand.h"
#include "page/page_table.h"
#include "page/page_taking.h"

/* The page's keys are put whole, whatever is asked. */
static void send(struct page *page, const struct page_record *found, const char *heading, json_t *ask, int status)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
    int mode = record->mode ? event_mode(today, record->mode) : -1;
    bool asked = json_is_object(ask);

    page_put_string(page, page->model, "heading", page_say(page, heading));
    page_put(page, page->model, "ask", ask);
    page_put(page, page->model, "event", page_own_event(page, found));
    page_put_string(page, page->model, "name", record->name ? record->name : record->reference);
    page_put(page, page->model, "mode",
             mode >= 0 && today->mode_asked ? page_model_mode(page, today, &today->modes[mode]) : json_false());
    page_taking_put(page, found);
    page_put_string(page, page->model, "action", page_record_href(page, found, "/confirm"));
    page_put_string(page, page->model, "manage", page_record_href(page, found, ""));
    page_put_optional(page, page->model, "again",
                      !asked && page_stand_late(page, found) ? page_stand_again(page, found) : NULL);
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, heading),
        .definition = today,
        .private = true,
        .links = true,
    });
    page_send(page, "confirm", &(struct reply){ .status = status, .cache = REPLY_NO_STORE });
}

static void show(struct page *page, const struct page_record *found, int status)
{
    enum page_stand asked = page_stand_asked(page, found);
    bool late = page_stand_late(page, found);
    json_t *texts;

    if (asked == PAGE_STAND_NOTHING && !late) {
        texts = page_array(page);
        page_add(page, texts, json_string(page_say(page, "confirm.nothing_text")));
    } else {
        texts = page_stand_texts(page, found);
    }
    page_put(page, page->model, "texts", texts);
    send(page, found,
         late                             ? "confirm.late_heading"
         : asked == PAGE_STAND_CONFIRM  ? "confirm.heading"
         : asked == PAGE_STAND_ANSWER   ? "confirm.offer_heading"
                                          : "confirm.nothing_heading",
         page_stand_deadline(page, found), status);
}

/* The act found the time over. Meanwhile the expiry may have come, so that nothing is asked any more. */
static void answer_late(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (page_stand_late(&page, found))
        show(&page, found, 409);
    else
        page_act_back(&page, found);
}

/* NULL: the form says nothing that answers what is asked. */
static const struct change_kind *chosen(enum page_stand asked, const struct form *form)
{
    const char *value = form_value(form, "answer");

    if (asked == PAGE_STAND_CONFIRM)
        return value ? NULL : &change_confirm;
    if (value && strcmp(value, "yes") == 0)
        return &change_accept;
    return value && strcmp(value, "no") == 0 ? &change_decline : NULL;
}

static void post(struct page *page, const struct page_record *found)
{
    enum page_stand asked = page_stand_asked(page, found);
    const struct change_kind *kind;

    if (asked == PAGE_STAND_NOTHING) {
        if (page_stand_late(page, found))
            show(page, found, 409);
        else
            page_act_back(page, found);
        return;
    }
    kind = chosen(asked, request_form(found->link.request));
    if (!kind) {
        show(page, found, 422);
        return;
    }
    page_act_run(page, found, &(struct page_act){
        .kind = kind,
        .failed = "not_answered",
        .unknown = "maybe_answered",
        .late = answer_late,
    });
}

static void answer(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (request_is_post(found->link.request))
        post(&page, found);
    else
        show(&page, found, 200);
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_confirm = {
    .name = "confirm",
    .path = "/r/{token}/confirm",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

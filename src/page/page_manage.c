/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /r/{token}: one's own registration: how it stands, today's time and place, the answers, the consents, the
 * data, the way out. A worker's thread. */
#include "page/page_manage.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_address.h"
#include "page/page_answers.h"
#include "page/page_change.h"
#include "page/page_consents.h"
#include "page/page_evidence.h"
#include "page/page_model.h"
#include "page/page_own.h"
#include "page/page_party.h"
#include "page/page_record.h"
#include "page/page_stand.h"
#include "page/page_stop.h"
#include "page/page_table.h"
#include "page/page_taking.h"
#include "page/site.h"
#include "report/record_entry.h"
#include "signup/phase.h"
#include "signup/state.h"
#include "view/catalogue.h"

const char *page_manage_mark(enum state state)
{
    switch (state) {
    case STATE_CONFIRMED:
    case STATE_SUBMITTED:
        return "ok";
    case STATE_PENDING_EMAIL:
    case STATE_AWAITING_APPROVAL:
    case STATE_WAITLISTED:
    case STATE_OFFERED:
        return "ask";
    default:
        return "no";
    }
}

/* The link to the meeting is for those who have a place in the online mode. */
static const char *join_url(const struct record *record, const struct event_definition *today, enum phase phase)
{
    int mode = record->mode ? event_mode(today, record->mode) : -1;

    if (phase == PHASE_OFF || record->status != STATE_CONFIRMED || mode < 0 ||
        !event_mode_is_online(&today->modes[mode]))
        return NULL;
    return today->join_url;
}

/* What can be changed, and what cannot any more. */
static void put_changes(struct page *page, const struct page_record *found)
{
    bool change = page_change_is_open(page, found), address = page_address_may_change(page, found);
    const char *zone = page_record_today(found)->zone, *date = NULL, *ended = NULL;

    if (page_change_is_over(page, found)) {
        date = page_model_deadline(page, zone, found->entry->definition->changes_until);
        ended = date ? catalogue_format(page->catalogue, page->arena, "change.ended", "date", date, NULL) : NULL;
        page->failed = page->failed || !ended;
    }
    page_put_bool(page, page->model, "has_ways", change || address);
    page_put_optional(page, page->model, "change", change ? page_record_href(page, found, "/change") : NULL);
    page_put_optional(page, page->model, "address", address ? page_record_href(page, found, "/address") : NULL);
    page_put_optional(page, page->model, "pending", address ? page_address_pending(page, found) : NULL);
    page_put_optional(page, page->model, "ended", ended);
}

static void put_ways(struct page *page, const struct page_record *found, enum phase phase)
{
    const struct record *record = &found->record;
    bool live = state_is_live(record->status);
    bool cancels = live && !record->restricted && phase != PHASE_OVER && phase != PHASE_OFF;

    page_put_optional(page, page->model, "cancel", cancels ? page_record_href(page, found, "/cancel") : NULL);
    page_put_string(page, page->model, "tell_us",
                    page_say(page, record->has_claim ? "manage.tell_us" : "manage.tell_us_only"));
    page_put_optional(page, page->model, "again", live ? NULL : page_stand_again(page, found));
    page_put(page, page->model, "ask", page_stand_deadline(page, found));
    put_changes(page, found);
    page_put_string(page, page->model, "confirm", page_record_href(page, found, "/confirm"));
}

/* Who never got our messages has to see here why. */
static void put_undeliverable(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    bool may_change = page_address_may_change(page, found);

    if (record->undeliverable_at == 0 || !record->email || !state_is_live(record->status))
        return;
    json_t *said = page_object(page);
    const char *text = catalogue_format(page->catalogue, page->arena,
                                        may_change ? "undeliverable.own" : "undeliverable.own_only", "address",
                                        record->email, NULL);
    page->failed = page->failed || !text;
    page_put_optional(page, said, "text", text);
    page_put_optional(page, said, "address", may_change ? page_record_href(page, found, "/address") : NULL);
    page_put(page, page->model, "undeliverable", said);
}

/* What may be sent beside the news of the registration itself. */
static void put_mails(struct page *page, const struct page_record *found, enum phase phase)
{
    const struct record *record = &found->record;
    bool mailed = state_is_live(record->status) && record->email && phase != PHASE_OFF;

    page_put_optional(page, page->model, "stop", mailed ? page_stop_href(page, found) : NULL);
    page_put_bool(page, page->model, "stopped", record->stopped);
}

static bool may_withdraw(const json_t *consents)
{
    const json_t *row;
    size_t i;

    json_array_foreach (consents, i, row)
        if (json_is_string(json_object_get(row, "purpose")))
            return true;
    return false;
}

/* What can be taken away from here, and taken back. */
static void put_own(struct page *page, const struct page_record *found, enum phase phase)
{
    json_t *consents = page_consents_model(page, found);
    bool entry = found->record.status == STATE_CONFIRMED && phase != PHASE_OFF
                 && record_entry_is_due(&found->record, page_record_today(found));

    page_put_optional(page, page->model, "calendar", entry ? page_record_href(page, found, "/event.ics") : NULL);
    page_put_bool(page, page->model, "has_consents", json_array_size(consents) > 0);
    page_put_bool(page, page->model, "may_withdraw", may_withdraw(consents));
    page_put(page, page->model, "consents", consents);
    page_put_string(page, page->model, "withdraw", page_record_href(page, found, "/consents"));
    page_put_optional(page, page->model, "kept", found->record.restricted ? page_evidence_words(page, found) : NULL);
    page_put_optional(page, page->model, "erase",
                      found->record.restricted && page_evidence_is_due(page, found)
                          ? NULL
                          : page_record_href(page, found, "/erase"));
    page_put_string(page, page->model, "data_json", page_record_href(page, found, "/data.json"));
    page_put_string(page, page->model, "data_csv", page_record_href(page, found, "/data.csv"));
}

/* What is shown at the door. */
static void put_code(struct page *page, const struct page_record *found, enum phase phase)
{
    const char *reference = found->record.reference;
    if (phase == PHASE_OVER ||
        !record_entry_has_code(&found->record, page_record_today(found), phase == PHASE_OFF))
        return;
    json_t *code = page_object(page);
    const char *alt = catalogue_format(page->catalogue, page->arena, "mail.code.alt", "reference", reference, NULL);
    page->failed = page->failed || !alt;
    page_put_optional(page, code, "alt", alt);
    page_put_string(page, code, "picture", page_record_href(page, found, "/code.png"));
    page_put(page, page->model, "code", code);
}

/* It comes back from a change. */
static bool was_saved(const struct page_record *found)
{
    const char *saved = request_query(found->link.request, "saved");

    return saved && strcmp(saved, "1") == 0;
}

static void show(struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_definition *today = page_record_today(found);
    const char *name = state_name(record->status), *heading, *word;
    struct page page;
    enum phase phase;
    json_t *state;

    page_record_begin(&page, found);
    phase = found->entry ? phase_of(found->entry, page.now) : PHASE_WITHDRAWN;
    heading = arena_format(page.arena, "manage.%s.heading", name);
    word = arena_format(page.arena, "state.%s", name);
    page.failed = page.failed || !heading || !word;
    if (!page.failed) {
        if (phase == PHASE_OFF && state_is_live(record->status)) /* the state stays, but there is nothing to come to */
            heading = "phase.off.heading";
        page_put_string(&page, page.model, "heading", page_say(&page, heading));
        page_put(&page, page.model, "texts", page_stand_texts(&page, found));
        page_put_optional(&page, page.model, "reason", record->status == STATE_REJECTED ? record->reason : NULL);
        state = page_object(&page);
        page_put_string(&page, state, "mark", page_manage_mark(record->status));
        page_put_string(&page, state, "word", page_say(&page, word));
        page_put(&page, page.model, "state", state);
        page_put_string(&page, page.model, "reference", record->reference);
        page_put(&page, page.model, "event", page_own_event(&page, found));
        page_put_optional(&page, page.model, "join_url", join_url(record, today, phase));
        page_put(&page, page.model, "answers", page_answers_model(&page, record, &found->privates));
        page_put_bool(&page, page.model, "saved", was_saved(found));
        put_undeliverable(&page, found);
        page_taking_put(&page, found);
        put_ways(&page, found, phase);
        page_party_put(&page, found);
        put_own(&page, found, phase);
        put_code(&page, found, phase);
        put_mails(&page, found, phase);
        page_model_layout(&page, &(struct page_layout){
            .title = page_say(&page, "manage.title"),
            .definition = today,
            .private = true,
            .links = true,
            .notice = phase != PHASE_WITHDRAWN && phase != PHASE_HIDDEN ? today->slug : NULL,
        });
    }
    page_send(&page, "manage", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

static void handle(struct request *request)
{
    page_record_read_parts(request, PAGE_RECORD_CONSENTS | PAGE_RECORD_ADDRESS, show);
}

const struct endpoint page_manage = {
    .name = "manage",
    .path = "/r/{token}",
    .methods = HTTP_GET,
    .language = true,
    .handle = handle,
};

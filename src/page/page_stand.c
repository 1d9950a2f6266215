/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts the state of a registration into words, no more of them than is true. Called by page_manage and page_confirm.
 * A worker's thread. */
#include "page/page_stand.h"

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_record.h"
#include "signup/phase.h"
#include "signup/state.h"
#include "view/catalogue.h"
#include "view/words.h"

static enum phase phase_now(const struct page *page, const struct page_record *found)
{
    return found->entry ? phase_of(found->entry, page->now) : PHASE_WITHDRAWN;
}

/* Its state asks for an answer, in time or not. */
static enum page_stand asks(const struct page *page, const struct page_record *found)
{
    enum phase phase = phase_now(page, found);

    if (phase == PHASE_OVER || phase == PHASE_OFF)
        return PAGE_STAND_NOTHING;
    if (found->record.status == STATE_PENDING_EMAIL)
        return PAGE_STAND_CONFIRM;
    return found->record.status == STATE_OFFERED ? PAGE_STAND_ANSWER : PAGE_STAND_NOTHING;
}

static bool time_is_over(const struct page *page, const struct page_record *found)
{
    return found->record.expires_at != 0 && found->record.expires_at <= page->now;
}

enum page_stand page_stand_asked(const struct page *page, const struct page_record *found)
{
    return time_is_over(page, found) ? PAGE_STAND_NOTHING : asks(page, found);
}

bool page_stand_late(const struct page *page, const struct page_record *found)
{
    return asks(page, found) != PAGE_STAND_NOTHING && time_is_over(page, found);
}

const char *page_stand_again(struct page *page, const struct page_record *found)
{
    const char *path;

    if (phase_now(page, found) != PHASE_OPEN || found->record.status == STATE_REJECTED)
        return NULL;
    path = arena_format(page->arena, "/e/%s", found->record.slug);
    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

static void say(struct page *page, json_t *texts, const char *key)
{
    page_add(page, texts, json_string(page_say(page, key)));
}

/* What the address that is confirmed gets: as change/confirm decides it. */
static void say_pending(struct page *page, const struct page_record *found, json_t *texts)
{
    const struct record *record = &found->record;
    const struct event_definition *definition = page_record_today(found);
    int mode = record->mode ? event_mode(definition, record->mode) : -1;
    bool approval = mode >= 0 && definition->modes[mode].approval;

    if (record->has_claim)
        say(page, texts, "confirm.kept");
    else if (!approval)
        say(page, texts, "confirm.list");
    else if (definition->approval_holds)
        say(page, texts, "confirm.list_approval");
    if (approval && (record->has_claim || !definition->approval_holds))
        say(page, texts, "confirm.decide");
    say(page, texts, "confirm.not_you");
}

static void say_position(struct page *page, const struct page_record *found, json_t *texts)
{
    const char *number = words_number(page->worker->words, page->arena, page->language, found->before + 1);
    const char *text = number ? catalogue_format(page->catalogue, page->arena, "manage.waitlisted.text", "number",
                                                 number, NULL)
                              : NULL;

    page_add(page, texts, text ? json_string(text) : NULL);
}

/* What has ended, and the way to come after all. */
static void say_ended(struct page *page, const struct page_record *found, json_t *texts, const char *key)
{
    say(page, texts, key);
    if (phase_now(page, found) != PHASE_OPEN)
        say(page, texts, "confirm.ask_us");
}

json_t *page_stand_texts(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    enum phase phase = phase_now(page, found);
    json_t *texts = page_array(page);

    if (phase == PHASE_OFF) {
        say(page, texts, "phase.off.text");
        return texts;
    }
    if (phase == PHASE_OVER && state_is_live(record->status) && record->status != STATE_CONFIRMED) {
        say(page, texts, "manage.over");
        return texts;
    }
    switch (record->status) {
    case STATE_PENDING_EMAIL:
        if (page_stand_late(page, found))
            say_ended(page, found, texts, "confirm.late_address");
        else
            say_pending(page, found, texts);
        break;
    case STATE_AWAITING_APPROVAL:
        say(page, texts, record->has_claim ? "manage.awaiting_approval.held" : "manage.awaiting_approval.text");
        break;
    case STATE_WAITLISTED:
        say_position(page, found, texts);
        break;
    case STATE_OFFERED:
        if (page_stand_late(page, found))
            say_ended(page, found, texts, "confirm.late_offer");
        else
            say(page, texts, "confirm.passed_on");
        break;
    case STATE_EXPIRED: /* an address that was not confirmed has a second term, after which its data goes */
        say_ended(page, found, texts, record->expires_at != 0 ? "confirm.late_address" : "confirm.late_offer");
        break;
    case STATE_REJECTED:
        say(page, texts, "manage.rejected.text");
        break;
    case STATE_DECLINED:
        say_ended(page, found, texts, "manage.declined.text");
        break;
    case STATE_CANCELLED:
        say_ended(page, found, texts, "manage.cancelled.text");
        break;
    default:
        break;
    }
    return texts;
}

json_t *page_stand_deadline(struct page *page, const struct page_record *found)
{
    enum page_stand asked = page_stand_asked(page, found);
    const char *zone = page_record_today(found)->zone, *now;
    int64_t at = found->record.expires_at;
    json_t *model;

    if (asked == PAGE_STAND_NOTHING || at == 0)
        return json_false();
    model = page_object(page);
    now = page_model_deadline(page, zone, page->now);
    page_put_string(page, model, "by",
                    page_say(page, asked == PAGE_STAND_ANSWER ? "confirm.accept_by" : "confirm.confirm_by"));
    page_put_string(page, model, "at", page_model_instant(page, zone, at));
    page_put_string(page, model, "deadline", page_model_deadline(page, zone, at));
    page_put_string(page, model, "zone",
                    catalogue_format(page->catalogue, page->arena, "when.zone", "city",
                                     words_zone_city(page->worker->words, page->arena, page->language, zone), "offset",
                                     words_offset(page->arena, zone, at), NULL));
    page_put_string(page, model, "now",
                    now ? catalogue_format(page->catalogue, page->arena, "confirm.now", "date", now, NULL) : NULL);
    page_put_bool(page, model, "offer", asked == PAGE_STAND_ANSWER);
    return model;
}

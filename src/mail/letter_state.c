/* SPDX-License-Identifier: EUPL-1.2 */
/* The sentences of a letter about the state of its registration. They promise a place only to who has one or for whom
 * one is kept at this moment. Caller: letter_model; the sender's thread. */
#include "mail/letter_state.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "mail/letter.h"
#include "mail/letter_choice.h"
#include "mail/letter_model.h"
#include "report/record.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

/* Sentences under construction: the first failure is kept. */
struct saying { const struct letter *letter; json_t *sentences; bool failed; };

static void say_text(struct saying *saying, const char *text)
{
    if (json_array_append_new(saying->sentences, text ? json_string(text) : NULL) < 0)
        saying->failed = true;
}

static void say(struct saying *saying, const char *key)
{
    say_text(saying, catalogue_text(saying->letter->catalogue, key));
}

static json_t *said(struct saying *saying)
{
    if (!saying->failed)
        return saying->sentences;
    json_decref(saying->sentences);
    return NULL;
}

/* ---- the kinds ---- */

static void say_confirmed(struct saying *saying)
{
    say(saying, "mail.confirmed.lead");
}

static void say_waitlisted(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    int mode = letter->record->mode ? event_mode(letter->definition, letter->record->mode) : -1;

    say(saying, "mail.waitlisted.lead");
    if (mode >= 0 && !letter->definition->modes[mode].approval) /* else organisers decide who is next */
        say(saying, "mail.waitlisted.next");
}

static void say_confirm(struct saying *saying)
{
    say(saying, "mail.confirm.lead");
}

static void say_confirm_reminder(struct saying *saying)
{
    say(saying, "mail.confirm_reminder.lead");
}

static void say_awaiting_approval(struct saying *saying)
{
    say(saying, "mail.awaiting_approval.lead");
    say(saying, saying->letter->record->has_claim ? "mail.awaiting_approval.kept" : "mail.awaiting_approval.not_kept");
}

static void say_offer(struct saying *saying)
{
    say(saying, "mail.offer.lead");
}

static void say_offer_lapsed(struct saying *saying)
{
    say(saying, "mail.offer_lapsed.lead");
}

static void say_declined(struct saying *saying)
{
    say(saying, "mail.declined.lead");
}

/* The reason comes from a shell or a form: cleaned, and left out where nothing that can be read is left of it. */
static void say_reason(struct saying *saying, const char *key, const char *reason)
{
    const struct letter *letter = saying->letter;
    char *clean;
    int r = reason ? text_clean(letter->arena, reason, strlen(reason), false, &clean) : -EILSEQ;
    if (r == -EILSEQ || (r == 0 && text_is_blank(clean)))
        return;
    say_text(saying, r < 0 ? NULL
                           : catalogue_format(letter->catalogue, letter->arena, key, "reason", clean, NULL));
}

static void say_rejected(struct saying *saying)
{
    say(saying, "mail.rejected.lead");
    if (saying->letter->was == STATE_CONFIRMED)
        say(saying, "mail.rejected.place");
    else if (saying->letter->was == STATE_WAITLISTED)
        say(saying, "mail.cancelled.list");
    say_reason(saying, "mail.rejected.reason", saying->letter->record->reason);
}

/* Who did not do it is told who did, and why. */
static void say_cancelled(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    if (json_is_true(json_object_get(letter->data, "organiser"))) {
        say(saying, "mail.cancelled.organiser");
        say_reason(saying, "mail.changed.reason", letter->record->reason);
    }
    switch (letter->was) {
    case STATE_CONFIRMED:
        say(saying, "mail.cancelled.place");
        break;
    case STATE_OFFERED:
        say(saying, "mail.cancelled.offer");
        break;
    case STATE_AWAITING_APPROVAL:
        say(saying, "mail.cancelled.request");
        break;
    default:
        say(saying, "mail.cancelled.list");
        break;
    }
}

static const char *again_state(const struct letter *letter)
{
    switch (letter->record->status) {
    case STATE_CONFIRMED:
        return "mail.again.confirmed";
    case STATE_WAITLISTED:
        return "mail.again.waitlisted";
    case STATE_AWAITING_APPROVAL:
        return "mail.again.awaiting";
    case STATE_OFFERED:
        return letter->asks ? "mail.again.offered" : "mail.again.other";
    default:
        return "mail.again.other";
    }
}

static void say_again(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    if (letter->record->status == STATE_PENDING_EMAIL && letter->asks) {
        say(saying, "mail.again.pending");
    } else {
        say(saying, "mail.again.lead");
        say(saying, letter->off ? "mail.event_off.lead" : again_state(letter));
    }
    /* "nothing you need to do" is not for who must answer */
    say(saying, letter->asks ? "mail.again.first_answers" : "mail.again.kept");
}

static const char *changed_state(const struct letter *letter)
{
    switch (letter->record->status) {
    case STATE_CONFIRMED:
        return "mail.changed.confirmed";
    case STATE_WAITLISTED:
        return "mail.changed.waitlisted";
    case STATE_AWAITING_APPROVAL:
        return "mail.changed.awaiting";
    case STATE_OFFERED:
        return letter->asks ? "mail.changed.offered" : NULL;
    default:
        return letter->asks ? "mail.confirm_reminder.lead" : NULL;
    }
}

static void say_changed(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    const char *state = changed_state(letter);
    if (state)
        say(saying, state);
    say_reason(saying, "mail.changed.reason", json_string_value(json_object_get(letter->data, "reason")));
    say(saying, "mail.changed.unexpected");
}

static void say_allocated(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    const char *id = json_string_value(json_object_get(letter->data, "round"));
    const char *key = json_string_value(json_object_get(letter->data, "key"));
    const char *round = id ? letter_choice_round(letter, id) : NULL;

    if (round)
        say_text(saying, catalogue_format(letter->catalogue, letter->arena, "mail.allocated.round", "round", round,
                                          NULL));
    if (letter->unplaced || !key) {
        say(saying, "mail.allocated.none");
        return;
    }
    const char *session = letter_choice_session(letter, key);
    say_text(saying, session ? catalogue_format(letter->catalogue, letter->arena, "mail.allocated.placed", "session",
                                                session, NULL)
                             : NULL);
}

static void say_new_address(struct saying *saying)
{
    say(saying, "mail.new_address.lead");
}

static void say_address_changed(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    const struct settings_host *host = hosts_of(letter->edition->settings, letter->definition->host);
    const char *address = host->reply_to ? host->reply_to : host->from_address;
    say(saying, "mail.address_changed.lead");
    say_text(saying, catalogue_format(letter->catalogue, letter->arena, "mail.address_changed.not_you", "address",
                                      address, NULL));
}

static void say_event_off(struct saying *saying)
{
    say(saying, "mail.event_off.lead");
    say_reason(saying, "mail.event_off.reason", json_string_value(json_object_get(saying->letter->data, "reason")));
}

static void say_event_moved(struct saying *saying)
{
    say(saying, "mail.event_moved.lead");
    say(saying, "mail.event_moved.keep");
}

static void say_reminder(struct saying *saying)
{
    say(saying, "mail.reminder.lead");
}

static void say_join(struct saying *saying)
{
    say(saying, "mail.join_mail.lead");
}

static void say_thanks(struct saying *saying)
{
    say(saying, "mail.thanks.lead");
}

static void say_data_ready(struct saying *saying)
{
    say(saying, "mail.data_ready.lead");
    say(saying, "mail.data_ready.what");
    say(saying, "mail.data_ready.not_you");
}

static const struct {
    const char *kind;
    void (*say)(struct saying *saying);
} sayings[] = {
    { "confirmed", say_confirmed },
    { "waitlisted", say_waitlisted },
    { "confirm", say_confirm },
    { "confirm_reminder", say_confirm_reminder },
    { "awaiting_approval", say_awaiting_approval },
    { "offer", say_offer },
    { "offer_lapsed", say_offer_lapsed },
    { "declined", say_declined },
    { "rejected", say_rejected },
    { "cancelled", say_cancelled },
    { "again", say_again },
    { "changed", say_changed },
    { "allocated", say_allocated },
    { "new_address", say_new_address },
    { "address_changed", say_address_changed },
    { "event_off", say_event_off },
    { "event_moved", say_event_moved },
    { "reminder", say_reminder },
    { "join", say_join },
    { "thanks", say_thanks },
    { "data_ready", say_data_ready },
};

json_t *letter_state_paragraphs(const struct letter *letter)
{
    struct saying saying = { .letter = letter, .sentences = json_array() };
    for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++)
        if (strcmp(sayings[i].kind, letter->mail->kind) == 0)
            sayings[i].say(&saying);
    if (letter->has_calendar)
        say(&saying, letter->uncalendars ? "mail.cancelled.calendar" : "mail.calendar.attached");
    return said(&saying);
}

/* ---- the answer that is waited for ---- */

/* "Friday, 5 March 2027, 18:00 (Vilnius time, UTC+2)": the offset is the deadline's own, which may be on the other side
 * of a change of clocks than the event. */
static char *deadline(const struct letter *letter, int64_t until, const char *key)
{
    const char *zone = letter->definition->zone;
    struct words *words = letter->desk->words;
    struct arena *arena = letter->arena;
    const char *date = words_date(words, arena, letter->language, zone, until, WORDS_DATE_WEEKDAY);
    const char *time = words_date(words, arena, letter->language, zone, until, WORDS_TIME);
    const char *city = words_zone_city(words, arena, letter->language, zone);
    const char *offset = words_offset(arena, zone, until);
    if (!date || !time || !city || !offset)
        return NULL;
    const char *instant = catalogue_format(letter->catalogue, arena, "mail.until", "date", date, "time", time, "city",
                                           city, "offset", offset, NULL);
    return instant ? catalogue_format(letter->catalogue, arena, key, "until", instant, NULL) : NULL;
}

/* What the address gets once it is confirmed; as change_confirm decides it. */
static void say_after_confirming(struct saying *saying)
{
    const struct letter *letter = saying->letter;
    const struct event_definition *today = letter->definition;
    int mode = letter->record->mode ? event_mode(today, letter->record->mode) : -1;
    bool approval = mode >= 0 && today->modes[mode].approval;

    if (!letter->record->has_claim && !(approval && !today->approval_holds))
        say(saying, "mail.confirm.list");
    if (approval)
        say(saying, "mail.confirm.approval");
    if (!letter->record->has_claim && approval && !today->approval_holds)
        say(saying, "mail.confirm.not_kept");
}

static json_t *make_answer(const struct letter *letter)
{
    bool offered = letter->record->status == STATE_OFFERED;
    struct saying saying = { .letter = letter, .sentences = json_array() };
    if (offered)
        say(&saying, "mail.offer.after");
    else
        say_after_confirming(&saying);
    const char *by = offered                     ? "mail.offer.by"
                     : letter->record->has_claim ? "mail.confirm.kept"
                                                 : "mail.confirm.by";
    const char *line = deadline(letter, letter->record->expires_at, by);
    const char *closing = catalogue_text(letter->catalogue, offered ? "mail.offer.question" : "mail.confirm.not_you");
    const char *decline = offered ? catalogue_text(letter->catalogue, "mail.offer.decline") : "";
    json_t *notes = said(&saying);
    if (!line || !notes) {
        json_decref(notes);
        return NULL;
    }
    return json_pack("{s:s, s:o, s:s, s:s}", "deadline", line, "notes", notes, "closing", closing, "decline", decline);
}

json_t *letter_state_answer(const struct letter *letter)
{
    if (letter->reader != READER_NEW_ADDRESS)
        return make_answer(letter);
    const char *line = deadline(letter, letter->address.until, "mail.confirm.by");
    return line ? json_pack("{s:s, s:[], s:s, s:s}", "deadline", line, "notes", "closing",
                            catalogue_text(letter->catalogue, "mail.new_address.not_you"), "decline", "")
                : NULL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The letters there are, and when each is still owed. A mail that is no longer owed is not made: whoever cancels before
 * the confirmation went out gets no confirmation. Callers: letter, subject; any thread. */
#include "mail/kind.h"

#include <string.h>

#include "change/mail_lease.h"
#include "event/book.h"
#include "mail/letter_alarm.h"
#include "mail/letter_day.h"
#include "mail/letter_erased.h"
#include "mail/letter_mailing.h"
#include "mail/letter_model.h"
#include "mail/letter_moved.h"
#include "mail/letter_organiser.h"
#include "report/record.h"

static kind_check cancelled_owed, changed_owed, allocated_owed, new_address_owed, address_changed_owed, reminder_owed,
    join_owed, thanks_owed, always_owed;

static const struct kind kinds[] = {
    { "confirmed", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_AS_DUE,
      { "mail.confirmed.subject", "mail.confirmed.heading" }, NULL, letter_model_make },
    { "waitlisted", READER_PERSON, STATE_WAITLISTED, false, true, ENTRY_AS_DUE,
      { "mail.waitlisted.subject", "mail.waitlisted.heading" }, NULL, letter_model_make },
    { "confirm", READER_PERSON, STATE_PENDING_EMAIL, true, true, ENTRY_AS_DUE,
      { "mail.confirm.subject", "mail.confirm.heading" }, NULL, letter_model_make },
    { "confirm_reminder", READER_PERSON, STATE_PENDING_EMAIL, true, true, ENTRY_AS_DUE,
      { "mail.confirm_reminder.subject", "mail.confirm.heading" }, NULL, letter_model_make },
    { "awaiting_approval", READER_PERSON, STATE_AWAITING_APPROVAL, false, true, ENTRY_AS_DUE,
      { "mail.awaiting_approval.subject", "mail.awaiting_approval.heading" }, NULL, letter_model_make },
    { "offer", READER_PERSON, STATE_OFFERED, true, true, ENTRY_AS_DUE,
      { "mail.offer.subject", "mail.offer.heading" }, NULL, letter_model_make },
    { "offer_lapsed", READER_PERSON, STATE_EXPIRED, false, true, ENTRY_AS_DUE,
      { "mail.offer_lapsed.subject", "mail.offer_lapsed.heading" }, NULL, letter_model_make },
    { "declined", READER_PERSON, STATE_DECLINED, false, false, ENTRY_AS_DUE,
      { "mail.declined.subject", "mail.declined.heading" }, NULL, letter_model_make },
    { "rejected", READER_PERSON, STATE_REJECTED, false, false, ENTRY_AS_DUE,
      { "mail.rejected.subject", "mail.rejected.heading" }, NULL, letter_model_make },
    { "again", READER_PERSON, STATE_NONE, false, false, ENTRY_AS_DUE,
      { "mail.again.subject", "mail.again.heading" }, NULL, letter_model_make },
    { "cancelled", READER_PERSON, STATE_CANCELLED, false, false, ENTRY_AS_DUE,
      { "mail.cancelled.subject", "mail.cancelled.heading" }, cancelled_owed, letter_model_make },
    { "changed", READER_PERSON, STATE_NONE, false, true, ENTRY_AS_DUE,
      { "mail.changed.subject", "mail.changed.heading" }, changed_owed, letter_model_make },
    { "allocated", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_AS_DUE,
      { "mail.allocated.subject", "mail.allocated.heading" }, allocated_owed, letter_model_make },
    { "new_address", READER_NEW_ADDRESS, STATE_NONE, false, false, ENTRY_AS_DUE,
      { "mail.new_address.subject", "mail.new_address.heading" }, new_address_owed, letter_model_make },
    { "address_changed", READER_OLD_ADDRESS, STATE_NONE, false, false, ENTRY_AS_DUE,
      { "mail.address_changed.subject", "mail.address_changed.heading" }, address_changed_owed, letter_model_make },
    { "event_off", READER_PERSON, STATE_NONE, false, false, ENTRY_AS_DUE,
      { "mail.event_off.subject", "mail.event_off.heading" }, NULL, letter_model_make },
    { "event_moved", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_AS_DUE,
      { "mail.event_moved.subject", "mail.event_moved.heading" }, NULL, letter_model_make },
    { "reminder", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_IF_MOVED,
      { "mail.reminder.subject", "mail.reminder.heading" }, reminder_owed, letter_model_make },
    { "join", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_NEVER,
      { "mail.join_mail.subject", "mail.join_mail.heading" }, join_owed, letter_model_make },
    { "thanks", READER_PERSON, STATE_CONFIRMED, false, true, ENTRY_NEVER,
      { "mail.thanks.subject", "mail.thanks.heading" }, thanks_owed, letter_model_make },
    { "data_ready", READER_PERSON, STATE_NONE, false, false, ENTRY_NEVER,
      { "mail.data_ready.subject", "mail.data_ready.heading" }, always_owed, letter_model_make },
    { "erased", READER_FORMER, STATE_NONE, false, false, ENTRY_NEVER,
      { "mail.erased.subject", "mail.erased.heading" }, letter_erased_owed, letter_erased_make },
    { "bulk", READER_PERSON, STATE_NONE, false, false, ENTRY_NEVER,
      { "mail.bulk.subject", "mail.bulk.heading" }, letter_mailing_owed, letter_mailing_make },
    { "bulk_test", READER_ORGANISER, STATE_NONE, false, false, ENTRY_NEVER,
      { "mail.bulk.test_subject", "mail.bulk.heading" }, letter_mailing_test_owed, letter_mailing_test_make },
    { "new_registration", READER_ORGANISER, STATE_NONE, false, true, ENTRY_NEVER,
      { "organiser.notice_subject", "organiser.notice_heading" }, organiser_notice_owed, organiser_notice_model },
    { "undeliverable", READER_ORGANISER, STATE_NONE, false, false, ENTRY_NEVER,
      { "undeliverable.subject", "undeliverable.heading" }, organiser_undeliverable_owed,
      organiser_undeliverable_model },
    { "digest", READER_ORGANISER, STATE_NONE, false, true, ENTRY_NEVER,
      { "organiser.digest_subject", "organiser.digest_heading" }, organiser_digest_owed, organiser_digest_model },
    { "alarm", READER_ADMIN, STATE_NONE, false, false, ENTRY_NEVER,
      { "alarm.age.subject", "alarm.age.heading" }, letter_alarm_owed, letter_alarm_make },
};

/* Who signs up again before the address is confirmed is not "already registered". */
static const struct letter_words again_pending = { "mail.confirm.subject", "mail.confirm.heading" };
/* Who got nothing of what was wished for has something to do. */
static const struct letter_words unplaced = { "mail.allocated.subject_none", "mail.allocated.heading_none" };

const struct letter_words *kind_words(const struct kind *kind, const struct letter *letter)
{
    if (strcmp(kind->name, "again") == 0 && letter->record->status == STATE_PENDING_EMAIL && letter->asks)
        return &again_pending;
    if (strcmp(kind->name, "reminder") == 0)
        return letter_day_words(letter);
    if (strcmp(kind->name, "event_moved") == 0)
        return letter_moved_words(letter);
    return letter->unplaced ? &unplaced : &kind->words;
}

/* A guest's registration ends so too when who booked does not take the place that was offered. */
static bool cancelled_owed(const struct letter *letter, int64_t now)
{
    enum state status = letter->record->status;
    (void)now;
    return status == STATE_CANCELLED ||
           (record_is_guest(letter->record) && (status == STATE_DECLINED || status == STATE_EXPIRED));
}

static bool changed_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return state_is_live(letter->record->status);
}

/* The place that it tells of is still the person's; and who got none has not chosen one meanwhile. */
static bool allocated_owed(const struct letter *letter, int64_t now)
{
    const struct record *record = letter->record;
    const char *round = json_string_value(json_object_get(letter->data, "round"));
    const char *key = json_string_value(json_object_get(letter->data, "key"));
    (void)now;
    if (record->status != STATE_CONFIRMED)
        return false;
    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        if (key ? strcmp(place->kind, "session") == 0 && strcmp(place->key, key) == 0
                : round && place->round && strcmp(place->round, round) == 0)
            return key;
    }
    return !key;
}

static bool is_current(const struct letter *letter)
{
    return letter->record->email && strcmp(letter->record->email, letter->mail->recipient) == 0;
}

static bool new_address_owed(const struct letter *letter, int64_t now)
{
    return state_is_live(letter->record->status) && letter->address.until > now && !is_current(letter);
}

/* Whoever lost an address has to hear it, however the registration ended. */
static bool address_changed_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return !is_current(letter);
}

/* While its event is held: what is withdrawn is not spoken of. */
static bool is_coming(const struct letter *letter)
{
    return letter->entry && letter->entry->state != EVENT_WITHDRAWN && letter->record->status == STATE_CONFIRMED;
}

static bool reminder_owed(const struct letter *letter, int64_t now)
{
    return is_coming(letter) && !letter->record->stopped && letter->day.given && letter->day.starts > now;
}

static bool join_owed(const struct letter *letter, int64_t now)
{
    return is_coming(letter) && letter->day.given && letter->day.ends > now && letter->definition->join_url &&
           letter_model_is_online(letter);
}

static bool thanks_owed(const struct letter *letter, int64_t now)
{
    return is_coming(letter) && !letter->record->stopped && letter->definition->thanks.given &&
           letter->definition->ends <= now;
}

static bool always_owed(const struct letter *letter, int64_t now)
{
    (void)letter, (void)now;
    return true;
}

/* Of an event that is off nobody is told as if it took place; `again` and the ends that people bring about say so. */
bool kind_is_owed(const struct kind *kind, const struct letter *letter, int64_t now)
{
    if (letter->off && kind->hushed)
        return false;
    if (kind->reader == READER_PERSON && !is_current(letter)) /* it holds a link that a former address must not get */
        return false;
    if (kind->reader == READER_PERSON && letter->record->undeliverable_at != 0) /* nobody is there */
        return false;
    if (kind->check)
        return kind->check(letter, now);
    enum state status = letter->record->status;
    if (kind->owed == STATE_NONE)
        return state_is_live(status);
    return status == kind->owed && (!kind->asks || letter->asks);
}

const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct kind *kind_at(size_t n)
{
    return n < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[n] : NULL;
}

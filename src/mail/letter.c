/* SPDX-License-Identifier: EUPL-1.2 */
/* One mail, from its row and the facts as they are now to the bytes that are sent. A mail that is no longer owed is not
 * made: whoever cancels before the confirmation went out gets no confirmation. Caller: sender; its own thread. */
#include "mail/letter.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "mail/letter_choice.h"
#include "mail/letter_model.h"
#include "mail/message.h"
#include "mail/wrap.h"
#include "report/record.h"
#include "report/record_entry.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/qr.h"
#include "view/template.h"

#define TEXT_COLUMNS 72

typedef bool owed_check(const struct letter *letter, int64_t now);
static owed_check cancelled_owed, changed_owed, allocated_owed, new_address_owed, address_changed_owed;

/* The kinds of mail: when each is still owed, and its words.
 *
 * A mail's `instance` keeps two of a kind apart: that of `changed` is the registration's version after the change, of
 * `allocated` the id of the allocation, of `new_address` and `address_changed` the id of the address_change, of
 * `event_moved` the id of the revision. What their `data` is:
 *   changed          {"was":STATE, "places":{"dropped":[{"kind":KIND, "key":KEY}…], "added":[…]}, "wishes":BOOL,
 *                    "fields":[ID…], "reason":TEXT}; wishes: they are others now; reason: an organiser's
 *   allocated        {"round":ID, "key":KEY}, KEY null: no place
 *   new_address      {"change":ID, "version":VERSION, "until":INSTANT}; the token is made here, none is ever stored
 *   event_off        {"reason":TEXT}
 *   event_moved      {"from":REVISION, "zone":ZONE, "days":[[INSTANT, INSTANT]…], "place":TEXT}: as it was before; zone
 *                    null: nobody can tell; place null: none, else in the mail's language */
static const struct letter_kind {
    const char *kind, *text, *html;
    enum state owed; /* STATE_NONE: in every live state */
    bool asks;       /* for an answer: owed while there is time for it */
    struct letter_words words;
    owed_check *check; /* decides instead of `owed` and `asks`; may be NULL */
    enum letter_reader reader;
} kinds[] = {
    { "confirmed", "mail/confirmed.txt", "mail/confirmed.html", STATE_CONFIRMED, false,
      { "mail.confirmed.subject", "mail.confirmed.heading" }, NULL, READER_PERSON },
    { "waitlisted", "mail/waitlisted.txt", "mail/waitlisted.html", STATE_WAITLISTED, false,
      { "mail.waitlisted.subject", "mail.waitlisted.heading" }, NULL, READER_PERSON },
    { "confirm", "mail/confirm.txt", "mail/confirm.html", STATE_PENDING_EMAIL, true,
      { "mail.confirm.subject", "mail.confirm.heading" }, NULL, READER_PERSON },
    { "confirm_reminder", "mail/confirm_reminder.txt", "mail/confirm_reminder.html", STATE_PENDING_EMAIL, true,
      { "mail.confirm_reminder.subject", "mail.confirm.heading" }, NULL, READER_PERSON },
    { "awaiting_approval", "mail/awaiting_approval.txt", "mail/awaiting_approval.html", STATE_AWAITING_APPROVAL, false,
      { "mail.awaiting_approval.subject", "mail.awaiting_approval.heading" }, NULL, READER_PERSON },
    { "offer", "mail/offer.txt", "mail/offer.html", STATE_OFFERED, true,
      { "mail.offer.subject", "mail.offer.heading" }, NULL, READER_PERSON },
    { "offer_lapsed", "mail/offer_lapsed.txt", "mail/offer_lapsed.html", STATE_EXPIRED, false,
      { "mail.offer_lapsed.subject", "mail.offer_lapsed.heading" }, NULL, READER_PERSON },
    { "declined", "mail/declined.txt", "mail/declined.html", STATE_DECLINED, false,
      { "mail.declined.subject", "mail.declined.heading" }, NULL, READER_PERSON },
    { "rejected", "mail/rejected.txt", "mail/rejected.html", STATE_REJECTED, false,
      { "mail.rejected.subject", "mail.rejected.heading" }, NULL, READER_PERSON },
    { "again", "mail/again.txt", "mail/again.html", STATE_NONE, false,
      { "mail.again.subject", "mail.again.heading" }, NULL, READER_PERSON },
    { "cancelled", "mail/cancelled.txt", "mail/cancelled.html", STATE_CANCELLED, false,
      { "mail.cancelled.subject", "mail.cancelled.heading" }, cancelled_owed, READER_PERSON },
    { "changed", "mail/changed.txt", "mail/changed.html", STATE_NONE, false,
      { "mail.changed.subject", "mail.changed.heading" }, changed_owed, READER_PERSON },
    { "allocated", "mail/allocated.txt", "mail/allocated.html", STATE_CONFIRMED, false,
      { "mail.allocated.subject", "mail.allocated.heading" }, allocated_owed, READER_PERSON },
    { "new_address", "mail/new_address.txt", "mail/new_address.html", STATE_NONE, false,
      { "mail.new_address.subject", "mail.new_address.heading" }, new_address_owed, READER_NEW_ADDRESS },
    { "address_changed", "mail/address_changed.txt", "mail/address_changed.html", STATE_NONE, false,
      { "mail.address_changed.subject", "mail.address_changed.heading" }, address_changed_owed, READER_OLD_ADDRESS },
    { "event_off", "mail/event_off.txt", "mail/event_off.html", STATE_NONE, false,
      { "mail.event_off.subject", "mail.event_off.heading" }, NULL, READER_PERSON },
    { "event_moved", "mail/event_moved.txt", "mail/event_moved.html", STATE_CONFIRMED, false,
      { "mail.event_moved.subject", "mail.event_moved.heading" }, NULL, READER_PERSON },
};

/* Who signs up again before the address is confirmed is not "already registered". */
static const struct letter_words again_pending = { "mail.confirm.subject", "mail.confirm.heading" };
/* Who got nothing of what was wished for has something to do. */
static const struct letter_words unplaced = { "mail.allocated.subject_none", "mail.allocated.heading_none" };

static const struct letter_words *words_of(const struct letter_kind *kind, const struct letter *letter)
{
    if (strcmp(kind->kind, "again") == 0 && letter->record->status == STATE_PENDING_EMAIL && letter->asks)
        return &again_pending;
    return letter->unplaced ? &unplaced : &kind->words;
}

static const struct letter_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].kind, name) == 0)
            return &kinds[i];
    return NULL;
}

/* Whether the person is asked for an answer and still has time to give it. */
static bool asks(const struct record *record, int64_t now)
{
    return (record->status == STATE_PENDING_EMAIL || record->status == STATE_OFFERED) && record->expires_at > now;
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

/* Of an event that is off nobody is told as if it took place; `again` and the ends that people bring about say so. */
static bool is_hushed(const struct letter *letter)
{
    static const char *const hushed[] = { "confirmed",    "waitlisted", "confirm",   "confirm_reminder",
                                          "awaiting_approval", "offer", "offer_lapsed", "changed", "allocated",
                                          "event_moved" };
    if (!letter->off)
        return false;
    for (size_t i = 0; i < sizeof(hushed) / sizeof(hushed[0]); i++)
        if (strcmp(letter->mail->kind, hushed[i]) == 0)
            return true;
    return false;
}

static bool is_owed(const struct letter_kind *kind, const struct letter *letter, int64_t now)
{
    const struct record *record = letter->record;
    if (is_hushed(letter))
        return false;
    if (kind->reader == READER_PERSON && !is_current(letter)) /* it holds a link that a former address must not get */
        return false;
    if (kind->check)
        return kind->check(letter, now);
    if (kind->owed == STATE_NONE)
        return state_is_live(record->status);
    return record->status == kind->owed && (!kind->asks || asks(record, now));
}

/* What the change noted in the mail's row. */
static int read_data(struct letter *letter)
{
    static const char *const address[] = { "change", "version", "until" };
    int64_t *const values[] = { &letter->address.id, &letter->address.version, &letter->address.until };

    letter->data = letter->mail->data ? json_loads(letter->mail->data, 0, NULL) : NULL;
    const char *was = json_string_value(json_object_get(letter->data, "was"));
    letter->was = was ? state_by_name(was) : STATE_NONE;
    letter->unplaced = strcmp(letter->mail->kind, "allocated") == 0 &&
                       !json_is_string(json_object_get(letter->data, "key"));
    for (size_t i = 0; letter->reader == READER_NEW_ADDRESS && i < 3; i++) {
        const json_t *value = json_object_get(letter->data, address[i]);
        if (!json_is_integer(value))
            return -EINVAL;
        *values[i] = json_integer_value(value);
    }
    return 0;
}

/* What is published asks nobody for an answer; that it is off stands in the entry itself. */
static enum calendar_method method_of(const struct letter *letter)
{
    if (letter->definition->calendar == EVENT_CALENDAR_PUBLISH)
        return CALENDAR_PUBLISH;
    return letter->uncalendars ? CALENDAR_CANCEL : CALENDAR_REQUEST;
}

static int make_calendar(const struct letter *letter, int64_t now, char **ret_text)
{
    const struct record_entry wanted = {
        .settings = letter->edition->settings,
        .catalogue = letter->catalogue,
        .words = letter->desk->words,
        .event = letter->entry,
        .record = letter->record,
        .method = method_of(letter),
        .called_off = letter->uncalendars,
        .address = letter->mail->recipient,
        .now = now,
    };
    return record_entry_make(letter->arena, &wanted, ret_text);
}

struct bodies { struct buffer text, html; const char *subject; };

static int render(const struct letter *letter, const struct letter_kind *kind, const json_t *model,
                  struct bodies *bodies)
{
    struct buffer raw = { 0 };
    const struct templates *templates = letter->edition->templates;
    int r = templates_render(templates, kind->text, model, letter->catalogue, &raw);
    if (r == 0)
        r = buffer_check(&raw);
    if (r == 0) {
        wrap_text(buffer_string(&raw), TEXT_COLUMNS, &bodies->text);
        r = templates_render(templates, kind->html, model, letter->catalogue, &bodies->html);
    }
    if (r == 0 && (buffer_check(&bodies->text) < 0 || buffer_check(&bodies->html) < 0))
        r = -ENOMEM;
    buffer_done(&raw);
    return r;
}

static void hash_bodies(const struct bodies *bodies, char ret_hash[static 65])
{
    unsigned char hash[32];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)buffer_string(&bodies->text), bodies->text.size + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)buffer_string(&bodies->html), bodies->html.size);
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    (void)sodium_bin2hex(ret_hash, 65, hash, sizeof(hash));
}

/* What the letter's HTML shows: the funder's emblem, the code for the door. *ret_code: for free(). */
static int gather_pictures(const struct letter *letter, struct message_picture pictures[static 2], size_t *ret_count,
                           void **ret_code)
{
    const struct asset *emblem =
        letter->has_emblem ? assets_by_name(letter->edition->assets, "emblem.png") : NULL;
    size_t count = 0, size;
    void *code = NULL;
    if (emblem)
        pictures[count++] = (struct message_picture){ .name = "emblem", .data = emblem->data, .size = emblem->size };
    if (letter->has_code) {
        int r = qr_png(letter->record->reference, &code, &size);
        if (r < 0)
            return r;
        pictures[count++] = (struct message_picture){ .name = "code", .data = code, .size = size };
    }
    *ret_count = count;
    *ret_code = code;
    return 0;
}

static int build(const struct letter *letter, const struct bodies *bodies, const char *calendar, const char *method,
                 int64_t now, char **ret_data, size_t *ret_size)
{
    struct message_picture pictures[2];
    size_t picture_count;
    void *code;
    int r = gather_pictures(letter, pictures, &picture_count, &code);
    if (r < 0)
        return r;
    bool unproved = letter->reader == READER_NEW_ADDRESS;
    const struct settings_host *host = hosts_of(letter->edition->settings, letter->definition->host);
    const struct leased_mail *mail = letter->mail;
    const char *first = letter->record->first_message_id;
    const struct message message = {
        .from_name = host->from_name, .from_address = host->from_address,
        .reply_to = host->reply_to,
        .to_name = unproved ? NULL : letter->record->name, .to_address = mail->recipient,
        .subject = bodies->subject, .language = letter->language, .message_id = mail->message_id,
        .references = first && strcmp(first, mail->message_id) != 0 ? first : NULL,
        .date = now, .text = buffer_string(&bodies->text), .html = buffer_string(&bodies->html),
        .calendar = calendar, .calendar_method = method,
        .picture_count = picture_count, .pictures = pictures,
    };
    r = message_build(&message, ret_data, ret_size);
    free(code);
    return r;
}

/* Whether the letter brings an entry, or takes one out of the calendar. */
static void judge_calendar(struct letter *letter)
{
    enum state status = letter->record->status;
    bool had = letter->was == STATE_CONFIRMED, ended = status == STATE_CANCELLED || status == STATE_REJECTED;
    bool due = status == STATE_CONFIRMED && record_entry_is_due(letter->record, letter->definition);
    bool left = strcmp(letter->mail->kind, "changed") == 0 &&
                (status != STATE_CONFIRMED || letter_choice_dropped_slot(letter));

    letter->has_place = !letter->off && (status == STATE_CONFIRMED || (had && ended));
    letter->has_calendar = due || (had && (ended || left));
    letter->uncalendars = !due || letter->off;
}

/* The event as it is today; if it is gone, as its owner saw it. */
static const struct event_definition *definition_of(const struct event_entry *entry, const struct record *record)
{
    return entry ? entry->definition : record->definition;
}

const struct settings_host *letter_host(const struct edition *edition, const struct record *record)
{
    const struct event_entry *entry = event_book_by_id(edition->events, record->event_id);
    return hosts_of(edition->settings, definition_of(entry, record)->host);
}

/* The facts that the wording rests on. */
static int gather(struct letter *letter, int64_t now)
{
    const struct catalogues *catalogues = letter->edition->catalogues;
    letter->catalogue = catalogues_find(catalogues, letter->mail->language ? letter->mail->language : "en");
    if (!letter->catalogue)
        letter->catalogue = catalogues_find(catalogues, "en");
    if (!letter->catalogue)
        return -ENOENT;
    letter->language = catalogue_language(letter->catalogue);
    letter->definition = definition_of(letter->entry, letter->record);
    if (letter->reader == READER_PERSON) {
        letter->asks = !letter->off && asks(letter->record, now);
        judge_calendar(letter);
        letter->has_code = record_entry_has_code(letter->record, letter->definition, letter->off);
    }
    letter->has_emblem = letter->definition->funding.given && assets_by_name(letter->edition->assets, "emblem.png");
    return 0;
}

int letter_write(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                 const struct record *record, int64_t now, struct arena *arena, char **ret_data, size_t *ret_size,
                 char ret_body_hash[static 65])
{
    struct letter letter = { .desk = desk, .edition = edition, .mail = mail, .record = record, .arena = arena };
    struct bodies bodies = { 0 };
    char *calendar = NULL;

    const struct letter_kind *kind = find_kind(mail->kind);
    if (!kind)
        return -EINVAL;
    letter.reader = kind->reader;
    letter.entry = event_book_by_id(edition->events, record->event_id);
    /* the mail may be older than the edition that knows */
    letter.off = strcmp(kind->kind, "event_off") == 0 || (letter.entry && letter.entry->state == EVENT_OFF);
    int r = read_data(&letter);
    if (r == 0 && !is_owed(kind, &letter, now))
        r = -ESTALE;
    if (r == 0)
        r = gather(&letter, now);
    json_t *model = r == 0 ? letter_model_make(&letter, words_of(kind, &letter)) : NULL;
    if (r == 0 && !model)
        r = -ENOMEM;
    if (r == 0) {
        bodies.subject = json_string_value(json_object_get(model, "subject"));
        r = render(&letter, kind, model, &bodies);
    }
    if (r == 0 && letter.has_calendar)
        r = make_calendar(&letter, now, &calendar);
    if (r == 0)
        r = build(&letter, &bodies, calendar, calendar_method_name(method_of(&letter)), now, ret_data, ret_size);
    if (r == 0)
        hash_bodies(&bodies, ret_body_hash);
    json_decref(model);
    json_decref(letter.data);
    buffer_done(&bodies.text);
    buffer_done(&bodies.html);
    return r;
}

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
#include "mail/letter_model.h"
#include "mail/message.h"
#include "mail/wrap.h"
#include "report/record.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/entry.h"
#include "view/template.h"

#define TEXT_COLUMNS 72

/* The kinds of mail: when each is still owed, and its words. */
static const struct letter_kind {
    const char *kind, *text, *html;
    enum state owed; /* STATE_NONE: in every live state */
    bool asks;       /* for an answer: owed while there is time for it */
    struct letter_words words;
} kinds[] = {
    { "confirmed", "mail/confirmed.txt", "mail/confirmed.html", STATE_CONFIRMED, false,
      { "mail.confirmed.subject", "mail.confirmed.heading" } },
    { "waitlisted", "mail/waitlisted.txt", "mail/waitlisted.html", STATE_WAITLISTED, false,
      { "mail.waitlisted.subject", "mail.waitlisted.heading" } },
    { "confirm", "mail/confirm.txt", "mail/confirm.html", STATE_PENDING_EMAIL, true,
      { "mail.confirm.subject", "mail.confirm.heading" } },
    { "confirm_reminder", "mail/confirm_reminder.txt", "mail/confirm_reminder.html", STATE_PENDING_EMAIL, true,
      { "mail.confirm_reminder.subject", "mail.confirm.heading" } },
    { "awaiting_approval", "mail/awaiting_approval.txt", "mail/awaiting_approval.html", STATE_AWAITING_APPROVAL, false,
      { "mail.awaiting_approval.subject", "mail.awaiting_approval.heading" } },
    { "offer", "mail/offer.txt", "mail/offer.html", STATE_OFFERED, true,
      { "mail.offer.subject", "mail.offer.heading" } },
    { "offer_lapsed", "mail/offer_lapsed.txt", "mail/offer_lapsed.html", STATE_EXPIRED, false,
      { "mail.offer_lapsed.subject", "mail.offer_lapsed.heading" } },
    { "declined", "mail/declined.txt", "mail/declined.html", STATE_DECLINED, false,
      { "mail.declined.subject", "mail.declined.heading" } },
    { "rejected", "mail/rejected.txt", "mail/rejected.html", STATE_REJECTED, false,
      { "mail.rejected.subject", "mail.rejected.heading" } },
    { "again", "mail/again.txt", "mail/again.html", STATE_NONE, false,
      { "mail.again.subject", "mail.again.heading" } },
    { "cancelled", "mail/cancelled.txt", "mail/cancelled.html", STATE_CANCELLED, false,
      { "mail.cancelled.subject", "mail.cancelled.heading" } },
};

/* Who signs up again before the address is confirmed is not "already registered". */
static const struct letter_words again_pending = { "mail.confirm.subject", "mail.confirm.heading" };

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

static bool is_owed(const struct letter_kind *kind, const struct record *record, int64_t now)
{
    if (kind->owed == STATE_NONE)
        return state_is_live(record->status);
    return record->status == kind->owed && (!kind->asks || asks(record, now));
}

/* What the change noted in the mail's row: {"was":"confirmed"}. */
static enum state state_before(const struct leased_mail *mail)
{
    json_t *data = mail->data ? json_loads(mail->data, 0, NULL) : NULL;
    const char *was = json_string_value(json_object_get(data, "was"));
    enum state state = was ? state_by_name(was) : STATE_NONE;
    json_decref(data);
    return state;
}

static int make_calendar(const struct letter *letter, int64_t now, enum calendar_method method, char **ret_text)
{
    const struct entry entry = {
        .settings = letter->edition->settings,
        .catalogue = letter->catalogue,
        .definition = letter->definition,
        .slug = letter->record->slug,
        .method = method,
        .sequence = (letter->entry ? letter->entry->ical_sequence : 0) + letter->record->ical_sequence,
        .stamp = now,
        .reference = letter->record->reference,
        .online = letter_model_is_online(letter),
        .name = letter->record->name,
        .address = letter->mail->recipient,
    };
    return entry_make(letter->arena, &entry, ret_text);
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

static int build(const struct letter *letter, const struct bodies *bodies, const char *calendar, const char *method,
                 int64_t now, char **ret_data, size_t *ret_size)
{
    const struct settings_host *host = hosts_first(letter->edition->settings);
    const struct leased_mail *mail = letter->mail;
    const char *first = letter->record->first_message_id;
    const struct asset *emblem =
        letter->has_emblem ? assets_by_name(letter->edition->assets, "emblem.png") : NULL;
    const struct message message = {
        .from_name = host->from_name, .from_address = host->from_address,
        .reply_to = host->reply_to,
        .to_name = letter->record->name, .to_address = mail->recipient,
        .subject = bodies->subject, .language = letter->language, .message_id = mail->message_id,
        .references = first && strcmp(first, mail->message_id) != 0 ? first : NULL,
        .date = now, .text = buffer_string(&bodies->text), .html = buffer_string(&bodies->html),
        .calendar = calendar, .calendar_method = method,
        .emblem = emblem ? emblem->data : NULL, .emblem_size = emblem ? emblem->size : 0,
    };
    return message_build(&message, ret_data, ret_size);
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
    letter->entry = event_book_by_id(letter->edition->events, letter->record->event_id);
    letter->definition = letter->entry ? letter->entry->definition : letter->record->definition;
    letter->was = state_before(letter->mail);
    letter->asks = asks(letter->record, now);
    enum state status = letter->record->status;
    bool taken_away = (status == STATE_CANCELLED || status == STATE_REJECTED) && letter->was == STATE_CONFIRMED;
    letter->has_place = status == STATE_CONFIRMED || taken_away;
    letter->has_calendar = letter->has_place;
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
    if (!is_owed(kind, record, now))
        return -ESTALE;
    int r = gather(&letter, now);
    if (r < 0)
        return r;

    bool pending = kind->owed == STATE_NONE && record->status == STATE_PENDING_EMAIL && letter.asks;
    json_t *model = letter_model_make(&letter, pending ? &again_pending : &kind->words);
    if (!model)
        return -ENOMEM;
    enum calendar_method method = record->status == STATE_CONFIRMED ? CALENDAR_REQUEST : CALENDAR_CANCEL;
    bodies.subject = json_string_value(json_object_get(model, "subject"));
    r = render(&letter, kind, model, &bodies);
    if (r == 0 && letter.has_calendar)
        r = make_calendar(&letter, now, method, &calendar);
    if (r == 0)
        r = build(&letter, &bodies, calendar, calendar_method_name(method), now, ret_data, ret_size);
    if (r == 0)
        hash_bodies(&bodies, ret_body_hash);
    json_decref(model);
    buffer_done(&bodies.text);
    buffer_done(&bodies.html);
    return r;
}

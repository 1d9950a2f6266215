/* SPDX-License-Identifier: EUPL-1.2 */
/* One mail, from its row and the facts as they are now to the bytes that are sent. Caller: sender; its own thread. */
#include "mail/letter.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "mail/kind.h"
#include "mail/letter_choice.h"
#include "mail/letter_day.h"
#include "mail/letter_model.h"
#include "mail/letter_way.h"
#include "mail/message.h"
#include "mail/subject.h"
#include "mail/wrap.h"
#include "report/record.h"
#include "report/record_entry.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/qr.h"
#include "view/template.h"

#define TEXT_COLUMNS 72

/* Whether the person is asked for an answer and still has time to give it. */
static bool asks(const struct record *record, int64_t now)
{
    return (record->status == STATE_PENDING_EMAIL || record->status == STATE_OFFERED) && record->expires_at > now;
}

/* What the change noted in the mail's row. */
static int read_data(struct letter *letter)
{
    static const char *const address[] = { "change", "version", "until" };
    int64_t *const values[] = { &letter->address.id, &letter->address.version, &letter->address.until };

    letter->data = letter->mail->data ? json_loads(letter->mail->data, 0, NULL) : NULL;
    if (letter->mail->data && !letter->data) /* the store keeps nothing but JSON */
        return -ENOMEM;
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
    const char *organiser = letter_host(letter->edition, letter->mail, letter->record)->from_address;
    if (letter->definition->calendar == EVENT_CALENDAR_PUBLISH)
        return CALENDAR_PUBLISH;
    if (strcasecmp(organiser, letter->mail->recipient) == 0) /* an invitation to oneself is thrown away by Outlook */
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

/* The event's own template in this language, the event's own, the installation's in this language, or the one that all
 * have. -ENOENT: none of them. */
static int render_part(const struct letter *letter, const char *name, const char *ending, const json_t *model,
                       struct buffer *out)
{
    const struct templates *templates = letter->edition->templates;
    for (int event = letter->definition ? 1 : 0; event >= 0; event--)
        for (int own = 1; own >= 0; own--) {
            const char *path = arena_format(letter->arena, "mail/%s%s%s%s%s.%s",
                                            event ? letter->definition->slug : "", event ? "/" : "", name,
                                            own ? "." : "", own ? letter->language : "", ending);
            int r = path ? templates_render(templates, path, model, letter->catalogue, out) : -ENOMEM;
            if (r != -ENOENT)
                return r;
        }
    return -ENOENT;
}

/* An own subject is one line, whatever its file holds. */
static int render_subject(const struct letter *letter, const struct kind *kind, const json_t *model,
                          struct bodies *bodies)
{
    struct buffer raw = { 0 };
    char *subject = NULL;
    const char *name = arena_format(letter->arena, "%s.subject", kind->name);
    int r = name ? render_part(letter, name, "txt", model, &raw) : -ENOMEM;
    if (r == 0)
        r = buffer_check(&raw);
    if (r == 0)
        r = text_clean(letter->arena, buffer_string(&raw), raw.size, false, &subject);
    if (r == 0 && !text_is_blank(subject))
        bodies->subject = subject;
    buffer_done(&raw);
    return r == -ENOENT ? 0 : r;
}

static int render(const struct letter *letter, const struct kind *kind, const json_t *model, struct bodies *bodies)
{
    struct buffer raw = { 0 };
    bodies->subject = json_string_value(json_object_get(model, "subject"));
    int r = render_subject(letter, kind, model, bodies);
    if (r == 0)
        r = render_part(letter, kind->name, "txt", model, &raw);
    if (r == 0)
        r = buffer_check(&raw);
    if (r == 0) {
        wrap_text(buffer_string(&raw), TEXT_COLUMNS, &bodies->text);
        r = render_part(letter, kind->name, "html", model, &bodies->html);
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

/* What the letter's HTML shows, for mail programs list what it does not as attachments: the funder's emblem, the code
 * for the door. *ret_code: for free(). */
static int gather_pictures(const struct letter *letter, const char *html, struct message_picture pictures[static 2],
                           size_t *ret_count, void **ret_code)
{
    const struct asset *emblem =
        letter->has_emblem && strstr(html, "cid:emblem") ? assets_by_name(letter->edition->assets, "emblem.png") : NULL;
    size_t count = 0, size;
    void *code = NULL;
    if (emblem)
        pictures[count++] = (struct message_picture){ .name = "emblem", .data = emblem->data, .size = emblem->size };
    if (letter->has_code && strstr(html, "cid:code")) {
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
    bool failed = false;
    const char *unsubscribe = letter_way_stop(letter, &failed);
    const struct record *record = letter->record;
    bool named = record && (letter->reader == READER_PERSON || letter->reader == READER_OLD_ADDRESS);
    const struct settings_host *host = letter_host(letter->edition, letter->mail, record);
    const struct leased_mail *mail = letter->mail;
    const char *first = named || letter->reader == READER_NEW_ADDRESS ? record->first_message_id : NULL;
    struct message_picture pictures[2];
    size_t picture_count;
    void *code;
    int r = gather_pictures(letter, buffer_string(&bodies->html), pictures, &picture_count, &code);
    if (r < 0)
        return r;
    const struct message message = {
        .from_name = host->from_name, .from_address = host->from_address,
        .reply_to = host->reply_to,
        .to_name = named ? record->name : NULL, .to_address = mail->recipient,
        .subject = bodies->subject, .language = letter->language, .message_id = mail->message_id,
        .references = first && strcmp(first, mail->message_id) != 0 ? first : NULL,
        .unsubscribe = unsubscribe, .date = now,
        .text = buffer_string(&bodies->text), .html = buffer_string(&bodies->html),
        .calendar = calendar, .calendar_method = method,
        .picture_count = picture_count, .pictures = pictures,
    };
    r = failed ? -ENOMEM : message_build(&message, ret_data, ret_size);
    free(code);
    return r;
}

/* Whether the letter brings an entry, or takes one out of the calendar. */
static void judge_calendar(struct letter *letter)
{
    enum state status = letter->record->status;
    const struct event_definition *seen = letter->record->definition, *today = letter->definition;
    bool moved = event_times_moved(seen, today) || event_place_moved(seen, today);
    enum kind_entry entry = letter->kind->entry;
    bool had = letter->was == STATE_CONFIRMED, ended = status == STATE_CANCELLED || status == STATE_REJECTED;
    bool due = status == STATE_CONFIRMED && record_entry_is_due(letter->record, letter->definition);
    bool left = strcmp(letter->mail->kind, "changed") == 0 &&
                (status != STATE_CONFIRMED || letter_choice_dropped_slot(letter));

    letter->has_place = !letter->off && (status == STATE_CONFIRMED || (had && ended));
    letter->has_calendar = (due || (had && (ended || left))) &&
                           (entry == ENTRY_AS_DUE || (entry == ENTRY_IF_MOVED && moved));
    letter->uncalendars = !due || letter->off;
}

/* The event as it is today; if it is gone, as its owner saw it; NULL: nobody knows it. */
static const struct event_definition *definition_of(const struct event_entry *entry, const struct record *record)
{
    return entry ? entry->definition : record ? record->definition : NULL;
}

const struct settings_host *letter_host(const struct edition *edition, const struct leased_mail *mail,
                                        const struct record *record)
{
    const struct event_entry *entry = event_book_by_id(edition->events, mail->event_id);
    const struct event_definition *definition = definition_of(entry, record);
    return hosts_of(edition->settings, definition ? definition->host : NULL);
}

/* The facts that the wording rests on. */
static int gather(struct letter *letter)
{
    const struct catalogues *catalogues = letter->edition->catalogues;
    letter->catalogue = catalogues_find(catalogues, letter->mail->language ? letter->mail->language : "en");
    if (!letter->catalogue)
        letter->catalogue = catalogues_find(catalogues, "en");
    if (!letter->catalogue)
        return -ENOENT;
    letter->language = catalogue_language(letter->catalogue);
    if (letter->reader == READER_PERSON)
        judge_calendar(letter);
    letter->has_code = letter->reader == READER_PERSON && letter->kind->entry != ENTRY_NEVER &&
                       record_entry_has_code(letter->record, letter->definition, letter->off);
    letter->has_emblem = letter->definition && letter->definition->funding.given &&
                         assets_by_name(letter->edition->assets, "emblem.png");
    return 0;
}

static int copy_texts(struct arena *arena, const struct bodies *bodies, struct letter_texts *ret_texts)
{
    ret_texts->subject = arena_copy(arena, bodies->subject);
    ret_texts->text = arena_copy(arena, buffer_string(&bodies->text));
    ret_texts->html = arena_copy(arena, buffer_string(&bodies->html));
    return ret_texts->subject && ret_texts->text && ret_texts->html ? 0 : -ENOMEM;
}

/* TEXTS may be NULL. */
static int write_letter(struct letter *letter, const struct kind *kind, int64_t now, char **ret_data, size_t *ret_size,
                        char ret_body_hash[static 65], struct letter_texts *texts)
{
    struct bodies bodies = { 0 };
    char *calendar = NULL;
    json_t *model = kind->model(letter, kind_words(kind, letter));
    if (!model)
        return -ENOMEM;
    int r = render(letter, kind, model, &bodies);
    if (r == 0 && letter->has_calendar)
        r = make_calendar(letter, now, &calendar);
    if (r == 0 && texts)
        r = copy_texts(letter->arena, &bodies, texts);
    if (r == 0)
        r = build(letter, &bodies, calendar, calendar ? calendar_method_name(method_of(letter)) : NULL, now, ret_data,
                  ret_size);
    if (r == 0)
        hash_bodies(&bodies, ret_body_hash);
    json_decref(model);
    buffer_done(&bodies.text);
    buffer_done(&bodies.html);
    return r;
}

/* What is known before anything is said. letter->data is the caller's to give back, whatever comes back. */
static int begin(struct letter *letter, const struct kind *kind, int64_t now)
{
    letter->kind = kind;
    letter->now = now;
    letter->record = letter->subject->record;
    letter->reader = kind->reader;
    letter->entry = event_book_by_id(letter->edition->events, letter->mail->event_id);
    /* the mail may be older than the edition that knows */
    letter->off = strcmp(kind->name, "event_off") == 0 || (letter->entry && letter->entry->state == EVENT_OFF);
    letter->asks = kind->reader == READER_PERSON && !letter->off && asks(letter->record, now);
    letter->definition = definition_of(letter->entry, letter->record);
    int r = read_data(letter);
    if (r == 0 && letter->record && kind->reader == READER_PERSON)
        letter_day_find(letter);
    return r;
}

int letter_write(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                 const struct subject *subject, int64_t now, struct arena *arena, char **ret_data, size_t *ret_size,
                 char ret_body_hash[static 65])
{
    struct letter letter = { .desk = desk, .edition = edition, .mail = mail, .subject = subject, .arena = arena };
    const struct kind *kind = kind_find(mail->kind);
    if (!kind)
        return -EINVAL;
    int r = begin(&letter, kind, now);
    if (r == 0 && !kind_is_owed(kind, &letter, now))
        r = -ESTALE;
    if (r == 0)
        r = gather(&letter);
    if (r == 0)
        r = write_letter(&letter, kind, now, ret_data, ret_size, ret_body_hash, NULL);
    json_decref(letter.data);
    return r;
}

int letter_preview(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                   const struct subject *subject, int64_t now, struct arena *arena, struct letter_texts *ret_texts)
{
    struct letter letter = { .desk = desk, .edition = edition, .mail = mail, .subject = subject, .arena = arena };
    struct letter_texts texts;
    char hash[65];
    const struct kind *kind = kind_find(mail->kind);
    if (!kind)
        return -EINVAL;
    int r = begin(&letter, kind, now);
    if (r == 0)
        r = gather(&letter);
    if (r == 0)
        r = write_letter(&letter, kind, now, &texts.message, &texts.message_size, hash, &texts);
    if (r == 0)
        *ret_texts = texts;
    json_decref(letter.data);
    return r;
}

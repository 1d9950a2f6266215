/* SPDX-License-Identifier: EUPL-1.2 */
/* The models of the letters to organisers. What they do not need to be told at once stays in the store: of a new
 * registration they read who it is, how it stands and what of the programme it is for, no address, no answers, no
 * needs; of the event numbers alone. Callers: kind (the table); the sender's thread. */
#include "mail/letter_organiser.h"

#include "base/arena.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "mail/letter.h"
#include "mail/letter_choice.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "mail/subject.h"
#include "report/record.h"
#include "report/tally.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

/* What all of them have: whose event it is, its words, why it came. */
static json_t *begin(struct making *making, const struct letter_words *words)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    const char *title = event_text_in(definition, &definition->title, letter->language, NULL);
    json_t *model = json_object();

    making_set_text(making, model, "lang", letter->language);
    making_set_text(making, model, "organiser", hosts_of(letter->edition->settings, definition->host)->name);
    making_set_text(making, model, "subject",
                    catalogue_format(letter->catalogue, letter->arena, words->subject, "title", title, "reference",
                                     letter->record ? letter->record->reference : "", NULL));
    making_set(making, model, "title", making_in_language(making, definition, &definition->title));
    making_set_text(making, model, "heading", making_word(making, words->heading));
    making_set_text(making, model, "greeting", making_word(making, "organiser.greeting"));
    making_set_text(making, model, "why", making_word(making, "organiser.why"));
    return model;
}

static const char *state_word(const struct making *making, enum state state)
{
    const char *key = arena_format(making->letter->arena, "state.%s", state_name(state));
    return key ? making_word(making, key) : NULL;
}

static char *number(const struct letter *letter, int64_t value)
{
    return words_number(letter->desk->words, letter->arena, letter->language, value);
}

static void add_row(struct making *making, json_t *rows, const char *label, const char *value)
{
    making_add_strong(making, making_add_row(making, rows, label), value);
}

/* ---- a new registration ---- */

bool organiser_notice_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return state_is_live(letter->record->status);
}

static json_t *notice_facts(struct making *making)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;
    size_t guests = record_live_guests(record);
    json_t *rows = json_array();

    if (record->name) {
        json_t *row = making_add_row(making, rows, making_word(making, "organiser.who"));
        making_add_strong(making, row, record->name);
        if (record->organisation)
            making_add_soft(making, row, record->organisation);
    }
    if (guests > 0)
        add_row(making, rows, making_word(making, "organiser.with"),
                catalogue_count(letter->catalogue, letter->arena, "organiser.guests", (int64_t)guests, NULL));
    add_row(making, rows, making_word(making, "organiser.state"), state_word(making, record->status));
    if (record->mode && letter->definition->mode_asked)
        add_row(making, rows, making_word(making, "mail.part"), letter_model_mode(letter, record->mode));
    letter_choice_add(making, rows);
    add_row(making, rows, making_word(making, "organiser.reference"), record->reference);
    if (record->status == STATE_AWAITING_APPROVAL) {
        add_row(making, rows, making_word(making, "organiser.approve"),
                arena_format(letter->arena, "convenectl registration approve %s", record->reference));
        add_row(making, rows, making_word(making, "organiser.reject"),
                arena_format(letter->arena, "convenectl registration reject %s --reason …", record->reference));
    }
    making_align(making, rows);
    return rows;
}

json_t *organiser_notice_model(const struct letter *letter, const struct letter_words *words)
{
    static const struct letter_words to_decide = { "organiser.decide_subject", "organiser.decide_heading" };
    struct making making = { .letter = letter };
    bool decide = letter->record->status == STATE_AWAITING_APPROVAL;
    json_t *model = begin(&making, decide ? &to_decide : words), *paragraphs = json_array();
    const char *lead = making_word(&making, decide ? "organiser.decide" : "organiser.registered");

    making_append(&making, paragraphs, json_string(lead));
    making_set(&making, model, "paragraphs", paragraphs);
    making_set_text(&making, model, "preheader", lead);
    making_set(&making, model, "facts", notice_facts(&making));
    return making_finish(&making, model);
}

/* ---- an address that cannot be reached ---- */

bool organiser_undeliverable_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return state_is_live(letter->record->status) && letter->record->undeliverable_at != 0;
}

/* Here the address is what it is about: who reads it may see what is wrong with it. */
static json_t *undeliverable_facts(struct making *making)
{
    const struct record *record = making->letter->record;
    json_t *rows = json_array();

    if (record->name)
        add_row(making, rows, making_word(making, "organiser.who"), record->name);
    add_row(making, rows, making_word(making, "undeliverable.address"), record->email);
    if (record->undeliverable_why)
        add_row(making, rows, making_word(making, "undeliverable.answer"), record->undeliverable_why);
    add_row(making, rows, making_word(making, "organiser.state"), state_word(making, record->status));
    add_row(making, rows, making_word(making, "organiser.reference"), record->reference);
    making_align(making, rows);
    return rows;
}

json_t *organiser_undeliverable_model(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    json_t *model = begin(&making, words), *paragraphs = json_array();
    const char *lead = making_word(&making, "undeliverable.lead");

    making_append(&making, paragraphs, json_string(lead));
    making_append(&making, paragraphs, json_string(making_word(&making, "undeliverable.then")));
    making_set(&making, model, "paragraphs", paragraphs);
    making_set_text(&making, model, "preheader", lead);
    making_set(&making, model, "facts", undeliverable_facts(&making));
    if (letter->definition->notify.to_count == 0)
        making_set_text(&making, model, "why", making_word(&making, "undeliverable.why"));
    return making_finish(&making, model);
}

/* ---- the digest ---- */

bool organiser_digest_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return letter->entry && letter->entry->state == EVENT_LIVE && letter->subject->tally;
}

static json_t *news_rows(struct making *making)
{
    const struct letter *letter = making->letter;
    const struct tally *tally = letter->subject->tally;
    json_t *rows = json_array();

    add_row(making, rows, making_word(making, "organiser.new"), number(letter, tally->signed_up));
    add_row(making, rows, making_word(making, "organiser.cancelled"), number(letter, tally->cancelled));
    return rows;
}

/* In the order of the table of states, whatever the store's is. */
static json_t *state_rows(struct making *making)
{
    const struct letter *letter = making->letter;
    const struct tally *tally = letter->subject->tally;
    static const enum state order[] = { STATE_CONFIRMED,         STATE_OFFERED,  STATE_WAITLISTED,
                                        STATE_AWAITING_APPROVAL, STATE_PENDING_EMAIL, STATE_CANCELLED };
    json_t *rows = json_array();

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        for (size_t k = 0; k < tally->state_count; k++)
            if (tally->states[k].state == order[i])
                add_row(making, rows, state_word(making, order[i]), number(letter, tally->states[k].count));
    if (tally->undeliverable > 0)
        add_row(making, rows, making_word(making, "organiser.undeliverable"), number(letter, tally->undeliverable));
    return rows;
}

static json_t *place_rows(struct making *making)
{
    const struct letter *letter = making->letter;
    const struct tally *tally = letter->subject->tally;
    json_t *rows = json_array();

    for (size_t i = 0; i < tally->mode_count; i++) {
        const struct tally_mode *mode = &tally->modes[i];
        const char *taken = number(letter, mode->taken), *capacity = number(letter, mode->capacity);
        add_row(making, rows, letter_model_mode(letter, mode->key),
                mode->capacity < 0 || !capacity
                    ? taken
                    : catalogue_format(letter->catalogue, letter->arena, "organiser.taken", "taken", taken ? taken : "",
                                       "capacity", capacity, NULL));
    }
    return rows;
}

/* In their order. */
struct deadlines { size_t count; struct deadline { const char *label; int64_t at; } items[5]; };

static void add_deadline(struct deadlines *deadlines, const char *label, int64_t at, int64_t now)
{
    size_t i = deadlines->count;
    if (at <= now)
        return;
    for (; i > 0 && deadlines->items[i - 1].at > at; i--)
        deadlines->items[i] = deadlines->items[i - 1];
    deadlines->items[i] = (struct deadline){ .label = label, .at = at };
    deadlines->count++;
}

/* The next of each sort; a form that closes when the event starts has no deadline of its own. */
static json_t *deadline_rows(struct making *making)
{
    const struct event_definition *definition = making->letter->definition;
    const struct event_programme *programme = &definition->programme;
    int64_t now = making->letter->mail->due_at, wishes = 0, release = 0;
    struct deadlines deadlines = { 0 };

    for (size_t i = 0; i < programme->round_count; i++) {
        int64_t at = programme->rounds[i].wishes_until;
        if (programme->rounds[i].choose == CHOOSE_RANK && at > now && (wishes == 0 || at < wishes))
            wishes = at;
    }
    for (size_t i = 0; i < programme->reserve_count; i++) {
        int64_t at = programme->reserves[i].release;
        if (programme->reserves[i].has_release && at > now && (release == 0 || at < release))
            release = at;
    }
    if (definition->has_opens)
        add_deadline(&deadlines, "organiser.opens", definition->opens, now);
    add_deadline(&deadlines, "organiser.wishes", wishes, now);
    add_deadline(&deadlines, "organiser.release", release, now);
    if (definition->closes < definition->starts)
        add_deadline(&deadlines, "organiser.closes", definition->closes, now);
    add_deadline(&deadlines, "organiser.starts", definition->starts, now);

    const struct letter *letter = making->letter;
    json_t *rows = json_array();
    for (size_t i = 0; i < deadlines.count; i++)
        add_row(making, rows, making_word(making, deadlines.items[i].label),
                words_date(letter->desk->words, letter->arena, letter->language, definition->zone,
                           deadlines.items[i].at, WORDS_SHORT_DATE_TIME_WEEKDAY));
    return rows;
}

json_t *organiser_digest_model(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    json_t *model = begin(&making, words), *groups = json_array(), *paragraphs = json_array();
    int64_t since = (int64_t)json_integer_value(json_object_get(letter->data, "since"));
    const char *date = words_date(letter->desk->words, letter->arena, letter->language, letter->definition->zone, since,
                                  WORDS_SHORT_DATE_TIME_WEEKDAY);
    const char *city = words_zone_city(letter->desk->words, letter->arena, letter->language, letter->definition->zone);
    const char *lead = date && city ? catalogue_format(letter->catalogue, letter->arena, "organiser.since", "date",
                                                       date, "city", city, NULL)
                                    : NULL;

    making_append(&making, paragraphs, lead ? json_string(lead) : NULL);
    making_set(&making, model, "paragraphs", paragraphs);
    making_set_text(&making, model, "preheader", lead);
    making_add_group(&making, groups, making_word(&making, "organiser.news"), news_rows(&making));
    making_add_group(&making, groups, making_word(&making, "organiser.registrations"), state_rows(&making));
    making_add_group(&making, groups, making_word(&making, "organiser.places"), place_rows(&making));
    making_add_group(&making, groups, making_word(&making, "organiser.dates"), deadline_rows(&making));
    making_set(&making, model, "groups", groups);
    return making_finish(&making, model);
}

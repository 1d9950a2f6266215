/* SPDX-License-Identifier: EUPL-1.2 */
/* The model of a letter: state first, then when and where, the links, why it came, who answers for it. HTML and text
 * are filled from the same model, so they say the same in the same order. It holds nothing about other people but the
 * names of a group, no
 * answers and no needs, for mail is read by more than one machine on its way.
 * Caller: letter; the sender's thread. */
#include "mail/letter_model.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/token.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "mail/letter.h"
#include "mail/letter_choice.h"
#include "mail/letter_moved.h"
#include "mail/letter_state.h"
#include "mail/letter_way.h"
#include "mail/making.h"
#include "report/choice.h"
#include "report/record.h"
#include "report/record_entry.h"
#include "report/when.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

bool letter_model_is_online(const struct letter *letter)
{
    const struct event_mode *mode = record_entry_mode(letter->record, letter->definition, NULL);
    return mode && event_mode_is_online(mode);
}

const char *letter_model_mode(const struct letter *letter, const char *id)
{
    const struct event_definition *const definitions[] = {
        letter->definition, letter->record ? letter->record->definition : letter->definition };
    for (size_t i = 0; i < 2; i++) {
        int index = event_mode(definitions[i], id);
        const struct event_mode *mode = index < 0 ? NULL : &definitions[i]->modes[index];
        if (mode && mode->has_title)
            return event_text_in(definitions[i], &mode->title, letter->language, NULL);
        if (mode && event_mode_is_online(mode))
            return catalogue_text(letter->catalogue, "mail.online");
        if (mode)
            break;
    }
    return strcmp(id, "onsite") == 0 ? catalogue_text(letter->catalogue, "mail.onsite") : id;
}

/* ---- when and where ---- */

/* Only the person whose letter it is learns which time was booked. A letter about one day names that alone. */
static int make_when(const struct letter *letter, struct when *ret_when)
{
    const struct event_definition *definition = letter->definition;
    struct words *words = letter->desk->words;
    if (!letter->day.given)
        return when_make(letter->arena, words, letter->catalogue, definition,
                         letter->reader == READER_PERSON ? letter->record : NULL, ret_when);
    const char *line = when_span(letter->arena, words, letter->language, definition->zone, letter->day.starts,
                                 letter->day.ends);
    *ret_when = (struct when){
        .kind = WHEN_SLOT, .starts = letter->day.starts, .ends = letter->day.ends, .line = line
    };
    return line ? 0 : -ENOMEM;
}

const struct record_place *letter_model_slot(const struct letter *letter)
{
    const struct record_place *slot = letter->reader == READER_PERSON ? choice_slot(letter->record) : NULL;
    struct choice choice;
    struct when when;
    bool said = slot && make_when(letter, &when) == 0 && when.kind == WHEN_SLOT;
    if (said && choice_of_place(letter->arena, letter->definition, letter->record, slot, letter->language, &choice) < 0)
        return NULL;
    return said && choice.starts == when.starts ? slot : NULL;
}

/* What a booked time is booked of. */
static void add_resource(struct making *making, json_t *fact)
{
    const struct letter *letter = making->letter;
    const struct record_place *slot = letter_model_slot(letter);
    struct choice choice;
    if (!slot)
        return;
    if (choice_of_place(letter->arena, letter->definition, letter->record, slot, letter->language, &choice) < 0)
        making->failed = true;
    else if (choice.title)
        making_add_strong(making, fact, choice.title);
}

static void add_when(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    struct words *words = letter->desk->words;
    json_t *fact = making_add_row(making, facts, making_word(making, "mail.when"));
    struct when when;

    if (make_when(letter, &when) < 0) {
        making->failed = true;
        return;
    }
    if ((when.kind == WHEN_DAYS || when.kind == WHEN_DATES) && definition->day_count <= WHEN_LISTED)
        for (size_t i = 0; i < definition->day_count; i++)
            making_add_strong(making, fact, when_day(letter->arena, words, letter->language, definition, i));
    else
        making_add_strong(making, fact, when.line);
    add_resource(making, fact);
    making_add_soft(making, fact, when_zone(letter->arena, words, letter->catalogue, definition, &when));
}

static void add_where(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;

    if (letter_model_is_online(letter)) {
        making_add_strong(making, making_add_row(making, facts, making_word(making, "mail.where")),
                          making_word(making, "mail.online"));
    } else if (definition->has_place) {
        const char *language;
        json_t *fact = making_add_row(making, facts, making_word(making, "mail.where"));
        making_add_strong(making, fact, event_text_in(definition, &definition->place, letter->language, &language));
        making_set_row_language(making, fact, language);
    }
}

const char *letter_model_guest(const struct letter *letter, const struct record_guest *guest)
{
    const char *slash = strrchr(guest->reference, '/');
    return guest->name ? guest->name
                       : catalogue_format(letter->catalogue, letter->arena, "guests.person", "number",
                                          slash ? slash + 1 : "", NULL);
}

/* Who booked reads who comes along, and a guest who booked. */
static void add_party(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;
    json_t *fact;

    if (record_is_guest(record) && record->booker)
        making_add_strong(making, making_add_row(making, facts, making_word(making, "guests.mail_booked_by")),
                          record->booker);
    if (!state_is_live(record->status) || record_live_guests(record) == 0)
        return;
    fact = making_add_row(making, facts, making_word(making, "guests.mail_party"));
    for (size_t i = 0; i < record->guest_count; i++) {
        if (state_is_live(record->guests[i].status))
            making_add_strong(making, fact, letter_model_guest(letter, &record->guests[i]));
    }
}

static json_t *make_facts(struct making *making)
{
    const struct letter *letter = making->letter;
    json_t *facts = json_array();
    const struct event_definition *definition;
    const struct event_mode *mode = record_entry_mode(letter->record, letter->definition, &definition);

    add_when(making, facts);
    add_where(making, facts);
    letter_moved_put(making, facts);
    if (mode && definition->mode_asked && state_is_live(letter->record->status))
        making_add_strong(making, making_add_row(making, facts, making_word(making, "mail.part")),
                          letter_model_mode(letter, mode->id));
    add_party(making, facts);
    making_align(making, facts);
    return facts;
}

/* ---- the links, why it came ---- */

static const char *button_words(const struct letter *letter)
{
    if (letter->asks)
        return letter->record->status == STATE_OFFERED ? "mail.offer.button" : "mail.confirm.button";
    if (letter->off)
        return "mail.event_off.button";
    return letter->unplaced ? "mail.allocated.button" : "mail.manage";
}

/* The link that proves a new address, and nothing else that leads to the registration. */
static void add_address_link(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    char token[TOKEN_SIZE];
    json_t *button = json_object();

    token_make(letter->desk->keyring, TOKEN_ADDRESS, letter->address.id, letter->address.version, token);
    making_set_text(making, button, "url",
                    arena_format(letter->arena, "%s/a/%s", letter->edition->settings->http.base_url, token));
    making_set_text(making, button, "label", making_word(making, "mail.new_address.button"));
    making_set(making, model, "button", button);
}

/* The code that the reader shows at the door. It names the registration and opens nothing: who looks over a shoulder
 * learns no link. */
static void add_code(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const char *reference = letter->record->reference;
    json_t *code = json_object();
    making_set_text(making, code, "alt",
                    catalogue_format(letter->catalogue, letter->arena, "mail.code.alt", "reference", reference, NULL));
    making_set_text(making, code, "caption",
                    catalogue_format(letter->catalogue, letter->arena, "mail.code.caption", "reference", reference,
                                     NULL));
    making_set_text(making, code, "spoken",
                    catalogue_format(letter->catalogue, letter->arena, "mail.code.spoken", "reference", reference,
                                     NULL));
    making_set(making, model, "code", code);
}

/* The manage link is the person's alone; what has ended has only the event's own page, while that is there. Who is
 * asked for an answer is led to the page that takes it. An address that is no longer the person's gets no link. */
static void add_links(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const char *base = letter->edition->settings->http.base_url;
    json_t *button;

    if (letter->reader == READER_OLD_ADDRESS)
        return;
    if (letter->reader == READER_NEW_ADDRESS) {
        add_address_link(making, model);
        return;
    }
    if (!state_is_live(letter->record->status)) {
        if (!letter->entry || letter->entry->state != EVENT_LIVE)
            return;
        button = json_object();
        making_set_text(making, button, "url",
                        arena_format(letter->arena, "%s/%s/e/%s", base, letter->language, letter->definition->slug));
        making_set_text(making, button, "label", making_word(making, "mail.cancelled.event"));
    } else {
        char token[TOKEN_SIZE];
        token_make(letter->desk->keyring, TOKEN_MANAGE, letter->record->id, letter->record->link_version, token);
        button = json_object();
        making_set_text(making, button, "url",
                        arena_format(letter->arena, letter->asks ? "%s/r/%s/confirm" : "%s/r/%s", base, token));
        making_set_text(making, button, "label", making_word(making, button_words(letter)));
        making_set_text(making, model, "cancel", arena_format(letter->arena, "%s/r/%s/cancel", base, token));
        if (letter->has_place)
            making_set_text(making, model, "frees", making_word(making, "mail.cancel.frees"));
        if (letter->has_place && letter->definition->join_url && letter_model_is_online(letter) &&
            strcmp(letter->kind->name, "join") != 0) /* there it is the button */
            making_set_text(making, model, "join", letter->definition->join_url);
    }
    making_set(making, model, "button", button);
    if (letter->has_code)
        add_code(making, model);
}

/* Where the address comes from (GDPR article 14 (2) (f)). */
static const char *why_words(const struct record *record)
{
    if (record_is_guest(record))
        return record->booker ? "mail.why_guest" : "mail.why_party";
    if (record->added)
        return "mail.why_added";
    return record->status == STATE_PENDING_EMAIL ? "mail.confirm.why" : "mail.why";
}

static void add_why(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;
    const struct event_definition *definition = letter->definition;
    struct arena *arena = letter->arena;
    const char *date = words_date(letter->desk->words, arena, letter->language, definition->zone, record->created_at,
                                  WORDS_DATE);

    if (letter->reader == READER_NEW_ADDRESS) {
        making_set_text(making, model, "why", making_word(making, "mail.new_address.why"));
    } else {
        making_set_text(making, model, "reference",
                        catalogue_format(letter->catalogue, arena, "mail.reference", "reference", record->reference,
                                         NULL));
        making_set_text(making, model, "why",
                        date ? catalogue_format(letter->catalogue, arena, why_words(record), "date", date, "booker",
                                                record->booker ? record->booker : "", NULL)
                             : NULL);
    }
    bool there = letter->entry && letter->entry->state != EVENT_WITHDRAWN && letter->entry->state != EVENT_DRAFT_STATE;
    if (there && letter->reader == READER_PERSON)
        making_set_text(making, model, "notice",
                        arena_format(arena, "%s/%s/e/%s/privacy", letter->edition->settings->http.base_url,
                                     letter->language, definition->slug));
}

/* Who is responsible for the data and can be asked. */
static void add_controller(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    struct arena *arena = letter->arena;
    json_t *lines = json_array();
    const char *name = definition && definition->privacy.has_controller
                           ? event_text_in(definition, &definition->privacy.controller, letter->language, NULL)
                           : letter_host(letter->edition, letter->mail, letter->record)->controller;
    if (name) {
        const char *line = catalogue_format(letter->catalogue, arena, "mail.controller", "controller", name, NULL);
        making_append(making, lines, line ? json_string(line) : NULL);
    }
    if (definition && definition->privacy.has_contact) {
        const char *contact = event_text_in(definition, &definition->privacy.contact, letter->language, NULL);
        const char *line = catalogue_format(letter->catalogue, arena, "mail.contact", "contact", contact, NULL);
        making_append(making, lines, line ? json_string(line) : NULL);
    }
    making_set(making, model, "controller", lines);
}

/* Regulation (EU) 2021/1060, article 50, and the grants' own terms: emblem and statement on every communication. */
static void add_funding(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    if (!definition || !definition->funding.given)
        return;

    json_t *funding = json_object();
    making_set(making, funding, "statement", making_in_language(making, definition, &definition->funding.statement));
    making_set(making, funding, "emblem", json_boolean(letter->has_emblem));
    if (definition->funding.programme && definition->funding.grant)
        making_set_text(making, funding, "grant",
                        catalogue_format(letter->catalogue, letter->arena, "mail.grant", "programme",
                                         definition->funding.programme, "grant", definition->funding.grant, NULL));
    else if (definition->funding.programme)
        making_set_text(making, funding, "grant", definition->funding.programme);
    if (definition->funding.has_disclaimer)
        making_set(making, funding, "disclaimer",
                   making_in_language(making, definition, &definition->funding.disclaimer));
    making_set(making, model, "funding", funding);
}

void letter_model_foot(struct making *making, json_t *model)
{
    add_controller(making, model);
    add_funding(making, model);
}

/* The line that mail programs show beside the subject, where there is no deadline to show. */
static char *preheader(const struct letter *letter)
{
    const struct event_definition *definition = letter->definition;
    struct when when;
    const char *place = letter_model_is_online(letter) ? catalogue_text(letter->catalogue, "mail.online")
                        : definition->has_place ? event_text_in(definition, &definition->place, letter->language, NULL)
                                                : NULL;
    if (make_when(letter, &when) < 0)
        return NULL;
    return arena_format(letter->arena, "%s%s%s", when.line, place ? ", " : "", place ? place : "");
}

/* A new address may be somebody else's: it learns no name. */
static const char *greeting(const struct letter *letter)
{
    if (letter->reader == READER_NEW_ADDRESS)
        return catalogue_text(letter->catalogue, "mail.new_address.greeting");
    return catalogue_format(letter->catalogue, letter->arena, "mail.greeting", "name",
                            letter->record->name ? letter->record->name : "", NULL);
}

/* The title, for the subject: where several read one mailbox, with the name of the one that it is about. */
static const char *subject_title(const struct letter *letter, const char *title)
{
    const struct record *record = letter->record;
    return letter->reader == READER_PERSON && record->shares_email && record->name
               ? arena_format(letter->arena, "%s (%s)", title, record->name)
               : title;
}

json_t *letter_model_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    const struct event_definition *definition = letter->definition;
    const char *title = event_text_in(definition, &definition->title, letter->language, NULL);
    json_t *model = json_object();

    making_set_text(&making, model, "lang", letter->language);
    making_set_text(&making, model, "organiser", hosts_of(letter->edition->settings, letter->definition->host)->name);
    making_set_text(&making, model, "subject",
                    catalogue_format(letter->catalogue, letter->arena, words->subject, "title",
                                     subject_title(letter, title), NULL));
    bool asks = letter->asks || letter->reader == READER_NEW_ADDRESS;
    json_t *answer = asks ? letter_state_answer(letter) : NULL;
    if (asks)
        making_set(&making, model, "answer", answer);
    making_set_text(&making, model, "preheader",
                    asks ? json_string_value(json_object_get(answer, "deadline")) : preheader(letter));
    making_set(&making, model, "title", making_in_language(&making, definition, &definition->title));
    making_set_text(&making, model, "heading", making_word(&making, words->heading));
    making_set_text(&making, model, "greeting", greeting(letter));
    making_set(&making, model, "paragraphs", letter_state_paragraphs(letter));
    if (letter->reader == READER_PERSON)
        making_set(&making, model, "facts", make_facts(&making));
    if (letter->reader == READER_PERSON && state_is_live(letter->record->status))
        letter_choice_put(&making, model);
    add_links(&making, model);
    letter_way_put(&making, model);
    add_why(&making, model);
    letter_model_foot(&making, model);
    return making_finish(&making, model);
}

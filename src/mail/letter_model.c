/* SPDX-License-Identifier: EUPL-1.2 */
/* The model of a letter: state first, then when and where, the links, why it came, who answers for it. HTML and text
 * are filled from the same model, so they say the same in the same order. It holds nothing about other people, no
 * answers and no needs, for mail is read by more than one machine on its way.
 * Caller: letter; the sender's thread. */
#include "mail/letter_model.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/token.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "mail/letter.h"
#include "mail/letter_state.h"
#include "report/record.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

#define DAYS_LISTED 14

/* A model under construction: the first failure is kept, so that it is asked for once, at the end. */
struct making { const struct letter *letter; bool failed; };

static void set(struct making *making, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) < 0) /* VALUE NULL too */
        making->failed = true;
}

static void set_text(struct making *making, json_t *object, const char *key, const char *text)
{
    set(making, object, key, text ? json_string(text) : NULL);
}

static void append(struct making *making, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) < 0)
        making->failed = true;
}

static const char *word(const struct making *making, const char *key)
{
    return catalogue_text(making->letter->catalogue, key);
}

/* A text of the definition with its language where that is not the letter's. */
static json_t *in_language(struct making *making, const struct event_definition *definition,
                           const struct event_text *text)
{
    const char *language;
    json_t *object = json_object();
    const char *body = event_text_in(definition, text, making->letter->language, &language);
    set_text(making, object, "text", body);
    set_text(making, object, "lang", strcmp(language, making->letter->language) == 0 ? "" : language);
    return object;
}

static const struct event_mode *find_mode(const struct letter *letter, const struct event_definition **ret_definition)
{
    const struct event_definition *const definitions[] = { letter->definition, letter->record->definition };
    for (size_t i = 0; letter->record->mode && i < 2; i++) {
        int index = event_mode(definitions[i], letter->record->mode);
        if (index >= 0) {
            *ret_definition = definitions[i];
            return &definitions[i]->modes[index];
        }
    }
    return NULL;
}

bool letter_model_is_online(const struct letter *letter)
{
    const struct event_definition *definition;
    const struct event_mode *mode = find_mode(letter, &definition);
    return mode && event_mode_is_online(mode);
}

const char *letter_model_mode(const struct letter *letter)
{
    const struct event_definition *definition;
    const struct event_mode *mode = find_mode(letter, &definition);
    if (!mode || !definition->mode_asked)
        return NULL;
    if (mode->has_title)
        return event_text_in(definition, &mode->title, letter->language, NULL);
    if (event_mode_is_online(mode))
        return catalogue_text(letter->catalogue, "mail.online");
    return strcmp(mode->id, "onsite") == 0 ? catalogue_text(letter->catalogue, "mail.onsite") : mode->id;
}

/* ---- when and where ---- */

static bool same_date(const char *zone, int64_t a, int64_t b)
{
    struct wall x, y;
    zone_to_wall(zone, a, &x);
    zone_to_wall(zone, b, &y);
    return x.year == y.year && x.month == y.month && x.day == y.day;
}

static char *day_words(const struct letter *letter, int64_t starts, int64_t ends)
{
    const char *zone = letter->definition->zone, *language = letter->language;
    struct words *words = letter->desk->words;
    if (same_date(zone, starts, ends)) {
        const char *date = words_date(words, letter->arena, language, zone, starts, WORDS_DATE_WEEKDAY);
        const char *hours = words_time_range(words, letter->arena, language, zone, starts, ends);
        return date && hours ? arena_format(letter->arena, "%s, %s", date, hours) : NULL;
    }
    const char *first = words_date(words, letter->arena, language, zone, starts, WORDS_SHORT_DATE_TIME_WEEKDAY);
    const char *last = words_date(words, letter->arena, language, zone, ends, WORDS_SHORT_DATE_TIME_WEEKDAY);
    return first && last ? arena_format(letter->arena, "%s – %s", first, last) : NULL;
}

/* "Vilnius time (UTC+2). Brussels is one hour earlier." */
static char *zone_words(const struct letter *letter)
{
    const struct event_definition *definition = letter->definition;
    const char *city = words_zone_city(letter->desk->words, letter->arena, letter->language, definition->zone);
    const char *offset = words_offset(letter->arena, definition->zone, definition->starts);
    if (!city || !offset)
        return NULL;
    char *here = catalogue_format(letter->catalogue, letter->arena, "mail.zone", "city", city, "offset", offset, NULL);
    int ahead = zone_offset(definition->zone, definition->starts) - zone_offset("Europe/Brussels", definition->starts);
    if (!here || ahead == 0 || ahead % 3600 != 0)
        return here;
    const char *brussels = catalogue_count(letter->catalogue, letter->arena,
                                           ahead > 0 ? "mail.brussels_earlier" : "mail.brussels_later",
                                           ahead > 0 ? ahead / 3600 : -ahead / 3600, NULL);
    return brussels ? arena_format(letter->arena, "%s %s", here, brussels) : NULL;
}

/* One row: what stands large, what stands small, and all of it as lines for the text. */
static json_t *add_fact(struct making *making, json_t *facts, const char *label_key)
{
    json_t *fact = json_object();
    set_text(making, fact, "label", word(making, label_key));
    set(making, fact, "strong", json_array());
    set(making, fact, "soft", json_array());
    set(making, fact, "lines", json_array());
    append(making, facts, fact);
    return fact;
}

static void add_line(struct making *making, json_t *fact, const char *list, const char *text)
{
    append(making, json_object_get(fact, list), text ? json_string(text) : NULL);
    json_t *line = json_object();
    set_text(making, line, "text", text);
    append(making, json_object_get(fact, "lines"), line);
}

static void add_when(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    json_t *fact = add_fact(making, facts, "mail.when");

    if (definition->day_count <= DAYS_LISTED)
        for (size_t i = 0; i < definition->day_count; i++)
            add_line(making, fact, "strong", day_words(letter, definition->days[i].starts, definition->days[i].ends));
    else
        add_line(making, fact, "strong", words_date_range(letter->desk->words, letter->arena, letter->language,
                                                          definition->zone, definition->starts, definition->ends));
    add_line(making, fact, "soft", zone_words(letter));
}

static void add_where(struct making *making, json_t *facts)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;

    if (letter_model_is_online(letter)) {
        add_line(making, add_fact(making, facts, "mail.where"), "strong", word(making, "mail.online"));
    } else if (definition->has_place) {
        const char *language;
        json_t *fact = add_fact(making, facts, "mail.where");
        add_line(making, fact, "strong", event_text_in(definition, &definition->place, letter->language, &language));
        if (strcmp(language, letter->language) != 0)
            set_text(making, fact, "lang", language);
    }
}

/* In the text the labels stand in a column as wide as the longest. */
static void align_facts(struct making *making, json_t *facts)
{
    size_t width = 0, i, k;
    json_t *fact, *line;

    json_array_foreach(facts, i, fact) {
        size_t length = text_length(json_string_value(json_object_get(fact, "label")));
        width = length > width ? length : width;
    }
    json_array_foreach(facts, i, fact) {
        const char *label = json_string_value(json_object_get(fact, "label"));
        json_array_foreach(json_object_get(fact, "lines"), k, line) {
            const char *shown = k == 0 ? label : "";
            int blanks = (int)(width + 3 - text_length(shown));
            set_text(making, line, "column", arena_format(making->letter->arena, "%s%*s", shown, blanks, ""));
        }
    }
}

static json_t *make_facts(struct making *making)
{
    const struct letter *letter = making->letter;
    json_t *facts = json_array();
    const char *mode = letter_model_mode(letter);

    add_when(making, facts);
    add_where(making, facts);
    if (mode && state_is_live(letter->record->status))
        add_line(making, add_fact(making, facts, "mail.part"), "strong", mode);
    if (!making->failed)
        align_facts(making, facts);
    return facts;
}

/* ---- the links, why it came ---- */

/* The manage link is the person's alone; what has ended has only the event's own page, while that is there. Who is
 * asked for an answer is led to the page that takes it. */
static void add_links(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const char *base = letter->edition->settings->http.base_url;
    json_t *button;

    if (!state_is_live(letter->record->status)) {
        if (!letter->entry || letter->entry->state != EVENT_LIVE)
            return;
        button = json_object();
        set_text(making, button, "url", arena_format(letter->arena, "%s/%s/e/%s", base, letter->language,
                                                     letter->definition->slug));
        set_text(making, button, "label", word(making, "mail.cancelled.event"));
    } else {
        char token[TOKEN_SIZE];
        token_make(letter->desk->keyring, TOKEN_MANAGE, letter->record->id, letter->record->link_version, token);
        button = json_object();
        set_text(making, button, "url",
                 arena_format(letter->arena, letter->asks ? "%s/r/%s/confirm" : "%s/r/%s", base, token));
        set_text(making, button, "label",
                 word(making, !letter->asks                             ? "mail.manage"
                              : letter->record->status == STATE_OFFERED ? "mail.offer.button"
                                                                        : "mail.confirm.button"));
        set_text(making, model, "cancel", arena_format(letter->arena, "%s/r/%s/cancel", base, token));
        if (letter->has_place)
            set_text(making, model, "frees", word(making, "mail.cancel.frees"));
        if (letter->has_place && letter->definition->join_url && letter_model_is_online(letter))
            set_text(making, model, "join", letter->definition->join_url);
    }
    set(making, model, "button", button);
}

static void add_why(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;
    const struct event_definition *definition = letter->definition;
    struct arena *arena = letter->arena;
    const char *date = words_date(letter->desk->words, arena, letter->language, definition->zone, record->created_at,
                                  WORDS_DATE);

    set_text(making, model, "reference",
             catalogue_format(letter->catalogue, arena, "mail.reference", "reference", record->reference, NULL));
    set_text(making, model, "why",
             date ? catalogue_format(letter->catalogue, arena,
                                     record->status == STATE_PENDING_EMAIL ? "mail.confirm.why" : "mail.why", "date",
                                     date, NULL)
                  : NULL);

    json_t *lines = json_array();
    if (definition->privacy.given && definition->privacy.has_controller) {
        const char *name = event_text_in(definition, &definition->privacy.controller, letter->language, NULL);
        const char *line = catalogue_format(letter->catalogue, arena, "mail.controller", "controller", name, NULL);
        append(making, lines, line ? json_string(line) : NULL);
    }
    if (definition->privacy.given && definition->privacy.has_contact) {
        const char *contact = event_text_in(definition, &definition->privacy.contact, letter->language, NULL);
        const char *line = catalogue_format(letter->catalogue, arena, "mail.contact", "contact", contact, NULL);
        append(making, lines, line ? json_string(line) : NULL);
    }
    set(making, model, "controller", lines);
}

/* Regulation (EU) 2021/1060, article 50, and the grants' own terms: emblem and statement on every communication. */
static void add_funding(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    if (!definition->funding.given)
        return;

    json_t *funding = json_object();
    set(making, funding, "statement", in_language(making, definition, &definition->funding.statement));
    set(making, funding, "emblem", json_boolean(letter->has_emblem));
    if (definition->funding.programme && definition->funding.grant)
        set_text(making, funding, "grant",
                 catalogue_format(letter->catalogue, letter->arena, "mail.grant", "programme",
                                  definition->funding.programme, "grant", definition->funding.grant, NULL));
    else if (definition->funding.programme)
        set_text(making, funding, "grant", definition->funding.programme);
    if (definition->funding.has_disclaimer)
        set(making, funding, "disclaimer", in_language(making, definition, &definition->funding.disclaimer));
    set(making, model, "funding", funding);
}

/* The line that mail programs show beside the subject, where there is no deadline to show. */
static char *preheader(const struct letter *letter)
{
    const struct event_definition *definition = letter->definition;
    const char *dates = words_date_range(letter->desk->words, letter->arena, letter->language, definition->zone,
                                         definition->starts, definition->days[definition->day_count - 1].starts);
    const char *place = letter_model_is_online(letter) ? catalogue_text(letter->catalogue, "mail.online")
                        : definition->has_place ? event_text_in(definition, &definition->place, letter->language, NULL)
                                                : NULL;
    if (!dates)
        return NULL;
    return place ? arena_format(letter->arena, "%s, %s", dates, place) : arena_copy(letter->arena, dates);
}

json_t *letter_model_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    const struct event_definition *definition = letter->definition;
    const char *title = event_text_in(definition, &definition->title, letter->language, NULL);
    json_t *model = json_object();

    set_text(&making, model, "lang", letter->language);
    set_text(&making, model, "organiser", hosts_first(letter->edition->settings)->name);
    set_text(&making, model, "subject",
             catalogue_format(letter->catalogue, letter->arena, words->subject, "title", title, NULL));
    json_t *answer = letter->asks ? letter_state_answer(letter) : NULL;
    if (letter->asks)
        set(&making, model, "answer", answer);
    set_text(&making, model, "preheader",
             letter->asks ? json_string_value(json_object_get(answer, "deadline")) : preheader(letter));
    set(&making, model, "title", in_language(&making, definition, &definition->title));
    set_text(&making, model, "heading", word(&making, words->heading));
    set_text(&making, model, "greeting",
             catalogue_format(letter->catalogue, letter->arena, "mail.greeting", "name",
                              letter->record->name ? letter->record->name : "", NULL));
    set(&making, model, "paragraphs", letter_state_paragraphs(letter));
    set(&making, model, "facts", make_facts(&making));
    add_links(&making, model);
    add_why(&making, model);
    add_funding(&making, model);
    if (making.failed) {
        json_decref(model);
        return NULL;
    }
    return model;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Tables of sessions and slots in a letter: the hour in the margin, the title beside it. Of answers that were
 * changed a letter tells the question and both answers; of a special need or a long text the question alone.
 * Callers: letter, letter_model, letter_state; the sender's thread. */
#include "mail/letter_choice.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "change/mail_lease.h"
#include "event/definition.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "report/answer.h"
#include "report/choice.h"
#include "report/record.h"
#include "view/catalogue.h"
#include "view/words.h"

static char *span(const struct letter *letter, const struct choice *choice)
{
    return choice_span(letter->desk->words, letter->arena, letter->language, letter->definition->zone, choice->starts,
                       choice->ends);
}

static char *span_short(const struct letter *letter, const struct choice *choice)
{
    return choice_span_short(letter->desk->words, letter->arena, letter->language, letter->definition->zone,
                             choice->starts, choice->ends);
}

static int find(const struct letter *letter, const char *kind, const char *key, struct choice *ret_choice)
{
    return choice_find(letter->arena, letter->definition, letter->record->definition, kind, key, letter->language,
                       ret_choice);
}

/* In HTML the margin is narrow: day and hours apart, so that the hours stand on one line. */
static void set_margin(struct making *making, json_t *row, const struct choice *choice)
{
    const struct letter *letter = making->letter;
    const char *zone = letter->definition->zone;
    if (choice->ends == 0 || !choice_same_date(zone, choice->starts, choice->ends))
        return;
    making_set_text(making, row, "day",
                    words_date(letter->desk->words, letter->arena, letter->language, zone, choice->starts,
                               WORDS_SHORT_DATE_WEEKDAY_NO_YEAR));
    making_set_text(making, row, "hours",
                    words_time_range(letter->desk->words, letter->arena, letter->language, zone, choice->starts,
                                     choice->ends));
}

/* A session beside LABEL: its title, and the time under it. NULL stands for the time as label. */
static void add_session(struct making *making, json_t *rows, const struct choice *choice, const char *label)
{
    const struct letter *letter = making->letter;
    bool margin = !label && choice->starts != 0;
    json_t *row = making_add_row(making, rows,
                                 label    ? label
                                 : margin ? span_short(letter, choice)
                                          : making_word(making, "mail.choice.session"));

    if (margin)
        set_margin(making, row, choice);
    making_add_strong(making, row, choice->title);
    making_set_row_language(making, row, choice->language);
    if (!margin && choice->starts != 0)
        making_add_soft(making, row, span(letter, choice));
}

/* A slot beside LABEL: of a slot the time is what matters, and under it stands the resource. */
static void add_slot(struct making *making, json_t *rows, const struct choice *choice, const char *label)
{
    json_t *row = making_add_row(making, rows, label);
    if (choice->starts != 0)
        making_add_strong(making, row, span(making->letter, choice));
    if (choice->title)
        making_add_soft(making, row, choice->title);
}

static void add_choice(struct making *making, json_t *rows, const char *kind, const struct choice *choice,
                       const char *label)
{
    if (strcmp(kind, "slot") == 0)
        add_slot(making, rows, choice, label ? label : making_word(making, "mail.choice.slot"));
    else
        add_session(making, rows, choice, label);
}

/* ---- what is had or asked for ---- */

static const char *places_heading(const struct letter *letter)
{
    switch (letter->record->status) {
    case STATE_CONFIRMED:
        return "mail.choice.has";
    case STATE_OFFERED:
        return letter->asks ? "mail.choice.offer" : "mail.choice.asked";
    default:
        return "mail.choice.asked";
    }
}

static void add_places(struct making *making, json_t *groups)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;
    json_t *rows = json_array();

    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        struct choice choice;
        if (!choice_is_one(place) || place == letter_model_slot(letter))
            continue;
        if (choice_of_place(letter->arena, letter->definition, record, place, letter->language, &choice) < 0)
            making->failed = true;
        else
            add_choice(making, rows, place->kind, &choice, NULL);
    }
    making_add_group(making, groups, making_word(making, places_heading(letter)), rows);
}

/* ---- wishes ---- */

const char *letter_choice_round(const struct letter *letter, const char *id)
{
    const struct event_definition *const definitions[] = { letter->definition, letter->record->definition };
    for (size_t i = 0; i < 2; i++) {
        int index = programme_round(&definitions[i]->programme, id);
        if (index >= 0) {
            const struct event_round *round = &definitions[i]->programme.rounds[index];
            return round->has_title ? event_text_in(definitions[i], &round->title, letter->language, NULL) : NULL;
        }
    }
    return NULL;
}

/* Wishes whose round has given a place, or has none left, are no longer what is waited for. */
static bool is_over(const struct letter *letter, const char *round)
{
    const struct record *record = letter->record;
    const char *told = letter->unplaced ? json_string_value(json_object_get(letter->data, "round")) : NULL;
    if (told && strcmp(told, round) == 0)
        return true;
    for (size_t i = 0; i < record->place_count; i++)
        if (record->places[i].round && strcmp(record->places[i].round, round) == 0)
            return true;
    return false;
}

/* One table a round. */
static void add_wishes(struct making *making, json_t *groups)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;

    for (size_t i = 0, next; i < record->wish_count; i = next) {
        const char *round = record->wishes[i].round, *title = letter_choice_round(letter, round);
        json_t *rows = json_array();
        for (next = i; next < record->wish_count && strcmp(record->wishes[next].round, round) == 0; next++) {
            const struct record_wish *wish = &record->wishes[next];
            struct choice choice;
            if (is_over(letter, round))
                continue;
            if (find(letter, "session", wish->key, &choice) < 0)
                making->failed = true;
            else
                add_session(making, rows, &choice, arena_format(letter->arena, "%lld.", (long long)wish->rank));
        }
        making_add_group(making, groups,
                  title ? catalogue_format(letter->catalogue, letter->arena, "mail.choice.wishes_round", "round", title,
                                           NULL)
                        : making_word(making, "mail.choice.wishes"),
                  rows);
    }
}

/* The time that was proposed as one clean line; NULL: none was. */
static const char *proposal(struct making *making)
{
    const struct letter *letter = making->letter;
    const char *said = letter->record->proposal;
    char *clean;
    int r = said ? text_clean(letter->arena, said, strlen(said), false, &clean) : -EILSEQ;
    if (r == -EILSEQ || (r == 0 && text_is_blank(clean)))
        return NULL;
    making->failed = making->failed || r < 0;
    return r < 0 ? NULL : clean;
}

static void add_proposal(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const char *said = proposal(making);
    if (said)
        making_set_text(making, model, "proposed",
                        catalogue_format(letter->catalogue, letter->arena, "mail.choice.proposed", "proposal", said,
                                         NULL));
}

/* ---- what was changed ---- */

static const json_t *changed_places(const struct letter *letter, const char *which)
{
    return json_object_get(json_object_get(letter->data, "places"), which);
}

/* Kind and key of one; false: it is not of that form. */
static bool read_place(const json_t *place, const char **ret_kind, const char **ret_key)
{
    *ret_kind = json_string_value(json_object_get(place, "kind"));
    *ret_key = json_string_value(json_object_get(place, "key"));
    return *ret_kind && *ret_key;
}

/* The place of that kind in the list WHICH, for kinds of which a person has one at a time; NULL: none. */
static const char *changed_one(const struct letter *letter, const char *which, const char *wanted)
{
    const char *kind, *key;
    size_t i;
    const json_t *place;
    json_array_foreach(changed_places(letter, which), i, place)
        if (read_place(place, &kind, &key) && strcmp(kind, wanted) == 0)
            return key;
    return NULL;
}

bool letter_choice_dropped_slot(const struct letter *letter)
{
    return changed_one(letter, "dropped", "slot") && !changed_one(letter, "added", "slot");
}

/* The same session in the rooms of another mode: that the mode is another is said already. */
static bool has_session(const json_t *list, const char *wanted)
{
    const char *kind, *key;
    size_t i, length = strcspn(wanted, "@");
    const json_t *place;
    json_array_foreach(list, i, place)
        if (read_place(place, &kind, &key) && strcmp(kind, "session") == 0 && strcspn(key, "@") == length &&
            strncmp(key, wanted, length) == 0)
            return true;
    return false;
}

/* Everybody takes part in it. */
static bool is_plenary(const struct letter *letter, const char *key)
{
    const struct event_programme *programme = &letter->definition->programme;
    const char *id = arena_copy_n(letter->arena, key, strcspn(key, "@"));
    int index = id ? programme_session(programme, id) : -1;
    return index >= 0 && programme->sessions[index].round < 0;
}

static bool is_told(const struct letter *letter, const char *kind, const char *key, const json_t *others)
{
    if (strcmp(kind, "session") == 0)
        return !is_plenary(letter, key) && !has_session(others, key);
    return strcmp(kind, "slot") == 0 &&
           !(changed_one(letter, "dropped", "slot") && changed_one(letter, "added", "slot"));
}

static void add_changed_places(struct making *making, json_t *rows, const char *which, const char *other,
                               const char *label)
{
    const struct letter *letter = making->letter;
    const json_t *others = changed_places(letter, other), *place;
    const char *kind, *key;
    size_t i;

    json_array_foreach(changed_places(letter, which), i, place) {
        struct choice choice;
        if (!read_place(place, &kind, &key) || !is_told(letter, kind, key, others))
            continue;
        if (find(letter, kind, key, &choice) < 0)
            making->failed = true;
        else
            add_choice(making, rows, kind, &choice, making_word(making, label));
    }
}

static char *old_and_new(const struct letter *letter, const char *old, const char *new)
{
    return old && new ? arena_format(letter->arena, "%s → %s", old, new) : NULL;
}

/* One slot for another. */
static void add_moved_slot(struct making *making, json_t *rows)
{
    const struct letter *letter = making->letter;
    const char *dropped = changed_one(letter, "dropped", "slot"), *added = changed_one(letter, "added", "slot");
    struct choice old, new;

    if (!dropped || !added)
        return;
    if (find(letter, "slot", dropped, &old) < 0 || find(letter, "slot", added, &new) < 0) {
        making->failed = true;
        return;
    }
    json_t *row = making_add_row(making, rows, making_word(making, "mail.changed.time"));
    const char *was = old.starts != 0 ? span_short(letter, &old) : dropped;
    const char *now = new.starts != 0 ? span_short(letter, &new) : added;
    making_add_strong(making, row, old_and_new(letter, was, now));
    if (old.title && new.title)
        making_add_soft(making, row,
                        strcmp(old.title, new.title) == 0 ? new.title : old_and_new(letter, old.title, new.title));
}

static void add_changed_mode(struct making *making, json_t *rows)
{
    const struct letter *letter = making->letter;
    const char *old = changed_one(letter, "dropped", "mode"), *new = changed_one(letter, "added", "mode");
    if (!old || !new)
        return;
    making_add_strong(making, making_add_row(making, rows, making_word(making, "mail.part")),
                      old_and_new(letter, letter_model_mode(letter, old), letter_model_mode(letter, new)));
}

static const char *label_of(const struct letter *letter, const char *id)
{
    const struct event_definition *const definitions[] = { letter->definition, letter->record->definition };
    for (size_t i = 0; i < 2; i++) {
        const struct event_field *field = event_field(definitions[i], id);
        if (field)
            return event_text_in(definitions[i], &field->label, letter->language, NULL);
    }
    return NULL;
}

static const struct event_definition *definition_with(const struct letter *letter, const char *field)
{
    return event_field(letter->record->definition, field) ? letter->record->definition : letter->definition;
}

/* ANSWER in words; NULL: no memory. */
static const char *answer(const struct letter *letter, const char *id, const json_t *answer)
{
    const struct event_definition *definition = definition_with(letter, id);
    const struct event_field *field = event_field(definition, id);
    const struct answer_desk desk = { .arena = letter->arena,
                                      .words = letter->desk->words,
                                      .catalogue = letter->catalogue,
                                      .language = letter->language };
    const char *language;
    return field && answer_given(field, answer) ? answer_words(&desk, definition, field, answer, &language)
                                                : catalogue_text(letter->catalogue, "manage.not_given");
}

/* The QUESTION with that id, and under it both of the ANSWERS, if they are there. */
static void add_changed_answer(struct making *making, json_t *rows, const char *id, const char *question,
                               const json_t *answers)
{
    const struct letter *letter = making->letter;
    const json_t *both = json_object_get(answers, id);
    json_t *row = making_add_row(making, rows, making_word(making, "mail.changed.answers"));

    making_add_strong(making, row, question);
    if (json_array_size(both) == 2)
        making_add_soft(making, row,
                        old_and_new(letter, answer(letter, id, json_array_get(both, 0)),
                                    answer(letter, id, json_array_get(both, 1))));
}

static void add_changed_fields(struct making *making, json_t *rows)
{
    const struct letter *letter = making->letter;
    json_t *field;
    size_t i;

    json_array_foreach(json_object_get(letter->data, "fields"), i, field) {
        const char *id = json_string_value(field), *label = id ? label_of(letter, id) : NULL;
        if (label)
            add_changed_answer(making, rows, id, label, json_object_get(letter->data, "answers"));
    }
    if (json_is_true(json_object_get(letter->data, "wishes")))
        making_add_strong(making, making_add_row(making, rows, making_word(making, "mail.changed.answers")),
                          making_word(making, "mail.choice.wishes"));
}

static const struct record_guest *guest_of(const struct record *record, int64_t id)
{
    for (size_t i = 0; i < record->guest_count; i++)
        if (record->guests[i].id == id)
            return &record->guests[i];
    return NULL;
}

/* "Bo: Lunch" */
static void add_guest_fields(struct making *making, json_t *rows, const char *name, const json_t *guest)
{
    const struct letter *letter = making->letter;
    const json_t *field;
    size_t i;

    json_array_foreach(json_object_get(guest, "fields"), i, field) {
        const char *id = json_string_value(field), *label = id ? label_of(letter, id) : NULL;
        if (label)
            add_changed_answer(making, rows, id,
                               catalogue_format(letter->catalogue, letter->arena, "guests.fault", "person", name,
                                                "fault", label, NULL),
                               json_object_get(guest, "answers"));
    }
}

/* Those who are new, and of the others the questions. */
static void add_changed_guests(struct making *making, json_t *rows)
{
    const struct letter *letter = making->letter;
    json_t *added = NULL;
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(letter->data, "guests"), i, item) {
        const struct record_guest *guest =
            guest_of(letter->record, (int64_t)json_integer_value(json_object_get(item, "id")));
        const char *name = guest ? letter_model_guest(letter, guest) : NULL;
        if (!guest) /* erased */
            continue;
        if (!json_is_true(json_object_get(item, "added"))) {
            add_guest_fields(making, rows, name, item);
            continue;
        }
        if (!added)
            added = making_add_row(making, rows, making_word(making, "guests.mail_added"));
        making_add_strong(making, added, name);
    }
}

static void add_changes(struct making *making, json_t *groups)
{
    json_t *rows = json_array();
    if (strcmp(making->letter->mail->kind, "changed") == 0) {
        add_changed_mode(making, rows);
        add_moved_slot(making, rows);
        add_changed_places(making, rows, "dropped", "added", "mail.changed.dropped");
        add_changed_places(making, rows, "added", "dropped", "mail.changed.added");
        add_changed_fields(making, rows);
        add_changed_guests(making, rows);
    }
    making_add_group(making, groups, making_word(making, "mail.changed.what"), rows);
}

/* ---- all of it ---- */

void letter_choice_put(struct making *making, json_t *model)
{
    json_t *groups = json_array();
    add_changes(making, groups);
    add_places(making, groups);
    size_t before = json_array_size(groups);
    add_wishes(making, groups);
    if (json_array_size(groups) > before)
        making_set_text(making, model, "wished", making_word(making, "mail.choice.wishes_only"));
    making_set(making, model, "groups", groups);
    add_proposal(making, model);
}

/* For organisers the titles and times alone, whatever became of them. */
void letter_choice_add(struct making *making, json_t *rows)
{
    const struct letter *letter = making->letter;
    const struct record *record = letter->record;

    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        struct choice choice;
        if (!choice_is_one(place))
            continue;
        if (choice_of_place(letter->arena, letter->definition, record, place, letter->language, &choice) < 0)
            making->failed = true;
        else
            add_choice(making, rows, place->kind, &choice,
                       making_word(making, strcmp(place->kind, "slot") == 0 ? "mail.changed.time"
                                                                            : "mail.choice.session"));
    }
    const char *said = proposal(making);
    if (said)
        making_add_strong(making, making_add_row(making, rows, making_word(making, "mail.changed.time")), said);
}

char *letter_choice_session(const struct letter *letter, const char *key)
{
    struct choice choice;
    if (find(letter, "session", key, &choice) < 0)
        return NULL;
    if (choice.starts == 0)
        return arena_copy(letter->arena, choice.title);
    const char *when = span(letter, &choice);
    return when ? arena_format(letter->arena, "%s, %s", choice.title, when) : NULL;
}

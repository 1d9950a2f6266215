/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the controls of rounds: radio buttons, check boxes, or one select for each wish. Sessions that everybody takes
 * part in are not asked. Called by page_form. A worker's thread. */
#include "page/page_round.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_condition.h"
#include "page/page_control.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_session.h"
#include "signup/rules.h"
#include "view/catalogue.h"

/* What the control of a round is made from. */
struct asked {
    const struct page_form *form;
    const struct event_definition *definition;
    const struct event_round *round;
    const char *control; /* session.ROUND */
    bool one_time;       /* said once for all */
};

const char *page_round_rank(struct page *page, size_t rank)
{
    static const char *const words[] = { "choose.first", "choose.second", "choose.third" };

    if (rank <= sizeof words / sizeof *words)
        return page_say(page, words[rank - 1]);
    return catalogue_format(page->catalogue, page->arena, "choose.nth", "number",
                            arena_format(page->arena, "%zu", rank), NULL);
}

static json_t *own(struct page *page, const char *words)
{
    return words ? page_words(page, words, page->language) : json_false();
}

/* "A. B"; either may be NULL. */
static const char *sentences(struct page *page, const char *a, const char *b)
{
    const char *both = a && b ? arena_format(page->arena, "%s. %s", a, b) : a ? a : b;

    if (a && b && !both)
        page->failed = true;
    return both;
}

/* When the round is, unless its name says so already. */
static const char *round_time(struct page *page, const struct asked *asked)
{
    const struct event_session *first = &asked->definition->programme.sessions[asked->round->sessions[0]];

    if (!asked->one_time || (!asked->round->has_title && asked->round->session_count > 1))
        return NULL;
    return page_session_span(page, asked->definition, first->starts, first->ends, false);
}

/* When a session is, if the round does not say so for all. */
static const char *session_time(struct page *page, const struct asked *asked, const struct event_session *session,
                                bool brief)
{
    if (asked->one_time || !session->has_times)
        return NULL;
    return page_session_span(page, asked->definition, session->starts, session->ends, brief);
}

/* ---- one or many of the sessions ---- */

static json_t *session_row(struct page *page, const struct asked *asked, size_t s)
{
    const struct event_session *session = &asked->definition->programme.sessions[s];
    const struct form *answers = asked->form->answers;
    struct page_session_left left;
    bool gone;
    json_t *row;

    page_session_left(page, asked->form->entry, asked->form->places, s, &left);
    /* Where one must be chosen, all may be over. */
    gone = left.gone || (left.over && !asked->round->required);
    row = page_control_row(page, session->id, page_text(page, asked->definition, &session->title),
                           own(page, sentences(page, session_time(page, asked, session, false), left.rooms)),
                           !gone && answers && form_has(answers, asked->control, session->id));
    page_put_bool(page, row, "disabled", gone);
    page_put(page, row, "left", left.chip);
    return row;
}

static bool is_checked(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row)
        if (json_is_true(json_object_get(row, "checked")))
            return true;
    return false;
}

static json_t *choice(struct page *page, const struct asked *asked, const char *error)
{
    bool many = asked->round->choose == CHOOSE_MANY;
    json_t *control = page_control(page, asked->control, page_session_round(page, asked->definition, asked->round),
                                   own(page, round_time(page, asked)), asked->round->required, error);
    json_t *rows = page_array(page);

    for (size_t i = 0; i < asked->round->session_count; i++)
        page_add(page, rows, session_row(page, asked, asked->round->sessions[i]));
    /* A radio cannot be taken back, so that "none" is a row of its own. */
    if (!many && !asked->round->required)
        page_add(page, rows, page_control_row(page, "", own(page, page_say(page, "choose.none")), json_false(),
                                              !is_checked(rows)));
    page_control_put_rows(page, control, rows, many);
    return control;
}

/* ---- wishes ---- */

/* A line of a select has no room beside it: when and how many stand in its text. */
static json_t *wish_entry(struct page *page, const struct asked *asked, size_t s, const char *chosen)
{
    const struct event_session *session = &asked->definition->programme.sessions[s];
    const char *language = page->language, *size = page_session_size(page, asked->definition, s);
    const char *text = event_text_in(asked->definition, &session->title, page->language, &language);
    const char *time = session_time(page, asked, session, true);

    if (time)
        text = arena_format(page->arena, "%s, %s", text, time);
    if (text && size)
        text = arena_format(page->arena, "%s (%s)", text, size);
    return page_control_entry(page, session->id, text ? page_words(page, text, language) : NULL,
                              chosen && strcmp(chosen, session->id) == 0);
}

static json_t *wish(struct page *page, const struct asked *asked, size_t rank, const char *name, const char *error)
{
    const struct form *answers = asked->form->answers;
    const char *chosen = answers ? form_value(answers, name) : NULL;
    json_t *model = page_object(page), *entries = page_array(page);

    page_put_string(page, model, "name", name);
    page_put_string(page, model, "rank", page_round_rank(page, rank));
    page_put_optional(page, model, "mistake", error);
    page_put_bool(page, model, "must", asked->round->required && rank == 1);
    page_put_string(page, model, "empty", page_say(page, "choose.no_wish"));
    for (size_t i = 0; i < asked->round->session_count; i++)
        page_add(page, entries, wish_entry(page, asked, asked->round->sessions[i], chosen));
    page_put(page, model, "options", entries);
    return model;
}

static const char *until(struct page *page, const struct asked *asked, const char *key)
{
    const char *date = page_model_deadline(page, asked->definition->zone, asked->round->wishes_until);

    return date ? catalogue_format(page->catalogue, page->arena, key, "date", date, NULL) : NULL;
}

static json_t *wishes(struct page *page, const struct asked *asked, const char *error, json_t *items)
{
    const char *hint = sentences(page, round_time(page, asked), until(page, asked, "choose.wishes"));
    json_t *control = page_control(page, asked->control, page_session_round(page, asked->definition, asked->round),
                                   own(page, hint), asked->round->required, error);
    json_t *ranks = page_array(page), *model = page_object(page);

    for (size_t rank = 1; rank <= asked->round->ranks; rank++) {
        const char *name = arena_format(page->arena, "%s.%zu", asked->control, rank), *mistake;

        if (!name) {
            page->failed = true;
            break;
        }
        mistake = page_form_error(page, asked->form, name, NULL);
        if (mistake)
            page_form_item(page, items, name, mistake);
        page_add(page, ranks, wish(page, asked, rank, name, mistake));
    }
    page_put(page, model, "wishes", ranks);
    page_put(page, control, "ranks", model);
    return control;
}

/* Wishes have ended and the places are not yet given: nothing can be chosen. */
static json_t *closed(struct page *page, const struct asked *asked, const char *error)
{
    const char *words = sentences(page, round_time(page, asked), until(page, asked, "choose.giving"));
    json_t *control = page_control(page, asked->control, page_session_round(page, asked->definition, asked->round),
                                   own(page, words), true, error);

    page_put_bool(page, control, "said", true);
    return control;
}

void page_round_add(struct page *page, const struct page_form *form, size_t r, json_t *fields, json_t *items)
{
    const struct event_definition *definition = form->entry->definition;
    struct asked asked = { .form = form, .definition = definition, .round = &definition->programme.rounds[r] };
    const struct rules_moment moment = { .now = page->now, .allocated = form->places->allocated };
    bool wishing = rules_wishing(&definition->programme, r, &moment);
    bool ranked = wishing && page->now < asked.round->wishes_until;
    size_t wrong = json_array_size(items);
    const char *error, *first;
    json_t *control;

    asked.one_time = page_session_one_time(definition, asked.round);
    asked.control = arena_format(page->arena, "session.%s", asked.round->id);
    first = ranked ? arena_format(page->arena, "session.%s.1", asked.round->id) : asked.control;
    if (!asked.control || !first) {
        page->failed = true;
        return;
    }
    error = page_form_error(page, form, asked.control, NULL);
    if (error)
        page_form_item(page, items, first, error);
    if (ranked)
        control = wishes(page, &asked, error, items);
    else
        control = wishing ? closed(page, &asked, error) : choice(page, &asked, error);
    page_condition_put_round(page, control, form, r, json_array_size(items) > wrong);
    page_add(page, fields, control);
}

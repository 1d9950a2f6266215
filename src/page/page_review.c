/* SPDX-License-Identifier: EUPL-1.2 */
/* The page of answers before they are sent. Called by page_sign_up. A worker's thread. */
#include "page/page_review.h"

#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_answers.h"
#include "page/page_carry.h"
#include "page/page_event.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_session.h"
#include "report/privates.h"
#include "report/record.h"
#include "signup/rules.h"
#include "view/catalogue.h"

struct review {
    const struct event_definition *definition;
    const struct rules_result *rules;
    const char *action;
    json_t *lines;
};

static json_t *own(struct page *page, const char *text)
{
    return page_words(page, text, page->language);
}

/* ---- what stands on the form beside the fields ---- */

static void add(struct page *page, const struct review *review, const char *id, json_t *label, json_t *value)
{
    json_t *line = page_object(page);

    page_put_string(page, line, "id", id);
    page_put(page, line, "label", label);
    page_put(page, line, "value", value);
    page_add(page, review->lines, line);
}

static const char *joined(struct page *page, const char *all, const char *more)
{
    const char *both = all ? arena_format(page->arena, "%s; %s", all, more) : more;

    page->failed = page->failed || !both;
    return both;
}

/* The sessions of the round that were chosen, or wished for in their order; NULL: none. */
static const char *chosen(struct page *page, const struct review *review, size_t round)
{
    const struct event_programme *programme = &review->definition->programme;
    const struct rules_result *rules = review->rules;
    const char *all = NULL;

    for (size_t i = 0; i < rules->session_count; i++)
        if (programme->sessions[rules->sessions[i]].round == (int)round)
            all = joined(page, all, page_session_title(page, review->definition, rules->sessions[i]));
    for (size_t i = 0; i < rules->wish_count; i++) {
        const struct rules_wish *wish = &rules->wishes[i];
        const char *text;

        if (wish->round != round)
            continue;
        text = arena_format(page->arena, "%zu. %s", wish->rank,
                            page_session_title(page, review->definition, wish->session));
        page->failed = page->failed || !text;
        if (text)
            all = joined(page, all, text);
    }
    return all;
}

static void add_programme(struct page *page, const struct review *review)
{
    const struct event_programme *programme = &review->definition->programme;
    const struct rules_result *rules = review->rules;

    for (size_t i = 0; i < programme->round_count; i++) {
        const char *id = arena_format(page->arena, "session.%s", programme->rounds[i].id);
        const char *text = chosen(page, review, i);
        json_t *value = own(page, text ? text : page_say(page, "review.nothing"));

        page_put_bool(page, value, "none", !text);
        add(page, review, id, page_session_round(page, review->definition, &programme->rounds[i]), value);
    }
    if (rules->slot >= 0) {
        const struct event_slot *slot = &programme->slots[rules->slot];

        add(page, review, "slot", own(page, page_say(page, "choose.slot")),
            own(page, page_session_span(page, review->definition, slot->starts, slot->ends, false)));
    }
    if (rules->proposal)
        add(page, review, "slot.propose", own(page, page_say(page, "choose.propose")), own(page, rules->proposal));
}

/* ---- the fields ---- */

/* LINES without what is asked after this page. Takes LINES over. */
static json_t *asked_before(struct page *page, const struct event_definition *definition, json_t *lines)
{
    json_t *list = page_array(page), *line;
    size_t i;

    json_array_foreach (lines, i, line) {
        const char *id = json_string_value(json_object_get(line, "id"));
        const struct event_field *field = id ? event_field(definition, id) : NULL;

        if (!field || !field->after_review)
            page_add(page, list, json_incref(line));
    }
    json_decref(lines);
    return list;
}

/* The form's own words for them, from what would be stored. */
static json_t *answers(struct page *page, const struct review *review)
{
    const struct rules_result *rules = review->rules;
    const struct record record = {
        .definition = review->definition,
        .name = rules->name,
        .email = rules->email,
        .mode = rules->mode,
        .answers = rules->answers,
    };
    struct privates privates = { 0 };

    privates.items = arena_take(page->arena, (rules->private_count + 1) * sizeof *privates.items);
    page->failed = page->failed || !privates.items;
    for (size_t i = 0; privates.items && i < rules->private_count; i++)
        privates.items[privates.count++] = (struct private_item){
            .field = rules->privates[i].field->id,
            .value = rules->privates[i].value,
        };
    return asked_before(page, review->definition, page_answers_model(page, &record, &privates));
}

/* ---- who comes along ---- */

static json_t *guest_answers(struct page *page, const struct review *review, const struct rules_guest *guest)
{
    const struct record record = {
        .definition = review->definition,
        .name = guest->name,
        .email = guest->email,
        .mode = review->rules->mode,
        .answers = guest->answers,
    };
    struct privates privates = { 0 };

    privates.items = arena_take(page->arena, (guest->private_count + 1) * sizeof *privates.items);
    page->failed = page->failed || !privates.items;
    for (size_t i = 0; privates.items && i < guest->private_count; i++)
        privates.items[privates.count++] = (struct private_item){
            .field = guest->privates[i].field->id,
            .value = guest->privates[i].value,
        };
    return page_answers_model(page, &record, &privates);
}

/* One answer, as "Person 2: Lunch". */
static void add_guest_line(struct page *page, const struct review *review, const struct rules_guest *guest,
                           const json_t *line)
{
    const char *id = json_string_value(json_object_get(line, "id"));
    const struct event_field *field = id ? event_field(review->definition, id) : NULL;
    const char *number = arena_format(page->arena, "%zu", guest->number + 1), *person, *words;
    json_t *label;

    if (!field || !rules_guest_field(field))
        return;
    person = number ? catalogue_format(page->catalogue, page->arena, "guests.person", "number", number, NULL) : NULL;
    label = json_deep_copy(json_object_get(line, "label"));
    words = arena_format(page->arena, "%s%s %s", person ? person : "", page_say(page, "page.colon"),
                         label ? json_string_value(json_object_get(label, "text")) : "");
    id = arena_format(page->arena, "guest.%zu.%s", guest->number, id);
    page->failed = page->failed || !person || !label || !words || !id;
    page_put_string(page, label, "text", words);
    add(page, review, id, label, json_incref(json_object_get(line, "value")));
}

static void add_guests(struct page *page, const struct review *review)
{
    for (size_t i = 0; i < review->rules->guest_count; i++) {
        const struct rules_guest *guest = &review->rules->guests[i];
        json_t *lines = guest_answers(page, review, guest), *line;
        size_t k;

        json_array_foreach (lines, k, line)
            add_guest_line(page, review, guest, line);
        json_decref(lines);
    }
}

/* ---- the ways back ---- */

/* The first control of what the line ID is about, as the form has it. */
static const char *anchor(struct page *page, const struct review *review, const char *id)
{
    const size_t guest = strncmp(id, "guest.", 6) == 0 ? 7 + strcspn(id + 6, ".") : 0;
    const struct event_field *field = event_field(review->definition, id + guest);
    const char *end = "", *all;

    if (field && field->type == FIELD_ORGANISATION)
        end = ".name";
    else if (field && field->type == FIELD_RANKING)
        end = ".1";
    else if (field && field->type == FIELD_SPECIAL_NEED)
        end = ".consent";
    all = arena_format(page->arena, "%s#%s%s", review->action, id, end);
    page->failed = page->failed || !all;
    return all;
}

static void put_ways(struct page *page, const struct review *review)
{
    json_t *line;
    size_t i;

    json_array_foreach (review->lines, i, line) {
        const char *id = json_string_value(json_object_get(line, "id"));

        page_put_string(page, line, "edit", id ? anchor(page, review, id) : NULL);
    }
}

/* MORE questions follow. */
static const char *button(const struct page_places *places, bool more)
{
    if (more)
        return "review.go_on";
    return places->waiting && !places->eligible ? "review.send_waiting" : "review.send";
}

void page_review_send(struct page *page, const struct event_entry *entry, const struct page_places *places,
                      const struct rules_result *rules)
{
    const struct event_definition *definition = entry->definition;
    const char *path = page_model_event_path(page, definition), *action = path ? page_href(page, path) : NULL;
    struct review review = { .definition = definition, .rules = rules, .action = action };
    const bool more = event_asks_after_review(definition);

    page->failed = page->failed || !action;
    if (!page->failed) {
        review.lines = answers(page, &review);
        add_programme(page, &review);
        add_guests(page, &review);
        put_ways(page, &review);
        page_put(page, page->model, "answers", review.lines);
        page_put(page, page->model, "carried", page_carry(page, definition, PAGE_CARRY_ALL));
    }
    page_put_string(page, page->model, "action", action);
    page_put_string(page, page->model, "text", page_say(page, more ? "review.text_more" : "review.text"));
    page_put_string(page, page->model, "send", page_say(page, button(places, more)));
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, "review.title"),
        .path = path,
        .definition = definition,
        .offered = true,
        .private = true,
        .find = definition->slug,
        .notice = definition->slug,
    });
    page_send(page, "review", &(struct reply){
        .status = 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = page_event_frames(page, definition),
    });
}

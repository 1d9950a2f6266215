/* SPDX-License-Identifier: EUPL-1.2 */
/* The page of what is asked after the review. Called by page_sign_up. A worker's thread. */
#include "page/page_optional.h"

#include <jansson.h>

#include "base/arena.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_carry.h"
#include "page/page_event.h"
#include "page/page_form.h"
#include "page/page_model.h"
#include "signup/step.h"
#include "view/catalogue.h"

static void put_problem(struct page *page, json_t *items)
{
    json_t *problem = page_object(page);

    page_put_string(page, problem, "heading", page_say(page, "problem.heading"));
    page_put_string(page, problem, "text", page_say(page, "problem.faults"));
    page_put_bool(page, problem, "has_items", json_array_size(items) > 0);
    page_put(page, problem, "items", items);
    page_put(page, page->model, "problem", problem);
}

static void put_questions(struct page *page, const struct event_entry *entry, const struct page_places *places,
                          const struct rules_result *rules)
{
    json_t *fields = page_array(page), *items = page_array(page);

    page_form_add(page, &(struct page_form){
        .entry = entry,
        .phase = PHASE_OPEN,
        .places = places,
        .answers = request_form(page->request),
        .rules = rules,
    }, STEP_OPTIONAL, fields, items);
    page_put(page, page->model, "fields", fields);
    if (rules) {
        put_problem(page, items);
    } else {
        json_decref(items);
        page_put_bool(page, page->model, "problem", false);
    }
}

void page_optional_send(struct page *page, const struct event_entry *entry, const struct page_places *places,
                        const struct rules_result *rules)
{
    const struct event_definition *definition = entry->definition;
    const char *path = page_model_event_path(page, definition), *title = page_say(page, "optional.title");

    if (rules)
        title = catalogue_format(page->catalogue, page->arena, "problem.title", "title", title, NULL);
    page->failed = page->failed || !path || !title;
    put_questions(page, entry, places, rules);
    page_put(page, page->model, "carried", page_carry(page, definition, PAGE_CARRY_FORM));
    page_put_string(page, page->model, "action", path ? page_href(page, path) : NULL);
    page_put_string(page, page->model, "notice", page_model_notice(page, definition->slug));
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_model_layout(page, &(struct page_layout){
        .title = title ? title : "",
        .path = path,
        .definition = definition,
        .offered = true,
        .private = true,
        .find = definition->slug,
        .notice = definition->slug,
        .form = true,
    });
    page_send(page, "optional", &(struct reply){
        .status = rules ? 422 : 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = page_event_frames(page, definition),
    });
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/release?place=KEY: GET asks whether one session is to be given up, POST gives it up and keeps all else.
 * It is a change like another, with everything as it is stored but that session. A worker's thread. */
#include "page/page_own.h"
#include "page/page_release.h"

#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_change.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_prefill.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "page/page_taking.h"
#include "signup/rules.h"
#include "view/catalogue.h"

/* The session of today's programme that PLACE is, if it was chosen; -1. */
static int chosen_session(const struct event_programme *programme, const struct record_place *place)
{
    size_t size = strcspn(place->key, "@");

    for (size_t s = 0; strcmp(place->kind, "session") == 0 && s < programme->session_count; s++)
        if (strlen(programme->sessions[s].id) == size && strncmp(programme->sessions[s].id, place->key, size) == 0)
            return programme->sessions[s].round >= 0 ? (int)s : -1;
    return -1;
}

bool page_release_may(const struct page *page, const struct page_record *found, const struct record_place *place)
{
    const struct event_programme *programme;
    int session;
    size_t others = 0;

    if (!page_change_is_open(page, found))
        return false;
    programme = &found->entry->definition->programme;
    session = chosen_session(programme, place);
    if (session < 0)
        return false;
    for (size_t i = 0; i < found->record.place_count; i++) {
        int other = chosen_session(programme, &found->record.places[i]);

        others += other >= 0 && other != session &&
                  programme->sessions[other].round == programme->sessions[session].round;
    }
    return others > 0 || !programme->rounds[programme->sessions[session].round].required;
}

const char *page_release_href(struct page *page, const struct page_record *found, const struct record_place *place)
{
    const char *tail = arena_format(page->arena, "/release?place=%s", place->key);

    if (!tail)
        page->failed = true;
    return tail ? page_record_href(page, found, tail) : NULL;
}

/* The one that the query or the form names; NULL: none of this registration's that can be given up. */
static const struct record_place *wanted(const struct page *page, const struct page_record *found)
{
    const struct request *request = page->request;
    const char *key = request_is_post(request) ? form_value(request_form(request), "place")
                                               : request_query(request, "place");
    const struct record_place *place = key ? record_place(&found->record, "session", key) : NULL;

    return place && page_release_may(page, found, place) ? place : NULL;
}

/* The stored form without that session. */
static void without(struct page *page, const struct page_record *found, const struct page_places *places,
                    const struct record_place *place, struct form *ret_form)
{
    const struct event_programme *programme = &found->entry->definition->programme;
    const struct event_session *session = &programme->sessions[chosen_session(programme, place)];
    const char *control = arena_format(page->arena, "session.%s", programme->rounds[session->round].id);
    struct form form;
    size_t left = 0;

    page_prefill(page, found, places, &form);
    for (size_t i = 0; control && i < form.count; i++)
        if (strcmp(form.values[i].name, control) != 0 || strcmp(form.values[i].value, session->id) != 0)
            form.values[left++] = form.values[i];
    form.count = left;
    page->failed = page->failed || !control;
    page_prefill_complete(page, found, &form, ret_form);
}

static void post(struct page *page, const struct page_record *found, const struct record_place *place)
{
    struct page_places places;
    struct rules_moment moment;
    struct rules_result rules;
    struct form form;

    page_places_read(page, found->entry, &places);
    if (!page->failed)
        without(page, found, &places, place, &form);
    if (!page->failed) {
        page_prefill_moment(page, found, &places, &moment);
        page->failed = rules_apply(page->arena, found->entry->definition, &form, &moment, page->worker->folder,
                                   &rules) < 0;
    }
    if (!page->failed && rules.fault_count == 0) {
        page_change_submit(page, found, &places, &form, &rules, found->record.version);
        return;
    }
    /* the questions are others now, and the answers do not fit them: the form says which */
    const char *location = page_record_href(page, found, "/change");

    page_drop(page);
    page_see_other(page->request, location, NULL);
}

static void show(struct page *page, const struct page_record *found, const struct record_place *place)
{
    /* The key is of characters that stand in a query as they are. */
    const char *path = arena_format(page->arena, "%s?place=%s", request_path(page->request), place->key);

    page->failed = page->failed || !path;
    page_put(page, page->model, "event", page_own_event(page, found));
    page_put(page, page->model, "session", page_taking_row(page, found, place));
    page_put_string(page, page->model, "place", place->key);
    page_put_string(page, page->model, "effect",
                    page_say(page, place->hold == RECORD_ASKED ? "release.stop_asking" : "release.free"));
    page_put_string(page, page->model, "action", page_record_href(page, found, "/release"));
    page_put_string(page, page->model, "keep", page_record_href(page, found, ""));
    page_model_layout(page, &(struct page_layout){
        .title = page_say(page, "release.heading"),
        .path = path,
        .definition = found->entry->definition,
        .private = true,
        .links = true,
    });
    page_send(page, "release", &(struct reply){ .status = 200, .cache = REPLY_NO_STORE });
}

static void answer(struct page_record *found)
{
    const struct record_place *place;
    struct page page;

    page_record_begin(&page, found);
    place = wanted(&page, found);
    if (!place)
        page_act_back(&page, found); /* it was given up already, or cannot be */
    else if (request_is_post(found->link.request))
        post(&page, found, place);
    else
        show(&page, found, place);
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_release = {
    .name = "release",
    .path = "/r/{token}/release",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

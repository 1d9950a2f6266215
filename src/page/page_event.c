/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /e/{slug}: one event and its form. The same page comes back from page_sign_up with answers and faults. The plain
 * GET is served from the worker's cache as long as revision, language, phase and seats are the same, and until the
 * clock changes what is offered. A draft's is made anew each time, for who has a link to it.
 * A worker's thread. */
#include "page/page_event.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/form.h"
#include "base/gzip.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_cache.h"
#include "page/page_cover.h"
#include "page/page_error.h"
#include "page/page_form.h"
#include "page/page_full.h"
#include "page/page_invite.h"
#include "page/page_language.h"
#include "page/page_model.h"
#include "page/page_notice.h"
#include "page/page_places.h"
#include "page/page_preview.h"
#include "page/page_programme.h"
#include "page/page_seal.h"
#include "page/page_series.h"
#include "page/page_sign_up.h"
#include "page/site.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/markdown.h"
#include "view/words.h"

#define RETRY_SECONDS 30

/* All that the page is made of. */
struct shown {
    const struct event_entry *entry;
    enum phase phase;
    const struct page_places *places;
    const char *token;
    const struct page_event_return *back; /* NULL: a plain GET */
    const struct form *answers;           /* what is filled in; NULL: nothing */
    bool fresh;                           /* by nobody yet */
    const char *invite;                   /* the token of `_invite`; NULL: none */
    json_t *invitation;                   /* what is said of it, taken over; NULL: nothing */
    const struct page_full *full;         /* what its sender asked for and could not have; NULL: nothing */
};

const struct event_entry *page_event_entry(struct request *request, enum phase *ret_phase)
{
    struct page_worker *worker = request_state(request);
    const char *slug = request_part(request, "slug");
    const struct event_entry *entry = slug ? event_book_find(worker->edition->events, slug) : NULL;
    enum phase phase = entry ? phase_of(entry, clock_now(worker->options->clock)) : PHASE_HIDDEN;

    if (phase == PHASE_HIDDEN || phase == PHASE_WITHDRAWN) {
        page_error(request, phase == PHASE_WITHDRAWN ? 410 : 404);
        return NULL;
    }
    *ret_phase = phase;
    return entry;
}

const char *page_event_frames(struct page *page, const struct event_definition *definition)
{
    const char *list = NULL;

    for (size_t i = 0; i < definition->frame_ancestor_count; i++) {
        list = arena_format(page->arena, "%s%s%s", list ? list : "", list ? " " : "", definition->frame_ancestors[i]);
        if (!list)
            break;
    }
    return list;
}

static const char *instant(struct page *page, const struct event_definition *definition, int64_t at)
{
    struct words *words = page->worker->words;
    const char *when = words_date(words, page->arena, page->language, definition->zone, at, WORDS_DATE_TIME);
    const char *city = words_zone_city(words, page->arena, page->language, definition->zone);

    return when && city ? arena_format(page->arena, "%s (%s)", when, city) : NULL;
}

/* Why there is no form, or what kind of form it is: a word of the catalogue's `phase`; NULL: simply open. */
static const char *state_word(enum phase phase, const struct page_places *places)
{
    switch (phase) {
    case PHASE_SOON:
        return "soon";
    case PHASE_BEFORE:
        return "before";
    case PHASE_CLOSED:
        return "closed";
    case PHASE_OVER:
        return "over";
    case PHASE_OFF:
        return "off";
    default:
        return !places->open ? "full" : places->eligible ? "eligible" : places->reserved ? "reserved"
               : places->waiting ? "waiting" : NULL;
    }
}

static json_t *state(struct page *page, const struct shown *shown)
{
    const struct event_definition *definition = shown->entry->definition;
    const char *word = state_word(shown->phase, shown->places), *heading, *text, *date = "";
    json_t *model;

    if (!word)
        return json_false();
    if (shown->phase == PHASE_BEFORE || shown->phase == PHASE_CLOSED)
        date = instant(page, definition, shown->phase == PHASE_BEFORE ? definition->opens : definition->closes);
    heading = arena_format(page->arena, "phase.%s.heading", word);
    text = arena_format(page->arena, "phase.%s.text", word);
    if (!heading || !text || !date) {
        page->failed = true;
        return json_false();
    }
    model = page_object(page);
    page_put_string(page, model, "heading", page_say(page, heading));
    page_put_string(page, model, "text", catalogue_format(page->catalogue, page->arena, text, "date", date, NULL));
    return model;
}

static void put_problem(struct page *page, const struct page_event_return *back, json_t *items)
{
    const char *key = arena_format(page->arena, "problem.%s", back->trouble);
    json_t *problem = page_object(page);

    page_put_string(page, problem, "heading", page_say(page, "problem.heading"));
    page_put_string(page, problem, "text", key ? page_say(page, key) : NULL);
    page_put_bool(page, problem, "has_items", json_array_size(items) > 0);
    page_put(page, problem, "items", items);
    page_put(page, page->model, "problem", problem);
}

static const char *calendar_href(struct page *page, const struct event_definition *definition)
{
    const char *path = arena_format(page->arena, "/e/%s.ics", definition->slug);

    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

static void put_series(struct page *page, const struct shown *shown)
{
    json_t *series = shown->back ? page_array(page) : page_series_model(page, shown->entry->definition);

    page_put_bool(page, page->model, "has_series", json_array_size(series) > 0);
    page_put(page, page->model, "series", series);
}

static const char *title_of(struct page *page, const struct shown *shown)
{
    const struct event_definition *definition = shown->entry->definition;
    const char *title = event_text_in(definition, &definition->title, page->language, NULL);

    if (page->preview)
        title = catalogue_format(page->catalogue, page->arena, "draft.title", "title", title, NULL);
    if (shown->back && title)
        title = catalogue_format(page->catalogue, page->arena, "problem.title", "title", title, NULL);
    return title;
}

/* For search engines; NULL: there is none in the page's language, or no memory. */
static const char *description_of(struct page *page, const struct event_definition *definition)
{
    const char *language = page->language, *text;

    if (!definition->has_description)
        return NULL;
    text = event_text_in(definition, &definition->description, page->language, &language);
    if (strcmp(language, page->language) != 0)
        return NULL;
    text = markdown_lead(page->arena, text);
    page->failed = page->failed || !text;
    return text && *text ? text : NULL;
}

static void build(struct page *page, const struct shown *shown)
{
    const struct event_definition *definition = shown->entry->definition;
    const struct page_event_return *back = shown->back;
    const char *title = title_of(page, shown);
    bool form_shown = shown->phase != PHASE_SOON && (back || (shown->phase == PHASE_OPEN && shown->places->open));
    json_t *items = page_array(page), *form = json_false();

    if (form_shown)
        form = page_form_model(page, &(struct page_form){
            .entry = shown->entry,
            .phase = shown->phase,
            .places = shown->places,
            .token = shown->token,
            .invite = shown->invite,
            .answers = shown->answers,
            .fresh = shown->fresh,
            .rules = back ? back->rules : NULL,
            .full = shown->full,
        }, items);
    page_put(page, page->model, "form", form);
    page_put(page, page->model, "event",
             page_cover_model(page, definition, shown->phase == PHASE_OFF ? NULL : shown->places));
    page_put(page, page->model, "programme",
             back ? json_false() : page_programme_model(page, shown->entry, shown->phase, shown->places));
    page_put_bool(page, page->model, "has_programme", !back && definition->programme.session_count > 0);
    /* a draft has no entry for a calendar, nor a link to be lost; what does not take place is in none */
    page_put_optional(page, page->model, "calendar",
                      page->preview || shown->phase == PHASE_OFF ? NULL : calendar_href(page, definition));
    page_notice_put_known(page, page->model, form_shown ? NULL : definition);
    put_series(page, shown);
    page_put(page, page->model, "invitation", shown->invitation ? shown->invitation : json_false());
    page_put(page, page->model, "state", back ? json_false() : state(page, shown));
    if (back) {
        put_problem(page, back, items);
    } else {
        json_decref(items);
        page_put_bool(page, page->model, "problem", false);
    }
    page_model_layout(page, &(struct page_layout){
        .title = title ? title : "",
        .description = description_of(page, definition),
        .path = page->preview ? page_model_event_path(page, definition) : page_invite_path(page, shown->entry),
        .definition = definition,
        .offered = true,
        .private = definition->visibility != EVENT_PUBLIC || page->invite,
        .links = true,
        .find = definition->slug,
        .notice = definition->slug,
        .form = form_shown,
    });
    page->failed = page->failed || !title;
}

void page_event_return(struct page *page, const struct event_entry *entry, const struct page_event_return *back)
{
    struct page_places places;
    struct page_full full = { .control = NULL };
    char seal[PAGE_SEAL_SIZE];
    const char *token = back->token;

    page_places_read(page, entry, &places);
    page_invite_places(page, entry, &places);
    if (back->full_party)
        full = (struct page_full){ .control = "_guests", .words = page_say(page, "guests.too_many") };
    else if (back->full_cap)
        page_full_cap(page, entry, &places, back->full_cap, &full);
    else if (back->full_place > 0 && !page->failed)
        page_full_place(page, entry, &places, back->full_place, back->mode, &full);
    if (back->full_block > 0 && !page->failed)
        (void)page_full_move(page, entry->definition, back->full_block, &full);
    if (!token) {
        if (page_seal_make(page, entry, seal) < 0)
            page->failed = true;
        token = seal;
    }
    if (!page->failed)
        build(page, &(struct shown){
            .entry = entry,
            .phase = page->preview ? phase_of_draft(entry, page->now) : phase_of(entry, page->now),
            .places = &places,
            .token = token,
            .back = back->edit ? NULL : back,
            .answers = request_form(page->request),
            .invite = back->uninvited ? NULL : page_invite_token(page),
            .full = full.words ? &full : NULL,
        });
    page_send(page, "event", &(struct reply){
        .status = back->status,
        .cache = REPLY_NO_STORE,
        .retry_after = back->status == 503 ? RETRY_SECONDS : (int)back->retry_after,
        .frame_ancestors = page_event_frames(page, entry->definition),
    });
}

/* Seals are of one length, so that a new one fits where the old one stood. */
static void renew_seal(const struct page *page, const struct event_entry *entry, struct page_cached *cached)
{
    char seal[PAGE_SEAL_SIZE];

    if (cached->seal_at == cached->size || cached->sealed == page->now || page_seal_make(page, entry, seal) < 0)
        return;
    memcpy(cached->data + cached->seal_at, seal, strlen(seal));
    cached->sealed = page->now;
    (void)page_cache_set_gzip(page->worker->cache, cached, NULL, 0);
}

/* Compressed at most once a renewal, and only if somebody takes it. The page is the same for all who ask: nothing of a
 * visitor stands in it, whose length could tell what else does (BREACH). Answers to a POST are never compressed. */
static bool has_gzip(struct page *page, struct page_cached *cached)
{
    char *data;
    size_t size;

    if (cached->gzip)
        return true;
    if (gzip_pack(cached->data, cached->size, GZIP_QUICK, &data, &size) < 0)
        return false;
    if (size < cached->size && page_cache_set_gzip(page->worker->cache, cached, data, size))
        return true;
    free(data);
    return false;
}

static void send_cached(struct page *page, const struct reply *how, struct page_cached *cached)
{
    struct reply reply = *how;

    reply.gzip = page_takes_gzip(page->request) && has_gzip(page, cached);
    page_reply(page, &reply, reply.gzip ? cached->gzip : cached->data, reply.gzip ? cached->gzip_size : cached->size);
}

static void keep(struct page *page, const struct event_definition *definition, const struct page_cache_key *key,
                 const char *seal)
{
    const struct buffer *out = &page->worker->out;
    const char *at = memmem(out->data, out->size, seal, strlen(seal));

    page_cache_add(page->worker->cache, key, &(struct page_cached){
        .data = out->data,
        .size = out->size,
        .seal_at = at ? (size_t)(at - out->data) : out->size,
        .sealed = page->now,
        .made = page->now,
        .until = page_places_until(definition, page->now),
    });
}

/* The clock has changed nothing on it since it was made; nor was it set back. */
static bool holds(const struct page_cached *cached, int64_t now)
{
    return cached->made <= now && now < cached->until;
}

static void get(struct request *request)
{
    struct page_worker *worker = request_state(request);
    enum phase phase;
    const struct event_entry *entry = page_event_entry(request, &phase);
    struct page page;
    struct page_places places;
    struct page_cache_key key;
    struct page_cached *cached;
    struct reply reply = { .status = 200, .cache = REPLY_PRIVATE, .vary_encoding = true };
    char seal[PAGE_SEAL_SIZE] = "";
    const char *language;
    bool vary;

    if (!entry)
        return;
    language = page_language_choose(request, worker->edition, entry->definition, &vary);
    page_begin(&page, request, NULL, language, vary);
    reply.frame_ancestors = page_event_frames(&page, entry->definition);

    key = (struct page_cache_key){ entry->event_id, entry->revision_id, page_places_version(&page, entry), (int)phase,
                                   page.language };
    cached = page_cache_find(worker->cache, &key);
    if (cached && holds(cached, page.now) && !page.failed) {
        json_decref(page.model);
        renew_seal(&page, entry, cached);
        send_cached(&page, &reply, cached);
        return;
    }
    page_places_read(&page, entry, &places);
    key.version = places.version; /* of the numbers that the page shows */
    if (page_seal_make(&page, entry, seal) < 0)
        page.failed = true;
    if (!page.failed)
        build(&page, &(struct shown){
            .entry = entry, .phase = phase, .places = &places, .token = seal, .fresh = true,
        });
    if (page_render(&page, "event") < 0)
        return;
    keep(&page, entry->definition, &key, seal);
    cached = page_cache_find(worker->cache, &key);
    if (cached)
        send_cached(&page, &reply, cached);
    else /* too large to be kept: plain, for nothing would bound the work */
        page_reply(&page, &reply, buffer_string(&worker->out), worker->out.size);
}

/* ---- invitations ---- */

/* The address that the invitation is for stands in the form. */
static const struct form *prefilled(struct page *page, const struct event_definition *definition)
{
    const struct event_field *field = event_field_by_role(definition, ROLE_EMAIL);
    const char *email = page->invite ? page->invite->email : NULL;
    struct form *form = arena_take(page->arena, sizeof *form);
    struct form_value *value = arena_take(page->arena, sizeof *value);
    char *copy = email ? arena_copy(page->arena, email) : NULL;

    if (!form || !value || (email && !copy))
        page->failed = true;
    if (page->failed || !copy || !field)
        return NULL;
    *value = (struct form_value){ .name = field->id, .value = copy, .size = strlen(copy) };
    *form = (struct form){ .count = 1, .values = value };
    return form;
}

/* The page of one visitor: never kept. */
static void show_invited(struct page_invite_read *read)
{
    const struct event_entry *entry = read->entry;
    struct page page;
    struct page_places places;
    char seal[PAGE_SEAL_SIZE] = "";
    const char *language;
    bool vary;

    if (read->state == PAGE_INVITE_UNKNOWN) {
        page_error(read->request, 503);
        return;
    }
    language = page_language_choose(read->request, read->job.edition, entry->definition, &vary);
    page_begin(&page, read->request, read->job.edition, language, vary);
    page.invite = read->state == PAGE_INVITE_GOOD ? &read->invite : NULL;
    page_places_read(&page, entry, &places);
    page_invite_places(&page, entry, &places);
    if (page_seal_make(&page, entry, seal) < 0)
        page.failed = true;
    if (!page.failed)
        build(&page, &(struct shown){
            .entry = entry,
            .phase = phase_of(entry, page.now),
            .places = &places,
            .token = seal,
            .answers = prefilled(&page, entry->definition),
            .fresh = true,
            .invite = page_invite_token(&page),
            .invitation = page_invite_model(&page, entry, read->state),
        });
    page_send(&page, "event", &(struct reply){
        .status = 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = page_event_frames(&page, entry->definition),
    });
}

static void get_invited(struct request *request, const char *token)
{
    enum phase phase;
    const struct event_entry *entry;

    if (page_error_limited(request))
        return;
    entry = page_event_entry(request, &phase);
    if (entry)
        page_invite_prove(request, entry, token, show_invited);
}

/* ---- drafts ---- */

static void begin_draft(struct page *page, const struct page_preview *preview)
{
    const char *language;
    bool vary;

    language = page_language_choose(preview->request, preview->job.edition, preview->entry->definition, &vary);
    page_begin(page, preview->request, preview->job.edition, language, vary);
    page->preview = preview->token;
}

static void get_draft(const struct page_preview *preview)
{
    const struct event_entry *entry = preview->entry;
    struct page page;
    struct page_places places;
    char seal[PAGE_SEAL_SIZE] = "";

    begin_draft(&page, preview);
    page_places_read(&page, entry, &places);
    if (page_seal_make(&page, entry, seal) < 0)
        page.failed = true;
    if (!page.failed)
        build(&page, &(struct shown){
            .entry = entry,
            .phase = phase_of_draft(entry, page.now),
            .places = &places,
            .token = seal,
            .fresh = true,
        });
    page_send(&page, "event", &(struct reply){
        .status = 200,
        .cache = REPLY_NO_STORE,
        .frame_ancestors = page_event_frames(&page, entry->definition),
    });
}

static void post_draft(const struct page_preview *preview)
{
    struct page page;

    begin_draft(&page, preview);
    page_sign_up_draft(&page, preview->entry, preview->job.edition);
}

static void handle(struct request *request)
{
    const struct event_entry *draft = page_preview_asked(request);
    const char *token = request_query(request, "invite");

    if (draft)
        page_preview_read(request, draft, request_is_post(request) ? post_draft : get_draft);
    else if (request_is_post(request))
        page_sign_up(request);
    else if (token)
        get_invited(request, token);
    else
        get(request);
}

const struct endpoint page_event = {
    .name = "event",
    .path = "/e/{slug}",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* /r/{token}/change: GET shows the event's form with what is stored; POST changes it. What is new is taken and what
 * is given up is freed in one transaction: if the new is full, the old stays and the form comes back with what was
 * typed. The token in the path is the secret that another site would need to forge the POST. A worker's thread. */
#include "page/page_change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "change/edit.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_error.h"
#include "page/page_form.h"
#include "page/page_full.h"
#include "page/page_model.h"
#include "page/page_places.h"
#include "page/page_prefill.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "page/site.h"
#include "signup/phase.h"
#include "signup/rules.h"
#include "signup/state.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define RETRY_SECONDS 30

/* A change under way; it lives in the job's arena. */
struct waiting {
    struct edit change; /* first: the mailbox hands it back */
    struct request *request;
    const char *language;
    struct record own; /* its mode and places alone */
};

/* Why the form is shown, and with what. */
struct shown {
    int status;
    const char *trouble;              /* the sentence `change.TROUBLE`; NULL: none */
    const struct form *answers;
    const struct rules_result *rules; /* the faults; NULL: none */
    const struct page_full *full;     /* NULL: nothing */
    const struct page_places *places;
    int64_t version;
};

/* ---- when ---- */

static bool could_change(const struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    enum phase phase = found->entry ? phase_of(found->entry, page->now) : PHASE_WITHDRAWN;
    enum state status = record->status;

    return (status == STATE_CONFIRMED || status == STATE_WAITLISTED || status == STATE_AWAITING_APPROVAL) &&
           !record->restricted && !record_is_guest(record) &&
           (phase == PHASE_BEFORE || phase == PHASE_OPEN || phase == PHASE_CLOSED);
}

bool page_change_is_open(const struct page *page, const struct page_record *found)
{
    return could_change(page, found) && page->now < found->entry->definition->changes_until;
}

bool page_change_is_over(const struct page *page, const struct page_record *found)
{
    return could_change(page, found) && page->now >= found->entry->definition->changes_until;
}

/* ---- the form ---- */

static void put_problem(struct page *page, const struct shown *shown, json_t *items)
{
    const char *key = shown->trouble ? arena_format(page->arena, "change.%s", shown->trouble) : NULL;
    json_t *problem;

    if (!key) {
        json_decref(items);
        page_put_bool(page, page->model, "problem", false);
        return;
    }
    problem = page_object(page);
    page_put_string(page, problem, "heading", page_say(page, "problem.heading"));
    page_put_string(page, problem, "text", page_say(page, key));
    page_put_bool(page, problem, "has_items", json_array_size(items) > 0);
    page_put(page, problem, "items", items);
    page_put(page, page->model, "problem", problem);
}

static const char *own_href(struct page *page, const char *tail)
{
    const char *path = arena_format(page->arena, "/r/%s%s", request_part(page->request, "token"), tail);

    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

static void send(struct page *page, const struct event_entry *entry, const struct shown *shown, json_t *form,
                 json_t *items, const char *ended)
{
    const char *title = page_say(page, "change.heading");

    page_put(page, page->model, "form", form);
    put_problem(page, shown, items);
    if (shown->trouble) {
        title = catalogue_format(page->catalogue, page->arena, "problem.title", "title", title, NULL);
        page->failed = page->failed || !title;
    }
    page_put_optional(page, page->model, "ended", ended);
    page_put_string(page, page->model, "keep", own_href(page, ""));
    page_put(page, page->model, "event", page_model_today(page, entry, NULL));
    page_model_layout(page, &(struct page_layout){
        .title = title ? title : "",
        .definition = entry->definition,
        .private = true,
        .links = true,
        .form = !ended,
    });
    page_send(page, "change", &(struct reply){
        .status = shown->status,
        .cache = REPLY_NO_STORE,
        .retry_after = shown->status == 503 ? RETRY_SECONDS : 0,
    });
}

static void show(struct page *page, const struct event_entry *entry, const struct shown *shown)
{
    json_t *items = page_array(page), *form = NULL;

    if (!page->failed)
        form = page_form_model(page, &(struct page_form){
            .entry = entry,
            .phase = PHASE_OPEN,
            .places = shown->places,
            .answers = shown->answers,
            .rules = shown->rules,
            .full = shown->full,
            .own = &(struct page_form_own){
                .action = own_href(page, "/change"),
                .version = arena_format(page->arena, "%" PRId64, shown->version),
            },
        }, items);
    send(page, entry, shown, form, items, NULL);
}

/* When it ended and whom to ask. */
static void show_ended(struct page *page, const struct page_record *found, int status)
{
    const struct event_definition *today = found->entry->definition;
    const char *date = page_model_deadline(page, today->zone, today->changes_until);
    const char *ended =
        date ? catalogue_format(page->catalogue, page->arena, "change.ended", "date", date, NULL) : NULL;

    page->failed = page->failed || !ended;
    send(page, found->entry, &(struct shown){ .status = status }, json_false(), page_array(page), ended);
}

/* ---- the way through the store ---- */

static void come_back(struct page *page, const struct waiting *waiting, int status, const char *trouble,
                      const struct page_full *full, struct page_places *places)
{
    if (!page->failed)
        page_prefill_open(waiting->change.event, &waiting->own, places);
    show(page, waiting->change.event, &(struct shown){
        .status = status,
        .trouble = trouble,
        .answers = request_form(page->request),
        .full = full,
        .places = places,
        .version = waiting->change.version,
    });
}

/* The registration as it is now, the form as it was typed: who presses again has seen that there was another change.
 * */
static void answer_stale(struct page_record *found)
{
    struct page_places places;
    struct page page;

    page_record_begin(&page, found);
    if (!page_change_is_open(&page, found)) {
        page_act_back(&page, found);
        return;
    }
    page_places_read(&page, found->entry, &places);
    if (!page.failed)
        page_prefill_open(found->entry, &found->record, &places);
    show(&page, found->entry, &(struct shown){
        .status = 409,
        .trouble = "stale",
        .answers = request_form(found->link.request),
        .places = &places,
        .version = found->record.version,
    });
}

static void answer_over(struct page_record *found)
{
    struct page page;

    page_record_begin(&page, found);
    if (page_change_is_over(&page, found))
        show_ended(&page, found, 409);
    else
        page_act_back(&page, found);
}

static void refused(struct page *page, const struct waiting *waiting)
{
    const struct edit *edit = &waiting->change;
    struct page_full full = { .control = NULL };
    struct page_places places;

    page_places_read(page, edit->event, &places);
    if (edit->result == EDIT_APPROVAL) {
        full = (struct page_full){ .control = "mode", .words = page_say(page, "change.approval_mode") };
        come_back(page, waiting, 409, "approval", &full, &places);
        return;
    }
    if (!page->failed && edit->full_cap >= 0)
        page_full_cap(page, edit->event, &places, &edit->ask.caps[edit->full_cap], &full);
    else if (!page->failed && edit->full_place)
        page_full_place(page, edit->event, &places, edit->full_place,
                        event_mode(edit->event->definition, edit->mode_id), &full);
    come_back(page, waiting, 409, "full", &full, &places);
}

static void see(struct page *page, const char *tail)
{
    struct request *request = page->request;
    const char *location = own_href(page, tail);

    page_drop(page);
    page_see_other(request, location, NULL);
}

static void decided(struct page *page, const struct waiting *waiting)
{
    switch (waiting->change.result) {
    case EDIT_DONE:
        see(page, "?saved=1");
        return;
    case EDIT_SAME:
        see(page, "");
        return;
    case EDIT_FULL:
    case EDIT_APPROVAL:
        refused(page, waiting);
        return;
    case EDIT_STALE:
        page_drop(page);
        page_record_read(waiting->request, answer_stale);
        return;
    case EDIT_CLOSED:
        page_drop(page);
        page_record_read(waiting->request, answer_over);
        return;
    case EDIT_GONE:
        break;
    }
    page_drop(page);
    page_error(waiting->request, 404);
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct edition *edition = waiting->change.job.edition;
    struct arena *arena = waiting->change.job.arena;
    int outcome = waiting->change.job.outcome;
    struct page_places places;
    struct page page;

    page_begin(&page, waiting->request, edition, waiting->language, false);
    if (outcome == 0) {
        decided(&page, waiting);
    } else {
        page_places_read(&page, waiting->change.event, &places);
        come_back(&page, waiting, outcome == -EAGAIN || outcome == -EINPROGRESS ? 503 : 500,
                  outcome == -EINPROGRESS ? "unknown" : "busy", NULL, &places);
    }
    edition_unref(edition);
    arena_free(arena);
}

static const char *copy(struct arena *arena, const char *text, bool *failed)
{
    const char *new = arena_copy(arena, text);

    if (text && !new)
        *failed = true;
    return new;
}

/* What the form must offer whatever becomes of the change. */
static void copy_own(struct arena *arena, const struct record *record, struct record *ret_own, bool *failed)
{
    struct record_place *places = arena_take(arena, (record->place_count + 1) * sizeof *places);

    *ret_own = (struct record){ .mode = copy(arena, record->mode, failed), .places = places };
    *failed = *failed || !places;
    for (size_t i = 0; places && i < record->place_count; i++)
        places[ret_own->place_count++] = (struct record_place){
            .hold = record->places[i].hold,
            .kind = copy(arena, record->places[i].kind, failed),
            .key = copy(arena, record->places[i].key, failed),
        };
}

/* Special needs as they shall be, and the consent to each that is asked: given, or no longer. */
static int take_privates(struct page *page, const struct event_definition *definition,
                         const struct rules_result *rules, struct edit *edit)
{
    struct arena *arena = edit->job.arena;
    struct sign_up_consent *consents = arena_take(arena, (definition->field_count + 1) * sizeof *consents);
    struct private_answer *privates = arena_take(arena, (rules->private_count + 1) * sizeof *privates);
    bool failed = !consents || !privates;

    for (size_t i = 0; !failed && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        struct rules_consent given = { .field = field };

        if (field->type != FIELD_SPECIAL_NEED)
            continue;
        for (size_t k = 0; k < rules->private_count; k++)
            given.given = given.given || rules->privates[k].field == field;
        failed = sign_up_consent_take(arena, definition, page->language, page_say(page, "form.need_consent"), &given,
                                      &consents[edit->consent_count++]) < 0;
    }
    for (size_t i = 0; !failed && i < rules->private_count; i++)
        privates[i] = (struct private_answer){
            .field = copy(arena, rules->privates[i].field->id, &failed),
            .value = copy(arena, rules->privates[i].value, &failed),
            .retention = copy(arena, rules->privates[i].retention, &failed),
        };
    edit->consents = consents;
    edit->privates = privates;
    edit->private_count = rules->private_count;
    return failed ? -ENOMEM : 0;
}

static int waiting_new(struct page *page, const struct page_record *found, const struct rules_result *rules,
                       int64_t version, struct waiting **ret_waiting)
{
    const char *answers = page_prefill_answers(page, found, rules);
    const char *fields = answers ? page_prefill_changes(page, found, rules, answers) : NULL;
    const char *from = page->edition->settings->mail.from_address;
    const struct ask_invitation *invitation = found->invitation.id ? &found->invitation : NULL;
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    bool failed = false;

    if (!waiting || !fields)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = {
                .post = { .arrive = arrive },
                .kind = &change_edit,
                .reply_to = page->worker->mailbox,
                .arena = arena,
            },
            .registration_id = found->record.id,
            .link_version = found->record.link_version,
            .version = version,
            .actor = "person",
            .message_domain = copy(arena, mail_row_domain(from), &failed),
            .event = found->entry,
            .mode_id = copy(arena, rules->mode, &failed),
            .revision_id = found->entry->revision_id,
            .answers = copy(arena, answers, &failed),
            .search = copy(arena, rules->search, &failed),
            .name = copy(arena, rules->name, &failed),
            .organisation = copy(arena, rules->organisation, &failed),
            .registry_number = copy(arena, rules->registry_number, &failed),
            .country = copy(arena, rules->country, &failed),
            .stakeholder = copy(arena, rules->stakeholder, &failed),
            .fields = copy(arena, fields, &failed),
        },
        .request = page->request,
        .language = copy(arena, page->language, &failed),
    };
    copy_own(arena, &found->record, &waiting->own, &failed);
    if (failed || take_privates(page, found->entry->definition, rules, &waiting->change) < 0 ||
        ask_make(arena, found->entry, rules, invitation, &waiting->change.ask) < 0)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

void page_change_submit(struct page *page, const struct page_record *found, const struct page_places *places,
                        const struct rules_result *rules, int64_t version)
{
    const struct shown busy = {
        .status = 503, .trouble = "busy", .answers = request_form(page->request), .places = places, .version = version,
    };
    struct waiting *waiting;
    int r = waiting_new(page, found, rules, version, &waiting);

    if (r < 0) {
        show(page, found->entry, &busy);
        return;
    }
    waiting->change.job.edition = edition_ref(found->link.job.edition);
    r = store_submit(page->worker->options->store, &waiting->change.job);
    if (r == 0) {
        page_drop(page); /* it is begun again when the job comes back */
        return;
    }
    log_debug("change.refused", LOG_ERRNO(r));
    edition_unref(waiting->change.job.edition);
    arena_free(waiting->change.job.arena);
    show(page, found->entry, &busy);
}

/* ---- the endpoint ---- */

/* The version that the form was made of; -1: it says none that we could have written. */
static int64_t shown_version(const struct form *form)
{
    const char *text = form_times(form, "_version") == 1 ? form_value(form, "_version") : NULL;
    char *end = NULL;
    long long number;

    if (!text || *text < '0' || *text > '9')
        return -1;
    errno = 0;
    number = strtoll(text, &end, 10);
    return errno == 0 && !*end ? number : -1;
}

static void post(struct page *page, const struct page_record *found, const struct page_places *places)
{
    const struct form *typed = request_form(page->request);
    struct shown back = { .answers = typed, .places = places, .version = shown_version(typed) };
    struct rules_moment moment;
    struct rules_result rules;
    struct form form;

    if (back.version < 0) { /* whoever sent it has not seen what is stored */
        back.status = 409;
        back.trouble = "stale";
        back.version = found->record.version;
        show(page, found->entry, &back);
        return;
    }
    page_prefill_complete(page, found, typed, &form);
    page_prefill_moment(page, found, places, &moment);
    if (page->failed || rules_apply(page->arena, found->entry->definition, &form, &moment, page->worker->folder,
                                    &rules) < 0) {
        page->failed = false;
        back.status = 503;
        back.trouble = "busy";
        show(page, found->entry, &back);
    } else if (rules.fault_count > 0) {
        back.status = 422;
        back.trouble = "faults";
        back.rules = &rules;
        show(page, found->entry, &back);
    } else {
        page_change_submit(page, found, places, &rules, back.version);
    }
}

static void answer(struct page_record *found)
{
    struct page_places places;
    struct form stored;
    struct page page;

    page_record_begin(&page, found);
    if (page_change_is_over(&page, found)) {
        show_ended(&page, found, request_is_post(found->link.request) ? 409 : 200);
        return;
    }
    if (!page_change_is_open(&page, found)) {
        page_act_back(&page, found);
        return;
    }
    page_places_read(&page, found->entry, &places);
    if (!page.failed)
        page_prefill_open(found->entry, &found->record, &places);
    if (!page.failed && request_is_post(found->link.request)) {
        post(&page, found, &places);
        return;
    }
    if (!page.failed)
        page_prefill(&page, found, &places, &stored);
    show(&page, found->entry, &(struct shown){
        .status = 200, .answers = &stored, .places = &places, .version = found->record.version,
    });
}

static void handle(struct request *request)
{
    page_record_read(request, answer);
}

const struct endpoint page_change = {
    .name = "change",
    .path = "/r/{token}/change",
    .methods = HTTP_GET | HTTP_POST,
    .language = true,
    .handle = handle,
};

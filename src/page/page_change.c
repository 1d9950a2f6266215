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
#include "page/page_change_guests.h"
#include "page/page_form.h"
#include "page/page_full.h"
#include "page/page_guests.h"
#include "page/page_model.h"
#include "page/page_party.h"
#include "page/page_places.h"
#include "page/page_prefill.h"
#include "page/page_record.h"
#include "page/page_said.h"
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
    struct form form;  /* as it was typed, its blocks in order */
    struct page_change_party party;
    const size_t *blocks; /* of each guest of the change */
};

/* Why the form is shown, and with what. */
struct shown {
    int status;
    const char *trouble;              /* the sentence `change.TROUBLE`; NULL: none */
    const struct form *answers;
    const struct rules_result *rules; /* the faults; NULL: none */
    const struct page_full *full;     /* NULL: nothing */
    const struct page_places *places;
    const struct page_change_party *party;
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
                .guest_count = shown->party->count,
                .guests = shown->party->guests,
                .next_guest = shown->party->next,
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
        .answers = &waiting->form,
        .full = full,
        .places = places,
        .party = &waiting->party,
        .version = waiting->change.version,
    });
}

/* The registration as it is now, the form as it was typed: who presses again has seen that there was another change.
 * */
static void answer_stale(struct page_record *found)
{
    struct page_places places;
    struct page_change_party party;
    struct form form;
    struct page page;

    page_record_begin(&page, found);
    if (!page_change_is_open(&page, found)) {
        page_act_back(&page, found);
        return;
    }
    page_places_read(&page, found->entry, &places);
    page_change_party_take(page.arena, found, &party, &page.failed);
    if (!page.failed)
        page_prefill_open(found->entry, &found->record, &places);
    (void)page_prefill_settle(&page, found, request_form(found->link.request), &form);
    show(&page, found->entry, &(struct shown){
        .status = 409,
        .trouble = "stale",
        .answers = &form,
        .places = &places,
        .party = &party,
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

/* Where it is said that somebody who comes along is one too many: at what is asked of him, or at the number. */
static void guest_full(struct page *page, const struct waiting *waiting, struct page_full *full)
{
    const struct edit *edit = &waiting->change;
    const struct edit_guest *guest = &edit->guests[edit->full_guest];
    const size_t block = waiting->blocks[edit->full_guest];
    const char *email = event_field_by_role(edit->event->definition, ROLE_EMAIL)->id;
    const bool own = guest->id != 0 && waiting->party.guests[block - 1].own; /* the form shows no address */

    if (edit->full_cap && !(own && full->control && strcmp(full->control, email) == 0) &&
        page_full_move(page, edit->event->definition, block, full))
        return;
    if (guest->id == 0) {
        full->control = "_guests";
        if (!edit->full_cap)
            full->words = page_say(page, "guests.full");
    }
}

static void put_full(struct page *page, const struct waiting *waiting, const struct page_places *places,
                     struct page_full *ret_full)
{
    const struct edit *edit = &waiting->change;

    if (edit->full_cap)
        page_full_cap(page, edit->event, places, edit->full_cap, ret_full);
    else if (edit->full_place)
        page_full_place(page, edit->event, places, edit->full_place,
                        event_mode(edit->event->definition, edit->mode_id), ret_full);
    if (edit->full_guest >= 0 && !page->failed)
        guest_full(page, waiting, ret_full);
}

static void refused(struct page *page, const struct waiting *waiting)
{
    const struct edit *edit = &waiting->change;
    struct page_full full = { .control = NULL };
    struct page_places places;

    page_places_read(page, edit->event, &places);
    switch (edit->result) {
    case EDIT_APPROVAL:
        full = edit->full_guest >= 0
                   ? (struct page_full){ .control = "_guests", .words = page_say(page, "guests.approval") }
                   : (struct page_full){ .control = "mode", .words = page_say(page, "change.approval_mode") };
        come_back(page, waiting, 409, "approval", &full, &places);
        return;
    case EDIT_OTHER:
        full = (struct page_full){ .control = event_field_by_role(edit->event->definition, ROLE_NAME)->id,
                                   .words = page_say(page, "change.other_name") };
        come_back(page, waiting, 409, "approval", &full, &places);
        return;
    case EDIT_LIMITED:
        come_back(page, waiting, 429, "mailbox", NULL, &places);
        return;
    default:
        break;
    }
    if (!page->failed)
        put_full(page, waiting, &places, &full);
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
    case EDIT_OTHER:
    case EDIT_LIMITED:
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

/* What the form must offer whatever becomes of the change. */
static void copy_own(struct arena *arena, const struct record *record, struct record *ret_own, bool *failed)
{
    struct record_place *places = arena_take(arena, (record->place_count + 1) * sizeof *places);

    *ret_own = (struct record){ .mode = page_said_text(arena, record->mode, failed), .places = places };
    *failed = *failed || !places;
    for (size_t i = 0; places && i < record->place_count; i++)
        places[ret_own->place_count++] = (struct record_place){
            .hold = record->places[i].hold,
            .kind = page_said_text(arena, record->places[i].kind, failed),
            .key = page_said_text(arena, record->places[i].key, failed),
        };
}

/* Special needs as they shall be, and the consent to each that is asked: given, or no longer. */
static int take_privates(struct page *page, const struct event_definition *definition,
                         const struct rules_result *rules, struct edit *edit)
{
    struct arena *arena = edit->job.arena;
    size_t count;
    struct rules_consent *consents =
        page_change_consents(page, definition, false, rules->private_count, rules->privates, &count);
    bool failed = !consents;

    edit->privates = page_said_privates(arena, rules->private_count, rules->privates, &failed);
    edit->private_count = rules->private_count;
    edit->consent_count = count;
    return failed ? -ENOMEM : page_said_consents(page, arena, definition, count, consents, &edit->consents);
}

static const char *new_key(const struct page_record *found, const struct rules_result *rules)
{
    /* of the other keys the address has its own way, and one of all answers is for a few minutes */
    return found->entry->definition->unique == EVENT_UNIQUE_EMAIL_NAME ? rules->dedupe : NULL;
}

static int waiting_new(struct page *page, const struct page_record *found, const struct form *typed,
                       const struct rules_result *rules, int64_t version, struct waiting **ret_waiting)
{
    const struct event_definition *definition = found->entry->definition;
    const struct privates needs = page_change_needs(page, rules->private_count, rules->privates);
    const struct page_prefill_person stored = { .name = found->record.name,
                                                .answers = found->record.answers,
                                                .proposal = found->record.proposal,
                                                .privates = &found->privates };
    struct page_prefill_person said = {
        .name = rules->name, .answers = rules->answers, .proposal = rules->proposal, .privates = &needs,
    };
    const char *answers = said.answers = page_prefill_answers(page, definition, &stored, &said);
    const char *told = NULL;
    const char *fields = answers ? page_prefill_changes(page, definition, &stored, &said, &told) : NULL;
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
            .message_domain = page_said_text(arena, mail_row_domain(from), &failed),
            .event = found->entry,
            .mode_id = page_said_text(arena, rules->mode, &failed),
            .revision_id = found->entry->revision_id,
            .answers = page_said_text(arena, answers, &failed),
            .search = page_said_text(arena, rules->search, &failed),
            .name = page_said_text(arena, rules->name, &failed),
            .organisation = page_said_text(arena, rules->organisation, &failed),
            .registry_number = page_said_text(arena, rules->registry_number, &failed),
            .country = page_said_text(arena, rules->country, &failed),
            .stakeholder = page_said_text(arena, rules->stakeholder, &failed),
            .fields = page_said_text(arena, fields, &failed),
            .told = page_said_text(arena, told, &failed),
            .dedupe = page_said_text(arena, new_key(found, rules), &failed),
        },
        .request = page->request,
        .language = page_said_text(arena, page->language, &failed),
    };
    copy_own(arena, &found->record, &waiting->own, &failed);
    page_change_form_copy(arena, typed, &waiting->form, &failed);
    page_change_party_take(arena, found, &waiting->party, &failed);
    if (failed || take_privates(page, definition, rules, &waiting->change) < 0 ||
        page_change_guests_take(page, found, rules, &waiting->change, &waiting->blocks) < 0 ||
        ask_make(arena, found->entry, rules, invitation, &waiting->change.ask) < 0)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

void page_change_submit(struct page *page, const struct page_record *found, const struct page_places *places,
                        const struct form *typed, const struct rules_result *rules, int64_t version)
{
    struct page_change_party party;
    const struct shown busy = {
        .status = 503, .trouble = "busy", .answers = typed, .places = places, .party = &party, .version = version,
    };
    struct waiting *waiting;
    int r = waiting_new(page, found, typed, rules, version, &waiting);

    page_change_party_take(page->arena, found, &party, &page->failed);

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

static void judge(struct page *page, const struct page_record *found, const struct page_places *places,
                  struct shown *back)
{
    struct rules_moment moment;
    struct rules_result rules;
    struct form form;

    page_prefill_complete(page, found, back->answers, &form);
    page_prefill_moment(page, found, places, &moment);
    if (page->failed || rules_apply(page->arena, found->entry->definition, &form, &moment, page->worker->folder,
                                    &rules) < 0) {
        page->failed = false;
        back->status = 503;
        back->trouble = "busy";
        show(page, found->entry, back);
    } else if (rules.fault_count > 0) {
        back->status = 422;
        back->trouble = "faults";
        back->rules = &rules;
        show(page, found->entry, back);
    } else {
        page_change_submit(page, found, places, back->answers, &rules, back->version);
    }
}

static void post(struct page *page, const struct page_record *found, const struct page_places *places,
                 const struct page_change_party *party)
{
    const struct form *typed = request_form(page->request);
    struct form form;
    struct shown back = {
        .status = 200, .answers = &form, .places = places, .party = party, .version = shown_version(typed),
    };
    bool stands = page_prefill_settle(page, found, typed, &form);

    if (back.version < 0 || !stands) { /* whoever sent it has not seen what is stored */
        back.status = 409;
        back.trouble = "stale";
        back.version = found->record.version;
        show(page, found->entry, &back);
    } else if (page_guests_wanted(found->entry->definition, &form, party->count)) { /* nothing is sent yet */
        show(page, found->entry, &back);
    } else {
        judge(page, found, places, &back);
    }
}

static void answer(struct page_record *found)
{
    struct page_places places;
    struct page_change_party party;
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
    page_change_party_take(page.arena, found, &party, &page.failed);
    if (!page.failed)
        page_prefill_open(found->entry, &found->record, &places);
    if (!page.failed && request_is_post(found->link.request)) {
        post(&page, found, &places, &party);
        return;
    }
    if (!page.failed)
        page_prefill(&page, found, &places, &stored);
    show(&page, found->entry, &(struct shown){
        .status = 200, .answers = &stored, .places = &places, .party = &party, .version = found->record.version,
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

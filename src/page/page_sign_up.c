/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /e/{slug}: from the form to the store and, once it is durable, to the page that says what happens next. The
 * request waits for its job; until then the form stays in the request's arena, and comes back whole if anything
 * goes wrong. Called by page_event. A worker's thread. */
#include "page/page_sign_up.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/form.h"
#include "base/log.h"
#include "base/metrics.h"
#include "change/sign_up.h"
#include "config/settings.h"
#include "event/book.h"
#include "http/guard.h"
#include "page/page.h"
#include "page/page_event.h"
#include "page/page_guests.h"
#include "page/page_invite.h"
#include "page/page_language.h"
#include "page/page_optional.h"
#include "page/page_places.h"
#include "page/page_review.h"
#include "page/page_said.h"
#include "page/page_seal.h"
#include "page/site.h"
#include "signup/after_review.h"
#include "signup/rules.h"
#include "view/edition.h"

/* A sign-up under way. It lives in the job's arena. */
struct waiting {
    struct sign_up change; /* first: the mailbox hands it back */
    struct request *request;
    const struct page_invite *invite; /* NULL: none */
    const size_t *blocks;             /* of each guest */
    const char *language;  /* of the page */
    bool vary;
};

/* ---- from the rules' result to a job, all of it copied into the job's arena ---- */

static int take_guests(struct page *page, struct arena *arena, const struct event_entry *entry,
                       const struct ask_invitation *invitation, const struct rules_result *rules,
                       const struct sign_up_guest **ret_guests, const size_t **ret_blocks)
{
    struct sign_up_guest *guests = arena_take(arena, (rules->guest_count + 1) * sizeof *guests);
    size_t *blocks = arena_take(arena, (rules->guest_count + 1) * sizeof *blocks);

    if (!guests || !blocks)
        return -ENOMEM;
    for (size_t i = 0; i < rules->guest_count; i++) {
        blocks[i] = rules->guests[i].number;
        if (page_said_guest(page, arena, entry, invitation, &rules->guests[i], &guests[i]) < 0)
            return -ENOMEM;
    }
    *ret_guests = guests;
    *ret_blocks = blocks;
    return 0;
}

static int waiting_new(struct page *page, const struct event_entry *entry, const struct rules_result *rules,
                       int64_t revision_id, struct waiting **ret_waiting)
{
    struct arena *arena = arena_new();
    struct waiting *waiting = arena ? arena_take(arena, sizeof *waiting) : NULL;
    const struct sign_up_consent *consents;
    const struct sign_up_guest *guests;
    const size_t *blocks;
    const struct page_invite *invite = NULL, *came = page->invite;
    const struct ask_invitation *invitation =
        came ? &(struct ask_invitation){ .id = came->id, .uses = came->uses, .reserve = came->reserve } : NULL;
    struct ask ask;
    bool failed = false;

    if (!waiting || page_said_ask(page, arena, entry, invitation, rules, &ask) < 0)
        goto fail;
    if (page->invite && !(invite = page_invite_copy(arena, page->invite)))
        goto fail;
    if (page_said_consents(page, arena, entry->definition, rules->consent_count, rules->consents, &consents) < 0 ||
        take_guests(page, arena, entry, invitation, rules, &guests, &blocks) < 0)
        goto fail;
    *waiting = (struct waiting){
        .change = {
            .job = { .kind = &change_sign_up, .reply_to = page->worker->mailbox, .arena = arena },
            .event = entry,
            .revision_id = revision_id,
            .ask = ask,
            .invitation_id = invite ? invite->id : 0,
            .invitation_version = invite ? invite->link_version : 0,
            .mode_id = page_said_text(arena, rules->mode, &failed),
            .language = page_said_text(arena, page->language, &failed),
            .name = page_said_text(arena, rules->name, &failed),
            .email = page_said_text(arena, rules->email, &failed),
            .organisation = page_said_text(arena, rules->organisation, &failed),
            .registry_number = page_said_text(arena, rules->registry_number, &failed),
            .country = page_said_text(arena, rules->country, &failed),
            .stakeholder = page_said_text(arena, rules->stakeholder, &failed),
            .answers = page_said_text(arena, rules->answers, &failed),
            .search = page_said_text(arena, rules->search, &failed),
            .dedupe = page_said_text(arena, rules->dedupe, &failed),
            .mailbox = page_said_mailbox(arena, rules->email, &failed),
            .consent_count = rules->consent_count,
            .consents = consents,
            .private_count = rules->private_count,
            .privates = page_said_privates(arena, rules->private_count, rules->privates, &failed),
            .guest_count = rules->guest_count,
            .guests = guests,
        },
        .request = page->request,
        .invite = invite,
        .blocks = blocks,
        .vary = page->vary,
    };
    waiting->language = waiting->change.language;
    if (failed)
        goto fail;
    *ret_waiting = waiting;
    return 0;

fail:
    arena_free(arena);
    return -ENOMEM;
}

/* ---- the answer ---- */

static void come_back(struct page *page, const struct event_entry *entry, int status, const char *trouble)
{
    page_event_return(page, entry, &(struct page_event_return){
        .status = status,
        .trouble = trouble,
        .token = form_value(request_form(page->request), "_form"),
    });
}

/* The same form without its invitation: who presses the button again registers like anybody else. */
static void come_back_uninvited(struct page *page, const struct event_entry *entry)
{
    page_event_return(page, entry, &(struct page_event_return){
        .status = 409,
        .trouble = "uninvited",
        .uninvited = true,
        .token = form_value(request_form(page->request), "_form"),
    });
}

/* 429; what was typed stays. TROUBLE says which limit it was. */
static void come_back_later(struct page *page, const struct event_entry *entry, const char *trouble, int64_t seconds,
                            const char *token)
{
    page_event_return(page, entry, &(struct page_event_return){
        .status = 429,
        .retry_after = seconds,
        .trouble = trouble,
        .token = token,
    });
}

static void count(const struct page *page, enum metric metric)
{
    metrics_add(page->worker->options->metrics, metric, 1);
}

static void send_next(struct page *page, const struct sign_up *change)
{
    char token[TOKEN_SIZE];
    const char *path, *location, *frames = page_event_frames(page, change->event->definition);

    token_make(page->worker->options->keyring, TOKEN_NEXT, change->submission_id, change->at, token);
    path = arena_format(page->arena, "/n/%s", token);
    location = path ? page_href(page, path) : NULL;
    page_drop(page);
    /* Without memory for the address the sign-up stands all the same; the mail tells. */
    page_see_other(page->request, location, frames);
}

static void decided(struct page *page, const struct waiting *waiting)
{
    const struct sign_up *change = &waiting->change;

    switch (change->result) {
    case SIGN_UP_CONFIRMED:
    case SIGN_UP_PENDING:
    case SIGN_UP_AWAITING:
    case SIGN_UP_WAITLISTED:
        count(page, METRIC_SIGN_UPS);
        send_next(page, change);
        return;
    case SIGN_UP_FULL:
        page_event_return(page, change->event, &(struct page_event_return){
            .status = 409,
            .trouble = change->full_party ? "party" : change->full_cap ? "limit" : "full",
            .full_place = change->full_place,
            .mode = event_mode(change->event->definition, change->mode_id),
            .full_cap = change->full_cap,
            .full_party = change->full_party,
            .full_block = change->full_guest >= 0 ? waiting->blocks[change->full_guest] : 0,
            .token = form_value(request_form(page->request), "_form"),
        });
        return;
    case SIGN_UP_LIMITED:
        count(page, METRIC_LIMITED_MAILBOX);
        come_back_later(page, change->event, "mailbox", change->retry_after,
                        form_value(request_form(page->request), "_form"));
        return;
    case SIGN_UP_UNINVITED:
        come_back_uninvited(page, change->event);
        return;
    case SIGN_UP_CLOSED:
        break;
    }
    come_back(page, change->event, 409, "closed");
}

static void arrive(struct post *post)
{
    struct waiting *waiting = (struct waiting *)post;
    struct store_job *job = &waiting->change.job;
    struct edition *edition = job->edition;
    struct arena *arena = job->arena;
    struct page page;

    page_begin(&page, waiting->request, edition, waiting->language, waiting->vary);
    page.invite = waiting->invite;
    switch (job->outcome) {
    case 0:
        decided(&page, waiting);
        break;
    case -EAGAIN:
        come_back(&page, waiting->change.event, 503, "busy");
        break;
    case -EINPROGRESS:
        come_back(&page, waiting->change.event, 503, "unknown");
        break;
    default:
        come_back(&page, waiting->change.event, 500, "failed");
        break;
    }
    edition_unref(edition);
    arena_free(arena);
}

static void submit(struct page *page, const struct event_entry *entry, const struct rules_result *rules,
                   int64_t revision_id, struct edition *edition)
{
    const struct page_invite *invite = page->invite;
    struct waiting *waiting;
    struct store_job *job;
    int r;

    if (waiting_new(page, entry, rules, revision_id, &waiting) < 0) {
        come_back(page, entry, 503, "busy");
        return;
    }
    job = &waiting->change.job;
    job->post.arrive = arrive;
    job->edition = edition_ref(edition);
    /* From here on the page is made again when the job comes back. */
    page_drop(page);
    r = store_submit(page->worker->options->store, job);
    if (r == 0)
        return;
    log_debug("sign_up.refused", LOG_ERRNO(r));
    edition_unref(job->edition);
    page_begin(page, waiting->request, edition, page->language, page->vary);
    page->invite = invite;
    arena_free(job->arena);
    come_back(page, entry, 503, "busy");
}

/* ---- the checks, in the order in which they cost ---- */

static const char *phase_trouble(enum phase phase)
{
    switch (phase) {
    case PHASE_SOON:
        return "soon";
    case PHASE_BEFORE:
        return "before";
    case PHASE_OFF:
        return "off";
    default:
        return "closed";
    }
}

/* The form again, for a fault of its seal. What a program sends is counted for each event: above the limit it gets less
 * than a person would, who sees the same form with the same answers a minute later. */
static void refuse(struct page *page, const struct event_entry *entry, enum page_seal_fault seal)
{
    struct guard *guard = page->worker->options->guard;
    int64_t seconds;
    bool warn;

    if (seal != PAGE_SEAL_CHANGED) {
        count(page, seal == PAGE_SEAL_TRAPPED ? METRIC_GUARD_HONEYPOT : METRIC_GUARD_FORM_TIME);
        if (guard && !guard_spend_event(guard, entry->event_id, clock_monotonic(), &seconds, &warn)) {
            if (warn)
                log_warning("event.flooded", LOG_TEXT("slug", entry->definition->slug));
            count(page, METRIC_LIMITED_EVENT);
            come_back_later(page, entry, "flooded", seconds, NULL);
            return;
        }
    }
    page_event_return(page, entry, &(struct page_event_return){
        .status = 422,
        .trouble = page_seal_word(seal),
    });
}

/* All that is wrong is asked after the review, so that the form has nothing to say of it. */
static bool wrong_after_review(const struct event_definition *definition, const struct rules_result *rules)
{
    for (size_t i = 0; i < rules->fault_count; i++)
        if (rules->faults[i].field < 0 || !definition->fields[rules->faults[i].field].after_review)
            return false;
    return rules->fault_count > 0;
}

/* What costs more than a look. ENTRY is of EDITION. Of a draft nothing is taken in, so nobody is asked for a seal. */
static void go_on(struct page *page, const struct event_entry *entry, struct edition *edition)
{
    const struct form *form = request_form(page->request);
    const bool draft = page->preview != NULL;
    const enum phase phase = draft ? phase_of_draft(entry, page->now) : phase_of(entry, page->now);
    enum page_seal_fault seal;
    struct rules_result rules;
    struct page_places places;
    struct form judged = *form; /* what is asked after the review counts when that page is sent */
    int64_t revision_id = 0;
    int r;

    if (phase != PHASE_OPEN) {
        come_back(page, entry, 409, draft ? "draft" : phase_trouble(phase));
        return;
    }
    if (page_guests_wanted(entry->definition, form, 0)) { /* nothing is sent yet */
        page_event_return(page, entry, &(struct page_event_return){
            .status = 200, .edit = true, .token = form_value(form, "_form"),
        });
        return;
    }
    seal = draft ? PAGE_SEAL_GOOD : page_seal_check(page, entry, form, &revision_id);
    if (seal != PAGE_SEAL_GOOD) {
        refuse(page, entry, seal);
        return;
    }
    if (entry->definition->review && form_times(form, PAGE_REVIEW_EDIT) > 0) {
        page_event_return(page, entry, &(struct page_event_return){
            .status = 200, .edit = true, .token = form_value(form, "_form"),
        });
        return;
    }
    const bool after = event_asks_after_review(entry->definition) && form_times(form, PAGE_OPTIONAL_DONE) > 0;
    const bool answered = after && !form_has(form, PAGE_OPTIONAL_DONE, PAGE_OPTIONAL_SKIP);
    page_places_read(page, entry, &places);
    const struct rules_moment moment = { .now = page->now, .allocated = places.allocated, .language = page->language,
                                         .utf8_addresses = settings_takes_utf8(page->edition->settings) };
    r = page->failed ? -ENOMEM : answered ? 0 : after_review_drop(page->arena, entry->definition, form, &judged);
    if (r == 0)
        r = rules_apply(page->arena, entry->definition, &judged, &moment, page->worker->folder, &rules);
    if (r == 0 && rules.fault_count == 0 && page->invite)
        r = page_invite_check(page, entry, page->invite, &rules);
    if (r < 0) {
        come_back(page, entry, 503, "busy");
        return;
    }
    if (answered && wrong_after_review(entry->definition, &rules)) {
        page_optional_send(page, entry, &places, &rules);
        return;
    }
    if (rules.fault_count > 0) {
        /* The same signed time again: mending one word takes less than its youngest age. */
        page_event_return(page, entry, &(struct page_event_return){
            .status = 422,
            .trouble = "faults",
            .rules = &rules,
            .token = form_value(form, "_form"),
        });
        return;
    }
    if (entry->definition->review && !after && form_times(form, PAGE_REVIEW_DONE) == 0)
        page_review_send(page, entry, &places, &rules);
    else if (!after && event_asks_after_review(entry->definition))
        page_optional_send(page, entry, &places, NULL);
    else if (draft)
        come_back(page, entry, 409, "draft");
    else
        submit(page, entry, &rules, revision_id, edition);
}

static void go_on_invited(struct page_invite_read *read)
{
    struct page page;
    const char *language;
    bool vary;

    language = page_language_choose(read->request, read->job.edition, read->entry->definition, &vary);
    page_begin(&page, read->request, read->job.edition, language, vary);
    switch (read->state) {
    case PAGE_INVITE_GOOD:
        page.invite = &read->invite;
        go_on(&page, read->entry, read->job.edition);
        break;
    case PAGE_INVITE_BAD:
        come_back_uninvited(&page, read->entry);
        break;
    case PAGE_INVITE_UNKNOWN:
        come_back(&page, read->entry, 503, "busy");
        break;
    }
}

void page_sign_up(struct request *request)
{
    struct page_worker *worker = request_state(request);
    const struct form *form = request_form(request);
    enum phase phase;
    int64_t seconds;
    bool allowed = request_allowed(request, &seconds); /* whatever it is for */
    const struct event_entry *entry = page_event_entry(request, &phase);
    const char *token, *language;
    struct page page;
    bool vary;

    if (!entry) /* then the request is gone, and its form with it */
        return;
    token = form_value(form, "_invite");
    if (allowed && token) {
        page_invite_prove(request, entry, token, go_on_invited);
        return;
    }
    language = page_language_choose(request, worker->edition, entry->definition, &vary);
    page_begin(&page, request, NULL, language, vary);
    if (allowed)
        go_on(&page, entry, worker->edition);
    else
        come_back_later(&page, entry, "limited", seconds, form_value(form, "_form"));
}

void page_sign_up_draft(struct page *page, const struct event_entry *entry, struct edition *edition)
{
    go_on(page, entry, edition);
}

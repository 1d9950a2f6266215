/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration move: other places for somebody who is registered; what is not named stays. The new is taken
 * and the old is given up together, or nothing is changed. An organiser may do so after changes_until, and may
 * give a session of a round whose wishes are not allocated yet. A slot's lead time binds him, unless he says
 * otherwise, as it does in registration_add: who offers the slot needs the time. One thread. */
#include "ctl/registration.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "change/edit.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "ctl/registration_form.h"
#include "event/book.h"
#include "report/record.h"
#include "signup/fill.h"
#include "signup/rules.h"
#include "store/db.h"
#include "store/store.h"
#include "view/edition.h"

#define PROPOSE "propose"

struct moving {
    struct ctl *ctl;
    const struct registration_arguments *arguments;
    struct arena *arena;
    const struct record *record;
    const struct event_entry *entry; /* as the event is today */
    bool *named;                     /* rounds that --session speaks of */
    const char *reason;
    struct fill form;
    struct rules_result rules;
    struct ask_invitation invitation; /* id 0: came without one */
    size_t guest_count;               /* who have not left */
};

static enum ctl_exit add_value(struct moving *moving, const char *name, const char *value)
{
    return value && fill_add(&moving->form, name, value) < 0 ? ctl_no_memory() : CTL_OK;
}

/* ---- the form, as it would have to be filled in for what the registration has and what is to change ---- */

static enum ctl_exit fill_fields(struct moving *moving, const json_t *answers)
{
    const struct event_definition *definition = moving->entry->definition;
    const struct record *record = moving->record;
    enum ctl_exit exit = CTL_OK;

    for (size_t i = 0; exit == CTL_OK && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        if (field->role == ROLE_NAME || field->role == ROLE_EMAIL)
            exit = add_value(moving, field->id, field->role == ROLE_NAME ? record->name : record->email);
        else if (fill_answer(&moving->form, field, json_object_get(answers, field->id)) < 0)
            exit = ctl_no_memory();
    }
    return exit;
}

/* The session that a place's key speaks of, by its position in the event of today; -1: none. */
static int session_of_key(const struct moving *moving, const char *key)
{
    const char *at = strchr(key, '@');
    const char *id = at ? arena_copy_n(moving->arena, key, (size_t)(at - key)) : key;
    return id ? programme_session(&moving->entry->definition->programme, id) : -1;
}

static enum ctl_exit add_session(struct moving *moving, size_t round, const char *id)
{
    const char *control =
        arena_format(moving->arena, "session.%s", moving->entry->definition->programme.rounds[round].id);
    return control ? add_value(moving, control, id) : ctl_no_memory();
}

static enum ctl_exit fill_sessions(struct moving *moving)
{
    const struct registration_arguments *arguments = moving->arguments;
    const struct event_programme *programme = &moving->entry->definition->programme;
    const struct record *record = moving->record;
    enum ctl_exit exit = CTL_OK;

    for (size_t i = 0; exit == CTL_OK && i < arguments->session_count; i++) {
        struct registration_session session;
        exit = registration_form_session(moving->arena, moving->entry->definition, arguments->sessions[i], &session);
        if (exit != CTL_OK)
            return exit;
        moving->named[session.round] = true;
        exit = add_session(moving, session.round, session.id);
    }
    for (size_t i = 0; exit == CTL_OK && i < record->place_count; i++) {
        if (strcmp(record->places[i].kind, "session") != 0)
            continue;
        const int session = session_of_key(moving, record->places[i].key);
        const int round = session < 0 ? -1 : programme->sessions[session].round;
        if (round >= 0 && !moving->named[round])
            exit = add_session(moving, (size_t)round, programme->sessions[session].id);
    }
    return exit;
}

static const char *own_slot(const struct record *record)
{
    for (size_t i = 0; i < record->place_count; i++)
        if (strcmp(record->places[i].kind, "slot") == 0)
            return record->places[i].key;
    return NULL;
}

/* Who comes along is asked only where he has places: conditions of reserves and limits rest on his answers. */
static const struct record_guest *live_guest(const struct moving *moving, size_t n)
{
    const struct record *record = moving->record;
    for (size_t i = 0; i < record->guest_count; i++)
        if (state_is_live(record->guests[i].status) && n-- == 0)
            return &record->guests[i];
    return NULL;
}

static int fill_guest(struct moving *moving, const struct record_guest *guest, size_t number)
{
    const struct event_definition *definition = moving->entry->definition;
    json_t *answers = json_loads(guest->answers, JSON_REJECT_DUPLICATES, NULL);
    int r = answers ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        struct event_field asked;
        if (!rules_guest_field(field))
            continue;
        r = rules_guest_ask(moving->arena, definition, field, number, &asked);
        if (r == 0 && (field->role == ROLE_NAME || field->role == ROLE_EMAIL)) {
            const char *value = field->role == ROLE_NAME ? guest->name : guest->email;
            r = value ? fill_add(&moving->form, asked.id, value) : 0;
        } else if (r == 0) {
            r = fill_answer(&moving->form, &asked, json_object_get(answers, field->id));
        }
    }
    json_decref(answers);
    return r;
}

static enum ctl_exit fill_guests(struct moving *moving)
{
    const struct record_guest *guest;
    int r = 0;

    while (r == 0 && (guest = live_guest(moving, moving->guest_count)))
        r = fill_guest(moving, guest, ++moving->guest_count);
    const char *count = arena_format(moving->arena, "%zu", moving->guest_count);
    return r < 0 || !count || fill_add(&moving->form, "_guests", count) < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit fill_form(struct moving *moving)
{
    const struct record *record = moving->record;
    const char *slot = moving->arguments->slot ? moving->arguments->slot : own_slot(record);
    json_t *answers = json_loads(record->answers, JSON_REJECT_DUPLICATES, NULL);
    enum ctl_exit exit = answers ? fill_fields(moving, answers) : ctl_no_memory();

    if (exit == CTL_OK)
        exit = fill_sessions(moving);
    if (exit == CTL_OK)
        exit = add_value(moving, "mode", moving->arguments->mode ? moving->arguments->mode : record->mode);
    if (exit == CTL_OK)
        exit = add_value(moving, "slot", slot ? slot : record->proposal ? PROPOSE : NULL);
    if (exit == CTL_OK)
        exit = add_value(moving, "slot.propose", record->proposal);
    if (exit == CTL_OK)
        exit = fill_guests(moving);
    json_decref(answers);
    return exit;
}

/* ---- the rules ---- */

/* The round whose control it is, or -1. */
static int round_of_control(const struct moving *moving, const char *control)
{
    static const char prefix[] = "session.";
    const bool session = strncmp(control, prefix, sizeof(prefix) - 1) == 0;
    return session ? programme_round(&moving->entry->definition->programme, control + sizeof(prefix) - 1) : -1;
}

/* Of what the rules say only what this move brings about: the event may have come to ask for more since. */
static bool matters(const struct moving *moving, const struct rules_fault *fault)
{
    const int round = round_of_control(moving, fault->control);

    if (strcmp(fault->control, "mode") == 0 || strncmp(fault->control, "slot", 4) == 0)
        return fault->fault != RULE_MISSING || moving->arguments->mode != NULL;
    return round >= 0 && (fault->fault != RULE_MISSING || moving->named[round]);
}

static enum ctl_exit judge(struct moving *moving)
{
    struct rules_result *rules = &moving->rules;
    size_t kept = 0;

    for (size_t i = 0; i < rules->fault_count; i++)
        if (matters(moving, &rules->faults[i]))
            rules->faults[kept++] = rules->faults[i];
    rules->fault_count = kept;
    if (kept == 0)
        return CTL_OK;
    return registration_form_faults(moving->arguments, moving->entry->definition, moving->record->reference,
                                    rules->faults, kept);
}

/* Wishes stay as they are, but those of a round in which a session is given instead; those of a round that has been
 * allocated are its proof. */
static int keep_wishes(struct moving *moving, const bool *allocated)
{
    const struct record *record = moving->record;
    const struct event_programme *programme = &moving->entry->definition->programme;
    struct rules_result *rules = &moving->rules;
    rules->wishes = arena_take(moving->arena, (record->wish_count + 1) * sizeof(*rules->wishes));
    rules->wish_count = 0;
    if (!rules->wishes)
        return -ENOMEM;
    for (size_t i = 0; i < record->wish_count; i++) {
        const int session = session_of_key(moving, record->wishes[i].key);
        const int round = session < 0 ? -1 : programme->sessions[session].round;
        if (round < 0 || (moving->named[round] && !allocated[round]) ||
            !rules_held(&programme->sessions[session], rules->mode_index))
            continue;
        rules->wishes[rules->wish_count++] = (struct rules_wish){
            .round = (size_t)round, .rank = (size_t)record->wishes[i].rank, .session = (size_t)session
        };
    }
    return 0;
}

static enum ctl_exit understand(struct moving *moving)
{
    const struct event_programme *programme = &moving->entry->definition->programme;
    bool *direct = arena_take(moving->arena, (programme->round_count + 1) * sizeof(*direct)), *allocated;
    struct text_folder *folder;

    enum ctl_exit exit = ctl_event_allocated(moving->ctl, moving->arena, moving->entry, &allocated);
    if (exit != CTL_OK)
        return exit;
    if (!direct || text_folder_new(&folder) < 0)
        return ctl_no_memory();
    for (size_t i = 0; i < programme->round_count; i++)
        direct[i] = true; /* sessions are given, not wished for */
    const struct rules_moment moment = { .now = clock_now(moving->ctl->clock), .allocated = direct,
                                         .own_slot = own_slot(moving->record), .late = moving->arguments->late,
                                         .named = true, .guests = moving->guest_count };
    int r = rules_apply(moving->arena, moving->entry->definition, &moving->form.form, &moment, folder, &moving->rules);
    text_folder_free(folder);
    if (r == 0)
        r = keep_wishes(moving, allocated);
    return r < 0 ? ctl_no_memory() : judge(moving);
}

/* The invitation by which the person came: its use is part of what the registration has. */
static enum ctl_exit read_invitation(struct moving *moving)
{
    struct query *query = ctl_query_id(moving->ctl,
                                       "SELECT i.id, i.uses, i.reserve FROM registration AS r "
                                       "JOIN invitation AS i ON i.id = r.invitation_id WHERE r.id = :id",
                                       ":id", moving->record->id);
    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    const char *reserve = r > 0 ? db_text(query, 2) : NULL;
    if (r > 0)
        moving->invitation = (struct ask_invitation){ .id = db_int(query, 0),
                                                      .uses = db_int(query, 1),
                                                      .reserve = arena_copy(moving->arena, reserve) };
    const bool lost = reserve && !moving->invitation.reserve;
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(moving->ctl, r);
    return lost ? ctl_no_memory() : CTL_OK;
}

/* ---- the change ---- */

static enum ctl_exit say_refused(const struct moving *moving, const char *said, const char *result)
{
    enum ctl_exit exit = registration_say(moving->arguments, moving->arguments->reference, said, result);
    return exit == CTL_OK ? CTL_WRONG : exit;
}

static enum ctl_exit say_outcome(const struct moving *moving, const struct edit *edit)
{
    const struct registration_arguments *arguments = moving->arguments;

    switch (edit->result) {
    case EDIT_DONE:
        return registration_say(arguments, arguments->reference, "moved", "moved");
    case EDIT_SAME:
        return registration_say(arguments, arguments->reference, "has all of that already, nothing was changed",
                                "same");
    case EDIT_FULL:
        return registration_form_full(moving->ctl, arguments, arguments->reference, edit->full_place,
                                      edit->full_cap);
    case EDIT_CLOSED:
        return say_refused(moving, "not in a state that can be moved (confirmed, waiting, awaiting approval), or the "
                                   "event is off; nothing was changed", "not_in_state");
    case EDIT_APPROVAL:
        return say_refused(moving, "that mode needs approval, nothing was changed", "approval");
    case EDIT_STALE:
        return say_refused(moving, "somebody changed it meanwhile, nothing was changed", "stale");
    case EDIT_OTHER:   /* names */
    case EDIT_LIMITED: /* and more people are for the page */
    case EDIT_GONE:
        return say_refused(moving, "gone", "gone");
    }
    return CTL_CANNOT;
}

/* Their limits and reserves, worked out anew for where they come to. */
static int name_guests(struct moving *moving, const struct ask_invitation *invitation, struct edit *edit)
{
    const struct rules_result *rules = &moving->rules;
    struct edit_guest *guests = arena_take(moving->arena, (rules->guest_count + 1) * sizeof(*guests));
    int r = guests ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < rules->guest_count; i++) {
        guests[i] = (struct edit_guest){ .id = live_guest(moving, rules->guests[i].number - 1)->id };
        r = ask_make(moving->arena, moving->entry, rules->guests[i].asks, invitation, &guests[i].said.ask);
    }
    edit->guests = guests;
    edit->guest_count = rules->guest_count;
    return r;
}

static enum ctl_exit run_change(struct moving *moving)
{
    struct edition edition = { .settings = moving->ctl->settings };
    struct edit *edit = arena_take(moving->arena, sizeof(*edit));
    const char *unknown =
        arena_format(moving->arena, "whether %s is moved; registration show tells", moving->arguments->reference);

    if (!edit || !unknown)
        return ctl_no_memory();
    *edit = (struct edit){ .job = { .kind = &change_edit, .arena = moving->arena, .edition = &edition },
                           .registration_id = moving->record->id,
                           .link_version = -1,
                           .version = moving->record->version,
                           .actor = "convenectl",
                           .reason = moving->reason,
                           .message_domain = mail_row_domain(moving->ctl->settings->mail.from_address),
                           .event = moving->entry,
                           .late = true,
                           .mode_id = moving->rules.mode };
    const struct ask_invitation *invitation = moving->invitation.id != 0 ? &moving->invitation : NULL;
    if (ask_make(moving->arena, moving->entry, &moving->rules, invitation, &edit->ask) < 0 ||
        name_guests(moving, invitation, edit) < 0)
        return ctl_no_memory();
    int r = store_run(moving->ctl->store, &edit->job);
    if (r == 0)
        r = edit->job.outcome;
    return r < 0 ? ctl_change_failed(moving->ctl, r, unknown) : say_outcome(moving, edit);
}

/* ---- the verb ---- */

static enum ctl_exit move_record(struct moving *moving)
{
    moving->named = arena_take(moving->arena, moving->entry->definition->programme.round_count + 1);
    moving->form = (struct fill){ .arena = moving->arena, .language = moving->entry->definition->languages[0] };
    enum ctl_exit exit = moving->named ? fill_form(moving) : ctl_no_memory();
    if (exit == CTL_OK)
        exit = read_invitation(moving);
    if (exit == CTL_OK)
        exit = understand(moving);
    return exit == CTL_OK ? run_change(moving) : exit;
}

static enum ctl_exit move_with_event(struct moving *moving)
{
    struct event_book *book;
    enum ctl_exit exit = registration_reason(moving->arena, moving->arguments->reason, &moving->reason);
    if (exit == CTL_OK)
        exit = ctl_event_load(moving->ctl, moving->record->slug, &book);
    if (exit != CTL_OK)
        return exit;
    moving->entry = &book->entries[0];
    exit = move_record(moving);
    event_book_free(book);
    return exit;
}

static enum ctl_exit move_in(struct ctl *ctl, const struct registration_arguments *arguments, struct arena *arena,
                             int64_t id)
{
    struct moving moving = { .ctl = ctl, .arguments = arguments, .arena = arena };
    struct revisions *revisions;
    struct record record;

    if (revisions_new(1, &revisions) < 0)
        return ctl_no_memory();
    int r = record_read(ctl->db, arena, revisions, id, &record);
    enum ctl_exit exit;
    if (r == 0) {
        moving.record = &record;
        exit = move_with_event(&moving);
        record_done(&record);
    } else {
        exit = r == -ENOMEM ? ctl_no_memory() : ctl_store_failed(ctl, r);
    }
    revisions_free(revisions);
    return exit;
}

enum ctl_exit registration_move(struct ctl *ctl, const struct registration_arguments *arguments)
{
    int64_t id;

    if (!arguments->mode && !arguments->slot && arguments->session_count == 0) {
        ctl_complain("say where to: --mode, --session or --slot");
        return CTL_CANNOT;
    }
    enum ctl_exit exit = ctl_event_setup();
    if (exit == CTL_OK)
        exit = registration_find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? move_in(ctl, arguments, arena, id) : ctl_no_memory();
    arena_free(arena);
    return exit;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration add: what a person would fill in, from the command line, under the same rules and by the same
 * change as the page, so that the same limits hold. One thread. */
#include "ctl/registration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "change/sign_up.h"
#include "change/sign_up_consent.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "ctl/registration_form.h"
#include "event/book.h"
#include "signup/fill.h"
#include "signup/rules.h"
#include "store/db.h"
#include "store/store.h"
#include "view/catalogue.h"
#include "view/edition.h"

#define PROPOSAL_CONTROL "slot.propose"

/* One sign-up from the command line. */
struct adding {
    struct ctl *ctl;
    const struct registration_arguments *arguments;
    struct arena *arena;
    const struct event_entry *entry;
    const char *language;
    bool *allocated;
    struct fill form;
    struct rules_result rules;
    const char *need_words;
};

/* ---- the form ---- */

static enum ctl_exit add_value(struct adding *adding, const char *name, const char *value)
{
    return fill_add(&adding->form, name, value) < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit add_field(struct adding *adding, const char *text)
{
    const struct event_definition *definition = adding->entry->definition;
    const char *sign = strchr(text, '=');
    const char *name = sign ? arena_copy_n(adding->arena, text, (size_t)(sign - text)) : NULL;

    if (sign && !name)
        return ctl_no_memory();
    if (!name) {
        ctl_complain("%s: write it as FIELD=VALUE", text);
        return CTL_WRONG;
    }
    const char *field = arena_copy_n(adding->arena, name, strcspn(name, ".")); /* firm.name is a part of firm */
    if (!field)
        return ctl_no_memory();
    if (!event_field(definition, field) && strcmp(name, PROPOSAL_CONTROL) != 0) {
        ctl_complain("%s asks for no %s", definition->slug, name);
        return CTL_WRONG;
    }
    return add_value(adding, name, sign + 1);
}

/* Of a round of wishes the first --session is the first wish, the next one the second. */
static enum ctl_exit add_session(struct adding *adding, const char *text, size_t *wishes)
{
    const struct event_programme *programme = &adding->entry->definition->programme;
    struct registration_session session;
    enum ctl_exit exit = registration_form_session(adding->arena, adding->entry->definition, text, &session);
    if (exit != CTL_OK)
        return exit;
    const struct rules_moment moment = { .allocated = adding->allocated };
    const char *round = programme->rounds[session.round].id;
    const char *control = rules_wishing(programme, session.round, &moment)
                              ? arena_format(adding->arena, "session.%s.%zu", round, ++wishes[session.round])
                              : arena_format(adding->arena, "session.%s", round);
    if (!control)
        return ctl_no_memory();
    return add_value(adding, control, session.id ? session.id : "");
}

static enum ctl_exit fill_form(struct adding *adding)
{
    const struct registration_arguments *arguments = adding->arguments;
    size_t *wishes = arena_take(adding->arena,
                                (adding->entry->definition->programme.round_count + 1) * sizeof(*wishes));
    enum ctl_exit exit = wishes ? CTL_OK : ctl_no_memory();

    for (size_t i = 0; exit == CTL_OK && i < arguments->field_count; i++)
        exit = add_field(adding, arguments->fields[i]);
    for (size_t i = 0; exit == CTL_OK && i < arguments->session_count; i++)
        exit = add_session(adding, arguments->sessions[i], wishes);
    if (exit == CTL_OK && arguments->mode)
        exit = add_value(adding, "mode", arguments->mode);
    if (exit == CTL_OK && arguments->slot)
        exit = add_value(adding, "slot", arguments->slot);
    return exit;
}

static enum ctl_exit understand(struct adding *adding)
{
    const struct rules_moment moment = { .now = clock_now(adding->ctl->clock), .allocated = adding->allocated,
                                         .language = adding->language, .late = adding->arguments->late, .named = true,
                                         .utf8_addresses = settings_takes_utf8(adding->ctl->settings) };
    struct text_folder *folder;

    if (text_folder_new(&folder) < 0)
        return ctl_no_memory();
    int r = rules_apply(adding->arena, adding->entry->definition, &adding->form.form, &moment, folder, &adding->rules);
    text_folder_free(folder);
    if (r < 0)
        return ctl_no_memory();
    if (adding->rules.fault_count == 0)
        return CTL_OK;
    return registration_form_faults(adding->arguments, adding->entry->definition, NULL, adding->rules.faults,
                                    adding->rules.fault_count);
}

/* ---- the change ---- */

/* The catalogue's words of the consent to a special need, for a definition that has none of its own; NULL: no such
 * consent was given. */
static enum ctl_exit find_need_words(struct adding *adding)
{
    const struct rules_result *rules = &adding->rules;
    struct catalogues *catalogues;
    bool needed = false;

    for (size_t i = 0; i < rules->private_count; i++)
        needed = needed || !rules->privates[i].field->has_consent;
    if (!needed)
        return CTL_OK;
    const char *folder = arena_format(adding->arena, "%s/locale", adding->ctl->share);
    if (!folder)
        return ctl_no_memory();
    if (catalogues_load(folder, &catalogues) < 0) {
        ctl_complain("the languages in %s cannot be used", folder);
        return CTL_CANNOT;
    }
    const struct catalogue *catalogue = catalogues_find(catalogues, adding->language);
    adding->need_words = arena_copy(
        adding->arena, catalogue_text(catalogue ? catalogue : catalogues_find(catalogues, "en"), "form.need_consent"));
    catalogues_free(catalogues);
    return adding->need_words ? CTL_OK : ctl_no_memory();
}

static int make_change(const struct adding *adding, struct edition *edition, struct sign_up **ret_change)
{
    const struct rules_result *rules = &adding->rules;
    struct arena *arena = adding->arena;
    struct sign_up *change = arena_take(arena, sizeof(*change));
    struct sign_up_consent *consents = arena_take(arena, (rules->consent_count + 1) * sizeof(*consents));
    struct private_answer *privates = arena_take(arena, (rules->private_count + 1) * sizeof(*privates));
    int r = change && consents && privates ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < rules->consent_count; i++)
        r = sign_up_consent_take(arena, adding->entry->definition, adding->language, adding->need_words,
                                 &rules->consents[i], &consents[i]);
    for (size_t i = 0; r == 0 && i < rules->private_count; i++)
        privates[i] = (struct private_answer){ .field = rules->privates[i].field->id,
                                               .value = rules->privates[i].value,
                                               .retention = rules->privates[i].retention };
    if (r < 0)
        return r;
    *change = (struct sign_up){ .job = { .kind = &change_sign_up, .arena = arena, .edition = edition },
                                .event = adding->entry,
                                .revision_id = adding->entry->revision_id,
                                .actor = "convenectl",
                                .mode_id = rules->mode,
                                .language = adding->language,
                                .name = rules->name,
                                .email = rules->email,
                                .organisation = rules->organisation,
                                .registry_number = rules->registry_number,
                                .country = rules->country,
                                .stakeholder = rules->stakeholder,
                                .answers = rules->answers,
                                .search = rules->search,
                                .dedupe = rules->dedupe,
                                .consent_count = rules->consent_count,
                                .consents = consents,
                                .private_count = rules->private_count,
                                .privates = privates };
    *ret_change = change;
    return ask_make(arena, adding->entry, rules, NULL, &change->ask);
}

/* What became of it, from the rows themselves: the change does not say whether the person was registered before. */
static enum ctl_exit say_registered(const struct adding *adding, int64_t submission_id)
{
    struct query *query = ctl_query_id(adding->ctl,
                                       "SELECT s.reference, r.reference, r.status FROM submission AS s "
                                       "JOIN registration AS r ON r.id = s.registration_id WHERE s.id = :id",
                                       ":id", submission_id);
    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    enum ctl_exit exit;
    if (r <= 0) {
        exit = ctl_store_failed(adding->ctl, r < 0 ? r : -EIO);
    } else if (strcmp(db_text(query, 0), db_text(query, 1)) == 0) {
        exit = registration_say(adding->arguments, db_text(query, 1), db_text(query, 2), db_text(query, 2));
    } else {
        const char *said = arena_format(adding->arena, "registered already (%s); a mail with the link was sent",
                                        db_text(query, 2));
        exit = said ? registration_say(adding->arguments, db_text(query, 1), said, "known") : ctl_no_memory();
        if (exit == CTL_OK)
            exit = CTL_WRONG;
    }
    db_finish(query);
    return exit;
}

static enum ctl_exit say_refused(const struct adding *adding, const char *said, const char *result)
{
    if (adding->arguments->json) {
        enum ctl_exit exit = ctl_print_json(json_pack("{s:n, s:s}", "reference", "result", result));
        return exit == CTL_OK ? CTL_WRONG : exit;
    }
    ctl_complain("%s", said);
    return CTL_WRONG;
}

static enum ctl_exit say_outcome(const struct adding *adding, const struct sign_up *change)
{
    switch (change->result) {
    case SIGN_UP_CONFIRMED:
    case SIGN_UP_PENDING:
    case SIGN_UP_AWAITING:
    case SIGN_UP_WAITLISTED:
        return say_registered(adding, change->submission_id);
    case SIGN_UP_FULL:
        return registration_form_full(adding->ctl, adding->arguments, NULL, change->full_place, change->full_cap);
    case SIGN_UP_UNINVITED:
        return say_refused(adding, "the invitation has ended or is used up", "uninvited");
    case SIGN_UP_CLOSED:
        return say_refused(adding, "registration is not open", "closed");
    case SIGN_UP_LIMITED:
        return say_refused(adding, "that mailbox has had as many mails as it may", "limited");
    }
    return CTL_CANNOT;
}

static enum ctl_exit run_change(struct adding *adding)
{
    struct edition edition = { .settings = adding->ctl->settings };
    struct sign_up *change;
    enum ctl_exit exit = find_need_words(adding);

    if (exit != CTL_OK)
        return exit;
    if (make_change(adding, &edition, &change) < 0)
        return ctl_no_memory();
    int r = store_run(adding->ctl->store, &change->job);
    if (r == 0)
        r = change->job.outcome;
    if (r < 0)
        return ctl_change_failed(adding->ctl, r, "whether it was added; registration list tells");
    return say_outcome(adding, change);
}

/* ---- the verb ---- */

static enum ctl_exit add(struct adding *adding)
{
    const struct event_definition *definition = adding->entry->definition;

    if (definition->unserved) {
        ctl_complain("%s uses %s, which this version does not serve", definition->slug, definition->unserved);
        return CTL_WRONG;
    }
    if (adding->arguments->language && event_language(definition, adding->arguments->language) < 0) {
        ctl_complain("%s is not in the language %s", definition->slug, adding->arguments->language);
        return CTL_WRONG;
    }
    adding->language = adding->arguments->language ? adding->arguments->language : definition->languages[0];
    adding->form.arena = adding->arena;
    enum ctl_exit exit = ctl_event_allocated(adding->ctl, adding->arena, adding->entry, &adding->allocated);
    if (exit == CTL_OK)
        exit = fill_form(adding);
    if (exit == CTL_OK)
        exit = understand(adding);
    return exit == CTL_OK ? run_change(adding) : exit;
}

enum ctl_exit registration_add(struct ctl *ctl, const struct registration_arguments *arguments)
{
    struct event_book *book;
    enum ctl_exit exit = ctl_event_load(ctl, arguments->event, &book);
    if (exit != CTL_OK)
        return exit;
    struct adding adding = {
        .ctl = ctl, .arguments = arguments, .arena = arena_new(), .entry = &book->entries[0]
    };
    exit = adding.arena ? add(&adding) : ctl_no_memory();
    arena_free(adding.arena);
    event_book_free(book);
    return exit;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the privacy notice, short and full. Called by page_form and page_privacy. A worker's thread. */
#include "page/page_notice.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "change/private.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "event/zone.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_session.h"
#include "signup/evidence.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/sheet_condition.h"
#include "view/words.h"

#define CONTACT_MONTHS 12

static json_t *own(struct page *page, const char *key)
{
    return page_words(page, page_say(page, key), page->language);
}

static const struct settings_host *host_of(const struct page *page, const struct event_definition *definition)
{
    return hosts_of(page->edition->settings, definition->host);
}

/* The definition's own words, else the host's; false where neither has any. */
static json_t *controller(struct page *page, const struct event_definition *definition)
{
    const struct settings_host *host = host_of(page, definition);

    if (definition->privacy.has_controller)
        return page_text(page, definition, &definition->privacy.controller);
    return page_words(page, host->controller ? host->controller : host->name, page->language);
}

/* An address alone is a link, and in no language. */
static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');

    return at && at > text && !text[strcspn(text, " \t\r\n,:;/<>()\"")] && strchr(at, '.');
}

static json_t *contact(struct page *page, const struct event_definition *definition)
{
    const char *text = definition->privacy.has_contact
                           ? event_text_in(definition, &definition->privacy.contact, page->language, NULL)
                           : host_of(page, definition)->contact;
    json_t *model;

    if (definition->privacy.has_contact && !is_address(text))
        return page_text(page, definition, &definition->privacy.contact);
    model = page_words(page, text, page->language);
    page_put_optional(page, model, "mail", is_address(text) ? page_model_mailto(page->arena, text) : NULL);
    return model;
}

static json_t *optional(struct page *page, const struct event_definition *definition, bool given,
                        const struct event_text *text)
{
    return given ? page_text(page, definition, text) : json_false();
}

/* ---- in short ---- */

static void add_line(struct page *page, json_t *lines, const char *key, json_t *text)
{
    json_t *line = page_object(page);

    page_put_optional(page, line, "name", key ? page_say(page, key) : NULL);
    if (!json_object_get(text, "mail"))
        page_put_bool(page, text, "mail", false);
    page_put(page, line, "text", text);
    page_add(page, lines, line);
}

json_t *page_notice_short(struct page *page, const struct event_definition *definition)
{
    json_t *model = page_object(page), *lines = page_array(page);
    const char *until, *day;

    add_line(page, lines, "privacy.controller", controller(page, definition));
    if (definition->privacy.has_purposes)
        add_line(page, lines, "privacy.purposes", page_text(page, definition, &definition->privacy.purposes));
    if (definition->privacy.has_recipients)
        add_line(page, lines, "privacy.recipients", page_text(page, definition, &definition->privacy.recipients));
    if (definition->privacy.retain_evidence_until) {
        const char *key = definition->funding.given ? "privacy.kept_for_funder" : "privacy.kept";

        day = page_model_day(page, definition->privacy.retain_evidence_until);
        until = day ? catalogue_format(page->catalogue, page->arena, key, "date", day, NULL) : NULL;
        add_line(page, lines, NULL, page_words(page, until, page->language));
    }
    if (definition->privacy.has_contact)
        add_line(page, lines, "privacy.contact", contact(page, definition));
    add_line(page, lines, NULL, own(page, "privacy.link"));
    page_put(page, model, "lines", lines);
    page_put_string(page, model, "href", page_model_notice(page, definition->slug));
    return model;
}

/* ---- in full ---- */

static const char *basis_words(struct page *page, enum event_basis basis)
{
    static const char *const keys[] = {
        [BASIS_UNSAID] = NULL,
        [BASIS_CONTRACT] = "notice.basis.contract",
        [BASIS_LEGAL_OBLIGATION] = "notice.basis.legal_obligation",
        [BASIS_PUBLIC_TASK] = "notice.basis.public_task",
        [BASIS_LEGITIMATE_INTERESTS] = "notice.basis.legitimate_interests",
    };

    return keys[basis] ? page_say(page, keys[basis]) : NULL;
}

static void add_purpose(struct page *page, json_t *list, json_t *text, const char *basis)
{
    json_t *purpose = page_object(page);

    page_put(page, purpose, "text", text);
    page_put_optional(page, purpose, "basis", basis);
    page_add(page, list, purpose);
}

/* The definition says so: of a funder alone nothing is made up, he may want numbers. */
static bool has_evidence(const struct event_definition *definition)
{
    return definition->privacy.retain_evidence_until || definition->privacy.evidence_basis != BASIS_UNSAID;
}

static json_t *purposes(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page);

    add_purpose(page, list,
                definition->privacy.has_purposes ? page_text(page, definition, &definition->privacy.purposes)
                                                 : own(page, "notice.purpose"),
                basis_words(page, definition->privacy.basis));
    if (has_evidence(definition))
        add_purpose(page, list,
                    own(page, definition->funding.given ? "notice.evidence_funder" : "notice.evidence"),
                    basis_words(page, definition->privacy.evidence_basis));
    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (event_consent_is_free(field))
            add_purpose(page, list, page_text(page, definition, &field->label),
                        page_say(page, "notice.basis.consent"));
        else if (field->type == FIELD_SPECIAL_NEED)
            add_purpose(page, list, page_text(page, definition, &field->label),
                        page_say(page, "notice.basis.explicit"));
    }
    return list;
}

/* AIM: what the answer is for, or NULL. */
static void add_asked(struct page *page, json_t *list, json_t *label, json_t *aim, bool of_some, bool required)
{
    json_t *item = page_object(page);

    page_put(page, item, "label", label);
    page_put(page, item, "aim", aim ? aim : json_false());
    page_put_optional(page, item, "note",
                      of_some     ? page_say(page, "notice.if_it_applies")
                      : !required ? page_say(page, "form.optional")
                                  : NULL);
    page_add(page, list, item);
}

/* How one takes part, which sessions, when, and who comes along. */
static void add_taking_part(struct page *page, json_t *list, const struct event_definition *definition)
{
    const struct event_programme *programme = &definition->programme;

    if (definition->mode_asked)
        add_asked(page, list, own(page, "form.mode"), NULL, false, true);
    for (size_t i = 0; i < programme->round_count; i++)
        add_asked(page, list, page_session_round(page, definition, &programme->rounds[i]), NULL,
                  sheet_condition_round(definition, i), programme->rounds[i].required);
    if (programme->resource_count > 0)
        add_asked(page, list, own(page, "choose.slot"), NULL, false, true);
    if (definition->group_max > 1)
        add_asked(page, list, own(page, "guests.count"), NULL, false, false);
}

/* What is asked, and whether one must answer. What nobody answers is not: statements, and the organisers' own; nor what
 * one agrees to freely, which is a purpose. */
static json_t *asked(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page);

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (field->type != FIELD_STATEMENT && field->type != FIELD_HIDDEN && !event_consent_is_free(field))
            add_asked(page, list, page_text(page, definition, &field->label),
                      field->has_aim ? page_text(page, definition, &field->aim) : NULL, field->show_if != NULL,
                      field->required);
    }
    add_taking_part(page, list, definition);
    return list;
}

/* The same day so many months later; 29 February becomes the 28th. */
static const char *months_later(struct page *page, const struct event_definition *definition, int months)
{
    struct wall wall;
    int64_t at;

    zone_to_wall(definition->zone, definition->ends, &wall);
    wall.month += months;
    wall.year += (wall.month - 1) / 12;
    wall.month = (wall.month - 1) % 12 + 1;
    if (wall.day > 28)
        wall.day = 28;
    wall.hour = 12; /* a time that every day has */
    if (zone_to_utc(definition->zone, &wall, &at) < 0)
        return NULL;
    return words_date(page->worker->words, page->arena, page->language, definition->zone, at, WORDS_DATE);
}

static const char *contact_until(struct page *page, const struct event_definition *definition)
{
    if (definition->privacy.retain_contact_until)
        return page_model_day(page, definition->privacy.retain_contact_until);
    return months_later(page, definition, CONTACT_MONTHS);
}

/* WORDS: `notice.until`, or whose business it is. */
static void add_kept(struct page *page, json_t *list, const char *key, const char *words, const char *until,
                     json_t *labels)
{
    json_t *item = page_object(page);

    page_put_string(page, item, "what", page_say(page, key));
    page_put_string(page, item, "until",
                    until ? catalogue_format(page->catalogue, page->arena, words, "date", until, NULL) : NULL);
    page_put_bool(page, item, "has_labels", json_array_size(labels) > 0);
    page_put(page, item, "labels", labels);
    page_add(page, list, item);
}

static bool is_special(const struct event_field *field)
{
    return field->type == FIELD_SPECIAL_NEED;
}

static json_t *labels_of(struct page *page, const struct event_definition *definition,
                         bool (*has)(const struct event_field *field))
{
    json_t *list = page_array(page);

    for (size_t i = 0; i < definition->field_count; i++)
        if (has(&definition->fields[i]))
            page_add(page, list, page_text(page, definition, &definition->fields[i].label));
    return list;
}

/* Dates, not periods: nobody has to reckon. What nothing erases by itself on its date says who does. */
static json_t *kept(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page), *special = labels_of(page, definition, is_special);

    if (json_array_size(special) > 0)
        add_kept(page, list, "notice.kept.special", "notice.until",
                 words_date(page->worker->words, page->arena, page->language, definition->zone,
                            private_ends(definition->ends), WORDS_DATE),
                 special);
    else
        json_decref(special);
    add_kept(page, list, "notice.kept.contact", "notice.until_by_hand", contact_until(page, definition),
             page_array(page));
    if (definition->privacy.retain_evidence_until) {
        json_t *evidence = labels_of(page, definition, evidence_has);

        page_add(page, evidence, own(page, "notice.kept.part"));
        add_kept(page, list, "notice.kept.evidence", "notice.until",
                 page_model_day(page, definition->privacy.retain_evidence_until), evidence);
    }
    return list;
}

static void say(struct page *page, json_t *list, const char *key)
{
    page_add(page, list, json_string(page_say(page, key)));
}

/* Something that can be withdrawn. */
static bool asks_consent(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (event_consent_is_free(&definition->fields[i]) || is_special(&definition->fields[i]))
            return true;
    return false;
}

static bool may_object(const struct event_definition *definition)
{
    enum event_basis a = definition->privacy.basis, b = definition->privacy.evidence_basis;

    return a == BASIS_PUBLIC_TASK || a == BASIS_LEGITIMATE_INTERESTS || b == BASIS_PUBLIC_TASK
           || b == BASIS_LEGITIMATE_INTERESTS;
}

static json_t *rights(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page);

    say(page, list, "notice.rights.see");
    say(page, list, "notice.rights.correct");
    say(page, list, "notice.rights.erase");
    if (asks_consent(definition))
        say(page, list, "notice.rights.withdraw");
    if (may_object(definition))
        say(page, list, "notice.rights.object");
    return list;
}

static bool has_rank(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->programme.round_count; i++)
        if (definition->programme.rounds[i].choose == CHOOSE_RANK)
            return true;
    return false;
}

/* How it works, so far as it touches the visitor. Each sentence is true of the program as it is. */
static json_t *technical(struct page *page, const struct event_definition *definition)
{
    json_t *list = page_array(page);

    say(page, list, "notice.technical.cookies");
    say(page, list, "notice.technical.third");
    say(page, list, "notice.technical.address");
    say(page, list, "notice.technical.mail");
    if (asks_consent(definition))
        say(page, list, "notice.technical.consent");
    say(page, list, has_rank(definition) ? "notice.technical.ranked" : "notice.technical.order");
    return list;
}

void page_notice_full(struct page *page, const struct event_definition *definition)
{
    page_put(page, page->model, "controller", controller(page, definition));
    page_put(page, page->model, "questions", contact(page, definition));
    page_put(page, page->model, "officer",
             optional(page, definition, definition->privacy.has_officer, &definition->privacy.officer));
    page_put(page, page->model, "purposes", purposes(page, definition));
    page_put(page, page->model, "asked", asked(page, definition));
    page_put(page, page->model, "recipients",
             optional(page, definition, definition->privacy.has_recipients, &definition->privacy.recipients));
    page_put_bool(page, page->model, "funded", definition->funding.given && has_evidence(definition));
    page_put(page, page->model, "transfers",
             optional(page, definition, definition->privacy.has_transfers, &definition->privacy.transfers));
    page_put(page, page->model, "kept", kept(page, definition));
    page_put(page, page->model, "rights", rights(page, definition));
    page_put(page, page->model, "authority",
             optional(page, definition, definition->privacy.has_authority, &definition->privacy.authority));
    page_put(page, page->model, "technical", technical(page, definition));
}

void page_notice_put_known(struct page *page, json_t *model, const struct event_definition *definition)
{
    static const char *const names[] = { "event.photo", "event.recording" };
    const struct event_text *texts[] = {
        definition && definition->notices.has_photo ? &definition->notices.photo : NULL,
        definition && definition->notices.has_recording ? &definition->notices.recording : NULL,
    };
    json_t *list = page_array(page);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *notice;

        if (!texts[i])
            continue;
        notice = page_object(page);
        page_put_string(page, notice, "name", page_say(page, names[i]));
        page_put(page, notice, "text", page_text(page, definition, texts[i]));
        page_add(page, list, notice);
    }
    page_put_bool(page, model, "has_notices", json_array_size(list) > 0);
    page_put(page, model, "notices", list);
}

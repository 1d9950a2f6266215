/* SPDX-License-Identifier: EUPL-1.2 */
/* One event as its definition says, whole and checked. Immutable once parsed, shared between threads by reference.
 * The keys are a contract: see convened-event(5). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/programme.h"
#include "event/text.h"
#include "event/zone.h"

struct arena;
struct faults;

enum event_kind { EVENT_KIND_EVENT, EVENT_KIND_SURVEY };
enum event_visibility { EVENT_PUBLIC, EVENT_UNLISTED, EVENT_DRAFT };
enum event_unique { EVENT_UNIQUE_EMAIL, EVENT_UNIQUE_EMAIL_NAME, EVENT_UNIQUE_NONE };
/* Whether the entry that a mail brings asks the calendar for an answer (RFC 5546). */
enum event_calendar { EVENT_CALENDAR_REQUEST, EVENT_CALENDAR_PUBLISH };
/* Why personal data may be used: Regulation (EU) 2016/679, article 6(1). Consent is asked by fields of their own. */
enum event_basis {
    BASIS_UNSAID,
    BASIS_CONTRACT,             /* (b) */
    BASIS_LEGAL_OBLIGATION,     /* (c) */
    BASIS_PUBLIC_TASK,          /* (e) */
    BASIS_LEGITIMATE_INTERESTS, /* (f) */
};

enum field_type {
    FIELD_TEXT,
    FIELD_TEXTAREA,
    FIELD_EMAIL,
    FIELD_TEL,
    FIELD_URL,
    FIELD_NUMBER,
    FIELD_DATE,
    FIELD_CHOICE,
    FIELD_CHOICES,
    FIELD_SCALE,
    FIELD_RANKING,
    FIELD_COUNTRY,
    FIELD_REGION,
    FIELD_ORGANISATION,
    FIELD_STAKEHOLDER,
    FIELD_CONSENT,
    FIELD_SPECIAL_NEED,
    FIELD_STATEMENT,
    FIELD_HIDDEN,
    FIELD_TYPES
};
enum field_role {
    ROLE_NONE,
    ROLE_NAME,
    ROLE_EMAIL,
    ROLE_ORGANISATION,
    ROLE_REGISTRY_NUMBER,
    ROLE_COUNTRY,
    ROLE_STAKEHOLDER
};

/* How long before or after something, in hours; `by_days`: whole days of the calendar, at the same time of the day. */
struct event_lead {
    int hours;
    bool by_days;
};

/* How often organisers get the numbers. */
enum event_digest { DIGEST_NONE, DIGEST_DAILY, DIGEST_WEEKLY };

/* What is asked of an organisation. */
enum organisation_part { PART_NAME, PART_COUNTRY, PART_NUMBER, PART_SIZE, PART_SME, ORGANISATION_PARTS };

struct event_option {
    const char *id;
    struct event_text label, help;
};

struct event_field {
    const char *id;
    enum field_type type;
    enum field_role role;
    struct event_text label, help;
    bool has_help;
    bool required;
    int64_t max_length; /* characters; the type's default if the definition says none */
    bool has_min, has_max; /* a scale has both; a ranking has max */
    double min, max; /* text: characters; number, scale: itself; choices, ranking: how many */
    int decimals;    /* number: at most so many behind the mark */
    const char *earliest, *latest; /* date: keys min and max, "2027-03-18"; NULL: none */
    size_t option_count;
    struct event_option *options;
    bool shared_options; /* those of event/stakeholder: their labels are the catalogue's `stakeholder.ID` */
    const char *retention;    /* key `class`; NULL: not given; a special need's is always "special" */
    const char *purpose;      /* consent: its purpose; default, and of a special need: the field's id */
    struct event_text aim;    /* key `purpose` of all others: what the answer is for, in the privacy notice */
    bool has_aim;
    const char *autocomplete; /* HTML token; the role's default if not given; NULL: none */
    const char *pattern;      /* a regular expression of ICU that the whole answer must match; NULL: none */
    struct event_text pattern_message; /* what is said if it does not */
    bool has_pattern_message;
    /* key `default`: what stands in a fresh form, as the control says it (choices: ids with a comma between them); of a
     * hidden field: its answer. NULL: nothing */
    const char *fallback;
    const struct condition *show_if;   /* asked only of those for whom it holds; NULL: of all */
    const char *show_if_words;         /* as written */
    bool each;                         /* asked of each guest of a group too */
    bool after_review; /* asked on a page of its own behind the review; never required, and decides nothing */
    size_t first_count;
    const char **first; /* key `first`, country and organisation: ISO codes that stand first in the list */
    struct event_text low, high;       /* scale: the words of its ends */
    bool has_low, has_high;
    bool parts[ORGANISATION_PARTS];          /* organisation: which are asked; name and country always */
    bool required_parts[ORGANISATION_PARTS]; /* of whoever names an organisation */
    const struct condition *parts_if; /* number, size and SME are asked only of those for whom it holds; NULL: of all */
    const char *parts_if_words;       /* as written */
    struct event_text consent; /* special need: the words of its consent; the catalogue has some */
    bool has_consent;
};

struct event_mode {
    const char *id;
    struct event_text title;
    bool has_title;
    bool limited;
    int64_t capacity; /* if limited */
    bool approval;    /* an organiser approves; the event's `approval` unless the mode has its own */
};

struct event_day {
    struct wall starts_wall, ends_wall;
    int64_t starts, ends;
}; /* ends: first instant after it */

struct event_definition {
    const char *slug;
    enum event_kind kind;
    const char *host, *series; /* may be NULL */
    enum event_visibility visibility;
    size_t language_count;
    const char **languages;               /* the first is default and fallback */
    struct event_text title, description; /* description: Markdown; has_… false: empty */
    bool has_description;
    const char *zone;
    int64_t starts, ends; /* UTC */
    size_t day_count;
    struct event_day *days; /* at least one */
    struct event_text place;
    bool has_place;
    const char *join_url; /* may be NULL */
    bool has_opens;
    int64_t opens, closes; /* closes: default starts */
    int64_t changes_until; /* until when people change their own registration; default closes */
    size_t mode_count;
    struct event_mode *modes; /* at least one; mode_asked if there are several */
    bool mode_asked;
    bool waiting_list;
    bool approval_holds; /* an application holds its place until it is decided */
    bool confirm;        /* the address is confirmed first, the place held for hold_hours */
    int64_t hold_hours;
    enum event_calendar calendar;
    bool review;         /* all answers are shown once more before they are sent */
    enum event_unique unique;
    int64_t group_max;        /* how many persons one form signs up, the one at the keyboard included; 1: no guests */
    bool guest_name_optional; /* key `guest_name`: they are counted, and may stay nameless */
    size_t frame_ancestor_count;
    const char **frame_ancestors;
    size_t field_count;
    struct event_field *fields;
    struct event_programme programme;
    struct {
        bool given;
        const char *programme, *grant;
        struct event_text statement, disclaimer;
        bool has_disclaimer;
    } funding;
    struct {
        bool given;
        struct event_text controller, contact, purposes, recipients, officer, transfers, authority;
        bool has_controller, has_contact, has_purposes, has_recipients, has_officer, has_transfers, has_authority;
        enum event_basis basis, evidence_basis;
        const char *retain_contact_until;  /* "2028-03-18"; NULL: twelve months after the end */
        const char *retain_evidence_until; /* "2032-12-31"; may be NULL */
    } privacy;
    struct { /* said before the form */
        struct event_text photo, recording;
        bool has_photo, has_recording;
    } notices;
    size_t reminder_count; /* before each day */
    struct event_lead *reminders;
    struct event_lead join_mail; /* before each day, to who takes part online; hours 0: none */
    struct { /* sent after the end */
        bool given;
        struct event_lead after;
        struct event_text text, survey; /* survey: an address of a web page */
        bool has_text, has_survey;
    } thanks;
    struct { /* what organisers are told; to_count 0: nothing */
        size_t to_count;
        const char **to;
        bool registrations; /* each new one */
        enum event_digest digest;
        int hour, minute; /* of the digest, in the event's zone */
        const char *language; /* of these mails; maybe none of the event's */
    } notify;

    /* The first row of the table in unserved.c that this definition uses; NULL: all of it is served. Such an event
     * shows its title and dates and no form. */
    const char *unserved;
    const char *vtimezone; /* text for calendars; NULL: use UTC times */
};

/* Parses TEXT (SIZE bytes, what the file FILE holds) and checks it whole; every fault and warning goes to FAULTS.
 * 0 and a definition with one reference; -EINVAL if there was a fault; -ENOMEM. FAULTS may be NULL (a revision from
 * the store, that was checked when it came). */
int event_definition_parse(const char *text, size_t size, const char *file, struct faults *faults,
                           const struct event_definition **ret_definition) __attribute__((warn_unused_result));

const struct event_definition *event_definition_ref(const struct event_definition *definition);
void event_definition_unref(const struct event_definition *definition); /* NULL is allowed */

/* The language's position in DEFINITION, or -1. */
int event_language(const struct event_definition *definition, const char *language);

/* The text in LANGUAGE if the definition has it, else in its default; *ret_language (may be NULL) tells which. */
const char *event_text_in(const struct event_definition *definition, const struct event_text *text,
                          const char *language, const char **ret_language);

/* Whether NEW is at another time or place than OLD, so that calendars must move (RFC 5546, section 2.1.4). */
bool event_times_moved(const struct event_definition *old, const struct event_definition *new);
bool event_place_moved(const struct event_definition *old, const struct event_definition *new);

const struct event_field *event_field(const struct event_definition *definition, const char *id);
const struct event_field *event_field_by_role(const struct event_definition *definition, enum field_role role);
const struct event_option *event_option(const struct event_field *field, const char *id);
/* The option is one of the field's `default`. */
bool event_fallback_has(const struct event_field *field, const char *id);
/* The mode's position, or -1. */
int event_mode(const struct event_definition *definition, const char *id);
bool event_mode_is_online(const struct event_mode *mode); /* the mode `online` */
bool event_mode_has_door(const struct event_mode *mode); /* people come: neither `online` nor `phone` */

/* A consent that nobody has to give, and that can be withdrawn (GDPR, articles 4(11) and 7). One that is required is a
 * condition or a declaration, and stands as long as the registration. */
bool event_consent_is_free(const struct event_field *field);
bool event_asks_after_review(const struct event_definition *definition); /* some question is */

const char *field_type_name(enum field_type type); /* "text" … as in a definition */
const char *organisation_part_name(enum organisation_part part); /* "name" …: the control is FIELD.name */
bool organisation_part_depends(enum organisation_part part);     /* `parts_if` is about it */

/* What a visitor of LANGUAGE was asked: 8 bytes over modes, fields, options, limits and consent words, sessions, rounds
 * and slots in that language. Equal for two revisions: a form of the one may be taken for the other. */
#define FORM_PRINT_SIZE 8
int event_form_print(const struct event_definition *definition, const char *language,
                     unsigned char ret_print[static FORM_PRINT_SIZE]) __attribute__((warn_unused_result));

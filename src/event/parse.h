/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files that read a definition share: the state of one reading, and readers of single values that note their
 * faults themselves. Private to event. One thread a reading. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/source.h"
#include "event/definition.h"

struct arena;
struct condition;

struct parse {
    struct source source;
    struct arena *arena;
    struct event_definition *definition;
    bool no_memory;      /* the reading goes on with holes and fails at its end */
    bool languages_good; /* else texts are not checked against them: one fault is enough */
    bool zone_good;      /* likewise wall times */
    int approval;        /* the event's, for modes that have none of their own: 1 is manual */
};

/* Characters of a text. */
enum { PARSE_LABEL = 200, PARSE_CONSENT = 2000, PARSE_HELP = 2000, PARSE_LONG = 20000, PARSE_URL = 2000 };

/* Places of a mode, a session, a slot; persons of a reserve or under a cap. */
enum { PARSE_PLACES_MAX = 1000000 };

enum parse_form {
    PARSE_SLUG,   /* [a-z0-9][a-z0-9-]{0,56} */
    PARSE_ID,     /* [a-z][a-z0-9_]{0,39} */
    PARSE_OPTION, /* [A-Za-z0-9][A-Za-z0-9_-]{0,39} */
};

/* Zeroed memory of the definition; NULL: none, and the reading knows. */
void *parse_take(struct parse *parse, size_t count, size_t size);
const char *parse_copy(struct parse *parse, const char *text);

/* Each looks the member KEY of GROUP up. Missing or at fault: NULL, false, -1 or the fallback. */
bool parse_given(struct parse *parse, const config_setting_t *group, const char *key); /* missing: a fault */
const char *parse_string(struct parse *parse, const config_setting_t *group, const char *key, size_t length);
const char *parse_id(struct parse *parse, const config_setting_t *group, const char *key, enum parse_form form);
bool parse_text(struct parse *parse, const config_setting_t *group, const char *key, size_t length, bool many_lines,
                struct event_text *ret_text);
bool parse_bool(struct parse *parse, const config_setting_t *group, const char *key, bool fallback);
bool parse_int(struct parse *parse, const config_setting_t *group, const char *key, int64_t min, int64_t max,
               int64_t *ret_value);
bool parse_number(struct parse *parse, const config_setting_t *group, const char *key, double *ret_value);
int parse_word(struct parse *parse, const config_setting_t *group, const char *key, const char *const *words,
               int fallback);
bool parse_wall(struct parse *parse, const config_setting_t *group, const char *key, struct wall *ret_wall,
                int64_t *ret_at);
const char *parse_date(struct parse *parse, const config_setting_t *group, const char *key); /* 2032-12-31 */
const char *parse_day(struct parse *parse, const config_setting_t *group, const char *key); /* the same, of any year */
/* The groups of a list: their number, 0 if the key is missing, -1 at fault. */
int parse_groups(struct parse *parse, const config_setting_t *group, const char *key, int max);

/* The id KEY of the entry AT of a list of groups. Missing, of another form than PARSE_ID, or that of an earlier entry:
 * a fault. Never NULL; "" if there is none to go on with. */
const char *parse_entry_id(struct parse *parse, const config_setting_t *list, size_t at, const char *key);
/* The position of the mode that the member `mode` of GROUP names, or -1. */
int parse_mode(struct parse *parse, const config_setting_t *group);

/* A condition whose names and values are not checked; *ret_words (may be NULL) is its text. NULL: none. */
const struct condition *parse_condition(struct parse *parse, const config_setting_t *group, const char *key,
                                        const char **ret_words);

/* In parse_asked.c, when fields, modes and sessions have been read: what CONDITION, the member KEY of GROUP, asks for
 * exists. FIELD: whose show_if it is; NULL: it is no field's, and may ask for an invitation. */
void parse_asked(struct parse *parse, const config_setting_t *group, const char *key,
                 const struct condition *condition, const struct event_field *field);
/* Likewise of each field's show_if; and none waits for itself. */
void parse_show_ifs(struct parse *parse, const config_setting_t *root);

bool parse_language_form(const char *code);

/* fields = ( … ), in parse_field.c */
void parse_fields(struct parse *parse, const config_setting_t *root);

/* sessions = ( … ), rounds = ( … ), in parse_programme.c */
void parse_programme(struct parse *parse, const config_setting_t *root);

/* slots = ( … ), in parse_slots.c */
void parse_slots(struct parse *parse, const config_setting_t *root);

/* caps = ( … ), reserves = ( … ), in parse_quota.c */
void parse_quota(struct parse *parse, const config_setting_t *root);

/* funding, privacy, notices, in parse_law.c */
void parse_law(struct parse *parse, const config_setting_t *root);

/* reminders, join_mail, thanks, notify, in parse_mails.c */
void parse_mails(struct parse *parse, const config_setting_t *root);

/* A whole address of a web page: https:// or http://, a host, nothing that would break out of an attribute. In parse.c.
 */
bool parse_is_url(const char *url);

/* zone, starts, ends, days, opens, closes, changes_until, in parse_time.c */
void parse_times(struct parse *parse, const config_setting_t *root);

/* Where the definition says its slug, for faults that several files make together. In parse.c. */
unsigned parse_slug_line(const struct event_definition *definition);
/* The same for its host, which it names. */
unsigned parse_host_line(const struct event_definition *definition);

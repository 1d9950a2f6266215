/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of settings as settings.c, which holds it, shares it with settings_print.c; and the checks of values that
 * bounds cannot express, in settings_check.c. Private to config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type { SETTING_TEXT, SETTING_INT, SETTING_LIST, SETTING_ENUM, SETTING_WORDS /* by language */ };

struct setting {
    const char *key; /* "http.listen": group and name */
    enum setting_type type;
    size_t offset;             /* in struct settings */
    bool reload;               /* a reload takes it over */
    bool required;             /* no default: the start stops without it */
    const char *initial;       /* default: the text; a list has this one item. NULL: none */
    int64_t number, min, max;  /* SETTING_INT: default and bounds; SETTING_LIST: most items in max */
    const char *const *words;  /* SETTING_ENUM: what it may be, closed by NULL, in the order of its enum */
    bool stores_word;          /* SETTING_ENUM: the word itself is kept, not its position */
    const char *sample;        /* the value that convened.conf shows for a required setting */
    const char *unset;         /* what holds while it is not given and INITIAL is NULL, in words */
    const char *(*check)(const char *value); /* NULL: good; else what is wrong with it. For each item of a list. */
    const char *help;
};

const struct setting *settings_rows(size_t *ret_count);
const char *settings_group(size_t n, const char **ret_help); /* the N-th group; NULL past the end */
/* ROW's name in GROUP; NULL if it is of another. */
const char *settings_name_in(const struct setting *row, const char *group);

struct arena;
struct config_setting_t;
struct settings;
struct source;
/* Reads the rows of GROUP from SETTING, which is such a group elsewhere in the file: SETTINGS get what it says, the
 * rest stays. Faults are noted in SOURCE. 0 or -ENOMEM. */
int settings_read_group(struct source *source, struct arena *arena, const char *group,
                        const struct config_setting_t *setting, struct settings *settings)
    __attribute__((warn_unused_result));

const char *settings_check_listen(const char *value);
const char *settings_check_base_url(const char *value);
const char *settings_check_proxy(const char *value);
const char *settings_check_contact(const char *value); /* mailto: or https: */
const char *settings_check_store_url(const char *value);
const char *settings_check_path(const char *value);
const char *settings_check_smtp_url(const char *value);
bool settings_check_is_far(const char *smtp_url); /* smtp:, not to this machine */
const char *settings_check_mailbox(const char *value); /* Name <address> */
const char *settings_check_bounce_address(const char *value); /* address alone, with room for a token */
const char *settings_check_host_name(const char *value);
const char *settings_check_date(const char *value); /* 2026-11-20 */

/* Where in a checked `Name <address>` the two lie. */
struct settings_mailbox { const char *name; size_t name_size; const char *address; size_t address_size; };
bool settings_check_split(const char *value, struct settings_mailbox *ret_mailbox);

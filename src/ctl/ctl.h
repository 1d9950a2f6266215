/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl: the command line of sysadmins and organisers. A table of subcommands, one file each; what they share
 * is here. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct clock;
struct db;
struct query;
struct settings;
struct store;

enum ctl_exit { CTL_OK = 0, CTL_WRONG = 1 /* found wrong, or not found */, CTL_CANNOT = 2 /* cannot run */,
                CTL_TRY_LATER = 75 /* EX_TEMPFAIL of sysexits.h: cannot run now, for a mail server */ };

struct ctl {
    const char *config, *clock_file, *share;
    const struct settings *settings; /* these three only for commands that need the store */
    struct store *store;
    struct db *db;
    struct clock *clock;
};

struct ctl_command {
    const char *name;
    const char *usage; /* one line a form, behind the name */
    const char *help;
    bool needs_store;
    const char *storeless; /* argv[1] that does without the store, but uses it if it is there; NULL: none */
    enum ctl_exit cannot;  /* what CTL_CANNOT becomes; 0: it stays */
    enum ctl_exit (*run)(struct ctl *ctl, int argc, char **argv); /* argv[0] is the command's name */
};

extern const struct ctl_command ctl_bounce;
extern const struct ctl_command ctl_event;
extern const struct ctl_command ctl_export;
extern const struct ctl_command ctl_invitation;
extern const struct ctl_command ctl_mail;
extern const struct ctl_command ctl_mailing;
extern const struct ctl_command ctl_registration;
extern const struct ctl_command ctl_render;
extern const struct ctl_command ctl_verify;

/* A sentence on standard error, with the program's name in front. */
void ctl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* How COMMAND is used, one line a form. */
void ctl_usage(const struct ctl_command *command, FILE *out);
/* For a wrong use of COMMAND: how it is used, on standard error. */
enum ctl_exit ctl_misused(const struct ctl_command *command);
/* A complaint about a store that answered R. */
enum ctl_exit ctl_store_failed(const struct ctl *ctl, int r);
/* The same for a change that was run; UNKNOWN: what nobody knows now ("whether 4F7K-2Q9 is cancelled"). */
enum ctl_exit ctl_change_failed(const struct ctl *ctl, int r, const char *unknown);
/* CTL_CANNOT, said. */
enum ctl_exit ctl_no_memory(void);
/* VALUE, which is taken over, on standard output; NULL: there was no memory for it. */
enum ctl_exit ctl_print_json(json_t *value);
/* CTL_OK, or CTL_CANNOT if standard output could not be written. */
enum ctl_exit ctl_output_done(void);

/* CTL_WRONG, said, if the store knows no event SLUG. */
enum ctl_exit ctl_event_exists(const struct ctl *ctl, const char *slug);
enum ctl_exit ctl_event_find(const struct ctl *ctl, const char *slug, int64_t *ret_id); /* likewise */

/* A query of ctl's own, one text parameter (may be NULL: none). NULL: failed, and said so. */
struct query *ctl_query(const struct ctl *ctl, const char *sql, const char *parameter, const char *value);
struct query *ctl_query_id(const struct ctl *ctl, const char *sql, const char *parameter, int64_t id);

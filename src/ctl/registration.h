/* SPDX-License-Identifier: EUPL-1.2 */
/* What the verbs of convenectl registration share; each file beside registration.c has some of them. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/ctl.h"

struct arena;

/* What was said on the command line; NULL: not said. */
struct registration_arguments {
    const char *verb, *event, *reference, *reason, *status, *mode, *slot, *language, *round, *seed;
    size_t session_count;
    const char **sessions; /* each --session as it came */
    size_t field_count;
    char **fields; /* each FIELD=VALUE as it came */
    bool json, dry_run, lock, late, undeliverable;
};

/* A verb that the command's options have been checked for. */
typedef enum ctl_exit registration_verb(struct ctl *ctl, const struct registration_arguments *arguments);
registration_verb registration_list, registration_show;
registration_verb registration_act; /* cancel, approve, reject, promote, deliverable */
registration_verb registration_add, registration_move;
registration_verb registration_allocate;
registration_verb registration_data, registration_erase;

/* The registration that REFERENCE speaks of; CTL_WRONG, said, if there is none. */
enum ctl_exit registration_find(struct ctl *ctl, const char *reference, int64_t *ret_id);

/* The reason, cleaned, in ARENA; *ret_reason is NULL where none or nothing was said. */
enum ctl_exit registration_reason(struct arena *arena, const char *reason, const char **ret_reason);

/* One line for people, or the answer with --json: {reference, result}. */
enum ctl_exit registration_say(const struct registration_arguments *arguments, const char *reference, const char *said,
                               const char *result);

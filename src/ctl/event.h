/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event: its words, what they share. One file a word. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "ctl/ctl.h"

struct arena;
struct event_definition;
struct event_text;

/* What stood behind the word. */
struct event_arguments {
    const char *slug;       /* the first of rest; NULL: none */
    size_t rest_count;
    char **rest;
    int64_t revisions[2];   /* as often as --revision was said */
    size_t revision_count;
    const char *reason;     /* as typed; NULL: none */
    bool json, text, yes, dry_run;
};

/* One revision of an event, in an arena. */
struct event_revision {
    int64_t id, event_id, number, created_at, ical_sequence;
    bool is_current;
    const char *slug, *state, *text, *author, *source;
    const char *file;       /* it came from; NULL: none */
    const char *off_reason; /* why the event is off; NULL: it is not */
};

typedef enum ctl_exit ctl_event_verb(struct ctl *ctl, const struct event_arguments *arguments);

ctl_event_verb ctl_event_list, ctl_event_check, ctl_event_show, ctl_event_diff, ctl_event_export, ctl_event_cancel,
    ctl_event_move;

/* The revision NUMBER of SLUG, 0: the current one. CTL_WRONG, said, if there is no such. */
enum ctl_exit ctl_event_revision(struct ctl *ctl, struct arena *arena, const char *slug, int64_t number,
                                 struct event_revision *ret_revision);

/* "2027-03-18T07:30:00Z"; "" without memory. */
const char *ctl_event_instant(struct arena *arena, int64_t at);

/* "2027-03-18 09:30", as people in ZONE read it; "" without memory. */
const char *ctl_event_wall(struct arena *arena, const char *zone, int64_t at);

/* The definition of REVISION, parsed; event_definition_unref it. CTL_CANNOT, said, if this version does not accept
 * it. */
enum ctl_exit ctl_event_parse(const struct event_revision *revision, const struct event_definition **ret_definition);

/* What DEFINITION calls TEXT in its first language; never NULL. */
const char *ctl_event_text(const struct event_definition *definition, const struct event_text *text);

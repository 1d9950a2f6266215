/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that writes what a message said that arrived where our mail comes back: about a mail of ours, about an
 * invitation, or nothing that is ours; all are counted. Run by ctl/bounce. */
#pragma once

#include <stdint.h>

#include "change/undeliverable.h"
#include "change/verdict.h"
#include "store/store.h"

struct bounce {
    struct store_job job; /* first */

    /* asked: everything in job.arena */
    const struct settings *settings;
    const char *sort;      /* what it is counted as: permanent …, delivered, reply, automatic, unknown, calendar */
    int64_t mail_id;       /* proved to be ours; 0: it is about none */
    const char *recipient; /* of that mail when it was found; empty: erased */
    enum verdict verdict;  /* about mail_id */
    const char *status, *reply; /* reply: the server's words; may be NULL */
    struct undeliverable_events events;
    int64_t registration_id; /* whose invitation was answered; 0: none */
    const char *answer;

    /* answered */
    size_t marked; /* so many registrations have become undeliverable */

    /* decided, for apply alone */
    int64_t at;
    struct undeliverable_plan *plan;
};

extern const struct change_kind change_bounce;

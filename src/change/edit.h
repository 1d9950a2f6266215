/* SPDX-License-Identifier: EUPL-1.2 */
/* The change of a registration by its owner or by an organiser: answers, mode, sessions, slot, wishes. What is asked
 * for is taken and what is given up is freed in one transaction: if the new is not to be had, the old stays. Submitted
 * by page/page_change and by convenectl. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "change/private.h"
#include "change/sign_up.h"
#include "change/sign_up_consent.h"
#include "signup/ask.h"
#include "store/store.h"

struct event_entry;
struct moves;

enum edit_result {
    EDIT_DONE,
    EDIT_SAME,     /* nothing is other than it was: nothing was written */
    EDIT_FULL,     /* full_place or full_cap says what is, full_guest for whom */
    EDIT_CLOSED,   /* it is no longer live, or the time for changes has passed */
    EDIT_APPROVAL, /* how one is to take part, or more people who do so, is approved by organisers: ask them */
    EDIT_OTHER,    /* under that name and address somebody else is registered */
    EDIT_LIMITED,  /* the mailbox of somebody who is added has had as many mails as it may; retry_after */
    EDIT_STALE,    /* somebody changed it meanwhile: version is not what was shown */
    EDIT_GONE,     /* no such registration, or the link is no longer good */
};

/* Somebody who comes along, as he shall be. */
struct edit_guest {
    int64_t id;                /* his registration; 0: somebody new */
    struct sign_up_guest said; /* answers NULL: they stay as they are; the address: see READDRESSED */
    bool readdressed; /* said.email is to be his address from now on, NULL: none; of somebody new it counts anyway.
                       * Refused (EDIT_STALE) once he has acted on his own page */
    const char *fields, *told; /* as below, of what he is asked; of somebody new NULL */
};

struct edit {
    struct store_job job; /* first */

    /* asked, everything in job.arena; job.edition holds the event */
    int64_t registration_id;
    int64_t link_version;       /* the link that was used must still be good; -1: convenectl needs none */
    int64_t version;            /* of the registration that was shown; -1: whatever it is now */
    const char *actor, *reason; /* reason: may be NULL; kept with the registration */
    const char *message_domain;
    const struct event_entry *event;
    bool late;      /* an organiser may change after changes_until */
    struct ask ask; /* the whole of it, as it shall be */
    const char *mode_id;
    /* What was answered: answers NULL: only places change, all of these stay as they are. */
    int64_t revision_id; /* whose questions were answered */
    const char *answers, *search, *name, *organisation, *registry_number, *country, *stakeholder;
    size_t private_count; /* special needs, as they shall be: all of them */
    const struct private_answer *privates;
    size_t consent_count; /* of each special need that was asked: given, or what was given is withdrawn */
    const struct sign_up_consent *consents;
    const char *fields; /* JSON array of the ids that changed, for the audit trail and the mail */
    const char *told;   /* JSON object, for the mail alone: both answers to these, {ID: [OLD, NEW]}; NULL: none */
    const char *dedupe; /* the key by which the person is known from now on; NULL: it stays */
    /* Who comes along: those who are not named stay as they are, and come where who booked goes. */
    size_t guest_count;
    const struct edit_guest *guests;

    /* answered */
    enum edit_result result;
    int64_t full_place;             /* EDIT_FULL: the place that is full … */
    const struct ask_cap *full_cap; /* … or the limit that is reached, of somebody's ask; else NULL */
    int full_guest;                 /* EDIT_FULL, EDIT_APPROVAL: position in guests of who is one too many; -1: none */
    int64_t retry_after;            /* EDIT_LIMITED: seconds until the mailbox may get mail again */

    /* decided, for apply alone */
    struct edit_plan *plan;
};

extern const struct change_kind change_edit;

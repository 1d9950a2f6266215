/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that registers a person, and who comes with him: places, registrations, consents, submission and mails in
 * one transaction. Submitted by page/sign_up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/token.h"
#include "change/private.h"
#include "change/sign_up_consent.h"
#include "signup/ask.h"
#include "store/store.h"

struct event_entry;

enum sign_up_outcome {
    SIGN_UP_CONFIRMED,
    SIGN_UP_PENDING,  /* the address is to be confirmed first */
    SIGN_UP_AWAITING, /* the organiser decides */
    SIGN_UP_WAITLISTED,
    SIGN_UP_FULL,
    SIGN_UP_UNINVITED, /* the invitation has ended, or was used as often as it may */
    SIGN_UP_CLOSED,
    SIGN_UP_LIMITED /* the mailbox has had as many mails as it may */
};

/* Somebody who comes along. All of them get what they ask for, or all wait. */
struct sign_up_guest {
    struct ask ask;
    const char *name, *email; /* may be NULL: he is reached through who signs up */
    const char *organisation, *registry_number, *country, *stakeholder;
    const char *answers, *search;
    const char *mailbox; /* address_key of email; NULL */
    size_t consent_count;
    const struct sign_up_consent *consents;
    size_t private_count;
    const struct private_answer *privates;
};

struct sign_up {
    struct store_job job; /* first */

    /* asked: set by the page, everything in job.arena; job.edition holds the event */
    const struct event_entry *event;
    int64_t revision_id; /* the one its owner saw */
    struct ask ask;
    int64_t invitation_id;      /* 0: none */
    int64_t invitation_version; /* of the link that was used */
    const char *actor; /* NULL: the person */
    const char *mode_id;
    const char *language, *name, *email, *organisation, *registry_number, *country, *stakeholder;
    const char *answers, *search, *dedupe;
    const char *mailbox; /* address_key of email; NULL: its mails are not counted */
    size_t consent_count;
    const struct sign_up_consent *consents;
    size_t private_count;
    const struct private_answer *privates; /* special needs, each with its consent above */
    size_t guest_count;
    const struct sign_up_guest *guests;

    /* answered */
    enum sign_up_outcome result; /* what a new address would get: all the page's words rest on it */
    int64_t submission_id, at;   /* of the next page's token */
    int64_t full_place;              /* SIGN_UP_FULL: the place that is full … */
    const struct ask_cap *full_cap;  /* … or the limit that is reached, of somebody's ask; else NULL … */
    int full_guest;                  /* … the first guest whom it binds; -1: it binds who signs up, or is none */
    bool full_party;             /* … it has room for who signs up, but not for all who come along */
    int64_t retry_after;         /* SIGN_UP_LIMITED: seconds until the mailbox may get mail again */

    /* decided, for apply alone */
    struct sign_up_plan *plan;
};

extern const struct change_kind change_sign_up;

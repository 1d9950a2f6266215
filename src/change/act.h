/* SPDX-License-Identifier: EUPL-1.2 */
/* Somebody's act on one registration: what page and convenectl fill in for cancel, confirm, answering an offer,
 * approving, rejecting, promoting, withdrawing a consent and erasure. The kind says which act it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct mail_row;
struct moves;
struct notices;

enum act_result {
    ACT_DONE,
    ACT_ALREADY, /* it is so already, or its state does not allow it any more: nothing was changed */
    ACT_LATE,    /* the time to answer has passed */
    ACT_FULL,    /* there is no place */
    ACT_KEPT,    /* change_erase: what proves that somebody took part is still due; all else is gone */
    ACT_OFF,     /* change_approve, change_promote: the event does not take place */
    ACT_NO_SLOT, /* it proposed a time of its own: an organiser moves it to a slot first */
    ACT_GONE,    /* no such registration, or the link is no longer good */
};

struct act {
    struct store_job job; /* first */

    /* asked */
    int64_t registration_id;
    int64_t link_version;        /* the link that was used must still be good; -1: convenectl needs none */
    const char *actor;           /* "person", "convenectl" … as audit and `actor` show it */
    const char *reason;          /* may be NULL */
    const char *message_domain;  /* of new Message-IDs */
    const char *purpose, *field; /* change_withdraw: of the consent, and the field that asked for it; else NULL */
    int64_t evidence_until;      /* change_erase: until when evidence is kept, 0: not … */
    const char *kept;            /* … and the JSON array of the answers that are evidence */
    struct { const char *text, *language, *zone; } title; /* change_erase: of the event, for the mail that says so */

    /* answered */
    enum act_result result;
    size_t guest_count; /* ACT_DONE: so many guests moved along */

    /* decided, for apply alone */
    struct moves *moves;
    struct notices *notices; /* change_confirm: to the organisers; NULL: none */
    int64_t at, event_id; /* change_withdraw, change_erase */
    size_t kept_count;    /* change_erase: of whom evidence is kept */
    int64_t *kept_ids;
    const struct mail_row *last_mail; /* change_erase: to whose data it was; NULL: there is no address */
};

extern const struct change_kind change_cancel;   /* what was claimed is freed and offered to who waits */
extern const struct change_kind change_confirm;  /* the person confirms the address */
extern const struct change_kind change_deliverable; /* an organiser says that the address is good; nothing moves */
extern const struct change_kind change_accept;   /* the person takes an offered place */
extern const struct change_kind change_decline;  /* the person gives it to the next */
extern const struct change_kind change_withdraw; /* the person withdraws a consent */
extern const struct change_kind change_erase;    /* the person wants nothing to be kept */
extern const struct change_kind change_approve;  /* the organiser lets somebody in */
extern const struct change_kind change_reject;   /* or not */
extern const struct change_kind change_promote;  /* the organiser offers a place out of turn */

/* ---- for those changes ---- */
struct move;
struct place;
struct registration_fact;

int act_facts(const struct store_job *job, struct wanted *wanted);
int act_apply(const struct store_job *job, struct db *db);
void act_reset(struct store_job *job);

/* The registration, with moves begun; NULL if there is none for this act (the result is set). *ret_error: -ENOMEM or 0.
 */
struct registration_fact *act_begin(struct act *act, struct facts *facts, const struct moment *moment, int *ret_error);

/* What a rule may ask about. */
struct act_view {
    const struct registration_fact *registration;
    const struct place *mode; /* of its mode; NULL: none */
    bool fits;                /* all that it asks for is to be had, whoever waits */
    bool blocked;             /* … but somebody waits who comes first */
    int64_t now;
};

/* The rule of one act, pure: ACT_DONE and where it moves the registration to, or why it does not. Actor and reason are
 * the act's. */
typedef enum act_result act_rule(const struct act_view *view, struct move *ret_move);

/* Decides by RULE, for the whole party; what is freed is offered to who waits. For change_kind.decide. */
int act_decide(struct store_job *job, struct facts *facts, const struct moment *moment, act_rule *rule);

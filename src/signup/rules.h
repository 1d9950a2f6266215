/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules of registration: what was typed against what the definition asks. Pure functions; a bad form never
 * reaches the store. Called by page/sign_up on an http worker. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/condition.h"

struct answer;
struct arena;
struct event_definition;
struct event_field;
struct event_programme;
struct event_session;
struct form;

/* What is wrong with one control. The page makes the sentence: catalogue key `fault.CODE`, or `fault.FIELDTYPE.CODE`
 * where there is one. */
enum rule_fault {
    RULE_MISSING,     /* required and empty; nothing chosen; consent not ticked */
    RULE_TOO_LONG,    /* more than max_length characters */
    RULE_TOO_SHORT,   /* fewer than min characters */
    RULE_BAD_TEXT,    /* not UTF-8, NUL */
    RULE_BAD_ADDRESS, /* no SMTP server could take it */
    RULE_BAD_LOCAL,   /* letters before the @ that need SMTPUTF8 */
    RULE_NO_SUCH,     /* an option, country, mode, session or slot that does not exist */
    RULE_TWICE,       /* the control came twice */
    RULE_NOT_IN_MODE, /* the session or slot is not held in the mode that was chosen */
    RULE_OVERLAP,     /* at the same time as another session that was chosen or that everybody takes part in */
    RULE_SAME_GROUP,  /* another session of the same group was chosen */
    RULE_SAME_WISH,   /* the same session was wished for twice */
    RULE_NOT_INVITED,  /* the invitation is for another address; found by the page */
    RULE_TOO_SOON,    /* the slot begins before its lead time is over */
};
const char *rule_fault_code(enum rule_fault fault); /* "missing" … */

struct rules_fault {
    const char *control; /* field id, "mode", "session.ROUND", "session.ROUND.RANK", "slot" or "slot.propose" */
    enum rule_fault fault;
    int64_t limit; /* for too long, too short */
    int session;   /* position of the other session, for overlap and same group; else -1 */
};

/* A wish for a session of a round; rank from 1. Positions in the programme. */
struct rules_wish { size_t round, rank, session; };

/* What the rules need to know of the hour, beside the form. */
struct rules_moment {
    int64_t now;
    const bool *allocated; /* of each round with wishes: its places have been allocated, so one is chosen at once; NULL:
                              none is */
    const char *own_slot;  /* the key of the slot this person has already: its lead time is no matter; NULL: none */
};

struct rules_consent { const struct event_field *field; bool given; };

struct rules_result {
    size_t fault_count;
    struct rules_fault *faults; /* in the order of the page, at most one for a control */

    /* What was understood, cleaned; in the arena. Meaningful when fault_count is 0. NULL: not asked or left empty. */
    const char *name, *email, *organisation, *registry_number, *country, *stakeholder;
    const char *mode;    /* never NULL: the one mode if it is not asked */
    int mode_index;
    size_t session_count;
    size_t *sessions; /* positions: those that were chosen, and those that everybody takes part in */
    size_t wish_count;
    struct rules_wish *wishes; /* by round, then rank */
    int slot;                  /* position; -1: none */
    const char *proposal;      /* none of the slots suits: the time that was proposed; NULL */
    const struct answer *answered; /* each field's, in the definition's order */
    const char *answers; /* JSON object as schema: what was asked and answered, nothing else, without name and email */
    const char *dedupe;  /* the key that another sign-up of the same person meets; see unique in convened-event(5) */
    const char *search;  /* name, organisation and answers folded */
    size_t consent_count;
    struct rules_consent *consents;
};

struct text_folder;

/* -ENOMEM only; faults are in *ret_result. */
int rules_apply(struct arena *arena, const struct event_definition *definition, const struct form *form,
                const struct rules_moment *moment, struct text_folder *folder, struct rules_result *ret_result)
    __attribute__((warn_unused_result));

/* The values that conditions of DEFINITION ask for: each field's answer (a ticked consent's is `yes`), `mode`, and
 * `session.ROUND` of what was chosen; wishes are no choices. Of a result without faults. In ARENA; RESULT must outlive
 * it. -ENOMEM. */
int rules_values(struct arena *arena, const struct event_definition *definition, const struct rules_result *result,
                 struct condition_values *ret_values) __attribute__((warn_unused_result));

/* The session is held in that mode: its room there has places. */
bool rules_held(const struct event_session *session, int mode);
/* Nobody can take part in both sessions: RULE_OVERLAP or RULE_SAME_GROUP. */
bool rules_clash(const struct event_programme *programme, size_t a, size_t b, enum rule_fault *ret_fault);
/* The slot begins before the lead time of its resource is over, in whole days of 24 hours from NOW. */
bool rules_too_soon(const struct event_programme *programme, size_t slot, int64_t now);
/* The round takes ranked wishes, until its wishes_until; not yet, or no longer, a choice. */
bool rules_wishing(const struct event_programme *programme, size_t round, const struct rules_moment *moment);

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
    RULE_MISTYPED,    /* it may have been meant otherwise; it is taken when it comes again, see RULES_TYPED */
    RULE_BAD_LOCAL,   /* letters before the @ that need SMTPUTF8 */
    RULE_NO_SUCH,     /* an option, country, mode, session or slot that does not exist */
    RULE_TWICE,       /* the control came twice */
    RULE_NOT_IN_MODE, /* the session or slot is not held in the mode that was chosen */
    RULE_OVERLAP,     /* at the same time as another session that was chosen or that everybody takes part in */
    RULE_SAME_GROUP,  /* another session of the same group was chosen */
    RULE_SAME_WISH,   /* the same session was wished for twice */
    RULE_NOT_INVITED,  /* the invitation is for another address; found by the page */
    RULE_TOO_SOON,    /* the slot begins before its lead time is over */
    RULE_NOT_NUMBER,
    RULE_NOT_WHOLE,    /* a whole number is asked for */
    RULE_TOO_PRECISE,  /* more digits behind the mark than `decimals` */
    RULE_TOO_SMALL,    /* less than the field's min */
    RULE_TOO_LARGE,    /* more than its max */
    RULE_NOT_DATE,
    RULE_TOO_EARLY,    /* before the field's earliest day */
    RULE_TOO_LATE,     /* after its latest */
    RULE_TOO_FEW,      /* fewer options than min */
    RULE_TOO_MANY,     /* more than max */
    RULE_BAD_PHONE,    /* other signs than a telephone number has, or not 5 to 20 digits */
    RULE_BAD_URL,      /* no address of a page */
    RULE_PATTERN,      /* not of the field's pattern, which has words of its own perhaps */
    RULE_NUMBER_FORM,  /* not of the form of the country's register */
    RULE_CHECK_DIGITS, /* of that form, but a digit is wrong */
    RULE_NO_SUCH_REGION, /* a region, but not of the country that was chosen */
    RULE_NEED_CONSENT, /* a special need was written and its consent not ticked */
};
const char *rule_fault_code(enum rule_fault fault); /* "missing" … */

struct rules_fault {
    /* field id, of a part of a field "ID.PART" (organisation: name, country, number, size, sme; ranking: 1, 2, …;
     * special need: consent), "mode", "session.ROUND", "session.ROUND.RANK", "slot" or "slot.propose" */
    const char *control;
    enum rule_fault fault;
    /* for too long, too short: characters; too few, too many: options; too precise: digits behind the mark. What is too
     * small, too large, too early or too late is held against the field itself. */
    int64_t limit;
    int session; /* position of the other session, for overlap and same group; else -1 */
    int field;   /* position of the field it belongs to; -1: none */
    const char *meant; /* of what is mistyped: the address that was probably meant; else NULL */
};

/* Hidden on the page: the addresses that were typed once already and found mistyped. */
#define RULES_TYPED "_typed"

/* A wish for a session of a round; rank from 1. Positions in the programme. */
struct rules_wish { size_t round, rank, session; };

/* What the rules need to know of the hour, beside the form. */
struct rules_moment {
    int64_t now;
    const bool *allocated; /* of each round with wishes: its places have been allocated, so one is chosen at once; NULL:
                              none is */
    const char *own_slot;  /* the key of the slot this person has already: its lead time is no matter; NULL: none */
    size_t guests;         /* how many this person has already, the first blocks: they may stay, whatever is allowed */
    bool late;             /* an organiser gives a slot although its lead time has begun */
    const char *declared_on; /* the day on which this person declared an SME already, 2027-03-18; NULL: never */
    const char *const *guests_declared_on; /* and each of `guests` */
    bool named;            /* an organiser named what he gives: what is not held in the mode is a fault, and an address
                              is not asked back about */
    bool utf8_addresses;   /* the mail server takes local parts beyond ASCII */
    const char *language;  /* of the page, whose way to write numbers is understood; NULL: the definition's first */
};

/* Of a field of type consent, or of a special need: that is only here when something was written and agreed to. */
struct rules_consent { const struct event_field *field; bool given; };

/* What is kept apart from the answers, and shorter. */
struct rules_private {
    const struct event_field *field;
    const char *value;
    const char *retention; /* its class: "special" */
};

/* Somebody who comes along. */
struct rules_guest {
    size_t number;                   /* of the controls: guest.NUMBER.FIELD */
    const struct rules_result *asks; /* for ask_make: as who signs up, but for what this guest said */
    /* What was said of him alone, as in rules_result. */
    const char *name, *email, *organisation, *registry_number, *country, *stakeholder;
    const char *answers, *search; /* NULL if there is a fault */
    size_t consent_count;
    struct rules_consent *consents;
    size_t private_count;
    struct rules_private *privates;
};

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
    size_t private_count;
    struct rules_private *privates;
    size_t guest_count;
    struct rules_guest *guests;
};

struct text_folder;

/* -ENOMEM only; faults are in *ret_result. */
int rules_apply(struct arena *arena, const struct event_definition *definition, const struct form *form,
                const struct rules_moment *moment, struct text_folder *folder, struct rules_result *ret_result)
    __attribute__((warn_unused_result));

/* The values that conditions of DEFINITION ask for: each field's answer (a ticked consent's is `yes`; of choices and
 * a ranking one after the other), `mode`, and `session.ROUND` of what was chosen; wishes are no choices. What was not
 * asked has none, nor have organisations and special needs. In ARENA; RESULT must outlive it. -ENOMEM. */
int rules_values(struct arena *arena, const struct event_definition *definition, const struct rules_result *result,
                 struct condition_values *ret_values) __attribute__((warn_unused_result));

/* How many blocks of guests FORM asks for, `_guests`; -1: none that the event allows to who has ALREADY so many. */
int rules_guest_blocks(const struct event_definition *definition, const struct form *form, size_t already);
/* FIELD is asked of guests: the name, the address, and what is asked of each. */
bool rules_guest_field(const struct event_field *field);
/* What CONTROL of who signs up says is likely to be so of each guest too. */
bool rules_guest_shares(const struct event_definition *definition, const char *control);
/* FIELD as guest NUMBER is asked it: its control, and whether it is required. In ARENA. -ENOMEM. */
int rules_guest_ask(struct arena *arena, const struct event_definition *definition, const struct event_field *field,
                    size_t number, struct event_field *ret_field) __attribute__((warn_unused_result));

/* The session is held in that mode: its room there has places. */
bool rules_held(const struct event_session *session, int mode);
/* One of the round's sessions is: only then is the round asked of who takes part so. */
bool rules_round_held(const struct event_programme *programme, size_t round, int mode);
/* Nobody can take part in both sessions: RULE_OVERLAP or RULE_SAME_GROUP. */
bool rules_clash(const struct event_programme *programme, size_t a, size_t b, enum rule_fault *ret_fault);
/* The slot begins before the lead time of its resource is over, in whole days of 24 hours from NOW. */
bool rules_too_soon(const struct event_programme *programme, size_t slot, int64_t now);
/* The round takes ranked wishes, until its wishes_until; not yet, or no longer, a choice. */
bool rules_wishing(const struct event_programme *programme, size_t round, const struct rules_moment *moment);

/* SPDX-License-Identifier: EUPL-1.2 */
/* One of those who are registered by one form: who signs up, or a guest. Private to change/sign_up. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "change/holding.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "change/sign_up.h"
#include "signup/reference.h"
#include "signup/state.h"

struct registration_fact;

#define SIGN_UP_REFERENCE_SIZE (REFERENCE_SIZE + 7) /* a guest's ends in /2 …; some leave, others come */

struct sign_up_person {
    struct sign_up_guest said; /* of who signs up too */
    const char *dedupe;        /* NULL: a guest's */
    int64_t id, link_version;
    char reference[SIGN_UP_REFERENCE_SIZE];
    struct holding holding;  /* what is claimed, asked for and wished */
    struct mail_row mail;    /* to a guest; kind NULL: none */
    struct mail_limit limit;
};

/* Who signs up (0) or guest I, for whom REFERENCE is that of the form and NUMBER its end, 2 or more. -ERANGE: there is
 * no room for that many. */
int sign_up_person_take(const struct sign_up *s, size_t i, const char *reference, size_t number,
                        struct sign_up_person *person) __attribute__((warn_unused_result));
/* A fact of PERSON without holdings; BOOKER: NULL for who signs up. */
int sign_up_person_fact(const struct sign_up *s, struct facts *facts, struct sign_up_person *person,
                        struct registration_fact *booker, enum state status, struct registration_fact **ret_fact)
    __attribute__((warn_unused_result));
/* The wishes into FACT, and a note of its holdings, for the rows. */
int sign_up_person_note(const struct sign_up *s, struct facts *facts, struct sign_up_person *person,
                        struct registration_fact *fact) __attribute__((warn_unused_result));

/* What is the same for all who come together. */
struct sign_up_row {
    enum state status;
    const char *reason;
    int64_t expires_at, waiting_since; /* 0: never, not */
    int64_t party_id;
};
/* The row, its holdings, consents and special needs, a guest's mail, its audit row. */
int sign_up_person_write(const struct sign_up *s, const struct sign_up_person *person, const struct sign_up_row *row,
                         struct db *db) __attribute__((warn_unused_result));

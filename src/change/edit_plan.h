/* SPDX-License-Identifier: EUPL-1.2 */
/* What a change of a registration is about to do: to its owner, to those who came along, to those who are added.
 * Private to change/edit; the writer's thread, or convenectl's only one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "change/edit.h"
#include "change/holding.h"
#include "change/mail_limit.h"
#include "change/mail_row.h"
#include "signup/state.h"
#include "store/facts.h"

struct moves;
struct sign_up_person;

struct edit_member {
    const struct edit_guest *guest; /* what is said of who comes along; NULL: nothing is, or it is the owner */
    struct registration_fact *fact, before; /* for decide alone; fact NULL: somebody new who has no places yet */
    struct sign_up_person *person;  /* somebody new; else NULL */
    int64_t id, sequence;
    bool written;
    struct holding holding;
    struct mail_row mail; /* kind NULL: none; of somebody new with the person */
    struct mail_row news; /* to the address that he had, for whoever reads there; kind NULL: none */
    int64_t link_version; /* of who is readdressed: what was sent before opens nothing any more */
    struct mail_limit limit; /* of an address that is given now */
    const char *audit_data;
};

struct edit_plan {
    int64_t at;
    enum state status;
    struct moves *moves; /* offers of what was given up */
    size_t member_count, old_count; /* the owner, who came along, then who is added; without the last */
    struct edit_member *members;
    struct place_set *sets; /* as they shall be; for decide alone */
    bool wishes_change;
    size_t wish_count;
    struct wish_fact *wishes;
    struct sign_up *joining; /* who is added, as a sign-up would have it; NULL: nobody */
};

/* It is had or asked for. */
bool edit_has(const struct registration_fact *registration, int64_t place_id);

/* ---- the rows, in edit_write.c ---- */

/* Of who comes along something is said that was said otherwise before. */
bool edit_answered(const struct edit_member *member);
int edit_apply(const struct store_job *job, struct db *db) __attribute__((warn_unused_result));

/* ---- who comes along, in edit_guests.c ---- */

/* Whether those who are named are still there, and how many may be added. */
enum edit_result edit_guests_stand(const struct edit *edit, const struct registration_fact *owner);
size_t edit_guests_new(const struct edit *edit); /* how many are added */
/* The members and their sets; LEAD: the owner's. */
int edit_guests_gather(struct edit *edit, struct facts *facts, struct registration_fact *owner,
                       const struct place_set *lead) __attribute__((warn_unused_result));
/* Who came along is given an address, the first or another one than was mistyped; what it is counted by. NULL: he is
 * not. */
const char *edit_guests_reached(const struct edit_member *member);
/* He had another address before, or has none any more. */
bool edit_guests_corrected(const struct edit_member *member);
/* The facts of who is reached or corrected, and what else is written of it. */
int edit_guests_readdress(struct edit *edit, struct facts *facts, struct edit_member *member)
    __attribute__((warn_unused_result));
/* A mailbox that would get too many mails. */
bool edit_guests_limited(struct edit *edit, struct facts *facts);
/* The facts of those who are added, of OWNER's party from now on. */
int edit_guests_join(struct edit *edit, struct facts *facts, struct registration_fact *owner)
    __attribute__((warn_unused_result));
/* What is written of MEMBER, somebody new who has his places. */
int edit_guests_note(struct edit *edit, struct facts *facts, struct edit_member *member)
    __attribute__((warn_unused_result));
int edit_guests_write(const struct edit *edit, const struct edit_member *member, struct db *db)
    __attribute__((warn_unused_result));

/* ---- what is told, in edit_tell.c ---- */

/* Other sessions, another way to take part, another slot. */
bool edit_tell_moved(struct facts *facts, const struct registration_fact *before,
                     const struct registration_fact *after);
/* The mail to MEMBER and what the audit trail keeps; without a mail if MAILED is false. */
int edit_tell(struct edit *edit, struct facts *facts, struct edit_member *member, bool mailed)
    __attribute__((warn_unused_result));

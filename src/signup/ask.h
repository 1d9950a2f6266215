/* SPDX-License-Identifier: EUPL-1.2 */
/* What one person asks for: a set of places, all or none of which are taken in one transaction. Made by the rules'
 * callers from an understood form, decided on by the changes. Pure. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct event_definition;
struct event_entry;
struct rules_result;

/* A limit over people who have something in common; its place is made when it is first met. */
struct ask_cap {
    const char *key;   /* org:EE-12345678 · org:@cluster.example · country:EE · type:sme · invite:7 */
    const char *title; /* for organisers */
    int64_t max;
};

/* A ranked wish for a round whose places are allocated later. */
struct ask_wish {
    const char *round;
    int64_t rank;  /* from 1 */
    int64_t place; /* of the session in this person's mode */
};

struct ask {
    int64_t mode; /* place */
    size_t place_count;
    int64_t *places; /* sessions and slot */
    size_t reserve_count;
    int64_t *reserves; /* those of the mode that are for this person, in the definition's order */
    size_t cap_count;
    struct ask_cap *caps;
    size_t wish_count;
    struct ask_wish *wishes;
    const char *proposal; /* a time that was proposed instead of a slot; NULL: none */
};

/* Somebody who came by an invitation. */
struct ask_invitation {
    int64_t id;
    int64_t uses;
    const char *reserve; /* the id of a reserve that it opens; may be NULL */
};

/* What RULES, understood for ENTRY's definition, ask for. INVITATION may be NULL. Everything in ARENA. -ENOMEM. */
int ask_make(struct arena *arena, const struct event_entry *entry, const struct rules_result *rules,
             const struct ask_invitation *invitation, struct ask *ret_ask) __attribute__((warn_unused_result));

/* The limit that counts who says no register's number by the domain of EMAIL; ret_cap->key NULL: there is none. True in
 * *ret_counted: the event has such a limit at all. In ARENA. -ENOMEM. */
int ask_domain_cap(struct arena *arena, const struct event_definition *definition, const char *email, bool *ret_counted,
                   struct ask_cap *ret_cap) __attribute__((warn_unused_result));

/* Everything of ASK into another arena. -ENOMEM. */
int ask_copy(struct arena *arena, const struct ask *ask, struct ask *ret_ask) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* What facts.c, facts_load.c, facts_event.c, facts_plan.c, facts_address.c and facts_returned.c share, and nobody
 * else. */
#pragma once

#include "store/facts.h"
#include "store/store.h"

struct query;

struct wanted_key {
    struct wanted_key *next;
    int64_t event_id;
    const char *dedupe;
};
struct wanted_mailbox {
    struct wanted_mailbox *next;
    const char *key;
};

struct wanted_cap {
    struct wanted_cap *next;
    int64_t event_id, max;
    const char *key, *title;
};

struct wanted_consent {
    struct wanted_consent *next;
    int64_t registration_id;
    const char *purpose;
};
struct wanted_address {
    struct wanted_address *next;
    int64_t event_id;
    const char *address, *folded;
};

struct wanted_addressees {
    struct wanted_addressees *next;
    const char *address;
};

struct wanted_round {
    struct wanted_round *next;
    int64_t event_id;
    const char *round;
};

struct wanted_id {
    struct wanted_id *next;
    int64_t id;
};

struct wanted {
    struct arena *arena;
    struct wanted_key *keys;
    struct wanted_id *places, *registrations, *mails, *invitations, *mailings;
    struct wanted_cap *caps;
    struct wanted_mailbox *mailboxes;
    struct wanted_consent *consents;
    struct wanted_address *addresses;
    struct wanted_id *address_changes; /* of which registrations */
    struct wanted_id *returned;        /* mails */
    struct wanted_addressees *addressees;
    int64_t due[STORE_MAIL_PRIORITIES]; /* how many of each priority */
    int64_t expired;                    /* how many */
    int64_t plan;                       /* how many people of the plan that is due */
    bool events, pauses;
    struct wanted_round *rounds;
};

/* One registration under the key it holds. */
struct held_key {
    int64_t event_id;
    const char *dedupe;
    struct registration_fact *registration;
};

struct due_list {
    size_t count;
    struct mail_fact **mails;
};

/* Somebody who has joined a list, or changed what he asks for, in this batch. */
struct new_waiter {
    struct new_waiter *next;
    struct registration_fact *registration;
};

struct cap_item {
    struct cap_item *next;
    struct place *place;
};

struct mailing_item {
    struct mailing_item *next;
    struct mailing_fact fact;
};

struct invitation_item {
    struct invitation_item *next;
    struct invitation_fact fact;
};

struct consent_item {
    struct consent_item *next;
    struct consent_fact fact;
};

struct address_list {
    struct address_list *next;
    int64_t event_id;
    const char *address;
    size_t count;
    struct registration_fact **registrations;
};

struct returned_item {
    struct returned_item *next;
    struct returned_fact fact;
};

struct addressees_item {
    struct addressees_item *next;
    const char *address;
    size_t count;
    struct addressee_fact *addressees;
};

struct round_item {
    struct round_item *next;
    struct round_fact fact;
};

struct address_item {
    struct address_item *next;
    int64_t registration_id;
    bool open;
    struct address_fact fact;
};

struct facts {
    struct arena *arena;
    struct db *db;
    void *places, *registrations, *keys, *mails, *mailboxes; /* tsearch trees over facts in the arena */
    struct due_list due[STORE_MAIL_PRIORITIES];
    size_t pause_count;
    struct pause_fact *pauses;
    size_t expired_count;
    struct registration_fact **expired;
    int64_t privates_due;
    size_t release_count;
    struct place **releases;
    struct new_waiter *new_waiters;
    struct cap_item *caps;
    struct invitation_item *invitations;
    struct consent_item *consents;
    struct address_list *addresses;
    struct address_item *address_changes;
    bool addresses_due;
    struct returned_item *returned;
    struct addressees_item *addressees;
    int64_t last_id[FACTS_TABLES];
    size_t event_count;
    struct event_fact *events;
    struct round_item *rounds;
    struct plan_fact *plan; /* NULL: none is due */
    struct mailing_item *mailings;
};

/* The trees: places, registrations and mails begin with their id; keys are struct held_key. */
int facts_compare_id(const void *a, const void *b);
int facts_compare_key(const void *a, const void *b);
int facts_compare_mailbox(const void *a, const void *b);
void *facts_find(void *const *tree, const void *key, int (*compare)(const void *, const void *));
int facts_insert(void **tree, void *item, int (*compare)(const void *, const void *))
    __attribute__((warn_unused_result));
int facts_hold_key(struct facts *facts, struct registration_fact *registration) __attribute__((warn_unused_result));

/* A text column in the arena; NULL for null. Lack of memory shows in *r. */
const char *facts_keep(struct facts *facts, const struct query *query, int column, int *r);

int facts_load_place(struct facts *facts, int64_t id) __attribute__((warn_unused_result));
int facts_load_address_change(struct facts *facts, int64_t registration_id)
    __attribute__((warn_unused_result)); /* facts_address.c */
/* With its holdings; *ret_fact NULL: no such row. */
int facts_load_registration(struct facts *facts, int64_t id, struct registration_fact **ret_fact)
    __attribute__((warn_unused_result));
/* A guest brings the booker, and a booker all guests. In facts_party.c. */
int facts_load_party(struct facts *facts, struct registration_fact *fact) __attribute__((warn_unused_result));
int facts_load_mail(struct facts *facts, int64_t id) __attribute__((warn_unused_result));
/* In facts_returned.c. */
int facts_load_returned(struct facts *facts, int64_t mail_id) __attribute__((warn_unused_result));
int facts_load_addressees(struct facts *facts, const char *address) __attribute__((warn_unused_result));
int facts_load_addresses_due(struct facts *facts, int64_t now) __attribute__((warn_unused_result));
int facts_load_pauses(struct facts *facts) __attribute__((warn_unused_result)); /* facts_mail.c */
int facts_load_events(struct facts *facts) __attribute__((warn_unused_result)); /* facts_event.c */
int facts_load_allocation(struct facts *facts, const struct wanted_round *wanted)
    __attribute__((warn_unused_result)); /* facts_allocation.c */
int facts_load_mailing(struct facts *facts, int64_t id) __attribute__((warn_unused_result)); /* facts_plan.c */
int facts_load_plan(struct facts *facts, int64_t limit, int64_t now)
    __attribute__((warn_unused_result)); /* facts_plan.c */

/* SPDX-License-Identifier: EUPL-1.2 */
/* What a batch knows: the union of the rows its jobs named, loaded once, changed in memory as they are decided, so that
 * a later job of the batch sees what an earlier one did. The writer's thread (or convenectl's only one). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signup/places.h"
#include "signup/state.h"

struct arena;
struct db;
struct facts;
struct wanted;

/* ---- naming rows (in change_kind.facts). 0 or -ENOMEM ---- */
int wanted_place(struct wanted *wanted, int64_t place_id) __attribute__((warn_unused_result));
/* The limit with that key; if it is unborn it is there all the same, and inserted if it is touched. */
int wanted_cap(struct wanted *wanted, int64_t event_id, const char *key, const char *title, int64_t max)
    __attribute__((warn_unused_result));
int wanted_key(struct wanted *wanted, int64_t event_id, const char *dedupe) __attribute__((warn_unused_result));
/* With what it claims, asks for and wishes, and all those places; and with its whole party. */
int wanted_registration(struct wanted *wanted, int64_t id) __attribute__((warn_unused_result));
int wanted_invitation(struct wanted *wanted, int64_t id) __attribute__((warn_unused_result));
int wanted_due(struct wanted *wanted, unsigned priority, int64_t limit)
    __attribute__((warn_unused_result)); /* mails to lease */
int wanted_pauses(struct wanted *wanted) __attribute__((warn_unused_result)); /* what mails are held back by hand */
/* Registrations whose time is up, with all that wanted_registration brings; reserves that are due to be released;
 * how much that is kept apart is due to go. */
int wanted_expired(struct wanted *wanted, int64_t limit) __attribute__((warn_unused_result));
int wanted_mail(struct wanted *wanted, int64_t id) __attribute__((warn_unused_result));
int wanted_mailbox(struct wanted *wanted, const char *key) __attribute__((warn_unused_result));
int wanted_consent(struct wanted *wanted, int64_t registration_id, const char *purpose)
    __attribute__((warn_unused_result));
/* The live registrations of an event with that address; FOLDED: the same by text_casefold. */
int wanted_address(struct wanted *wanted, int64_t event_id, const char *address, const char *folded)
    __attribute__((warn_unused_result));
/* The address that a registration is to have once it is confirmed, if one was asked for. */
int wanted_address_change(struct wanted *wanted, int64_t registration_id) __attribute__((warn_unused_result));
/* A mail that came back: with it, how many others of its subject did so for now, and who is reached by its
 * recipient. */
int wanted_returned(struct wanted *wanted, int64_t mail_id) __attribute__((warn_unused_result));
/* Who is reached by ADDRESS, whatever the event. */
int wanted_addressees(struct wanted *wanted, const char *address) __attribute__((warn_unused_result));
int wanted_events(struct wanted *wanted) __attribute__((warn_unused_result)); /* every event, for take_revision */

/* ---- what was loaded ---- */
struct claim_fact {
    int64_t place_id;
    bool held;
};

struct ask_fact {
    int64_t place_id;
    bool lacks; /* it was full when the registration joined the list */
};

struct wish_fact {
    const char *round;
    int64_t rank, place_id;
};

struct registration_fact {
    int64_t id, event_id, revision_id, created_at;
    enum state status;
    int64_t link_version, version, ical_sequence;
    const char *dedupe, *language, *email, *reference, *mode;
    int64_t mode_place; /* the place of its mode; 0: none */
    bool has_expires;
    int64_t expires_at, waiting_since, invitation_id;
    bool proposes; /* another time than the slots */
    bool restricted; /* only evidence is left of it */
    bool undeliverable; /* its address is */
    bool stopped;    /* no reminders, surveys and news */
    bool own;        /* of a guest: he has acted on his own page, and his address is his own affair */
    int64_t offer_id; /* the open one; 0: none */
    int64_t event_starts;
    /* Who has no claims asks; with what wanted_registration names and what the waiting list hands out. */
    bool held; /* loaded */
    size_t claim_count;
    struct claim_fact *claims;
    size_t ask_count;
    struct ask_fact *asks;
    size_t wish_count;
    struct wish_fact *wishes; /* by round, then rank */
    /* Who came together, loaded with the holdings. */
    int64_t party_id;                 /* the booker's row; the own one of who booked */
    struct registration_fact *booker; /* of a guest; NULL: it is no guest */
    size_t guest_count;               /* of a booker: those who have left too */
    struct registration_fact **guests;
};

struct mail_fact {
    int64_t id, subject_id, event_id, revision_id, due_at, expires_at, attempts, leased_by, born_at;
    int64_t tried_from; /* the days in which it is tried count from then on */
    bool has_expires, undeliverable; /* undeliverable: what is sent to its address comes back */
    bool overtaken; /* while it was under way it ceased to be owed */
    unsigned priority;
    const char *subject_kind, *kind, *recipient, *language, *data, *message_id, *state;
    int64_t instance;
};

/* Mails that are held back: of all events (scope 0) or of one. */
struct pause_fact {
    int64_t scope;
    bool resumed; /* no longer, but some of its mails may still be put aside */
};

/* How many mails a mailbox was given in the hour that began at window_at. */
struct mailbox_fact {
    const char *key;
    int64_t window_at, count;
};

struct invitation_fact {
    int64_t id, event_id, expires_at, link_version;
    bool has_expires, revoked;
    const char *email; /* folded; NULL: anybody's */
};

/* The latest that was said for a purpose. */
struct consent_fact {
    int64_t registration_id;
    const char *purpose;
    bool given; /* and not withdrawn */
};

/* A live registration with a certain address. */
struct addressee_fact {
    int64_t id, event_id, revision_id, event_starts;
    const char *host; /* of the event; NULL: the first */
    bool undeliverable;
};

/* A mail that came back. */
struct returned_fact {
    struct mail_fact *mail;
    int64_t transients; /* other mails of its subject to its recipient that could not be delivered for now */
};

/* Another address that is not confirmed yet. */
struct address_fact {
    int64_t id, registration_id, link_version, expires_at;
    const char *email;
};

struct place *facts_place(struct facts *facts, int64_t id);                                     /* NULL: none */
struct registration_fact *facts_key(struct facts *facts, int64_t event_id, const char *dedupe); /* the live one; NULL */
struct registration_fact *facts_registration(struct facts *facts, int64_t id);                  /* NULL: none */
/* Those that wanted_expired found. */
size_t facts_expired(struct facts *facts, struct registration_fact ***ret_registrations);
/* The reserves whose time has come. */
size_t facts_releases(struct facts *facts, struct place ***ret_reserves);
int64_t facts_privates_due(const struct facts *facts);
struct place *facts_cap(struct facts *facts, int64_t event_id, const char *key); /* NULL: not named by wanted_cap */
struct invitation_fact *facts_invitation(struct facts *facts, int64_t id);       /* NULL: none */
struct mail_fact *facts_mail(struct facts *facts, int64_t id); /* NULL: none */
struct mailbox_fact *facts_mailbox(struct facts *facts, const char *key); /* with a count of 0 if none is stored */
struct consent_fact *facts_consent(struct facts *facts, int64_t registration_id, const char *purpose); /* NULL: none */
/* As wanted_address found them at the start of the batch, the oldest first: ask each one's status. */
size_t facts_address(struct facts *facts, int64_t event_id, const char *address,
                     struct registration_fact ***ret_registrations);
/* NULL: no such mail. */
struct returned_fact *facts_returned(struct facts *facts, int64_t mail_id);
/* All, as wanted_addressees or wanted_returned found them at the start of the batch. */
size_t facts_addressees(struct facts *facts, const char *address, struct addressee_fact **ret_addressees);
struct pause_fact *facts_pause(struct facts *facts, int64_t scope); /* NULL: none */
struct pause_fact *facts_pause_resumed(struct facts *facts);         /* one that ends; NULL: none */
/* The due mails of that priority, oldest first, at most one
 * to an address about a subject. */
size_t facts_due(struct facts *facts, unsigned priority, struct mail_fact ***ret_mails);

/* ---- waiting lists ---- */
struct waiter_walk;
/* Begins with who has waited longest for any of PLACES. Left out are those who, as far as the store knows, need another
 * place that is full, and with APPROVAL false those whom an organiser has to approve. */
int facts_walk_waiters(struct facts *facts, size_t count, struct place *const *places, bool approval,
                       struct waiter_walk **ret_walk) __attribute__((warn_unused_result));
/* 1: the next, with what he asks for; of a party the one who booked; 0: there is none. */
int facts_next_waiter(struct waiter_walk *walk, struct registration_fact **ret_registration)
    __attribute__((warn_unused_result));
/* REGISTRATION has joined the lists of what it asks for in this batch, or asks for something else now. */
int facts_add_waiter(struct facts *facts, struct registration_fact *registration) __attribute__((warn_unused_result));

/* The registration is now there, under its key (NULL: none), for the jobs that follow. The fact lives in the facts'
 * arena. */
int facts_add_registration(struct facts *facts, int64_t event_id, const char *dedupe,
                           struct registration_fact **ret_fact) __attribute__((warn_unused_result));
/* The registration no longer holds its key. */
void facts_release_key(struct facts *facts, struct registration_fact *registration);
/* It holds DEDUPE instead, which nobody else does. */
int facts_rekey(struct facts *facts, struct registration_fact *registration, const char *dedupe)
    __attribute__((warn_unused_result));

/* The one that waits for its confirmation, of a registration that wanted_address_change named; NULL: none. */
struct address_fact *facts_address_change(struct facts *facts, int64_t registration_id);
/* A new one takes the place of what was there. */
int facts_open_address_change(struct facts *facts, const struct address_fact *change)
    __attribute__((warn_unused_result));
void facts_end_address_change(struct facts *facts, int64_t registration_id);
/* Some have waited too long; known where wanted_expired was asked. */
bool facts_expired_addresses(const struct facts *facts);
/* The registration has another address and key (NULL: none, of a guest). */
int facts_readdress(struct facts *facts, struct registration_fact *registration, const char *email, const char *dedupe)
    __attribute__((warn_unused_result));

enum facts_table {
    FACTS_REGISTRATION,
    FACTS_SUBMISSION,
    FACTS_MAIL,
    FACTS_EVENT,
    FACTS_REVISION,
    FACTS_PLACE,
    FACTS_OFFER,
    FACTS_INVITATION,
    FACTS_ADDRESS,
    FACTS_MAILING,
    FACTS_TABLES
};
/* The next free id of a table: one above the highest, counted on in memory. */
int64_t facts_fresh_id(struct facts *facts, enum facts_table table);

/* Memory that lives as long as the batch. */
struct arena *facts_arena(struct facts *facts);

/* ---- every event, for take_revision (wanted_events) ---- */
struct place_row {
    int64_t id, capacity, taken, waiting, asked; /* asked: live registrations that ask or wish for it */
    bool limited, retired;
    const char *kind, *key, *title;
};
struct event_fact {
    int64_t id, revision_id, revision_number, ical_sequence;
    const char *slug, *state, *hash, *file; /* file: where the revision came from; may be NULL */
    size_t place_count;
    struct place_row *places;
};
size_t facts_events(struct facts *facts, struct event_fact **ret_events);
/* A place that take_revision makes, with a fresh id, for the board and for jobs that follow. */
int facts_add_place(struct facts *facts, int64_t event_id, struct place **ret_place)
    __attribute__((warn_unused_result));
/* What stands in the store about one event; asked only for events whose definition has changed. In the facts' arena. */
int facts_revision_text(struct facts *facts, int64_t revision_id, const char **ret_text)
    __attribute__((warn_unused_result));
int facts_field_answers(struct facts *facts, int64_t event_id, const char *field, int64_t *ret_count)
    __attribute__((warn_unused_result));
/* How many live registrations are in MODE. */
int facts_mode_people(struct facts *facts, int64_t event_id, const char *mode, int64_t *ret_count)
    __attribute__((warn_unused_result));
/* The ids that live registrations have chosen in FIELD, with how many did. */
struct option_use {
    const char *id;
    int64_t count;
};
int facts_options_used(struct facts *facts, int64_t event_id, const char *field, size_t *ret_count,
                       struct option_use **ret_uses) __attribute__((warn_unused_result));
struct field_row {
    const char *field, *type, *role;
};
int facts_fields(struct facts *facts, int64_t event_id, size_t *ret_count, struct field_row **ret_fields)
    __attribute__((warn_unused_result));

/* ---- one round of wishes, for its allocation (wanted_allocation). Confirmed registrations alone: who has wishes in
 * the round and no place in it yet. All lists by id. ---- */
struct round_wish {
    int64_t rank, place_id;
};
struct round_person {
    int64_t registration_id, revision_id;
    const char *email, *language, *mode;
    size_t wish_count, claim_count;
    struct round_wish *wishes;
    int64_t *claims; /* places of the sessions that the person has */
};
struct round_session {
    struct place *place;
    const char *key, *title;
};
struct round_fact {
    int64_t event_id;
    const char *round;
    bool allocated;        /* it was before */
    int64_t allocation_id; /* free for a new row */
    size_t session_count, person_count;
    struct round_session *sessions;
    struct round_person *persons;
};
int wanted_allocation(struct wanted *wanted, int64_t event_id, const char *round) __attribute__((warn_unused_result));
const struct round_fact *facts_allocation(struct facts *facts, int64_t event_id, const char *round); /* NULL: none */

/* ---- mails that are sent on a date ---- */
struct plan_person {
    int64_t id, revision_id, status_at;
    enum state status;
    const char *email, *language, *mode; /* email: may be NULL */
    bool stopped, undeliverable;
    bool meant; /* of bulk mail: it is for this person */
    int64_t slot_starts, slot_ends; /* of the time that is booked; 0: none */
};
/* The plan that has been due for the longest, of an event that is public, and the next people of that event. */
struct plan_fact {
    int64_t id, event_id, revision_id, instance, due_at, expires_at, cursor;
    const char *kind, *data;
    bool news;     /* bulk: people may have stopped it */
    bool outdated; /* another one, which is due too, says the same and is younger */
    bool last;     /* nobody comes after these people */
    size_t person_count;
    struct plan_person *people; /* behind the cursor, by id */
};
int wanted_plan(struct wanted *wanted, int64_t limit) __attribute__((warn_unused_result)); /* so many people */

/* A mail that organisers write to some of an event's people. */
struct mailing_fact {
    int64_t id, event_id;
    const char *filter, *texts;
    bool news, sent, recalled;
};
int wanted_mailing(struct wanted *wanted, int64_t id) __attribute__((warn_unused_result)); /* one a job */
struct mailing_fact *facts_mailing(struct facts *facts, int64_t id); /* NULL: none */

struct plan_fact *facts_plan(struct facts *facts); /* NULL: none is due */
/* Whether anything of the event's registrations has changed since SINCE. */
int facts_event_changed(struct facts *facts, int64_t event_id, int64_t since, bool *ret_changed)
    __attribute__((warn_unused_result));

/* ---- for the batch itself ---- */
int wanted_new(struct arena *arena, struct wanted **ret_wanted) __attribute__((warn_unused_result));
int facts_load(struct arena *arena, struct db *db, const struct wanted *wanted, int64_t now, struct facts **ret_facts)
    __attribute__((warn_unused_result));
void facts_done(struct facts *facts); /* what is not in the arena; NULL is allowed */
/* Runs EACH for every place whose numbers were changed. Stops at the first error. */
int facts_touched(struct facts *facts, int (*each)(const struct place *place, void *arg), void *arg)
    __attribute__((warn_unused_result));

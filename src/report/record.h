/* SPDX-License-Identifier: EUPL-1.2 */
/* One registration as page, mail and convenectl need it: its row, its answers, the revision its owner saw. Read on a
 * reader. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signup/state.h"

struct arena;
struct db;
struct event_definition;
struct revisions;

/* A place that a registration has, or asks for. */
enum record_hold { RECORD_ASKED, RECORD_HELD, RECORD_TAKEN };
struct record_place {
    enum record_hold hold;
    const char *kind, *key;    /* mode, session, slot, reserve, cap; as the view `places` shows them */
    const char *title;         /* in the definition's first language; the page finds the others by the key */
    const char *resource;      /* slot; else NULL */
    const char *round;         /* session; NULL: everybody takes part */
    int64_t starts, ends;      /* 0: none */
    bool allocated;            /* session: wishes of its round have become places */
};

/* A ranked wish for a session. */
struct record_wish {
    const char *round, *key;
    int64_t rank;
};

/* Somebody who came along. */
struct record_guest {
    int64_t id, link_version;
    const char *reference, *name; /* name: may be NULL */
    const char *email;            /* NULL: he is reached through who booked */
    const char *answers;          /* JSON */
    bool restricted;              /* only evidence is left */
    bool own; /* he has acted on his own page: who booked does not see his address any more */
    bool undeliverable; /* mail to it comes back */
    enum state status;
};

struct record {
    int64_t id, event_id, revision_id, version, link_version, ical_sequence, created_at;
    int64_t expires_at; /* when its state ends by itself; 0: it does not */
    bool has_claim;     /* a place is held for it, or taken by it */
    enum state status;
    const char *reason; /* may be NULL */
    const char *reference, *language, *name, *email, *organisation, *registry_number, *country, *stakeholder, *mode;
    const char *answers; /* JSON */
    const char *slug;
    const char *proposal; /* of a time that is no slot; may be NULL */
    int64_t undeliverable_at; /* since then nobody can be reached under email; 0: as far as we know it is good */
    bool shares_email;    /* of a guest: who booked is written to under the same address */
    bool added;           /* an organiser registered this person, and nothing was changed since */
    const char *undeliverable_why; /* what the server said then; NULL: it is good */
    bool stopped;         /* no reminders, surveys and news: its owner's word */
    bool restricted;      /* only evidence is left; its owner asked for erasure */
    size_t place_count;
    struct record_place *places; /* by kind: mode, session, slot, …; by time */
    size_t wish_count;
    struct record_wish *wishes; /* by round, then rank */
    int64_t party_id;    /* who booked: the own id of who is no guest */
    const char *booker;  /* of a guest: the name of who booked; may be NULL */
    size_t guest_count;  /* of who booked */
    struct record_guest *guests;
    const char *first_message_id;              /* of its first mail, for References; may be NULL */
    const struct event_definition *definition; /* of its revision, a reference is held */
};

/* -ENOENT: no such row, or erased. In ARENA; record_done gives the definition back. */
int record_read(struct db *db, struct arena *arena, struct revisions *revisions, int64_t id, struct record *ret_record)
    __attribute__((warn_unused_result));
void record_done(struct record *record);

/* It came along with somebody else. */
bool record_is_guest(const struct record *record);
/* How many guests have not left. */
size_t record_live_guests(const struct record *record);

/* The place of that kind and key, or NULL. */
const struct record_place *record_place(const struct record *record, const char *kind, const char *key);

/* Parsed revisions by id, the least used go first; shared by the readers under its own lock. */
int revisions_new(unsigned limit, struct revisions **ret_revisions) __attribute__((warn_unused_result));
void revisions_free(struct revisions *revisions);
/* The definition of a revision, a reference. -ENOENT: there is none; -EINVAL: it can no longer be read. */
int revisions_get(struct revisions *revisions, struct db *db, int64_t revision_id,
                  const struct event_definition **ret_definition) __attribute__((warn_unused_result));

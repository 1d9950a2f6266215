/* SPDX-License-Identifier: EUPL-1.2 */
/* One registration as page, mail and convenectl need it: its row, its answers, the revision its owner saw. Read on a
 * reader. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "signup/state.h"

struct arena;
struct db;
struct event_definition;
struct revisions;

struct record {
    int64_t id, event_id, revision_id, link_version, ical_sequence, created_at, updated_at;
    int64_t expires_at; /* when its state ends by itself; 0: it does not */
    bool has_claim;     /* a place is held for it, or taken by it */
    enum state status;
    const char *reason; /* may be NULL */
    const char *reference, *language, *name, *email, *organisation, *registry_number, *country, *stakeholder, *mode;
    const char *answers; /* JSON */
    const char *slug;
    const char *first_message_id;              /* of its first mail, for References; may be NULL */
    const struct event_definition *definition; /* of its revision, a reference is held */
};

/* -ENOENT: no such row, or erased. In ARENA; record_done gives the definition back. */
int record_read(struct db *db, struct arena *arena, struct revisions *revisions, int64_t id, struct record *ret_record)
    __attribute__((warn_unused_result));
void record_done(struct record *record);

/* Parsed revisions by id, the least used go first; shared by the readers under its own lock. */
int revisions_new(unsigned limit, struct revisions **ret_revisions) __attribute__((warn_unused_result));
void revisions_free(struct revisions *revisions);
int revisions_get(struct revisions *revisions, struct db *db, int64_t revision_id,
                  const struct event_definition **ret_definition) __attribute__((warn_unused_result));

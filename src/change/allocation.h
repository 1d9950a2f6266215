/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that turns the wishes of one round into places, by the published rule of signup/allocate.h. Run by
 * convenectl alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct event_entry;

enum allocation_result {
    ALLOCATION_DONE,
    ALLOCATION_ALREADY, /* the round has been allocated before: nothing was decided */
    ALLOCATION_EARLY,   /* wishes are still taken: it is not locked yet */
    ALLOCATION_NO_ROUND /* it has no session */
};

/* What became of one session of the round; the rooms of a session with rooms per mode are one each. */
struct allocation_session {
    const char *key, *title;
    bool limited;
    int64_t capacity, taken; /* before */
    int64_t placed;          /* by this */
};

struct allocation {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    const struct event_entry *event;
    const char *round;
    const char *seed; /* any text; the same one gives the same places */
    const char *actor, *message_domain;
    bool lock; /* false: only what would become of it */

    /* answered, in job.arena */
    enum allocation_result result;
    size_t people, placed;
    int64_t rank_sum;
    size_t rank_count;
    size_t *by_rank; /* how many have their first wish, their second … */
    size_t session_count;
    struct allocation_session *sessions;

    /* decided, for apply alone */
    struct allocation_plan *plan;
};

extern const struct change_kind change_allocate;

/* The number that SEED stands for in the draw: the first 8 bytes of its hash (BLAKE2b, 32 bytes), big endian. */
uint64_t allocation_seed(const char *seed);

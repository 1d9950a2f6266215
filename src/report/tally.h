/* SPDX-License-Identifier: EUPL-1.2 */
/* How an event stands, in numbers alone: no names, no answers. For the organisers' digest. Read on a reader. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "signup/state.h"

struct arena;
struct db;

struct tally_state {
    enum state state;
    int64_t count;
};

struct tally_mode {
    const char *key;
    int64_t taken, capacity; /* capacity: -1: unlimited */
};

struct tally {
    size_t state_count;
    struct tally_state *states; /* those that somebody is in */
    int64_t signed_up;          /* since then, whatever became of them */
    int64_t cancelled;          /* since then */
    int64_t undeliverable;      /* live ones whose mail comes back */
    size_t mode_count;
    struct tally_mode *modes;
};

/* Of the event EVENT_ID; `since then` is SINCE. In ARENA. */
int tally_read(struct db *db, struct arena *arena, int64_t event_id, int64_t since, struct tally *ret_tally)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* The algorithm for places, over numbers in memory. Claims are the truth, counters follow; the store loads the
 * counters, this room decides, the store writes them. Pure. The writer's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct place {
    int64_t id, event_id;
    bool limited;
    int64_t capacity, taken, reserved_open, waiting;
    bool retired;
    bool closed;         /* its event is withdrawn or off: nobody is offered a place */
    bool approval;       /* an organiser approves who comes */
    bool approval_holds; /* an application holds its place meanwhile */
    bool touched; /* set by whoever changes a number */
};

enum places_verdict { PLACES_FREE, PLACES_WAIT, PLACES_FULL };

/* What N persons who want PLACE get: FREE; WAIT if it is full, or anyone waits already, and there is a list; FULL. */
/* N more fit in, whoever waits. */
bool places_fit(const struct place *place, int64_t n);

enum places_verdict places_judge(const struct place *place, int64_t n, bool waiting_list);
void places_take(struct place *place, int64_t n);
void places_free(struct place *place, int64_t n);
void places_wait(struct place *place, int64_t n);   /* n < 0: leave the list */

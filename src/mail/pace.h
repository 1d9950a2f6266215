/* SPDX-License-Identifier: EUPL-1.2 */
/* How fast mails may go: one token bucket for all and one for each recipient's domain, of which a bounded number is
 * remembered. Pure but for the memory it is given; one thread at a time. Used by mail/queue and its lease. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* So many domains are remembered, in sets by a hash of the name; of a set that is full the one that was asked for
 * longest ago is forgotten, and begins anew. */
#define PACE_SETS 2048
#define PACE_WAYS 8

struct pace;

int pace_new(struct pace **ret_pace) __attribute__((warn_unused_result));
void pace_free(struct pace *pace); /* NULL is allowed */

/* Mails a minute; 0: as fast as they can. What was counted stands. A bucket holds what ten seconds let through, at
 * least one mail: so within any minute there are at most a sixth more than the rate, or one. */
void pace_set(struct pace *pace, int64_t per_minute, int64_t per_domain);

/* How many mails may go at NOW by the rate of all; at least one: look at the next one. INT64_MAX: no rate. */
int64_t pace_room(struct pace *pace, int64_t now);
/* Seconds until pace_room gives at least one. */
int64_t pace_wait(struct pace *pace, int64_t now);

enum pace_verdict {
    PACE_GO,    /* taken from both buckets */
    PACE_LATER, /* too many to its domain: *ret_at is its turn */
    PACE_SHUT   /* too many in all */
};
/* URGENT ones wait in a line of their own, before the others: while one of them waits for its domain, no other mail to
 * that domain goes. Who does not go gets a turn behind those that wait in the same line; nothing is taken for it. */
enum pace_verdict pace_take(struct pace *pace, const char *recipient, bool urgent, int64_t now, int64_t *ret_at);

/* SPDX-License-Identifier: EUPL-1.2 */
/* How much one client may: open connections per address, and a bucket of tokens per address and per network (/24 of
 * IPv4, /64 of IPv6) for POSTs and for look-ups of links. Shared by all workers under one lock that is held for a
 * look-up; bounded in memory: where a new bucket finds no room the fullest of its set is forgotten. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct guard;

struct guard_limits {
    int64_t connections;       /* open at once per address; trusted proxies are not counted by the caller */
    int64_t burst;             /* tokens of a full bucket */
    int64_t per_minute;        /* tokens that come back */
    int64_t network;           /* a network has so many times an address's */
    int64_t refused_per_event; /* submissions of one event that a guard refused, per minute */
};

int guard_new(const struct guard_limits *limits, struct guard **ret_guard) __attribute__((warn_unused_result));
void guard_free(struct guard *guard);
void guard_change(struct guard *guard, const struct guard_limits *limits); /* at a reload */

/* Counts a connection; false: it is one too many and was not counted. A client that is not known is always let in. */
bool guard_connect(struct guard *guard, const struct client *client);
void guard_disconnect(struct guard *guard, const struct client *client);

/* Takes a token for one POST or one look-up at NOW (monotonic milliseconds). False: none is left; *ret_seconds until
 * there is one. */
bool guard_spend(struct guard *guard, const struct client *client, int64_t now, int64_t *ret_seconds);

/* The same for one submission of an event that a guard has refused. *ret_warn: worth a line in the log, once a minute.
 */
bool guard_spend_event(struct guard *guard, int64_t event_id, int64_t now, int64_t *ret_seconds, bool *ret_warn);

/* True once: the first time that a trusted proxy did not say who its client is. */
bool guard_first_silent(struct guard *guard);

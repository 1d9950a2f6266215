/* SPDX-License-Identifier: EUPL-1.2 */
/* The sender threads: each takes a mail whose facts are known, writes the letter, sends it over its own
 * connection and submits the result. Made, fed and ended by mail/queue on main's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;
struct edition;
struct item;
struct keyring;
struct senders;
struct store;

struct sender_options {
    size_t count;
    struct store *store;
    const struct clock *clock;
    const struct keyring *keyring;
};

int sender_start(const struct sender_options *options, struct senders **ret_senders)
    __attribute__((warn_unused_result));

/* Hands an item over, before all that are less urgent; it comes back as its result job, or is freed if the store takes
 * no more. */
void sender_put(struct senders *senders, struct item *item);

/* Since the last mail that was tried the server has not been reachable: only probes go out. */
bool sender_is_down(const struct senders *senders);

/* What waits is dropped. A message that the server has whole may still be answered within GRACE milliseconds, all
 * others are broken off. Returns when the threads have ended. */
void sender_stop(struct senders *senders, int64_t grace);
void sender_free(struct senders *senders); /* after sender_stop; NULL is allowed */

/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail queue: main's timer that leases due mails from the store, asks for their facts, hands them to the sender
 * threads and has the results written. Holds in memory never more than twice the senders of urgent mails and as many of
 * others, a pace (mail/pace), the alarms (mail/alarm) and one breaker: while the server cannot be reached, one mail
 * probes every 15 s, and after a reload. */
#pragma once

#include <stdint.h>

struct clock;
struct edition;
struct event_base;
struct keyring;
struct mail_queue;
struct mailbox;
struct metrics;
struct revisions;
struct store;

struct mail_queue_options {
    struct event_base *base; /* main's */
    struct mailbox *mailbox; /* main's */
    struct store *store;
    struct clock *clock;
    const struct keyring *keyring;
    struct revisions *revisions;
    struct edition *edition; /* a reference is taken */
    struct metrics *metrics; /* NULL: nothing is counted */
};

int mail_queue_new(const struct mail_queue_options *options, struct mail_queue **ret_queue)
    __attribute__((warn_unused_result));
/* After a reload: with the next mail_queue_wake a server that could not be reached is tried, with the new settings. */
void mail_queue_edition(struct mail_queue *queue, struct edition *edition);
void mail_queue_wake(struct mail_queue *queue); /* the store's due instants or the clock may have changed */

/* In this order at the end: mail_queue_stop, store_stop, mailbox_deliver (what was under way comes back),
 * mail_queue_free. Takes no new mail; senders after DATA get GRACE milliseconds, the others are broken off. Returns
 * when all senders have ended. */
void mail_queue_stop(struct mail_queue *queue, int64_t grace);
void mail_queue_free(struct mail_queue *queue);

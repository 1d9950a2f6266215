/* SPDX-License-Identifier: EUPL-1.2 */
/* The timers of what is done by its date: held places, offers and data of unconfirmed addresses lapse; reminders and
 * other planned mails fall due. On main's thread, beside the mail queue's. */
#pragma once

struct clock;
struct edition;
struct event_base;
struct expiry;
struct mailbox;
struct store;

struct expiry_options {
    struct event_base *base;
    struct mailbox *mailbox;
    struct store *store;
    struct clock *clock;
    struct edition *edition; /* a reference is taken */
};

int expiry_new(const struct expiry_options *options, struct expiry **ret_expiry) __attribute__((warn_unused_result));
void expiry_edition(struct expiry *expiry, struct edition *edition); /* after a reload */
void expiry_wake(struct expiry *expiry); /* the store's next instant or the clock may have changed */
void expiry_stop(struct expiry *expiry); /* nothing is submitted any more; NULL is allowed */
void expiry_free(struct expiry *expiry); /* after the store's end and the last delivery */

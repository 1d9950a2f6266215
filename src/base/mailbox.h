/* SPDX-License-Identifier: EUPL-1.2 */
/* A mailbox: how one thread hands finished work to another. Whole lists are put and taken; the eventfd is written
 * only when the list was empty. Ownership of a post passes with it: whoever has put it must not touch it again.
 * Putting: any thread. Taking: the owner's thread only. */
#pragma once

struct post {
    struct post *next;
    void (*arrive)(struct post *post); /* run by mailbox_deliver on the owner's thread; it owns the post then */
};

struct mailbox;

int mailbox_new(struct mailbox **ret_mailbox) __attribute__((warn_unused_result));
void mailbox_free(struct mailbox *mailbox); /* it must be empty */

/* Readable while something waits. For the owner's event loop. */
int mailbox_fd(const struct mailbox *mailbox);

/* Puts the list FIRST .. LAST (linked by next) behind what waits there. */
void mailbox_put(struct mailbox *mailbox, struct post *first, struct post *last);

/* Takes all that waits, in order of arrival; NULL if nothing does. Clears the eventfd. */
struct post *mailbox_take(struct mailbox *mailbox);

/* Takes all and runs each post's arrive. */
void mailbox_deliver(struct mailbox *mailbox);

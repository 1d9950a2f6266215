/* SPDX-License-Identifier: EUPL-1.2 */
/* Hand-over between threads by whole lists. Putting: any thread; taking: the owner's. The lock is held for a few
 * pointers only and no other lock is taken under it. */
#include "base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
    pthread_mutex_t lock;
    struct post *first, *last;
    int fd;
};

int mailbox_new(struct mailbox **ret_mailbox)
{
    struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
    if (!mailbox)
        return -ENOMEM;
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->fd < 0) {
        int r = -errno;
        free(mailbox);
        return r;
    }
    int r = pthread_mutex_init(&mailbox->lock, NULL);
    if (r != 0) {
        (void)close(mailbox->fd);
        free(mailbox);
        return -r;
    }
    *ret_mailbox = mailbox;
    return 0;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (!mailbox)
        return;
    (void)pthread_mutex_destroy(&mailbox->lock);
    (void)close(mailbox->fd);
    free(mailbox);
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}

void mailbox_put(struct mailbox *mailbox, struct post *first, struct post *last)
{
    last->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = !mailbox->first;
    if (was_empty)
        mailbox->first = first;
    else
        mailbox->last->next = first;
    mailbox->last = last;
    if (was_empty) { /* under the lock: the owner may free the mailbox once it has taken the list */
        const uint64_t one = 1;
        ssize_t n = write(mailbox->fd, &one, sizeof(one));
        (void)n; /* fails only if the counter is at its end, and then it is readable */
    }
    pthread_mutex_unlock(&mailbox->lock);
}

struct post *mailbox_take(struct mailbox *mailbox)
{
    uint64_t count;
    pthread_mutex_lock(&mailbox->lock);
    struct post *first = mailbox->first;
    mailbox->first = mailbox->last = NULL;
    if (first) {
        ssize_t n = read(mailbox->fd, &count, sizeof(count));
        (void)n;
    }
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}

void mailbox_deliver(struct mailbox *mailbox)
{
    for (struct post *post = mailbox_take(mailbox), *next; post; post = next) {
        next = post->next; /* arrive may free the post */
        post->arrive(post);
    }
}

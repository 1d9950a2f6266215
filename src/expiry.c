/* SPDX-License-Identifier: EUPL-1.2 */
/* Wakes when the next held place or offer lapses and has the writer end it. Called by main.c on its thread. */
#include "expiry.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "change/expire.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "view/edition.h"

#define AGAIN_MS 1000    /* after a batch that could not be written */
#define LONGEST_MS 60000 /* the wall clock may be set meanwhile */

struct expiry {
    struct expiry_options options;
    struct edition *edition;
    struct event *timer;
    bool out; /* one is at the writer's */
    bool stopped;
};

/* One change on its way; it lives in its own arena. */
struct run {
    struct expire expire; /* first: the mailbox hands it back */
    struct expiry *expiry;
};

static void arm(struct expiry *expiry, int64_t milliseconds)
{
    const struct timeval wait = { .tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000 };
    if (event_add(expiry->timer, &wait) < 0)
        log_error("expiry.timer_failed", LOG_ERRNO(-ENOMEM));
}

static void on_done(struct post *post)
{
    struct run *run = (struct run *)(void *)post;
    struct expiry *expiry = run->expiry;
    int r = run->expire.job.outcome;
    bool none = run->expire.expired == 0;
    if (r < 0)
        log_warning("expiry.failed", LOG_ERRNO(r));
    else if (run->expire.expired > 0)
        log_info("expiry.done", LOG_INT("registrations", run->expire.expired));
    edition_unref(run->expire.job.edition);
    arena_free(run->expire.job.arena);
    expiry->out = false;
    if ((r < 0 || none) && !expiry->stopped) /* none: the next instant, read after the batch, may not be here yet */
        arm(expiry, AGAIN_MS);
    else
        expiry_wake(expiry);
}

static int submit(struct expiry *expiry)
{
    struct arena *arena = arena_new();
    struct run *run = arena ? arena_take(arena, sizeof(*run)) : NULL;
    if (!run) {
        arena_free(arena);
        return -ENOMEM;
    }
    struct edition *edition = edition_ref(expiry->edition);
    *run = (struct run){ .expiry = expiry };
    run->expire = (struct expire){ .message_domain = mail_row_domain(edition->settings->mail.from_address) };
    run->expire.job = (struct store_job){ .post.arrive = on_done,
                                          .kind = &change_expire,
                                          .reply_to = expiry->options.mailbox,
                                          .arena = arena,
                                          .edition = edition };
    int r = store_submit(expiry->options.store, &run->expire.job);
    if (r < 0) {
        edition_unref(edition);
        arena_free(arena);
        return r;
    }
    expiry->out = true;
    return 0;
}

void expiry_wake(struct expiry *expiry)
{
    if (expiry->out || expiry->stopped)
        return;
    int64_t next = store_next_expiry(expiry->options.store);
    if (next == INT64_MAX) {
        (void)event_del(expiry->timer);
        return;
    }
    int64_t wait = clock_wait(expiry->options.clock, next);
    if (wait > 0)
        arm(expiry, wait < LONGEST_MS ? wait + 1 : LONGEST_MS);
    else if (submit(expiry) == -ENOMEM)
        arm(expiry, AGAIN_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    expiry_wake(arg);
}

int expiry_new(const struct expiry_options *options, struct expiry **ret_expiry)
{
    struct expiry *expiry = calloc(1, sizeof(*expiry));
    if (!expiry)
        return -ENOMEM;
    expiry->options = *options;
    expiry->timer = event_new(options->base, -1, 0, on_timer, expiry);
    if (!expiry->timer) {
        free(expiry);
        return -ENOMEM;
    }
    expiry->edition = edition_ref(options->edition);
    expiry_wake(expiry);
    *ret_expiry = expiry;
    return 0;
}

void expiry_edition(struct expiry *expiry, struct edition *edition)
{
    struct edition *old = expiry->edition;
    expiry->edition = edition_ref(edition);
    edition_unref(old);
}

void expiry_stop(struct expiry *expiry)
{
    if (!expiry)
        return;
    expiry->stopped = true;
    (void)event_del(expiry->timer);
}

void expiry_free(struct expiry *expiry)
{
    if (!expiry)
        return;
    event_free(expiry->timer);
    edition_unref(expiry->edition);
    free(expiry);
}

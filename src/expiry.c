/* SPDX-License-Identifier: EUPL-1.2 */
/* Wakes when something is due by its date and has the writer do it: the next held place or offer lapses; the next mails
 * that are sent on a date are due. One timer each. Called by main.c on its thread. */
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
#include "change/plan.h"
#include "config/settings.h"
#include "view/edition.h"

#define AGAIN_MS 1000    /* after a batch that could not be written */
#define LONGEST_MS 60000 /* the wall clock may be set meanwhile */

/* One change on its way; it lives in its own arena. */
struct run {
    union {
        struct store_job job; /* first of both */
        struct expire expire;
        struct plan plan;
    } change; /* first: the mailbox hands it back */
    struct chore *chore;
};

/* What is done by its date. */
struct chore_kind {
    const char *failed, *done, *counted; /* in the log */
    int64_t (*next)(const struct store *store);
    void (*prepare)(struct run *run, const char *message_domain); /* the change; its job's place here is set later */
    bool (*found)(const struct run *run, int64_t *ret_count);     /* false: nothing was due */
};

static void expire_prepare(struct run *run, const char *message_domain)
{
    run->change.expire = (struct expire){ .job.kind = &change_expire, .message_domain = message_domain };
}

static bool expire_found(const struct run *run, int64_t *ret_count)
{
    *ret_count = run->change.expire.expired;
    return *ret_count > 0;
}

static void plan_prepare(struct run *run, const char *message_domain)
{
    run->change.plan = (struct plan){ .job.kind = &change_plan, .message_domain = message_domain };
}

static bool plan_found(const struct run *run, int64_t *ret_count)
{
    *ret_count = (int64_t)run->change.plan.count;
    return run->change.plan.found;
}

static const struct chore_kind kinds[] = {
    { "expiry.failed", "expiry.done", "registrations", store_next_expiry, expire_prepare, expire_found },
    { "plan.failed", "plan.done", "mails", store_next_plan, plan_prepare, plan_found },
};

#define CHORES (sizeof(kinds) / sizeof(kinds[0]))

struct chore {
    const struct chore_kind *kind;
    struct expiry *expiry;
    struct event *timer;
    bool out; /* one is at the writer's */
};

struct expiry {
    struct expiry_options options;
    struct edition *edition;
    struct chore chores[CHORES];
    bool stopped;
};

static void wake(struct chore *chore);

static void arm(struct chore *chore, int64_t milliseconds)
{
    const struct timeval wait = { .tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000 };
    if (event_add(chore->timer, &wait) < 0)
        log_error("expiry.timer_failed", LOG_ERRNO(-ENOMEM));
}

static void on_done(struct post *post)
{
    struct run *run = (struct run *)(void *)post;
    struct chore *chore = run->chore;
    int r = run->change.job.outcome;
    int64_t count;
    bool found = chore->kind->found(run, &count);
    if (r < 0)
        log_warning(chore->kind->failed, LOG_ERRNO(r));
    else if (count > 0)
        log_info(chore->kind->done, LOG_INT(chore->kind->counted, count));
    edition_unref(run->change.job.edition);
    arena_free(run->change.job.arena);
    chore->out = false;
    /* none: the next instant, read after the batch, may not be here yet */
    if ((r < 0 || !found) && !chore->expiry->stopped)
        arm(chore, AGAIN_MS);
    else
        wake(chore);
}

static int submit(struct chore *chore)
{
    struct expiry *expiry = chore->expiry;
    struct arena *arena = arena_new();
    struct run *run = arena ? arena_take(arena, sizeof(*run)) : NULL;
    if (!run) {
        arena_free(arena);
        return -ENOMEM;
    }
    struct edition *edition = edition_ref(expiry->edition);
    run->chore = chore;
    chore->kind->prepare(run, mail_row_domain(edition->settings->mail.from_address));
    struct store_job *job = &run->change.job;
    job->post.arrive = on_done;
    job->reply_to = expiry->options.mailbox;
    job->arena = arena;
    job->edition = edition;
    int r = store_submit(expiry->options.store, job);
    if (r < 0) {
        edition_unref(edition);
        arena_free(arena);
        return r;
    }
    chore->out = true;
    return 0;
}

static void wake(struct chore *chore)
{
    const struct expiry_options *options = &chore->expiry->options;
    if (chore->out || chore->expiry->stopped)
        return;
    int64_t next = chore->kind->next(options->store);
    if (next == INT64_MAX) {
        (void)event_del(chore->timer);
        return;
    }
    int64_t wait = clock_wait(options->clock, next);
    if (wait > 0)
        arm(chore, wait < LONGEST_MS ? wait + 1 : LONGEST_MS);
    else if (submit(chore) == -ENOMEM)
        arm(chore, AGAIN_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    wake(arg);
}

void expiry_wake(struct expiry *expiry)
{
    for (size_t i = 0; i < CHORES; i++)
        wake(&expiry->chores[i]);
}

int expiry_new(const struct expiry_options *options, struct expiry **ret_expiry)
{
    struct expiry *expiry = calloc(1, sizeof(*expiry));
    if (!expiry)
        return -ENOMEM;
    expiry->options = *options;
    expiry->edition = edition_ref(options->edition);
    for (size_t i = 0; i < CHORES; i++) {
        struct chore *chore = &expiry->chores[i];
        *chore = (struct chore){ .kind = &kinds[i], .expiry = expiry };
        chore->timer = event_new(options->base, -1, 0, on_timer, chore);
        if (!chore->timer) {
            expiry_free(expiry);
            return -ENOMEM;
        }
    }
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
    for (size_t i = 0; i < CHORES; i++)
        (void)event_del(expiry->chores[i].timer);
}

void expiry_free(struct expiry *expiry)
{
    if (!expiry)
        return;
    for (size_t i = 0; i < CHORES; i++)
        if (expiry->chores[i].timer)
            event_free(expiry->chores[i].timer);
    edition_unref(expiry->edition);
    free(expiry);
}

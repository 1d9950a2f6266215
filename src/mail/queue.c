/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail queue on main's thread. It knows no mail by heart: the store says when the next is due, a lease brings the
 * rows, a reader their facts, the senders the outcome, and nothing is forgotten here before its result is written.
 *
 * Urgent mails have room of their own: however many others are due, held or slow, a confirmation is leased and goes to
 * the next sender that is free. While the whole queue or an event is paused the store says nothing is due.
 *
 * A mail that was sent and whose result cannot be written would go out twice, so a result is submitted again until it
 * is (the store says -EAGAIN for a full disk). While the server cannot be reached one mail at a time is leased, as a
 * probe.
 * Callers: main. */
#include "mail/queue.h"

#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/metrics.h"
#include "change/mail_kind.h"
#include "config/settings.h"
#include "mail/item.h"
#include "mail/lookout.h"
#include "mail/pace.h"
#include "mail/sender.h"
#include "store/store.h"
#include "view/edition.h"

#define LEASE_TIME 600     /* seconds */
#define AGAIN_WAIT 1000    /* for what the store did not take or could not write */
#define EMPTY_WAIT 250     /* after a lease that brought nothing: the store's next instant may be older than it */
#define LONGEST_WAIT 60000 /* the wall clock may be set meanwhile */
#define UNREAD_WAIT 60     /* seconds */
#define WIDE_LOOK 200      /* rows, while those in front are expired, over their pace or paused */
#define PROBE_LOOK 32      /* rows that take turns as probes */
#define TICK 3             /* seconds between two looks at what monitoring is told */

/* One lease and, once it is back, the mails that are not yet on their way. */
struct lease_run {
    struct mail_lease lease;
    struct mail_queue *queue;
    struct lease_run *next;
    size_t dealt;
    bool probe;
};

/* Mails in memory: the urgent ones are counted for themselves. */
enum room { ROOM_URGENT, ROOM_OTHERS, ROOMS };

struct mail_queue {
    struct mail_queue_options options;
    struct edition *edition;
    struct event *timer, *ticker;
    struct pace *pace; /* the lease's while one is out */
    struct lookout lookout;
    struct senders *senders;
    int64_t sender_count;
    int64_t process;
    int64_t held[ROOMS];
    int64_t turn;         /* probes that failed in this outage */
    bool lease_out;
    bool wide;            /* the next lease looks at more rows */
    bool stopping;
    int64_t not_before;   /* monotonic: no lease earlier */
    int64_t probe_at;     /* monotonic */
    int64_t again_at;     /* monotonic: when the lists below are tried again */
    struct item *unasked;    /* the store took no read job */
    struct item *unwritten;  /* results that could not be written */
    struct lease_run *undealt; /* no memory for their mails */
};

static void pump(struct mail_queue *queue);

static void try_again_soon(struct mail_queue *queue)
{
    queue->again_at = clock_monotonic() + AGAIN_WAIT;
}

static enum room room_of(unsigned priority)
{
    return priority == MAIL_AT_ONCE ? ROOM_URGENT : ROOM_OTHERS;
}

static void drop(struct mail_queue *queue, struct item *item)
{
    queue->held[room_of(item->mail.priority)]--;
    item_free(item);
}

/* ---- results ---- */

static void submit_result(struct mail_queue *queue, struct item *item)
{
    item->result.job.writes = false;
    item->result.job.outcome = 0;
    item->result.applies = false;
    int r = store_submit(queue->options.store, &item->result.job);
    if (r == 0)
        return;
    if (item->result.outcome == MAIL_SENT)
        log_warning("mail.result_lost", LOG_INT("mail", item->mail.id), LOG_ERRNO(r));
    drop(queue, item); /* the store is ending: all leases are void at the next start */
}

static void result_arrived(struct post *post)
{
    struct item *item = item_of_result(post);
    struct mail_queue *queue = item->queue;
    int r = item->result.job.outcome;

    if (item->tried && item->attempt == ATTEMPT_UNREACHABLE && item->edition == queue->edition) {
        queue->probe_at = clock_monotonic() + queue->edition->settings->mail.probe * 1000;
        queue->turn += item->probe;
    }
    if (r == 0) {
        lookout_result(&queue->lookout, item);
        drop(queue, item);
        queue->not_before = 0; /* the next mail of the same person may go now */
    } else if (r == -EINPROGRESS || queue->stopping) {
        log_error("mail.result_lost", LOG_INT("mail", item->mail.id), LOG_ERRNO(r));
        drop(queue, item);
    } else {
        if (!item->warned)
            log_warning("mail.result_unwritten", LOG_INT("mail", item->mail.id), LOG_ERRNO(r));
        item->warned = true;
        item->next = queue->unwritten;
        queue->unwritten = item;
        try_again_soon(queue);
    }
    pump(queue);
}

/* ---- facts ---- */

static int read_facts(struct read_job *job, struct db *db)
{
    struct item *item = item_of_read(&job->post);
    if (item->mail.recipient[0] == '\0') /* erased while it was under way */
        return -ENOENT;
    return subject_read(db, item->arena, item->queue->options.revisions, &item->mail, &item->subject);
}

static void read_arrived(struct post *post)
{
    struct item *item = item_of_read(post);
    struct mail_queue *queue = item->queue;
    int r = item->read.outcome;

    if (queue->stopping) {
        drop(queue, item);
        return;
    }
    if (r == 0) {
        sender_put(queue->senders, item);
        return;
    }
    if (r == -ENOENT) /* erased meanwhile */
        item->result.outcome = MAIL_SUPERSEDED;
    else {
        log_error("mail.unread", LOG_INT("mail", item->mail.id), LOG_ERRNO(r));
        item->result.outcome = MAIL_DEFERRED;
        item->result.due_at = clock_now(queue->options.clock) + UNREAD_WAIT;
    }
    submit_result(queue, item);
}

static void ask_facts(struct mail_queue *queue, struct item *item)
{
    item->next = NULL;
    int r = store_read(queue->options.store, &item->read);
    if (r == -EBUSY) {
        item->next = queue->unasked;
        queue->unasked = item;
        try_again_soon(queue);
    } else if (r < 0)
        drop(queue, item);
}

/* ---- leases ---- */

static void lease_free(struct lease_run *run)
{
    arena_free(run->lease.job.arena);
}

/* Makes items of what was leased; what finds no memory now does later. */
static void deal(struct mail_queue *queue, struct lease_run *run)
{
    for (; run->dealt < run->lease.count; run->dealt++) {
        struct item *item;
        if (item_new(&run->lease.mails[run->dealt], queue, queue->edition, &item) < 0) {
            run->next = queue->undealt;
            queue->undealt = run;
            try_again_soon(queue);
            return;
        }
        item->probe = run->probe;
        item->read = (struct read_job){ .post.arrive = read_arrived, .run = read_facts, .arena = item->arena,
                                        .reply_to = queue->options.mailbox, .edition = item->edition };
        item->result.job = (struct store_job){ .post.arrive = result_arrived, .kind = &change_mail_result,
                                               .reply_to = queue->options.mailbox, .arena = item->arena,
                                               .edition = item->edition };
        item->result.mail_id = item->mail.id;
        item->result.recipient = item->mail.recipient;
        item->result.message_id = item->mail.message_id;
        item->result.process = queue->process;
        ask_facts(queue, item);
    }
    lease_free(run);
}

static void note_moves(struct mail_queue *queue, const struct mail_lease *lease)
{
    if (lease->expired > 0)
        log_info("mail.expired", LOG_INT("mails", (int64_t)lease->expired));
    metrics_add(queue->options.metrics, METRIC_MAILS_EXPIRED, (int64_t)lease->expired);
    metrics_add(queue->options.metrics, METRIC_MAILS_PACED, (int64_t)lease->paced);
    queue->wide = lease->expired + lease->paced + lease->parked > 0;
    if (lease->count == 0 && !queue->wide && !lease->unparked)
        queue->not_before = clock_monotonic() + EMPTY_WAIT;
}

static void lease_arrived(struct post *post)
{
    struct lease_run *run = (struct lease_run *)(void *)post;
    struct mail_queue *queue = run->queue;

    queue->lease_out = false;
    if (queue->stopping || run->lease.job.outcome != 0) {
        if (!queue->stopping) {
            log_warning("mail.lease_failed", LOG_ERRNO(run->lease.job.outcome));
            queue->not_before = clock_monotonic() + AGAIN_WAIT;
        }
        lease_free(run);
    } else {
        note_moves(queue, &run->lease);
        for (size_t i = 0; i < run->lease.count; i++)
            queue->held[room_of(run->lease.mails[i].priority)]++;
        deal(queue, run);
    }
    pump(queue);
}

/* On the writer's thread. */
static enum mail_gate_verdict gate(void *user, const char *recipient, unsigned priority, int64_t now, int64_t *ret_due)
{
    switch (pace_take(user, recipient, priority == MAIL_AT_ONCE, now, ret_due)) {
    case PACE_GO:
        return MAIL_GATE_GO;
    case PACE_LATER:
        return MAIL_GATE_LATER;
    default:
        return MAIL_GATE_SHUT;
    }
}

/* How many more mails of a sort may be held: none before half of them are gone. */
static int64_t room(const struct mail_queue *queue, enum room room)
{
    return queue->held[room] > queue->sender_count ? 0 : 2 * queue->sender_count - queue->held[room];
}

static void lease(struct mail_queue *queue, bool probe)
{
    struct arena *arena = arena_new();
    struct lease_run *run = arena ? arena_take(arena, sizeof(*run)) : NULL;
    int r = -ENOMEM;

    if (run) {
        const int64_t urgent = probe ? 1 : room(queue, ROOM_URGENT), others = probe ? 1 : room(queue, ROOM_OTHERS);
        const int64_t look = queue->wide ? WIDE_LOOK : probe ? PROBE_LOOK : urgent > others ? urgent : others;
        run->queue = queue;
        run->probe = probe;
        run->lease = (struct mail_lease){
            .job = { .post.arrive = lease_arrived, .kind = &change_mail_lease, .reply_to = queue->options.mailbox,
                     .arena = arena },
            .urgent = urgent, .others = others, .look = look, .probe = probe, .turn = queue->turn,
            .process = queue->process, .until = clock_now(queue->options.clock) + LEASE_TIME,
            .gate = gate, .gate_user = queue->pace };
        pace_set(queue->pace, queue->edition->settings->mail.rate_per_minute,
                 queue->edition->settings->mail.per_domain_per_minute);
        r = store_submit(queue->options.store, &run->lease.job);
    }
    if (r < 0) {
        arena_free(arena);
        queue->not_before = clock_monotonic() + AGAIN_WAIT;
        return;
    }
    queue->lease_out = true;
}

/* ---- the timer ---- */

static void work_off_lists(struct mail_queue *queue)
{
    struct item *unwritten = queue->unwritten, *unasked = queue->unasked, *next;
    struct lease_run *undealt = queue->undealt, *next_run;

    queue->unwritten = queue->unasked = NULL;
    queue->undealt = NULL;
    for (; unwritten; unwritten = next) {
        next = unwritten->next;
        unwritten->next = NULL;
        submit_result(queue, unwritten);
    }
    for (; unasked; unasked = next) {
        next = unasked->next;
        ask_facts(queue, unasked);
    }
    for (; undealt; undealt = next_run) {
        next_run = undealt->next;
        deal(queue, undealt);
    }
}

/* When the next mail is due for which there is room. */
static int64_t next_due(const struct mail_queue *queue, bool down)
{
    int64_t due = INT64_MAX;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        if (down ? queue->held[ROOM_URGENT] + queue->held[ROOM_OTHERS] > 0 : room(queue, room_of(priority)) == 0)
            continue;
        int64_t next = store_next_due(queue->options.store, priority);
        due = next < due ? next : due;
    }
    return due;
}

/* Milliseconds until a lease makes sense; 0: now; -1: not before something arrives. */
static int64_t lease_wait(const struct mail_queue *queue, bool down)
{
    int64_t now = clock_monotonic(), wall = clock_now(queue->options.clock);

    if (queue->lease_out)
        return -1;
    int64_t due = next_due(queue, down);
    if (due == INT64_MAX)
        return -1;
    int64_t wait = clock_wait(queue->options.clock, due);
    int64_t paced = clock_wait(queue->options.clock, wall + pace_wait(queue->pace, wall));
    int64_t earliest = down && queue->probe_at > queue->not_before ? queue->probe_at : queue->not_before;
    if (wait < paced)
        wait = paced;
    if (wait < earliest - now)
        wait = earliest - now;
    return wait > LONGEST_WAIT ? LONGEST_WAIT : wait;
}

static void arm(struct mail_queue *queue, int64_t milliseconds)
{
    const struct timeval wait = { .tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000 };
    if (event_add(queue->timer, &wait) < 0)
        log_error("mail.timer_failed", LOG_ERRNO(-ENOMEM));
}

static void pump(struct mail_queue *queue)
{
    if (queue->stopping)
        return;
    if ((queue->unwritten || queue->unasked || queue->undealt) && clock_monotonic() >= queue->again_at)
        work_off_lists(queue);

    bool down = sender_is_down(queue->senders);
    metrics_set(queue->options.metrics, METRIC_MAIL_DOWN, down);
    if (!down)
        queue->turn = 0;
    int64_t wait = lease_wait(queue, down);
    if (wait == 0) {
        lease(queue, down);
        wait = queue->lease_out ? -1 : AGAIN_WAIT;
    }
    if (queue->unwritten || queue->unasked || queue->undealt) {
        int64_t again = queue->again_at - clock_monotonic();
        again = again < 0 ? 0 : again;
        wait = wait < 0 || again < wait ? again : wait;
    }
    if (wait < 0)
        (void)event_del(queue->timer);
    else
        arm(queue, wait + 1); /* a millisecond too early would only turn the loop again */
}

static void on_tick(evutil_socket_t fd, short what, void *user)
{
    (void)fd, (void)what;
    struct mail_queue *queue = user;
    lookout_look(&queue->lookout, queue->edition->settings);
}

static void on_timer(evutil_socket_t fd, short what, void *user)
{
    (void)fd, (void)what;
    pump(user);
}

int mail_queue_new(const struct mail_queue_options *options, struct mail_queue **ret_queue)
{
    struct mail_queue *queue = calloc(1, sizeof(*queue));
    if (!queue)
        return -ENOMEM;
    queue->options = *options;
    queue->edition = edition_ref(options->edition);
    queue->lookout = (struct lookout){ .options = &queue->options };
    queue->sender_count = options->edition->settings->mail.senders;
    while (queue->process == 0) /* 0 is nobody's; a number that no other run has had */
        queue->process = (int64_t)(((uint64_t)randombytes_random() << 31 | randombytes_random()) & INT64_MAX);
    queue->timer = event_new(options->base, -1, 0, on_timer, queue);
    queue->ticker = event_new(options->base, -1, EV_PERSIST, on_tick, queue);

    const struct sender_options senders = { .count = (size_t)queue->sender_count, .store = options->store,
                                            .clock = options->clock, .keyring = options->keyring };
    const struct timeval tick = { .tv_sec = TICK };
    int r = queue->timer && queue->ticker && event_add(queue->ticker, &tick) == 0 ? pace_new(&queue->pace) : -ENOMEM;
    if (r == 0)
        r = sender_start(&senders, &queue->senders);
    if (r < 0) {
        mail_queue_free(queue);
        return r;
    }
    arm(queue, 0);
    *ret_queue = queue;
    return 0;
}

void mail_queue_edition(struct mail_queue *queue, struct edition *edition)
{
    struct edition *old = queue->edition;
    queue->edition = edition_ref(edition);
    edition_unref(old);
    queue->probe_at = 0; /* the password's file or the settings may be mended */
}

void mail_queue_wake(struct mail_queue *queue)
{
    pump(queue);
}

void mail_queue_stop(struct mail_queue *queue, int64_t grace)
{
    struct item *unwritten = queue->unwritten, *next;

    queue->stopping = true;
    (void)event_del(queue->timer);
    (void)event_del(queue->ticker);
    queue->unwritten = NULL;
    for (; unwritten; unwritten = next) { /* once more, or they go out a second time after the next start */
        next = unwritten->next;
        submit_result(queue, unwritten);
    }
    sender_stop(queue->senders, grace);
}

static void free_items(struct item *item)
{
    for (struct item *next; item; item = next) {
        next = item->next;
        item_free(item);
    }
}

void mail_queue_free(struct mail_queue *queue)
{
    if (!queue)
        return;
    free_items(queue->unasked);
    free_items(queue->unwritten);
    for (struct lease_run *run = queue->undealt, *next; run; run = next) {
        next = run->next;
        lease_free(run);
    }
    sender_free(queue->senders);
    if (queue->timer)
        event_free(queue->timer);
    if (queue->ticker)
        event_free(queue->ticker);
    pace_free(queue->pace);
    edition_unref(queue->edition);
    free(queue);
}

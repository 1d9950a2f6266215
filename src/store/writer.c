/* SPDX-License-Identifier: EUPL-1.2 */
/* The writer: the only thread of the daemon that changes the store. All sign-ups that arrive while one sync is under
 * way share the next: this group commit is the heart of the speed (make bench). Submitting: any thread.
 *
 * Lock: only the two lists are guarded; it is never held over a statement or together with another lock. */
#include "store/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "signup/places.h"
#include "store/batch.h"
#include "store/board.h"
#include "store/db.h"
#include "store/board_row.h"

#define WAL_IDLE (4 << 20) /* moved into the database when nothing waits */
#define WAL_MAX (64 << 20) /* moved even under load */
#define COUNT_WAIT 1000    /* milliseconds between two looks at how many mails wait */
#define CLOCK_STEP 60      /* seconds: a clock that is set back by less delays mails by less */

struct job_list {
    struct store_job *first, *last;
    size_t count;
};

struct writer {
    struct db *db;
    struct board *board;
    struct clock *clock;
    size_t queue;
    struct metrics *metrics;
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* guards the lists and stopping */
    pthread_cond_t filled;
    struct job_list outside, inside;
    bool stopping;

    int wake_fd;
    int64_t data_version; /* as this thread last saw it */
    int64_t seen_at;      /* the wall clock, likewise */
    _Atomic int64_t next_due[STORE_MAIL_PRIORITIES];
    _Atomic int64_t oldest_due, next_expiry, next_plan, events_off;
    bool mails_moved;          /* the number of those that wait may be another one */
    int64_t mails_counted_at;  /* monotonic */
    atomic_bool broken, full;
};

int writer_new(const struct writer_options *options, struct writer **ret_writer)
{
    pthread_condattr_t attributes;
    struct writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return -ENOMEM;
    writer->db = options->db;
    writer->board = options->board;
    writer->clock = options->clock;
    writer->queue = options->queue;
    writer->metrics = options->metrics;
    writer->seen_at = INT64_MAX; /* it may have been set back while nobody looked */
    for (unsigned i = 0; i < STORE_MAIL_PRIORITIES; i++)
        atomic_init(&writer->next_due[i], INT64_MAX);
    atomic_init(&writer->oldest_due, INT64_MAX);
    atomic_init(&writer->next_expiry, INT64_MAX);
    atomic_init(&writer->next_plan, INT64_MAX);
    atomic_init(&writer->events_off, 0);
    writer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (writer->wake_fd < 0) {
        int r = -errno;
        free(writer);
        return r;
    }
    /* these fail on Linux only for arguments that are wrong */
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&writer->filled, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&writer->lock, NULL);
    *ret_writer = writer;
    return 0;
}

void writer_free(struct writer *writer)
{
    if (!writer)
        return;
    (void)pthread_cond_destroy(&writer->filled);
    (void)pthread_mutex_destroy(&writer->lock);
    (void)close(writer->wake_fd);
    free(writer);
}

static void wake_main(struct writer *writer)
{
    const uint64_t one = 1;
    ssize_t n = write(writer->wake_fd, &one, sizeof(one));
    (void)n; /* full means readable, which is all we want */
}

/* ---- lists ---- */

static void append(struct job_list *list, struct store_job *job)
{
    job->post.next = NULL;
    if (list->last)
        list->last->post.next = &job->post;
    else
        list->first = job;
    list->last = job;
    list->count++;
}

static struct store_job *pop(struct job_list *list)
{
    struct store_job *job = list->first;
    if (!job)
        return NULL;
    list->first = (struct store_job *)job->post.next; /* post is the first member */
    if (!list->first)
        list->last = NULL;
    list->count--;
    return job;
}

int writer_submit(struct writer *writer, struct store_job *job)
{
    int r = 0;
    pthread_mutex_lock(&writer->lock);
    if (writer->stopping || atomic_load(&writer->broken))
        r = -ESHUTDOWN;
    else if (!job->kind->inside && writer->outside.count >= writer->queue)
        r = -EBUSY;
    else {
        bool idle = !writer->outside.first && !writer->inside.first;
        append(job->kind->inside ? &writer->inside : &writer->outside, job);
        if (idle)
            pthread_cond_signal(&writer->filled);
        metrics_set(writer->metrics, METRIC_STORE_QUEUE, (int64_t)writer->outside.count);
    }
    pthread_mutex_unlock(&writer->lock);
    if (r == -EBUSY)
        metrics_add(writer->metrics, METRIC_STORE_REFUSED, 1);
    return r;
}

/* Up to BATCH_MAX of those that wait, those from inside first. Under the lock. */
static size_t pop_jobs(struct writer *writer, struct store_job **jobs)
{
    size_t count = 0;
    struct store_job *job;
    while (count < BATCH_MAX && (job = pop(writer->inside.first ? &writer->inside : &writer->outside)))
        jobs[count++] = job;
    metrics_set(writer->metrics, METRIC_STORE_QUEUE, (int64_t)writer->outside.count);
    return count;
}

/* The jobs of the next batch. Waits for one, but no longer than a second, so that a foreign change
 * is noticed. *ret_stop: nothing is left and nothing will come. */
static size_t take_jobs(struct writer *writer, struct store_job **jobs, bool *ret_stop)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_mutex_lock(&writer->lock);
    while (!writer->outside.first && !writer->inside.first && !writer->stopping)
        if (pthread_cond_timedwait(&writer->filled, &writer->lock, &until) == ETIMEDOUT)
            break;
    size_t count = pop_jobs(writer, jobs);
    *ret_stop = count == 0 && writer->stopping;
    pthread_mutex_unlock(&writer->lock);
    return count;
}

/* Hands each job back: one list per mailbox. */
static void hand_out(struct store_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!jobs[i])
            continue;
        struct mailbox *mailbox = jobs[i]->reply_to;
        struct post *first = &jobs[i]->post, *last = first;
        for (size_t k = i + 1; k < count; k++)
            if (jobs[k] && jobs[k]->reply_to == mailbox) {
                last = last->next = &jobs[k]->post;
                jobs[k] = NULL;
            }
        mailbox_put(mailbox, first, last);
    }
}

/* ---- what main and the pages must know ---- */

/* The one number that a statement finds; INT64_MAX: none. */
static int read_number(struct writer *writer, const char *statement, int64_t *ret_at)
{
    struct query *query = db_query(writer->db, statement);
    int r = db_step(query);
    if (r < 0)
        return r;
    *ret_at = r > 0 && !db_is_null(query, 0) ? db_int(query, 0) : INT64_MAX;
    db_reset(query);
    return 0;
}

/* When the next mail of each priority is due: none while the whole queue is paused, and at once where mails that were
 * put aside are to be let go. */
static int read_mail_due(struct writer *writer, int64_t due[STORE_MAIL_PRIORITIES], int64_t *ret_oldest)
{
    struct query *query = db_query(writer->db, "mail_pauses_in_force");
    bool all = false, resumed = false;
    int r = db_step(query);
    if (r < 0)
        return r;
    if (r > 0) {
        all = db_int(query, 0) != 0;
        resumed = db_int(query, 1) != 0;
        metrics_set(writer->metrics, METRIC_MAIL_PAUSES, db_int(query, 2));
        db_reset(query);
    }
    *ret_oldest = INT64_MAX;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        due[priority] = INT64_MAX;
        if (all)
            continue;
        query = db_query(writer->db, "mail_next_due");
        db_bind_int(query, ":priority", priority);
        r = db_step(query);
        if (r < 0)
            return r;
        if (r > 0) {
            due[priority] = db_int(query, 0);
            db_reset(query);
        }
        if (due[priority] < *ret_oldest)
            *ret_oldest = due[priority];
    }
    if (resumed && !all)
        due[STORE_MAIL_PRIORITIES - 1] = 0;
    return 0;
}

/* All is read before any of it is told: a read that fails leaves every change to the next look, which wakes main. */
static int read_due(struct writer *writer)
{
    int64_t due[STORE_MAIL_PRIORITIES], oldest, expiry, release, private, plan;
    bool changed = false;
    int r = read_mail_due(writer, due, &oldest);
    if (r == 0)
        r = read_number(writer, "registration_next_expiry", &expiry);
    if (r == 0)
        r = read_number(writer, "place_next_release", &release);
    if (r == 0)
        r = read_number(writer, "private_next", &private);
    if (r == 0)
        r = read_number(writer, "mail_plan_next", &plan);
    if (r < 0)
        return r;
    if (release < expiry)
        expiry = release;
    if (private < expiry)
        expiry = private;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++)
        changed |= atomic_exchange(&writer->next_due[priority], due[priority]) != due[priority];
    changed |= atomic_exchange(&writer->next_expiry, expiry) != expiry;
    atomic_store(&writer->oldest_due, oldest);
    writer->mails_moved = true;
    changed |= atomic_exchange(&writer->next_plan, plan) != plan;
    if (changed)
        wake_main(writer);
    return 0;
}

static int read_board(struct writer *writer)
{
    struct query *query = db_query(writer->db, "place_all");
    int r;
    while ((r = db_step(query)) > 0) {
        int64_t parent;
        const struct place place = board_row_read(query, &parent);
        r = board_set(writer->board, &place);
        if (r < 0) {
            db_reset(query);
            return r;
        }
    }
    return r;
}

/* Only another process calls an event off. */
static int read_events_off(struct writer *writer)
{
    int64_t count;
    int r = read_number(writer, "event_off_count", &count);
    if (r == 0 && atomic_exchange(&writer->events_off, count) != count)
        wake_main(writer);
    return r;
}

int writer_reload(struct writer *writer)
{
    int64_t version;
    int r = db_data_version(writer->db, &version);
    if (r == 0)
        r = read_board(writer);
    if (r == 0)
        r = read_due(writer);
    if (r == 0)
        r = read_events_off(writer);
    if (r == 0)
        writer->data_version = version; /* not before: what could not be read is read at the next look */
    return r;
}

static void look_for_foreign_change(struct writer *writer)
{
    int64_t version;
    int r = db_data_version(writer->db, &version);
    if (r == 0 && version != writer->data_version)
        r = writer_reload(writer);
    if (r < 0)
        log_warning("store.reload_failed", LOG_ERRNO(r)); /* the next look comes within a second */
}

/* The store keeps the count; it is only fetched, and not after each batch. */
static void count_mails(struct writer *writer)
{
    int64_t waiting, now = clock_monotonic();
    if (!writer->mails_moved || now - writer->mails_counted_at < COUNT_WAIT)
        return;
    writer->mails_moved = false;
    writer->mails_counted_at = now;
    if (read_number(writer, "mail_waiting", &waiting) == 0 && waiting != INT64_MAX)
        metrics_set(writer->metrics, METRIC_MAIL_QUEUE, waiting);
}

static void count_batch(struct writer *writer, struct store_job *const *jobs, size_t count)
{
    int64_t undone = 0;
    for (size_t i = 0; i < count; i++)
        undone += jobs[i]->outcome == -EAGAIN;
    metrics_add(writer->metrics, METRIC_STORE_BATCHES, 1);
    metrics_add(writer->metrics, METRIC_STORE_JOBS, (int64_t)count);
    metrics_add(writer->metrics, METRIC_STORE_REFUSED, undone);
}

static void note_unknown(struct writer *writer)
{
    atomic_store(&writer->broken, true);
    log_error("store.unknown_state", LOG_TEXT("why", "the last commit may or may not be there"));
    wake_main(writer);
}

static void look_for_due(struct writer *writer)
{
    int r = read_due(writer);
    if (r < 0) {
        log_warning("store.due_unread", LOG_ERRNO(r));
        writer->data_version = -1; /* SQLite's own are not negative: all is read anew at the next look */
    }
}

static void after_batch(struct writer *writer, const struct batch_report *report)
{
    if (report->unknown) {
        note_unknown(writer);
        return;
    }
    if (atomic_exchange(&writer->full, report->full) != report->full) {
        if (report->full)
            log_error("store.full", LOG_TEXT("why", "nothing can be written; trying again with the next change"));
        else
            log_info("store.writable");
    }
    if (report->wrote)
        look_for_due(writer);
}

/* 0, or as of a commit. */
static int redate_mails(struct writer *writer, int64_t now)
{
    int64_t newest;
    int r = read_number(writer, "mail_newest", &newest);
    if (r < 0 || newest <= now || newest == INT64_MAX)
        return r;
    r = db_begin(writer->db);
    if (r < 0)
        return r == -EINPROGRESS ? -EAGAIN : r; /* before the first write: a sure no */
    struct query *query = db_query(writer->db, "mails_redate");
    db_bind_int(query, ":now", now);
    r = db_run(query);
    if (r == 0)
        r = db_commit(writer->db);
    else
        db_rollback(writer->db);
    if (r == 0)
        look_for_due(writer);
    return r;
}

/* What waits for an instant by a clock that was ahead waits no longer for that when the clock is set right. */
static void look_at_clock(struct writer *writer)
{
    const int64_t now = clock_now(writer->clock);
    if (now < writer->seen_at - CLOCK_STEP) {
        int r = redate_mails(writer, now);
        if (r == -EINPROGRESS)
            note_unknown(writer);
        if (r < 0) {
            log_warning("store.mails_not_redated", LOG_ERRNO(r)); /* again at the next look */
            return;
        }
    }
    writer->seen_at = now;
}

static void checkpoint(struct writer *writer, bool idle)
{
    int64_t size = db_wal_size(writer->db);
    if (size >= WAL_MAX || (idle && size >= WAL_IDLE))
        db_checkpoint(writer->db);
}

static void refuse_rest(struct writer *writer)
{
    struct store_job *jobs[BATCH_MAX];
    for (;;) {
        pthread_mutex_lock(&writer->lock);
        size_t count = pop_jobs(writer, jobs);
        pthread_mutex_unlock(&writer->lock);
        if (count == 0)
            return;
        for (size_t i = 0; i < count; i++)
            jobs[i]->outcome = -EAGAIN; /* never begun */
        metrics_add(writer->metrics, METRIC_STORE_REFUSED, (int64_t)count);
        hand_out(jobs, count);
    }
}

static void *run(void *arg)
{
    struct writer *writer = arg;
    struct store_job *jobs[BATCH_MAX];
    bool stop = false;

    while (!stop) {
        struct batch_report report;
        size_t count = take_jobs(writer, jobs, &stop);
        look_for_foreign_change(writer);
        if (count > 0) {
            batch_run(writer->db, writer->board, jobs, count, clock_now(writer->clock), &report);
            count_batch(writer, jobs, count);
            hand_out(jobs, count);
            after_batch(writer, &report);
        }
        if (!atomic_load(&writer->broken))
            look_at_clock(writer);
        if (atomic_load(&writer->broken)) {
            refuse_rest(writer); /* later ones are refused at the door */
            return NULL;
        }
        count_mails(writer);
        checkpoint(writer, count == 0);
        metrics_set(writer->metrics, METRIC_STORE_WAL_BYTES, db_wal_size(writer->db));
    }
    db_checkpoint(writer->db);
    return NULL;
}

int writer_start(struct writer *writer)
{
    int r = thread_start(&writer->thread, "writer", run, writer);
    writer->started = r == 0;
    return r;
}

int writer_run(struct writer *writer, struct store_job *job)
{
    struct batch_report report;
    batch_run(writer->db, writer->board, &job, 1, clock_now(writer->clock), &report);
    return job->outcome;
}

void writer_stop(struct writer *writer)
{
    if (!writer->started)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->lock);
    (void)pthread_join(writer->thread, NULL);
    writer->started = false;
}

int writer_wake_fd(const struct writer *writer)
{
    return writer->wake_fd;
}

void writer_wake_clear(struct writer *writer)
{
    uint64_t count;
    ssize_t n = read(writer->wake_fd, &count, sizeof(count));
    (void)n;
}

int64_t writer_next_due(const struct writer *writer, unsigned priority)
{
    return atomic_load(&writer->next_due[priority]);
}

int64_t writer_oldest_due(const struct writer *writer)
{
    return atomic_load(&writer->oldest_due);
}

int64_t writer_events_off(const struct writer *writer)
{
    return atomic_load(&writer->events_off);
}

int64_t writer_next_expiry(const struct writer *writer)
{
    return atomic_load(&writer->next_expiry);
}

int64_t writer_next_plan(const struct writer *writer)
{
    return atomic_load(&writer->next_plan);
}

bool writer_broken(const struct writer *writer)
{
    return atomic_load(&writer->broken);
}

int writer_ready(const struct writer *writer)
{
    if (atomic_load(&writer->broken))
        return -EIO;
    if (atomic_load(&writer->full))
        return -ENOSPC;
    pthread_mutex_t *lock = (pthread_mutex_t *)&writer->lock; /* const for the caller: nothing is changed */
    pthread_mutex_lock(lock);
    bool busy = writer->outside.count >= writer->queue;
    pthread_mutex_unlock(lock);
    return busy ? -EBUSY : 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The readers: one list of queries, some threads with a connection each. Submitting: any thread. Each query has a
 * deadline, for a long one would let the write-ahead log grow. */
#include "store/reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/thread.h"
#include "store/db.h"

#define DEADLINE_MS 2000

struct reader {
    struct readers *all;
    struct db *db;
    pthread_t thread;
    bool started;
};

struct readers {
    pthread_mutex_t lock; /* guards the list and stopping; no other lock under it */
    pthread_cond_t filled;
    struct read_job *first, *last;
    size_t waiting, queue;
    bool stopping;
    unsigned count;
    struct reader *readers;
};

int readers_new(const char *path, unsigned count, size_t queue, struct readers **ret_readers)
{
    struct readers *readers = calloc(1, sizeof(*readers));
    if (!readers)
        return -ENOMEM;
    (void)pthread_mutex_init(&readers->lock, NULL);
    (void)pthread_cond_init(&readers->filled, NULL);
    readers->queue = queue;
    readers->readers = calloc(count, sizeof(*readers->readers));
    int r = readers->readers ? 0 : -ENOMEM;
    for (unsigned i = 0; r == 0 && i < count; i++) {
        readers->readers[i].all = readers;
        r = db_open(path, DB_READ, &readers->readers[i].db, NULL);
        if (r == 0)
            readers->count++;
    }
    if (r < 0) {
        readers_free(readers);
        return r;
    }
    *ret_readers = readers;
    return 0;
}

void readers_free(struct readers *readers)
{
    if (!readers)
        return;
    for (unsigned i = 0; i < readers->count; i++)
        db_close(readers->readers[i].db);
    free(readers->readers);
    (void)pthread_cond_destroy(&readers->filled);
    (void)pthread_mutex_destroy(&readers->lock);
    free(readers);
}

int readers_submit(struct readers *readers, struct read_job *job)
{
    int r = 0;
    pthread_mutex_lock(&readers->lock);
    if (readers->stopping)
        r = -ESHUTDOWN;
    else if (readers->waiting >= readers->queue)
        r = -EBUSY;
    else {
        job->post.next = NULL;
        if (readers->last)
            readers->last->post.next = &job->post;
        else
            readers->first = job;
        readers->last = job;
        readers->waiting++;
        pthread_cond_signal(&readers->filled);
    }
    pthread_mutex_unlock(&readers->lock);
    return r;
}

static struct read_job *take(struct readers *readers)
{
    pthread_mutex_lock(&readers->lock);
    while (!readers->first && !readers->stopping)
        pthread_cond_wait(&readers->filled, &readers->lock);
    struct read_job *job = readers->first;
    if (job) {
        readers->first = (struct read_job *)job->post.next; /* post is the first member */
        if (!readers->first)
            readers->last = NULL;
        readers->waiting--;
    }
    pthread_mutex_unlock(&readers->lock);
    return job;
}

static void *run(void *arg)
{
    struct reader *reader = arg;
    struct read_job *job;

    while ((job = take(reader->all))) {
        db_deadline(reader->db, clock_monotonic() + DEADLINE_MS);
        job->outcome = db_begin_read(reader->db);
        if (job->outcome == 0)
            job->outcome = job->run(job, reader->db);
        db_rollback(reader->db);
        mailbox_put(job->reply_to, &job->post, &job->post);
    }
    return NULL;
}

int readers_start(struct readers *readers)
{
    for (unsigned i = 0; i < readers->count; i++) {
        int r = thread_start(&readers->readers[i].thread, "reader", run, &readers->readers[i]);
        if (r < 0)
            return r;
        readers->readers[i].started = true;
    }
    return 0;
}

void readers_stop(struct readers *readers)
{
    pthread_mutex_lock(&readers->lock);
    readers->stopping = true;
    pthread_cond_broadcast(&readers->filled);
    pthread_mutex_unlock(&readers->lock);
    for (unsigned i = 0; i < readers->count; i++)
        if (readers->readers[i].started) {
            (void)pthread_join(readers->readers[i].thread, NULL);
            readers->readers[i].started = false;
        }
}

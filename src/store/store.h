/* SPDX-License-Identifier: EUPL-1.2 */
/* The store as the rest of the daemon sees it: changes in, reads in, results out by mailbox. One writer thread with
 * group commit, some reader threads. It calls a change through its descriptor only and knows none.
 *
 * A job and all it points to live in its own arena. The submitter owns it until store_submit returns 0, then the
 * store, then the mailbox it comes back in (post.arrive runs on that mailbox's thread and must free the arena in
 * the end). Lock order: a list's lock is the only one held at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"

struct arena;
struct board;
struct clock;
struct db;
struct edition;
struct facts;
struct metrics;
struct store;
struct store_job;
struct wanted;

/* The time of a batch: every job of it is decided at the same instant. */
struct moment {
    int64_t now;
};

/* A kind of change: what the writer calls, in this order, for each job of a batch. */
struct change_kind {
    const char *name;
    bool inside; /* from within: never refused, goes first */
    /* Names the rows it needs. No SQL. */
    int (*facts)(const struct store_job *job, struct wanted *wanted);
    /* Memory only, in order of arrival; sees what earlier jobs of the batch changed. Sets job->writes if apply has
     * anything to do. */
    int (*decide)(struct store_job *job, struct facts *facts, const struct moment *moment);
    /* Writes rows by key. Touched places are written by the batch itself. */
    int (*apply)(const struct store_job *job, struct db *db);
    /* Forgets what decide found, before the job is run again alone. NULL: nothing to forget. */
    void (*reset)(struct store_job *job);
};

struct store_job {
    struct post post; /* first: a mailbox hands this back */
    const struct change_kind *kind;
    struct mailbox *reply_to;
    struct arena *arena;
    struct edition *edition; /* kept for the job, may be NULL; the store does not touch it */
    bool writes;
    /* 0: committed, or decided without a write · -EAGAIN: surely not done (disk full, busy; 503) · -EINPROGRESS: nobody
     * can say (503) · -EIO: this job is guilty (500) */
    int outcome;
};

/* A query. run is called on a reader with DB inside one read transaction and must end soon: statements are broken off
 * at the reader's deadline (-ETIME). outcome: what run returned. */
struct read_job {
    struct post post;
    int (*run)(struct read_job *job, struct db *db);
    struct mailbox *reply_to;
    struct arena *arena;
    struct edition *edition;
    int outcome;
};

#define STORE_MAIL_PRIORITIES 3

struct store_options {
    const char *path;
    unsigned readers;
    size_t queue; /* outside jobs that may wait */
    struct clock *clock;
    struct metrics *metrics; /* NULL: nothing is counted */
};

/* Opens the database (made and migrated if need be), takes the lock file PATH.lock, frees the leases of a former
 * run, fills the board. -EBUSY: another daemon has it. *ret_created tells whether it is new. No thread runs yet. */
int store_open(const struct store_options *options, struct store **ret_store, bool *ret_created)
    __attribute__((warn_unused_result));

/* Runs one job here and now: for main before the threads run, and for convenectl (which opens with store_attach). */
int store_run(struct store *store, struct store_job *job) __attribute__((warn_unused_result));

/* The same database for convenectl: an ordinary foreign writer beside the daemon. No lock file, no threads.
 * -ENOENT if there is none, -EPROTO if its schema is of another version. */
int store_attach(const char *path, struct clock *clock, struct store **ret_store) __attribute__((warn_unused_result));

/* The connection of an attached store, for queries of convenectl. */
struct db *store_db(struct store *store);

int store_start(struct store *store) __attribute__((warn_unused_result)); /* the threads */

/* Any thread. 0: the store owns JOB. -EBUSY: the outside list is full; -ESHUTDOWN: the store is stopping or does not
 * know its own state: the caller still owns the job. */
int store_submit(struct store *store, struct store_job *job) __attribute__((warn_unused_result));
int store_read(struct store *store, struct read_job *job) __attribute__((warn_unused_result));

/* Readable when what store_next_due or store_broken say may have changed. For main's loop. */
int store_wake_fd(const struct store *store);
void store_wake_clear(struct store *store);
/* The earliest instant at which a mail of that priority is due, or something is to be done with mails of that priority
 * that were paused; INT64_MAX: none waits, or all are paused. */
int64_t store_next_due(const struct store *store, unsigned priority);
/* Since when the mail is due that has waited longest of those that could go; INT64_MAX: none waits. */
int64_t store_oldest_due(const struct store *store);
/* When the next held place or offer lapses; INT64_MAX: none. */
int64_t store_next_expiry(const struct store *store);
/* When the next mails that are sent on a date are due; INT64_MAX: none. */
int64_t store_next_plan(const struct store *store);
/* How many events are off. When it moves another process called one off, and the edition is to be made anew. */
int64_t store_events_off(const struct store *store);
/* True after an error that leaves the last batch unknown: main drains and exits 1. */
bool store_broken(const struct store *store);

const struct board *store_board(const struct store *store);
/* For /readyz: 0, -EBUSY (the outside list is full), -ENOSPC (the last batch could not be written), -EIO (broken). */
int store_ready(const struct store *store);

/* Finishes what has been submitted, stops the threads; the results are in their mailboxes. */
void store_stop(struct store *store);
void store_close(struct store *store); /* after store_stop; NULL is allowed */

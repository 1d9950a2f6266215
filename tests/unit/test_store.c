/* SPDX-License-Identifier: EUPL-1.2 */
/* The store's threads with a real SQLite file: group commit, the guilty job, the bounded list, foreign changes. Runs
 * under the thread sanitizer too. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/metrics.h"
#include "store/db.h"
#include "store/facts.h"
#include "store/store.h"

#define PATIENCE 60000 /* ms until a wait is a failure */

/* A change that writes one row of `text`. */
struct note {
    struct store_job job;
    char hash[32];
    bool guilty;
    int resets;
    struct mailbox *box;
};

static int note_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    (void)wanted;
    return 0;
}

static int note_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    (void)facts;
    assert_true(moment->now > 0);
    job->writes = true;
    return 0;
}

static int note_apply(const struct store_job *job, struct db *db)
{
    const struct note *note = (const struct note *)job;
    if (note->guilty)
        return -EIO;
    struct query *query = db_query(db, "text_insert");
    db_bind_text(query, ":hash", note->hash);
    db_bind_text(query, ":language", "en");
    db_bind_text(query, ":body", "x");
    return db_run(query);
}

static void note_reset(struct store_job *job)
{
    ((struct note *)job)->resets++;
}

static const struct change_kind note_kind = {
    .name = "note", .facts = note_facts, .decide = note_decide, .apply = note_apply, .reset = note_reset
};
static const struct change_kind inside_kind = { .name = "inside",
                                                .inside = true,
                                                .facts = note_facts,
                                                .decide = note_decide,
                                                .apply = note_apply,
                                                .reset = note_reset };

struct fixture {
    char folder[32], path[64];
    struct clock *clock;
    struct metrics *metrics;
    struct store *store;
};

static struct fixture open_store(size_t queue)
{
    struct fixture f = { .folder = "/tmp/convened-test-XXXXXX" };
    bool created = false;
    assert_non_null(mkdtemp(f.folder));
    (void)snprintf(f.path, sizeof(f.path), "%s/t.db", f.folder);
    assert_int_equal(clock_new(NULL, &f.clock), 0);
    assert_int_equal(metrics_new(&f.metrics), 0);
    const struct store_options options = { .path = f.path, .readers = 2, .queue = queue, .clock = f.clock,
                                           .metrics = f.metrics };
    assert_int_equal(store_open(&options, &f.store, &created), 0);
    assert_true(created);
    return f;
}

static void close_store(struct fixture *f)
{
    char command[96];
    store_close(f->store);
    metrics_free(f->metrics);
    clock_free(f->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", f->folder);
    assert_int_equal(system(command), 0);
}

static int64_t count_rows(const char *path)
{
    struct db *db;
    struct query *query;
    assert_int_equal(db_open(path, DB_READ, &db, NULL), 0);
    assert_int_equal(db_prepare(db, "SELECT count(*) FROM text", &query), 0);
    assert_int_equal(db_step(query), 1);
    int64_t count = db_int(query, 0);
    db_finish(query);
    db_close(db);
    return count;
}

static atomic_int good, bad;
static void on_note(struct post *post)
{
    struct note *note = (struct note *)post;
    if (note->job.outcome == 0)
        atomic_fetch_add(&good, 1);
    else
        atomic_fetch_add(&bad, 1);
    assert_int_equal(note->job.outcome, note->guilty ? -EIO : 0);
    free(note);
}

static struct note *new_note(struct mailbox *box, const struct change_kind *kind, const char *prefix, int number,
                             bool guilty)
{
    struct note *note = calloc(1, sizeof(*note));
    note->job = (struct store_job){ .post = { .arrive = on_note }, .kind = kind, .reply_to = box };
    note->guilty = guilty;
    (void)snprintf(note->hash, sizeof(note->hash), "%s%d", prefix, number);
    return note;
}

static void wait_for(struct mailbox *box, int total)
{
    while (atomic_load(&good) + atomic_load(&bad) < total) {
        struct pollfd fd = { .fd = mailbox_fd(box), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, PATIENCE), 1);
        mailbox_deliver(box);
    }
}

struct submitter {
    struct store *store;
    struct mailbox *box;
    int number, count;
};

static void *submit_many(void *arg)
{
    struct submitter *s = arg;
    char prefix[8];
    (void)snprintf(prefix, sizeof(prefix), "%d-", s->number);
    for (int i = 0; i < s->count; i++) {
        struct note *note = new_note(s->box, i % 3 ? &note_kind : &inside_kind, prefix, i, i % 97 == 5);
        assert_int_equal(store_submit(s->store, &note->job), 0);
    }
    return NULL;
}

static void many_threads_share_commits_and_the_guilty_pays_alone(void **state)
{
    (void)state;
    enum { THREADS = 4, EACH = 500 };
    struct fixture f = open_store(100000);
    struct mailbox *box;
    pthread_t threads[THREADS];
    struct submitter submitters[THREADS];
    good = bad = 0;
    assert_int_equal(mailbox_new(&box), 0);
    assert_int_equal(store_start(f.store), 0);
    for (int i = 0; i < THREADS; i++) {
        submitters[i] = (struct submitter){ f.store, box, i, EACH };
        assert_int_equal(pthread_create(&threads[i], NULL, submit_many, &submitters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    wait_for(box, THREADS * EACH);
    store_stop(f.store);
    assert_int_equal(atomic_load(&bad), THREADS * 6); /* 5, 102, 199, 296, 393, 490 */
    assert_int_equal(count_rows(f.path), THREADS * EACH - THREADS * 6);
    assert_false(store_broken(f.store));
    mailbox_free(box);
    close_store(&f);
}

static void outside_list_is_bounded_and_the_inside_is_not(void **state)
{
    (void)state;
    struct fixture f = open_store(3);
    struct mailbox *box;
    good = bad = 0;
    assert_int_equal(mailbox_new(&box), 0);
    for (int i = 0; i < 3; i++) /* the threads do not run yet, so all wait */
        assert_int_equal(store_submit(f.store, &new_note(box, &note_kind, "o", i, false)->job), 0);
    struct note *refused = new_note(box, &note_kind, "r", 0, false);
    assert_int_equal(store_submit(f.store, &refused->job), -EBUSY);
    assert_int_equal(store_ready(f.store), -EBUSY);
    free(refused);
    assert_int_equal(store_submit(f.store, &new_note(box, &inside_kind, "i", 0, false)->job), 0);
    assert_int_equal(store_start(f.store), 0);
    wait_for(box, 4);
    assert_int_equal(store_ready(f.store), 0);
    store_stop(f.store);
    struct note *late = new_note(box, &inside_kind, "l", 0, false);
    assert_int_equal(store_submit(f.store, &late->job), -ESHUTDOWN);
    free(late);
    assert_int_equal(count_rows(f.path), 4);
    mailbox_free(box);
    close_store(&f);
}

static void one_daemon_has_the_store_and_others_write_beside_it(void **state)
{
    (void)state;
    struct fixture f = open_store(10);
    struct store *other;
    bool created;
    const struct store_options options = { .path = f.path, .readers = 1, .queue = 1, .clock = f.clock };
    assert_int_equal(store_open(&options, &other, &created), -EBUSY);
    assert_int_equal(store_attach(f.path, f.clock, &other), 0);
    struct note *note = new_note(NULL, &note_kind, "c", 0, false);
    assert_int_equal(store_run(other, &note->job), 0);
    note->guilty = true;
    assert_int_equal(store_run(other, &note->job), -EIO);
    assert_int_equal(note->resets, 1);
    free(note);
    store_close(other);
    assert_int_equal(count_rows(f.path), 1);
    close_store(&f);
    assert_int_equal(store_attach("/tmp/convened-there-is-none.db", NULL, &other), -ENOENT);
}

/* Its commit may or may not be there. */
static int unknown_apply(const struct store_job *job, struct db *db)
{
    (void)job;
    (void)db;
    return -EINPROGRESS;
}

static const struct change_kind unknown_kind = { .name = "unknown", .inside = true, .facts = note_facts,
                                                 .decide = note_decide, .apply = unknown_apply };

static int outcomes[2]; /* the batch that broke, and those that were never begun */
static void on_broken(struct post *post)
{
    struct note *note = (struct note *)post;
    outcomes[note->job.outcome == -EAGAIN]++;
    assert_true(note->job.outcome == -EAGAIN || note->job.outcome == -EINPROGRESS);
    free(note);
}

static void broken_store_refuses_what_waits_and_counts_it(void **state)
{
    (void)state;
    enum { WAITING = 1500 };
    struct fixture f = open_store(WAITING);
    struct mailbox *box;
    outcomes[0] = outcomes[1] = 0;
    assert_int_equal(mailbox_new(&box), 0);
    for (int i = 0; i <= WAITING; i++) { /* the one from inside goes first */
        struct note *note = new_note(box, i < WAITING ? &note_kind : &unknown_kind, "b", i, false);
        note->job.post.arrive = on_broken;
        assert_int_equal(store_submit(f.store, &note->job), 0);
    }
    assert_int_equal(metrics_get(f.metrics, METRIC_STORE_QUEUE), WAITING);
    assert_int_equal(store_start(f.store), 0);
    while (outcomes[0] + outcomes[1] <= WAITING) {
        struct pollfd fd = { .fd = mailbox_fd(box), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, PATIENCE), 1);
        mailbox_deliver(box);
    }
    store_stop(f.store);
    assert_true(store_broken(f.store));
    assert_in_range(outcomes[0], 1, WAITING - 1);
    assert_int_equal(metrics_get(f.metrics, METRIC_STORE_REFUSED), outcomes[1]);
    assert_int_equal(metrics_get(f.metrics, METRIC_STORE_QUEUE), 0);
    assert_int_equal(count_rows(f.path), 0);
    mailbox_free(box);
    close_store(&f);
}

/* A foreign process makes a mail due: main is woken within about a second. */
static void foreign_change_is_noticed(void **state)
{
    (void)state;
    struct fixture f = open_store(10);
    struct db *db;
    assert_int_equal(store_start(f.store), 0);
    assert_true(store_next_due(f.store, 0) == INT64_MAX);
    assert_int_equal(db_open(f.path, DB_WRITE, &db, NULL), 0);
    assert_int_equal(
        db_script(db, "INSERT INTO mail (id, subject_kind, subject_id, kind, instance, recipient, language, data, "
                      "priority, state, due_at, message_id, born_at) VALUES (1, 'registration', 1, 'confirmed', 0, "
                      "'a@b.example', 'en', '{}', "
                      "0, 'queued', 12345, 'x@y', 12345)"),
        0);
    db_close(db);
    for (int i = 0; store_next_due(f.store, 0) != 12345 && i < 5; i++) {
        struct pollfd fd = { .fd = store_wake_fd(f.store), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, PATIENCE), 1);
        store_wake_clear(f.store);
    }
    assert_true(store_next_due(f.store, 0) == 12345);
    store_stop(f.store);
    close_store(&f);
}

struct slow {
    struct read_job job;
};
static int run_for_ever(struct read_job *job, struct db *db)
{
    struct query *query;
    (void)job;
    int r = db_prepare(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
                       &query);
    if (r == 0) {
        r = db_step(query);
        db_finish(query);
    }
    return r;
}

static int slow_outcome = 1;
static void on_slow(struct post *post)
{
    slow_outcome = ((struct slow *)post)->job.outcome;
}

static void long_query_is_broken_off(void **state)
{
    (void)state;
    struct fixture f = open_store(10);
    struct mailbox *box;
    assert_int_equal(mailbox_new(&box), 0);
    assert_int_equal(store_start(f.store), 0);
    struct slow slow = { .job = { .post = { .arrive = on_slow }, .run = run_for_ever, .reply_to = box } };
    assert_int_equal(store_read(f.store, &slow.job), 0);
    struct pollfd fd = { .fd = mailbox_fd(box), .events = POLLIN };
    assert_int_equal(poll(&fd, 1, PATIENCE), 1);
    mailbox_deliver(box);
    assert_int_equal(slow_outcome, -ETIME);
    store_stop(f.store);
    mailbox_free(box);
    close_store(&f);
}

static void foreign_files_are_left_alone(void **state)
{
    (void)state;
    struct fixture f = open_store(10);
    char other[80], command[160];
    struct store *store;
    bool created;
    (void)snprintf(other, sizeof(other), "%s/other.db", f.folder);
    (void)snprintf(command, sizeof(command), "sqlite3 %s 'CREATE TABLE theirs (a)'", other);
    assert_int_equal(system(command), 0);
    const struct store_options options = { .path = other, .readers = 1, .queue = 1, .clock = f.clock };
    assert_int_equal(store_open(&options, &store, &created), -EPROTO);
    close_store(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_share_commits_and_the_guilty_pays_alone),
        cmocka_unit_test(outside_list_is_bounded_and_the_inside_is_not),
        cmocka_unit_test(one_daemon_has_the_store_and_others_write_beside_it),
        cmocka_unit_test(broken_store_refuses_what_waits_and_counts_it),
        cmocka_unit_test(foreign_change_is_noticed),
        cmocka_unit_test(long_query_is_broken_off),
        cmocka_unit_test(foreign_files_are_left_alone),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

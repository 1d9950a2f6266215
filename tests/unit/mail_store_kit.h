/* SPDX-License-Identifier: EUPL-1.2 */
/* A real store with mails of nobody, for test_mail_store and test_mail_waits. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "change/mail_act.h"
#include "change/mail_kind.h"
#include "change/mail_lease.h"
#include "change/mail_pause.h"
#include "change/mail_result.h"
#include "store/db.h"
#include "store/store.h"

#define NOW INT64_C(1800000000)
#define AT_NOW "1800000000 AND 1800000100" /* the clock runs on */
#define PROCESS 7

static struct {
    char folder[32], path[64], clock_path[64];
    struct clock *clock;
    struct metrics *metrics;
    struct store *store;
} w;

static inline void set_clock(int64_t at)
{
    char stamp[CLOCK_STAMP_SIZE];
    FILE *file = fopen(w.clock_path, "w");
    assert_non_null(file);
    clock_stamp(at, stamp);
    assert_true(fprintf(file, "%s\n", stamp) > 0);
    assert_int_equal(fclose(file), 0);
    if (w.clock)
        assert_int_equal(clock_reread(w.clock), 0);
}

static inline void script(const char *sql)
{
    assert_int_equal(db_script(store_db(w.store), sql), 0);
}

static inline int64_t ask(const char *sql)
{
    struct query *query;
    assert_int_equal(db_prepare(store_db(w.store), sql, &query), 0);
    assert_int_equal(db_step(query), 1);
    int64_t n = db_int(query, 0);
    db_finish(query);
    return n;
}

static inline int start(void **state)
{
    bool created;
    (void)state;
    memset(&w, 0, sizeof(w));
    (void)strcpy(w.folder, "/tmp/convened-test-XXXXXX");
    if (!mkdtemp(w.folder))
        return -1;
    (void)snprintf(w.path, sizeof(w.path), "%s/t.db", w.folder);
    (void)snprintf(w.clock_path, sizeof(w.clock_path), "%s/clock", w.folder);
    set_clock(NOW);
    if (metrics_new(&w.metrics) < 0 || clock_new(w.clock_path, &w.clock) < 0)
        return -1;
    const struct store_options options = { .path = w.path, .readers = 1, .queue = 100, .clock = w.clock,
                                           .metrics = w.metrics };
    if (store_open(&options, &w.store, &created) < 0)
        return -1;
    script("BEGIN; INSERT INTO event (id, slug, revision_id, state, starts_at) VALUES (1, 'one', 1, 'live', 0), "
           "(2, 'two', 2, 'live', 0); INSERT INTO event_revision (id, event_id, number, hash, text, author, source, "
           "created_at) VALUES (1, 1, 1, '', '', '', '', 0), (2, 2, 1, '', '', '', '', 0); COMMIT");
    return 0;
}

static inline int end(void **state)
{
    char command[96];
    (void)state;
    store_close(w.store);
    clock_free(w.clock);
    metrics_free(w.metrics);
    (void)snprintf(command, sizeof(command), "rm -rf %s", w.folder);
    return system(command);
}

/* COUNT mails of EVENT from number FIRST on, each to a subject of its own, due since a while. */
static inline void add(int64_t first, int64_t count, int event, int priority, const char *domain)
{
    char sql[900];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, recipient, language, "
                   "data, priority, state, due_at, message_id, born_at) WITH RECURSIVE n(i) AS (SELECT %lld UNION ALL "
                   "SELECT i + 1 FROM n WHERE i < %lld) SELECT i, 'registration', i, %d, 'bulk', 0, 'p' || i || '@%s', "
                   "'en', '{}', %d, 'queued', %lld, i || '@cluster.example', %lld FROM n",
                   (long long)first, (long long)(first + count - 1), event, domain, priority, (long long)NOW - 100,
                   (long long)NOW - 100);
    script(sql);
}

/* For as many of each sort; the caller frees the arena. */
static inline struct mail_lease lease(int64_t urgent, int64_t others, mail_gate *gate)
{
    struct mail_lease lease = { .job = { .kind = &change_mail_lease, .arena = arena_new() },
                                .urgent = urgent, .others = others, .look = 8, .process = PROCESS,
                                .until = NOW + 600, .gate = gate };
    assert_int_equal(store_run(w.store, &lease.job), 0);
    assert_int_equal(lease.job.outcome, 0);
    return lease;
}

static inline size_t lease_count(int64_t urgent, int64_t others)
{
    struct mail_lease leased = lease(urgent, others, NULL);
    arena_free(leased.job.arena);
    return leased.count;
}

static inline void report(int64_t id, enum mail_outcome outcome)
{
    struct mail_result result = { .job = { .kind = &change_mail_result }, .mail_id = id, .process = PROCESS,
                                  .outcome = outcome, .due_at = NOW + 60, .code = 250, .reply = "250 ok" };
    assert_int_equal(store_run(w.store, &result.job), 0);
}

static inline enum mail_act_result act(enum mail_act_kind kind, int64_t id)
{
    enum mail_act_result result;
    struct mail_act_row row;
    struct mail_act act = { .job = { .kind = &change_mail_act, .arena = arena_new() }, .actor = "tester", .act = kind,
                            .count = 1, .ids = &id, .results = &result, .rows = &row };
    assert_int_equal(store_run(w.store, &act.job), 0);
    arena_free(act.job.arena);
    return result;
}

static inline bool set_pause(int64_t scope, bool resume)
{
    struct mail_pause pause = { .job = { .kind = &change_mail_pause }, .actor = "tester", .scope = scope,
                                .resume = resume };
    assert_int_equal(store_run(w.store, &pause.job), 0);
    return !pause.already;
}

/* The counts that triggers keep are the true ones. */
static inline void assert_counts(void)
{
    assert_int_equal(ask("SELECT count(*) FROM mail_count AS c WHERE c.n <> (SELECT count(*) FROM mail AS m "
                         "WHERE m.state = c.state)"), 0);
}

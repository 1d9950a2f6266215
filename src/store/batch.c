/* SPDX-License-Identifier: EUPL-1.2 */
/* One transaction over a list of jobs. Called by writer.c on its thread and by store.c for store_run.
 *
 * There is no savepoint per job: decisions are made in memory from facts read inside the transaction, so that no
 * statement fails in normal life. If one does all the same, the batch is rolled back and its jobs run again, one per
 * transaction, and only the guilty one pays. */
#include "store/batch.h"

#include <errno.h>

#include "base/arena.h"
#include "base/log.h"
#include "signup/places.h"
#include "store/board.h"
#include "store/db.h"
#include "store/facts.h"
#include "store/store.h"

static void set_outcomes(struct store_job **jobs, size_t count, int outcome)
{
    for (size_t i = 0; i < count; i++)
        jobs[i]->outcome = outcome;
}

/* Where the places of a batch are written, and when it is. */
struct writing {
    struct db *db;
    int64_t now;
};

/* The row of a place that was made in this batch, before anybody's row names it. */
static int insert_born(const struct place *place, void *arg)
{
    const struct writing *writing = arg;
    if (!place->born)
        return 0;
    struct query *query = db_query(writing->db, "place_born");
    db_bind_int(query, ":id", place->id);
    db_bind_int(query, ":event", place->event_id);
    db_bind_text(query, ":kind", place_kind_name(place->kind));
    db_bind_text(query, ":key", place->key);
    db_bind_text(query, ":title", place->title);
    db_bind_int(query, ":capacity", place->capacity);
    return db_run(query);
}

static int update_place(const struct place *place, void *arg)
{
    const struct writing *writing = arg;
    struct query *query = db_query(writing->db, "place_update");
    db_bind_int(query, ":taken", place->taken);
    db_bind_int(query, ":reserved_open", place->reserved_open);
    db_bind_int(query, ":waiting", place->waiting);
    if (place->released)
        db_bind_int(query, ":released", writing->now);
    else
        db_bind_null(query, ":released");
    db_bind_int(query, ":id", place->id);
    return db_run(query);
}

/* A limit's row names an organisation or a domain, which may be one person's: it goes with the last whom it counts. */
static int forget_cap(const struct place *place, void *arg)
{
    const struct writing *writing = arg;
    if (place->kind != PLACE_CAP || place->taken > 0)
        return 0;
    struct query *query = db_query(writing->db, "cap_forget");
    db_bind_int(query, ":id", place->id);
    return db_run(query);
}

#ifdef CONVENED_CHECKS
/* The promise itself, checked at every commit of the test builds: counters equal claims, never above capacity. */
static int check_place(const struct place *place, void *arg)
{
    struct query *query = db_query(arg, "claims_count");
    db_bind_int(query, ":place", place->id);
    int r = db_step(query);
    int64_t claims = r > 0 ? db_int(query, 0) : -1;
    db_reset(query);
    if (claims != place->taken || (place->limited && place->taken > place->capacity)) {
        log_error("store.counter_wrong", LOG_INT("place", place->id), LOG_INT("taken", place->taken),
                  LOG_INT("claims", claims));
        __builtin_trap();
    }
    return 0;
}
#endif

static int show_place(const struct place *place, void *arg)
{
    return board_set(arg, place);
}

/* Decides all, then writes all. 0 and *ret_writes, or the first error; nothing is committed yet. */
static int decide_and_apply(struct db *db, struct facts *facts, struct store_job **jobs, size_t count,
                            const struct moment *moment, bool *ret_writes)
{
    struct writing writing = { .db = db, .now = moment->now };
    bool writes = false;
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        r = jobs[i]->kind->decide(jobs[i], facts, moment);
        if (r < 0)
            return r;
        writes |= jobs[i]->writes;
    }
    if (!writes) {
        *ret_writes = false;
        return 0;
    }
    r = facts_touched(facts, insert_born, &writing);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = jobs[i]->writes ? jobs[i]->kind->apply(jobs[i], db) : 0;
    if (r == 0)
        r = facts_touched(facts, update_place, &writing);
    if (r == 0)
        r = facts_touched(facts, forget_cap, &writing);
#ifdef CONVENED_CHECKS
    if (r == 0)
        r = facts_touched(facts, check_place, db);
#endif
    if (r == 0)
        *ret_writes = true;
    return r;
}

/* The whole transaction. 0: all jobs are done. Else nothing of it is there (but see -EINPROGRESS). */
static int transact(struct arena *arena, struct db *db, struct board *board, struct store_job **jobs, size_t count,
                    int64_t now, bool *ret_wrote)
{
    const struct moment moment = { .now = now };
    struct wanted *wanted;
    struct facts *facts = NULL;
    bool writes = false;

    int r = wanted_new(arena, &wanted);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = jobs[i]->kind->facts(jobs[i], wanted);
    if (r < 0)
        return r;
    r = db_begin(db);
    if (r < 0)
        return r == -EINPROGRESS ? -EAGAIN : r; /* before the first write: a sure no */
    r = facts_load(arena, db, wanted, now, &facts);
    if (r == 0)
        r = decide_and_apply(db, facts, jobs, count, &moment, &writes);
    if (r < 0 || !writes)
        db_rollback(db);
    else
        r = db_commit(db);
    if (r == 0 && writes && board && facts_touched(facts, show_place, board) < 0)
        log_error("store.board_stale", LOG_ERRNO(-ENOMEM)); /* the next change of the place mends it */
    facts_done(facts);
    if (r == 0)
        *ret_wrote = writes;
    return r;
}

/* What an error of transact means for its jobs; 0: run them again one by one. */
static int verdict(int r)
{
    switch (r) {
    case -EAGAIN:
    case -ENOMEM:
        return -EAGAIN;
    case -EINPROGRESS:
        return -EINPROGRESS;
    default:
        return 0;
    }
}

static int run_once(struct db *db, struct board *board, struct store_job **jobs, size_t count, int64_t now,
                    bool *ret_wrote)
{
    struct arena *arena = arena_new();
    int r = arena ? transact(arena, db, board, jobs, count, now, ret_wrote) : -ENOMEM;
    arena_free(arena);
    return r;
}

static void reset(struct store_job *job)
{
    job->writes = false;
    if (job->kind->reset)
        job->kind->reset(job);
}

static void note(struct batch_report *report, int outcome)
{
    report->full |= outcome == -EAGAIN;
    report->unknown |= outcome == -EINPROGRESS;
}

void batch_run(struct db *db, struct board *board, struct store_job **jobs, size_t count, int64_t now,
               struct batch_report *ret_report)
{
    struct batch_report report = { .wrote = false };
    int r = run_once(db, board, jobs, count, now, &report.wrote);
    int outcome = r < 0 ? verdict(r) : 0;

    if (r == 0 || outcome != 0) {
        set_outcomes(jobs, count, outcome);
        note(&report, outcome);
        *ret_report = report;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool wrote = false;
        if (report.unknown) { /* no further transaction on a store that does not know its own state */
            jobs[i]->outcome = -EAGAIN;
            continue;
        }
        reset(jobs[i]);
        r = run_once(db, board, &jobs[i], 1, now, &wrote);
        outcome = r < 0 ? verdict(r) : 0;
        if (r < 0 && outcome == 0) {
            log_error("store.change_failed", LOG_TEXT("change", jobs[i]->kind->name), LOG_ERRNO(r));
            outcome = -EIO;
        }
        jobs[i]->outcome = outcome;
        report.wrote |= wrote;
        note(&report, outcome);
    }
    *ret_report = report;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The life of a programme's places with many writers: three threads that keep the store's list full, and a second
 * process that changes people and definitions in the same database, as convenectl does. Every COMMIT of a test build
 * proves the counters (store/batch.c); all other rules are checked whenever the threads pause. Then the races that hurt
 * most, again and again. */
#include "life_kit.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>

#include "base/mailbox.h"

#define THREADS 3
#define ROUNDS 12
#define JOBS 60   /* a thread and round */
#define FLIGHT 16 /* submitted at once */
#define CHILD_STEPS 300
#define RACES 60

/* ---- the second process ---- */

static void run_here(struct life *life, struct store_job *job)
{
    int r = store_run(life->store, job);
    if (r < 0 || job->outcome == -EIO)
        _exit(3); /* busy (-EAGAIN) is an answer, a fault is none */
    arena_free(job->arena);
}

static int64_t somebody(struct life *life)
{
    return 1 + (int64_t)life_dice(life, 400);
}

static struct store_job *random_job(struct life *life)
{
    static const struct change_kind *const kinds[] = { &change_cancel,  &change_confirm, &change_accept,
                                                       &change_decline, &change_approve, &change_reject,
                                                       &change_promote };
    unsigned what = life_dice(life, 10);
    if (what < 4)
        return &life_sign_up_new(life, life_dice(life, LIFE_PEOPLE))->job;
    if (what < 7)
        return &life_act_new(kinds[life_dice(life, sizeof(kinds) / sizeof(kinds[0]))], somebody(life), "person")->job;
    if (what < 9)
        return &life_edit_new(life, somebody(life))->job;
    return &life_expire_new()->job;
}

static void child(struct life life)
{
    life.dice += 977;
    life.book = NULL; /* the parent's */
    if (store_attach(life.path, life.clock, &life.store) < 0)
        _exit(2);
    (void)life_define(&life);
    for (unsigned i = 0; i < CHILD_STEPS; i++) {
        if (i % 10 == 0)
            (void)life_define(&life); /* smaller rooms are refused, larger ones are offered on */
        else if (life.book)
            run_here(&life, random_job(&life));
    }
    store_close(life.store);
    event_book_free(life.book);
    _exit(0);
}

/* ---- the threads ---- */

struct crew {
    pthread_t thread;
    struct life life; /* its own dice, the same store and book */
    struct mailbox *box;
    size_t back, guilty;
};

static _Thread_local struct crew *self;

static void arrive(struct post *post)
{
    struct store_job *job = (struct store_job *)(void *)post;
    self->back++;
    self->guilty += job->outcome == -EIO;
    arena_free(job->arena);
}

static void wait_for(struct crew *crew, size_t count)
{
    while (crew->back < count) {
        struct pollfd fd = { .fd = mailbox_fd(crew->box), .events = POLLIN };
        (void)poll(&fd, 1, 10000);
        mailbox_deliver(crew->box);
    }
}

static size_t submit(struct crew *crew, struct store_job *job)
{
    job->post.arrive = arrive;
    job->reply_to = crew->box;
    if (store_submit(crew->life.store, job) == 0)
        return 1;
    arena_free(job->arena);
    return 0;
}

static void *work(void *arg)
{
    struct crew *crew = arg;
    size_t sent = 0;
    self = crew;
    crew->back = 0;
    for (unsigned i = 0; i < JOBS; i++) {
        sent += submit(crew, random_job(&crew->life));
        if (sent - crew->back >= FLIGHT)
            wait_for(crew, sent - FLIGHT / 2);
    }
    wait_for(crew, sent);
    return NULL;
}

static struct db *look(struct life *life, struct store **ret_store)
{
    assert_int_equal(store_attach(life->path, life->clock, ret_store), 0);
    return store_db(*ret_store);
}

static void check_now(struct life *life, const char *after)
{
    struct store *store;
    struct db *db = look(life, &store);
    life_check(life, db, after);
    store_close(store);
}

static void threads_and_a_second_process_keep_the_promises(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < 4; variant++) {
        struct life life = { .waiting_list = true,
                             .approval = variant == 2,
                             .holds = true,
                             .confirm = variant == 1,
                             .late = variant == 3,
                             .dice = 88172645463325252ull + variant };
        struct crew crews[THREADS];
        life_begin(&life);
        pid_t pid = fork(); /* before any thread runs */
        assert_true(pid >= 0);
        if (pid == 0)
            child(life);
        assert_int_equal(store_start(life.store), 0);
        for (unsigned i = 0; i < THREADS; i++) {
            crews[i] = (struct crew){ .life = life };
            crews[i].life.dice += i + 1;
            assert_int_equal(mailbox_new(&crews[i].box), 0);
        }
        for (unsigned round = 0; round < ROUNDS; round++) {
            for (unsigned i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&crews[i].thread, NULL, work, &crews[i]), 0);
            for (unsigned i = 0; i < THREADS; i++)
                assert_int_equal(pthread_join(crews[i].thread, NULL), 0);
            check_now(&life, "a round of all threads");
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        check_now(&life, "all");
        for (unsigned i = 0; i < THREADS; i++) {
            assert_int_equal(crews[i].guilty, 0);
            mailbox_free(crews[i].box);
        }
        store_stop(life.store);
        life_end(&life);
    }
}

/* ---- races ---- */

/* Both jobs are submitted by threads that start together. */
struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    struct crew crew;
    struct store_job *job;
};

static void *race(void *arg)
{
    struct racer *racer = arg;
    self = &racer->crew;
    (void)pthread_barrier_wait(racer->start);
    wait_for(&racer->crew, submit(&racer->crew, racer->job));
    return NULL;
}

static void run_race(struct life *life, struct store_job *one, struct store_job *other)
{
    struct racer racers[2] = { { .job = one }, { .job = other } };
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
    for (int i = 0; i < 2; i++) {
        racers[i].start = &start;
        racers[i].crew.life = *life;
        assert_int_equal(mailbox_new(&racers[i].crew.box), 0);
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_int_equal(racers[i].crew.guilty, 0);
        mailbox_free(racers[i].crew.box);
    }
    (void)pthread_barrier_destroy(&start);
}

static int64_t one_in(struct life *life, const char *status)
{
    struct store *store;
    char sql[128];
    struct db *db = look(life, &store);
    (void)snprintf(sql, sizeof(sql), "SELECT coalesce(min(id), 0) FROM registration WHERE status = '%s'", status);
    int64_t id = life_count(db, sql);
    store_close(store);
    return id;
}

static void cancel_against_promote_and_change_against_cancel(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .holds = true, .dice = 4711 };
    life_begin(&life);
    assert_int_equal(store_start(life.store), 0);
    for (unsigned i = 0; i < RACES; i++) {
        for (unsigned k = 0; k < 4; k++)
            run_race(&life, &life_sign_up_new(&life, i * 8 + 2 * k)->job,
                     &life_sign_up_new(&life, i * 8 + 2 * k + 1)->job);
        int64_t confirmed = one_in(&life, "confirmed"), waiting = one_in(&life, "waitlisted");
        run_race(&life, &life_act_new(&change_cancel, waiting, "person")->job,
                 &life_act_new(&change_promote, waiting, "organiser")->job);
        check_now(&life, "cancel against promote");
        waiting = one_in(&life, "waitlisted");
        run_race(&life, &life_act_new(&change_cancel, confirmed, "person")->job,
                 &life_act_new(&change_promote, waiting, "organiser")->job);
        check_now(&life, "cancel against promote of who waits for it");
        confirmed = one_in(&life, "confirmed");
        run_race(&life, &life_edit_new(&life, confirmed)->job, &life_act_new(&change_cancel, confirmed, "person")->job);
        check_now(&life, "change against cancel");
        int64_t offered = one_in(&life, "offered");
        run_race(&life, &life_act_new(&change_accept, offered, "person")->job,
                 &life_act_new(&change_decline, offered, "person")->job);
        check_now(&life, "accept against decline");
    }
    store_stop(life.store);
    life_end(&life);
}

static int setup(void **state)
{
    (void)state;
    log_setup(LOG_LEVEL_ERROR);
    return sodium_init() < 0 || zone_setup() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_a_second_process_keep_the_promises),
        cmocka_unit_test(cancel_against_promote_and_change_against_cancel),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

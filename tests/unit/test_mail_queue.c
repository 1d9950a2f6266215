/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/queue, mail/sender: real threads between a store, a clock and an SMTP server that this file plays. Each mail is
 * sent once, whatever the store and the server do meanwhile. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "change/mail_lease.h"
#include "change/mail_result.h"
#include "config/settings.h"
#include "mail/letter.h"
#include "mail/queue.h"
#include "mail/smtp.h"
#include "report/record.h"
#include "store/store.h"
#include "view/edition.h"
#include "view/words.h"

#define MAILS 40
#define SENDERS 3

struct played {
    enum { QUEUED, LEASED, SENT, DEFERRED, FAILED, SUPERSEDED } state;
    int64_t due_at, born_at, attempts, leased_by;
    atomic_int handed_over; /* to the server */
};

static struct {
    /* the store: jobs wait until the loop below runs them */
    pthread_mutex_t lock;
    struct store_job *jobs, **jobs_end;
    struct played mails[MAILS + 1];
    size_t count;
    int64_t largest_lease;
    size_t leases, most_leased;
    int refuse_results, refuse_reads; /* that many more */
    bool closed;
    /* the server */
    atomic_int reply; /* enum attempt */
    atomic_bool blocked;
    atomic_int tries, aborts;
    /* the clock */
    _Atomic int64_t wall, monotonic;
    int editions;

    struct event_base *base;
    struct mailbox *mailbox;
    struct mail_queue *queue;
} world;

/* ---- the clock ---- */
int64_t clock_now(const struct clock *clock) { (void)clock; return world.wall; }
int64_t clock_monotonic(void) { return world.monotonic; }
int64_t clock_wait(const struct clock *clock, int64_t until)
{
    (void)clock;
    return until <= world.wall ? 0 : (until - world.wall) * 1000;
}
void clock_stamp(int64_t at, char ret_stamp[static CLOCK_STAMP_SIZE]) { (void)at; strcpy(ret_stamp, "-"); }

/* ---- the store ---- */
const struct change_kind change_mail_lease = { .name = "mail_lease", .inside = true };
const struct change_kind change_mail_result = { .name = "mail_result", .inside = true };

int store_submit(struct store *store, struct store_job *job)
{
    (void)store;
    pthread_mutex_lock(&world.lock);
    bool closed = world.closed;
    if (!closed) {
        job->post.next = NULL;
        *world.jobs_end = job;
        world.jobs_end = (struct store_job **)(void *)&job->post.next;
    }
    pthread_mutex_unlock(&world.lock);
    return closed ? -ESHUTDOWN : 0;
}

int store_read(struct store *store, struct read_job *job)
{
    (void)store;
    if (world.closed)
        return -ESHUTDOWN;
    if (world.refuse_reads > 0) {
        world.refuse_reads--;
        return -EBUSY;
    }
    job->outcome = job->run(job, NULL);
    mailbox_put(job->reply_to, &job->post, &job->post);
    return 0;
}

int64_t store_next_due(const struct store *store, unsigned priority)
{
    int64_t due = INT64_MAX;
    (void)store;
    for (size_t i = 1; priority == 0 && i <= world.count; i++)
        if ((world.mails[i].state == QUEUED || world.mails[i].state == DEFERRED) && world.mails[i].due_at < due)
            due = world.mails[i].due_at;
    return due;
}

static void run_lease(struct mail_lease *lease)
{
    size_t out = 0;
    lease->count = 0;
    lease->mails = arena_take(lease->job.arena, (size_t)lease->limit * sizeof(*lease->mails));
    assert_non_null(lease->mails);
    for (size_t i = 1; i <= world.count && lease->count < (size_t)lease->limit; i++) {
        struct played *mail = &world.mails[i];
        if ((mail->state != QUEUED && mail->state != DEFERRED) || mail->due_at > world.wall)
            continue;
        mail->state = LEASED;
        mail->leased_by = lease->process;
        lease->mails[lease->count++] = (struct leased_mail){
            .id = (int64_t)i, .subject_id = (int64_t)i, .attempts = mail->attempts, .due_at = mail->due_at,
            .born_at = mail->born_at, .subject_kind = "registration", .kind = "confirmed", .recipient = "a@b.example",
            .language = "en", .data = "{}", .message_id = "1@b.example" };
    }
    for (size_t i = 1; i <= world.count; i++)
        out += world.mails[i].state == LEASED;
    world.most_leased = out > world.most_leased ? out : world.most_leased;
    world.largest_lease = lease->limit > world.largest_lease ? lease->limit : world.largest_lease;
    world.leases++;
}

static void run_result(struct mail_result *result)
{
    struct played *mail = &world.mails[result->mail_id];
    if (world.refuse_results > 0) {
        world.refuse_results--;
        result->job.outcome = -EAGAIN;
        return;
    }
    assert_int_equal(mail->state, LEASED);
    assert_true(mail->leased_by == result->process && result->process != 0);
    static const int states[] = { [MAIL_SENT] = SENT, [MAIL_DEFERRED] = DEFERRED, [MAIL_FAILED] = FAILED,
                                  [MAIL_SUPERSEDED] = SUPERSEDED, [MAIL_RETURNED] = QUEUED };
    mail->state = (unsigned)states[result->outcome];
    if (result->outcome == MAIL_DEFERRED)
        mail->due_at = result->due_at;
    if (result->outcome != MAIL_RETURNED)
        mail->attempts++;
}

static void run_jobs(void)
{
    pthread_mutex_lock(&world.lock);
    struct store_job *jobs = world.jobs, *next;
    world.jobs = NULL;
    world.jobs_end = &world.jobs;
    pthread_mutex_unlock(&world.lock);
    for (struct store_job *job = jobs; job; job = next) {
        next = (struct store_job *)(void *)job->post.next;
        job->outcome = 0;
        if (job->kind == &change_mail_lease)
            run_lease((struct mail_lease *)(void *)job);
        else
            run_result((struct mail_result *)(void *)job);
        mailbox_put(job->reply_to, &job->post, &job->post);
    }
}

/* ---- facts, letters, words ---- */
int record_read(struct db *db, struct arena *arena, struct revisions *revisions, int64_t id, struct record *ret_record)
{
    (void)db, (void)arena, (void)revisions;
    if (id == 13)
        return -ENOENT;
    *ret_record = (struct record){ .id = id };
    return 0;
}
void record_done(struct record *record) { (void)record; }
int words_new(struct words **ret_words) { *ret_words = NULL; return 0; }
void words_free(struct words *words) { (void)words; }
struct edition *edition_ref(struct edition *edition)
{
    __atomic_add_fetch(&world.editions, 1, __ATOMIC_SEQ_CST);
    return edition;
}
void edition_unref(struct edition *edition)
{
    if (edition)
        __atomic_sub_fetch(&world.editions, 1, __ATOMIC_SEQ_CST);
}

int letter_write(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                 const struct subject *subject, int64_t now, struct arena *arena, char **ret_data, size_t *ret_size,
                 char ret_body_hash[static 65])
{
    (void)desk, (void)edition, (void)subject, (void)now, (void)arena;
    if (mail->id == 7)
        return -ESTALE;
    if (mail->id == 8)
        return -EINVAL;
    *ret_data = malloc(sizeof(mail->id));
    assert_non_null(*ret_data);
    memcpy(*ret_data, &mail->id, sizeof(mail->id));
    *ret_size = sizeof(mail->id);
    ret_body_hash[0] = '\0';
    return 0;
}

const struct settings_host *letter_host(const struct edition *edition, const struct leased_mail *mail,
                                        const struct record *record)
{
    (void)mail, (void)record;
    return &edition->settings->hosts.items[0];
}

/* ---- the server ---- */
struct smtp { atomic_int aborts; };
int smtp_new(const struct settings *settings, struct smtp **ret_smtp)
{
    (void)settings;
    *ret_smtp = calloc(1, sizeof(**ret_smtp));
    return *ret_smtp ? 0 : -ENOMEM;
}
void smtp_free(struct smtp *smtp) { free(smtp); }
void smtp_abort(struct smtp *smtp) { smtp->aborts++; world.aborts++; }
void smtp_send(struct smtp *smtp, const char *sender, const char *recipient, const char *data, size_t size,
               struct smtp_result *ret_result)
{
    int64_t id;
    assert_int_equal(size, sizeof(id));
    memcpy(&id, data, sizeof(id));
    assert_string_equal(sender, "events@cluster.example");
    assert_string_equal(recipient, "a@b.example");
    world.tries++;
    while (world.blocked && smtp->aborts == 0)
        usleep(1000);
    *ret_result = (struct smtp_result){ .attempt = (enum attempt)(int)world.reply, .code = 250 };
    if (world.blocked || world.reply == ATTEMPT_UNREACHABLE)
        *ret_result = (struct smtp_result){ .attempt = ATTEMPT_UNREACHABLE };
    else if (world.reply == ATTEMPT_SENT)
        world.mails[id].handed_over++;
    else
        ret_result->code = world.reply == ATTEMPT_NEVER ? 550 : 450;
}

/* ---- the tests ---- */

static const struct settings_host host = { .from_address = "events@cluster.example" };
static struct settings settings = {
    .hosts = { .count = 1, .items = &host },
    .mail = { .from_address = "events@cluster.example", .senders = SENDERS, .timeout = 5 }
};
static struct edition edition = { .settings = &settings };

static int start(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    pthread_mutex_init(&world.lock, NULL);
    world.jobs_end = &world.jobs;
    world.wall = 1800000000;
    world.monotonic = 1000000;
    world.reply = ATTEMPT_SENT;
    world.base = event_base_new();
    if (!world.base || mailbox_new(&world.mailbox) < 0)
        return -1;
    const struct mail_queue_options options = { .base = world.base, .mailbox = world.mailbox, .edition = &edition };
    return mail_queue_new(&options, &world.queue);
}

static int end(void **state)
{
    (void)state;
    mail_queue_stop(world.queue, 50);
    run_jobs(); /* what the store had taken comes back */
    world.closed = true;
    mailbox_deliver(world.mailbox);
    mail_queue_free(world.queue);
    mailbox_free(world.mailbox);
    event_base_free(world.base);
    return world.editions == 0 ? 0 : -1;
}

static void add_mails(size_t count)
{
    for (size_t i = 0; i < count; i++)
        world.mails[++world.count] = (struct played){ .due_at = world.wall, .born_at = world.wall };
}

/* Turns main's loop until nothing happens for a while. */
static void turn(void)
{
    mail_queue_wake(world.queue);
    for (unsigned still = 0; still < 20; still++) {
        int tries = world.tries;
        size_t leases = world.leases;
        run_jobs();
        mailbox_deliver(world.mailbox);
        (void)event_base_loop(world.base, EVLOOP_NONBLOCK);
        usleep(1000);
        if (world.tries != tries || world.leases != leases)
            still = 0;
    }
}

/* Turns until no more than LEFT results will be refused: the senders may be slow on a busy machine. */
static void turn_until_refused(int left)
{
    for (int i = 0; i < 500 && world.refuse_results > left; i++)
        turn();
    assert_true(world.refuse_results <= left);
}

static size_t in_state(unsigned state)
{
    size_t n = 0;
    for (size_t i = 1; i <= world.count; i++)
        n += world.mails[i].state == state;
    return n;
}

static void assert_never_twice(void)
{
    for (size_t i = 1; i <= world.count; i++)
        assert_true(world.mails[i].handed_over <= 1);
}

static void each_once(void **state)
{
    (void)state;
    add_mails(MAILS);
    for (unsigned i = 0; i < 5; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(in_state(SENT), MAILS - 3);
    assert_int_equal(world.mails[7].state, SUPERSEDED);  /* no longer owed */
    assert_int_equal(world.mails[13].state, SUPERSEDED); /* erased */
    assert_int_equal(world.mails[8].state, FAILED);      /* cannot be made */
    assert_int_equal(world.tries, MAILS - 3);
    assert_true(world.most_leased <= 2 * SENDERS);
    assert_never_twice();
}

static void not_before_it_is_due(void **state)
{
    (void)state;
    add_mails(1);
    world.mails[1].due_at += 100;
    turn();
    assert_int_equal(world.leases, 0);
    world.wall += 100;
    turn();
    assert_int_equal(world.mails[1].state, SENT);
}

static void later_and_never(void **state)
{
    (void)state;
    add_mails(1);
    world.reply = ATTEMPT_LATER;
    turn();
    assert_int_equal(world.mails[1].state, DEFERRED);
    assert_int_equal(world.mails[1].due_at, world.wall + 60);
    world.wall += 60;
    world.monotonic += 60000;
    turn();
    assert_int_equal(world.mails[1].due_at, world.wall + 300);
    world.wall += 300;
    world.monotonic += 300000;
    world.reply = ATTEMPT_NEVER;
    turn();
    assert_int_equal(world.mails[1].state, FAILED);
    assert_int_equal(world.tries, 3);
}

static void outage_is_probed(void **state)
{
    (void)state;
    add_mails(MAILS);
    world.reply = ATTEMPT_UNREACHABLE;
    turn();
    assert_true(world.tries <= SENDERS);
    int tries = world.tries;
    size_t leases = world.leases;
    for (unsigned i = 0; i < 14; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(world.tries, tries); /* silence until the probe is due */
    assert_int_equal(world.leases, leases);
    world.monotonic += 1000;
    turn();
    assert_int_equal(world.tries, tries + 1);
    assert_int_equal(world.leases, leases + 1);
    assert_int_equal(in_state(QUEUED), MAILS); /* none lost, none counted */
    assert_int_equal(world.mails[1].attempts, 0);

    world.reply = ATTEMPT_SENT;
    world.monotonic += 15000;
    for (unsigned i = 0; i < 5; i++, world.monotonic += 1000)
        turn();
    assert_int_equal(in_state(SENT), MAILS - 3);
    assert_never_twice();
}

static void unwritten_results_are_kept(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_results = 9; /* a full disk */
    turn_until_refused(5);
    assert_int_equal(in_state(LEASED), 4);
    for (unsigned i = 0; i < 4; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 4);
    assert_int_equal(world.tries, 4); /* written again, not sent again */
    assert_never_twice();
}

static void the_stop_writes_what_could_not_be_written(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_results = 4;
    turn_until_refused(0);
    assert_int_equal(in_state(LEASED), 4);
    mail_queue_stop(world.queue, 50);
    run_jobs();
    mailbox_deliver(world.mailbox);
    assert_int_equal(in_state(SENT), 4); /* else they would be sent again after the next start */
}

static void busy_readers_are_asked_again(void **state)
{
    (void)state;
    add_mails(4);
    world.refuse_reads = 6;
    for (unsigned i = 0; i < 4; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 4);
}

static void stop_breaks_off(void **state)
{
    (void)state;
    add_mails(MAILS);
    world.blocked = true;
    turn();
    assert_int_equal(world.tries, SENDERS);
    /* end() stops: the senders are broken off, the rest is dropped, nothing leaks and nobody hangs */
}

static void store_that_ends_is_no_trouble(void **state)
{
    (void)state;
    add_mails(MAILS);
    mail_queue_wake(world.queue);
    run_jobs();
    pthread_mutex_lock(&world.lock);
    world.closed = true;
    pthread_mutex_unlock(&world.lock);
    for (unsigned i = 0; i < 3; i++, world.monotonic += 1001)
        turn();
    assert_int_equal(in_state(SENT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_once, start, end),
        cmocka_unit_test_setup_teardown(not_before_it_is_due, start, end),
        cmocka_unit_test_setup_teardown(later_and_never, start, end),
        cmocka_unit_test_setup_teardown(outage_is_probed, start, end),
        cmocka_unit_test_setup_teardown(unwritten_results_are_kept, start, end),
        cmocka_unit_test_setup_teardown(the_stop_writes_what_could_not_be_written, start, end),
        cmocka_unit_test_setup_teardown(busy_readers_are_asked_again, start, end),
        cmocka_unit_test_setup_teardown(stop_breaks_off, start, end),
        cmocka_unit_test_setup_teardown(store_that_ends_is_no_trouble, start, end),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

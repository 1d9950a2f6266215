/* SPDX-License-Identifier: EUPL-1.2 */
/* The world around mail/queue: a store, a clock and an SMTP server, all played, and main's loop.
 * For test_mail_queue. */
#pragma once

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
#include "change/mail_alarm.h"
#include "change/mail_lease.h"
#include "change/mail_result.h"
#include "config/settings.h"
#include "mail/item.h"
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
    enum { QUEUED, LEASED, SENT, DEFERRED, FAILED, SUPERSEDED, EXPIRED } state;
    int64_t due_at, born_at, attempts, leased_by, expires_at; /* expires_at 0: never */
    unsigned priority;
    const char *recipient;
    bool waits;             /* its read or result was refused: nothing happens before it is tried again */
    bool poison;            /* the server goes away whenever it sees it */
    atomic_int handed_over; /* to the server */
    int place;              /* how many came to the server before it */
};

static struct {
    /* the store: jobs wait until the loop below runs them */
    pthread_mutex_t lock;
    struct store_job *jobs, **jobs_end;
    struct played mails[MAILS + 1];
    size_t count;
    size_t leases, most_leased, alarms, rows_looked_at;
    char alarm_text[200];
    int refuse_results, refuse_reads; /* that many more */
    bool closed;
    /* the server */
    atomic_int reply; /* enum attempt */
    atomic_int code;  /* of it; 0: the usual one */
    atomic_bool blocked;
    atomic_int may_go; /* that many nevertheless */
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
const struct change_kind change_mail_alarm = { .name = "mail_alarm", .inside = true };
const char *mail_row_domain(const char *address) { return strrchr(address, '@') + 1; }

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
    struct played *mail = &world.mails[item_of_read(&job->post)->mail.id];
    mail->waits = world.refuse_reads > 0;
    if (mail->waits) {
        world.refuse_reads--;
        return -EBUSY;
    }
    job->outcome = job->run(job, NULL);
    mailbox_put(job->reply_to, &job->post, &job->post);
    return 0;
}

static bool is_waiting(const struct played *mail)
{
    return mail->state == QUEUED || mail->state == DEFERRED;
}

int64_t store_next_due(const struct store *store, unsigned priority)
{
    int64_t due = INT64_MAX;
    (void)store;
    for (size_t i = 1; i <= world.count; i++)
        if (world.mails[i].priority == priority && is_waiting(&world.mails[i]) && world.mails[i].due_at < due)
            due = world.mails[i].due_at;
    return due;
}

int64_t store_oldest_due(const struct store *store)
{
    int64_t oldest = INT64_MAX;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++)
        if (store_next_due(store, priority) < oldest)
            oldest = store_next_due(store, priority);
    return oldest;
}

static void lease_one(struct mail_lease *lease, size_t i)
{
    struct played *mail = &world.mails[i];
    mail->state = LEASED;
    mail->leased_by = lease->process;
    lease->mails[lease->count++] = (struct leased_mail){
        .id = (int64_t)i, .subject_id = (int64_t)i, .attempts = mail->attempts, .due_at = mail->due_at,
        .expires_at = mail->expires_at ? mail->expires_at : INT64_MAX, .priority = mail->priority,
        .born_at = mail->born_at, .subject_kind = "registration", .kind = "confirmed", .recipient = mail->recipient,
        .language = "en", .data = "{}", .message_id = "1@b.example" };
}

/* As the true one does, without pauses: those that could go, by priority and row; a probe is one of them in turn. */
static void run_lease(struct mail_lease *lease)
{
    size_t out = 0, ready[2 * MAILS], ready_count = 0;
    int64_t room[] = { lease->urgent, lease->others };
    lease->count = 0;
    lease->mails = arena_take(lease->job.arena, (size_t)(lease->urgent + lease->others) * sizeof(*lease->mails));
    assert_non_null(lease->mails);
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        int64_t seen = 0;
        for (size_t i = 1; i <= world.count && seen < lease->look; i++) {
            struct played *mail = &world.mails[i];
            if (mail->priority == priority && is_waiting(mail) && mail->due_at <= world.wall &&
                room[priority > 0] > 0) {
                ready[ready_count++] = i;
                seen++;
            }
        }
        world.rows_looked_at += (size_t)seen;
    }
    for (size_t k = 0; k < ready_count; k++) {
        struct played *mail = &world.mails[ready[k]];
        int64_t due;
        if ((lease->probe && k != (size_t)lease->turn % ready_count) || room[mail->priority > 0] == 0)
            continue;
        enum mail_gate_verdict verdict =
            lease->gate(lease->gate_user, mail->recipient, mail->priority, world.wall, &due);
        if (verdict == MAIL_GATE_SHUT)
            break;
        if (verdict == MAIL_GATE_LATER) {
            mail->state = DEFERRED;
            mail->due_at = due;
            lease->paced++;
            continue;
        }
        room[mail->priority > 0]--;
        lease_one(lease, ready[k]);
    }
    assert_true(!lease->probe || lease->count <= 1);
    for (size_t i = 1; i <= world.count; i++)
        out += world.mails[i].state == LEASED;
    world.most_leased = out > world.most_leased ? out : world.most_leased;
    world.leases++;
}

static void run_result(struct mail_result *result)
{
    struct played *mail = &world.mails[result->mail_id];
    mail->waits = world.refuse_results > 0;
    if (mail->waits) {
        world.refuse_results--;
        result->job.outcome = -EAGAIN;
        return;
    }
    assert_int_equal(mail->state, LEASED);
    assert_true(mail->leased_by == result->process && result->process != 0);
    static const int states[] = { [MAIL_SENT] = SENT, [MAIL_DEFERRED] = DEFERRED, [MAIL_FAILED] = FAILED,
                                  [MAIL_SUPERSEDED] = SUPERSEDED, [MAIL_RETURNED] = QUEUED,
                                  [MAIL_EXPIRED] = EXPIRED };
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
        else if (job->kind == &change_mail_alarm) {
            const struct mail_alarm *alarm = (const struct mail_alarm *)(const void *)job;
            world.alarms++;
            assert_string_equal(alarm->recipient, "admin@cluster.example");
            (void)snprintf(world.alarm_text, sizeof(world.alarm_text), "%s", alarm->data);
        } else
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
static bool may_go(void)
{
    int left = world.may_go;
    return left > 0 && atomic_compare_exchange_strong(&world.may_go, &left, left - 1);
}
void smtp_abort(struct smtp *smtp) { smtp->aborts++; world.aborts++; }
void smtp_send(struct smtp *smtp, const char *sender, const char *recipient, const char *data, size_t size,
               struct smtp_result *ret_result)
{
    int64_t id;
    assert_int_equal(size, sizeof(id));
    memcpy(&id, data, sizeof(id));
    assert_string_equal(sender, "events@cluster.example");
    assert_string_equal(recipient, world.mails[id].recipient);
    world.mails[id].place = world.tries++;
    bool goes = may_go();
    for (; world.blocked && !goes && smtp->aborts == 0; goes = may_go())
        usleep(1000);
    *ret_result = (struct smtp_result){ .attempt = (enum attempt)(int)world.reply, .code = 250 };
    if ((world.blocked && !goes) || world.reply == ATTEMPT_UNREACHABLE || world.mails[id].poison)
        *ret_result = (struct smtp_result){ .attempt = ATTEMPT_UNREACHABLE };
    else if (world.reply == ATTEMPT_SENT)
        world.mails[id].handed_over++;
    else
        *ret_result = (struct smtp_result){ .attempt = (enum attempt)(int)world.reply,
                                            .code = world.code != 0 ? world.code
                                                    : world.reply == ATTEMPT_NEVER ? 550 : 450,
                                            .enhanced = "5.7.1", .reply = "what curl says" };
}

/* ---- a world for each test ---- */


static const struct settings_host host = { .from_address = "events@cluster.example" };
static struct settings settings;
static const struct settings usual = {
    .hosts = { .count = 1, .items = &host },
    .mail = { .from_address = "events@cluster.example", .senders = SENDERS, .probe = 15, .timeout = 5,
              .alarm_to = "admin@cluster.example", .alarm_language = "en" }
};
static struct edition edition = { .settings = &settings };

static int start(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    settings = usual;
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
        world.mails[++world.count] = (struct played){ .due_at = world.wall, .born_at = world.wall,
                                                      .recipient = "a@b.example" };
}

/* A mail is on its way: whatever the machine does meanwhile, something will happen to it. */
static bool is_busy(void)
{
    for (size_t i = 1; i <= world.count; i++)
        if (world.mails[i].state == LEASED && !world.mails[i].waits && !world.blocked && !world.closed)
            return true;
    return false;
}

static void turn_once(void)
{
    run_jobs();
    mailbox_deliver(world.mailbox);
    (void)event_base_loop(world.base, EVLOOP_NONBLOCK);
    usleep(1000);
}

/* Turns main's loop until the server has seen so many. */
static void turn_until_tries(int tries)
{
    mail_queue_wake(world.queue);
    for (unsigned all = 0; world.tries < tries && all < 20000; all++, world.monotonic++)
        turn_once();
    assert_int_equal(world.tries, tries);
}

/* Turns main's loop until nothing is on its way and nothing happens for a while: longer than the shortest timer, which
 * is one millisecond on a clock that may tick every ten. */
static void turn(void)
{
    mail_queue_wake(world.queue);
    for (unsigned still = 0, all = 0; (still < 25 || is_busy()) && all < 20000; still++, all++) {
        int tries = world.tries;
        size_t leases = world.leases;
        turn_once();
        if (world.tries != tries || world.leases != leases)
            still = 0;
    }
}

static int find_ticker(const struct event_base *base, const struct event *event, void *ret_ticker)
{
    (void)base;
    if (event_get_events(event) & EV_PERSIST)
        *(const struct event **)ret_ticker = event;
    return 0;
}

/* The queue looks at what monitoring is told, as it does every few seconds. */
static void tick(void)
{
    struct event *ticker = NULL;
    (void)event_base_foreach_event(world.base, find_ticker, &ticker);
    assert_non_null(ticker);
    event_active(ticker, EV_TIMEOUT, 0);
    turn_once(); /* the look */
    turn_once(); /* what it asked of the store */
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

/* SPDX-License-Identifier: EUPL-1.2 */
/* The sender threads. Their list, their connections and the stop flag are under one lock; no other lock is taken under
 * it. Whether the server can be reached is one breaker for all, told by whoever has just tried.
 * Caller: queue (main's thread); the functions marked so run on a sender's own thread. */
#include "mail/sender.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "mail/breaker.h"
#include "mail/item.h"
#include "mail/letter.h"
#include "mail/retry.h"
#include "mail/smtp.h"
#include "mail/verp.h"
#include "view/edition.h"
#include "view/words.h"

struct sender {
    struct senders *all;
    pthread_t thread;
    bool runs;
    struct words *words;
    struct edition *edition; /* whose settings the connection was made with */
    struct smtp *smtp;       /* changed under the lock, for sender_stop aborts it */
};

struct senders {
    struct sender_options options;
    atomic_bool down; /* the breaker is open, for those that do not hold the lock */

    pthread_mutex_t lock;
    struct breaker breaker;
    pthread_cond_t work;  /* something waits, or the end has come */
    pthread_cond_t ended; /* a thread has ended */
    struct item *first; /* the urgent ones before the others, in the order in which they came */
    size_t running;
    bool stopping;

    struct sender *senders;
};

/* ---- on the sender's thread ---- */

static struct item *take_item(struct senders *all)
{
    pthread_mutex_lock(&all->lock);
    while (!all->first && !all->stopping)
        pthread_cond_wait(&all->work, &all->lock);
    struct item *item = all->stopping ? NULL : all->first;
    if (item) {
        all->first = item->next;
        item->next = NULL;
    }
    pthread_mutex_unlock(&all->lock);
    return item;
}

static bool is_stopping(struct senders *all)
{
    pthread_mutex_lock(&all->lock);
    bool stopping = all->stopping;
    pthread_mutex_unlock(&all->lock);
    return stopping;
}

static void set_smtp(struct sender *sender, struct smtp *smtp, struct edition *edition)
{
    pthread_mutex_lock(&sender->all->lock);
    struct smtp *old = sender->smtp;
    sender->smtp = smtp;
    if (smtp && sender->all->stopping)
        smtp_abort(smtp);
    pthread_mutex_unlock(&sender->all->lock);
    smtp_free(old); /* may speak to the server: not under the lock */
    edition_unref(sender->edition);
    sender->edition = edition;
}

/* The connection for the settings of EDITION: after a reload a new one, with the password file read anew. */
static int connect_for(struct sender *sender, struct edition *edition)
{
    struct smtp *smtp;
    if (sender->smtp && sender->edition == edition)
        return 0;
    int r = smtp_new(edition->settings, &smtp);
    if (r < 0)
        return r;
    set_smtp(sender, smtp, edition_ref(edition));
    return 0;
}

/* One line for an outage, whichever sender meets it first. */
static void note_reach(struct senders *all, int64_t mail_id, struct smtp_result *sent)
{
    pthread_mutex_lock(&all->lock);
    enum breaker_news news = breaker_note(&all->breaker, mail_id, sent->code, &sent->attempt);
    atomic_store(&all->down, all->breaker.open);
    pthread_mutex_unlock(&all->lock);
    if (news == BREAKER_OPENED) /* a server's own line may name the account: only curl's words are logged */
        log_warning("mail.server_unreachable", LOG_INT("code", sent->code),
                    LOG_TEXT("reason", sent->code == 0 ? sent->reply : NULL));
    else if (news == BREAKER_CLOSED)
        log_info("mail.server_back");
}

/* A mail whose next try would come after its time is over now. */
static void defer(struct item *item, int64_t at)
{
    if (at == INT64_MAX)
        item->result.outcome = MAIL_FAILED;
    else if (at >= item->mail.expires_at)
        item->result.outcome = MAIL_EXPIRED;
    else
        item->result.outcome = MAIL_DEFERRED;
    item->result.due_at = at;
}

static void judge(struct item *item, const struct smtp_result *sent, int64_t now)
{
    struct mail_result *result = &item->result;

    item->attempt = sent->attempt;
    item->tried = result->tried = true;
    result->code = sent->code;
    result->at_recipient = sent->at_recipient;
    result->enhanced = *sent->enhanced ? arena_copy(item->arena, sent->enhanced) : NULL;
    result->reply = arena_copy(item->arena, sent->reply); /* NULL without memory: the code says enough */
    switch (sent->attempt) {
    case ATTEMPT_SENT:
        result->outcome = MAIL_SENT;
        break;
    case ATTEMPT_NEVER:
        result->outcome = MAIL_FAILED;
        break;
    case ATTEMPT_UNREACHABLE:
        result->outcome = MAIL_RETURNED;
        break;
    case ATTEMPT_LATER:
    case ATTEMPT_UNKNOWN:
    case ATTEMPT_STALE:
        defer(item, retry_at(now, item->mail.tried_from, item->mail.attempts + 1));
        break;
    }
}

/* False: the end has come and nobody knows how this mail fared; its lease is void at the next start. */
static bool send_letter(struct sender *sender, struct item *item, const char *data, size_t size)
{
    struct senders *all = sender->all;
    struct smtp_result sent;
    char envelope[VERP_SIZE];

    int r = connect_for(sender, item->edition);
    if (r == 0) {
        const struct settings_host *host = letter_host(item->edition, &item->mail, item->subject.record);
        const char *from = verp_sender(host, all->options.keyring, item->mail.id, item->mail.message_id, envelope);
        smtp_send(sender->smtp, from, item->mail.recipient, data, size, &sent);
        if ((sent.attempt == ATTEMPT_UNREACHABLE || sent.attempt == ATTEMPT_UNKNOWN) && is_stopping(all))
            return false;
    } else {
        log_error("mail.settings_unusable", LOG_ERRNO(r));
        sent = (struct smtp_result){ .attempt = ATTEMPT_UNREACHABLE };
    }
    note_reach(all, item->mail.id, &sent);
    judge(item, &sent, clock_now(all->options.clock));
    item->result.body_hash = item->body_hash;
    return true;
}

static bool handle(struct sender *sender, struct item *item)
{
    struct senders *all = sender->all;
    const struct letter_desk desk = { .words = sender->words, .keyring = all->options.keyring };
    char *data = NULL;
    size_t size = 0;

    if (!item->probe && atomic_load(&all->down)) {
        item->result.outcome = MAIL_RETURNED;
        return true;
    }
    int64_t now = clock_now(all->options.clock);
    if (now >= item->mail.expires_at) {
        item->result.outcome = MAIL_EXPIRED;
        return true;
    }
    int r = letter_write(&desk, item->edition, &item->mail, &item->subject, now, item->arena, &data, &size,
                         item->body_hash);
    if (r == 0) {
        bool known = send_letter(sender, item, data, size);
        free(data);
        return known;
    }
    if (r == -ESTALE) {
        item->result.outcome = MAIL_SUPERSEDED;
        return true;
    }
    log_error("mail.unmade", LOG_INT("mail", item->mail.id), LOG_TEXT("kind", item->mail.kind), LOG_ERRNO(r));
    item->result.reply = "the message could not be made";
    if (r == -EINVAL)
        item->result.outcome = MAIL_FAILED; /* an address or a kind that will not get better */
    else
        defer(item, retry_at(now, item->mail.tried_from, item->mail.attempts + 1));
    return true;
}

static void submit(struct sender *sender, struct item *item)
{
    bool sent = item->result.outcome == MAIL_SENT;
    int64_t id = item->mail.id;
    int r = store_submit(sender->all->options.store, &item->result.job);
    if (r == 0)
        return;
    if (sent)
        log_warning("mail.result_lost", LOG_INT("mail", id), LOG_ERRNO(r));
    item_free(item);
}

static void *run(void *user)
{
    struct sender *sender = user;
    struct senders *all = sender->all;

    for (struct item *item = take_item(all); item; item = take_item(all)) {
        if (handle(sender, item))
            submit(sender, item);
        else
            item_free(item);
    }
    set_smtp(sender, NULL, NULL);
    pthread_mutex_lock(&all->lock);
    all->running--;
    pthread_cond_signal(&all->ended);
    pthread_mutex_unlock(&all->lock);
    return NULL;
}

/* ---- on main's thread ---- */

static int start_thread(struct sender *sender)
{
    int r = words_new(&sender->words);
    if (r < 0)
        return r;
    pthread_mutex_lock(&sender->all->lock);
    sender->all->running++;
    pthread_mutex_unlock(&sender->all->lock);
    r = thread_start(&sender->thread, "sender", run, sender);
    if (r < 0) {
        pthread_mutex_lock(&sender->all->lock);
        sender->all->running--;
        pthread_mutex_unlock(&sender->all->lock);
        return r;
    }
    sender->runs = true;
    return 0;
}

int sender_start(const struct sender_options *options, struct senders **ret_senders)
{
    pthread_condattr_t monotonic;
    struct senders *all = calloc(1, sizeof(*all));
    if (all)
        all->senders = calloc(options->count, sizeof(*all->senders));
    if (!all || !all->senders) {
        free(all);
        return -ENOMEM;
    }
    all->options = *options;
    (void)pthread_mutex_init(&all->lock, NULL); /* cannot fail with glibc's defaults */
    (void)pthread_cond_init(&all->work, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&all->ended, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);

    int r = 0;
    for (size_t i = 0; r == 0 && i < options->count; i++) {
        all->senders[i].all = all;
        r = start_thread(&all->senders[i]);
    }
    if (r < 0) {
        sender_stop(all, 0);
        sender_free(all);
        return r;
    }
    *ret_senders = all;
    return 0;
}

void sender_put(struct senders *all, struct item *item)
{
    pthread_mutex_lock(&all->lock);
    struct item **place = &all->first;
    while (*place && (*place)->mail.priority <= item->mail.priority)
        place = &(*place)->next;
    item->next = *place;
    *place = item;
    pthread_cond_signal(&all->work);
    pthread_mutex_unlock(&all->lock);
}

bool sender_is_down(const struct senders *all)
{
    return atomic_load(&all->down);
}

/* Under the lock. */
static void abort_all(struct senders *all)
{
    for (size_t i = 0; i < all->options.count; i++)
        if (all->senders[i].smtp)
            smtp_abort(all->senders[i].smtp);
}

static void wait_for_end(struct senders *all, int64_t milliseconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (all->running > 0 && pthread_cond_timedwait(&all->ended, &all->lock, &until) != ETIMEDOUT)
        continue;
}

void sender_stop(struct senders *all, int64_t grace)
{
    pthread_mutex_lock(&all->lock);
    all->stopping = true;
    struct item *waiting = all->first;
    all->first = NULL;
    pthread_cond_broadcast(&all->work);
    abort_all(all);
    wait_for_end(all, grace);
    abort_all(all);
    pthread_mutex_unlock(&all->lock);

    for (size_t i = 0; i < all->options.count; i++) {
        if (all->senders[i].runs)
            (void)pthread_join(all->senders[i].thread, NULL);
        all->senders[i].runs = false;
    }
    for (struct item *item = waiting, *next; item; item = next) {
        next = item->next;
        item_free(item);
    }
}

void sender_free(struct senders *all)
{
    if (!all)
        return;
    for (size_t i = 0; i < all->options.count; i++)
        words_free(all->senders[i].words);
    (void)pthread_cond_destroy(&all->ended);
    (void)pthread_cond_destroy(&all->work);
    (void)pthread_mutex_destroy(&all->lock);
    free(all->senders);
    free(all);
}

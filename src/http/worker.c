/* SPDX-License-Identifier: EUPL-1.2 */
/* One worker's loop: accepts as many as it may, hands each request to http/request, delivers the mailbox, drains. The
 * base takes no locks, so nothing but the mailbox's eventfd wakes it from outside. Callers: http/server (main's thread:
 * new, start, drain, free), request and reply (the worker's own). */
#include "http/worker.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/server.h"

#define AHEAD 16                /* connections a worker may have more than the least busy one */
#define IDLE_WAIT 250           /* ms of a drain in which a kept connection may still send its next request */
#define QUIET 60000             /* ms between two warnings of one kind */
#define BACKSTOP 7200           /* seconds: our deadlines are stricter */

static const struct timeval draining_tick = { 0, 50000 }, ahead_wait = { 0, 5000 };

struct http_worker {
    const struct http_options *options;
    struct http_crew *crew;
    unsigned number;
    pthread_t thread;
    bool has_thread;
    sem_t ready;
    int start_result;
    void *state;
    bool has_state;
    struct mailbox *mailbox;
    struct event_base *base;
    struct evhttp *http;
    struct event *mail, *tick, *pause;
    struct evhttp_bound_socket **listeners;
    size_t listener_count;
    bool accepting;
    bool full;                   /* as many connections as may be */
    bool starved;                /* no descriptor or no memory for one more */
    int64_t full_told, starved_told;
    struct connections *connections;
    LIST_HEAD(, request) requests;
    enum { RUNNING, DRAINING, ENDED } phase;
    struct post drain_post;
    bool drain_sent;             /* main's */
    int64_t grace, idle_until, end_at;
};

static size_t count(const struct http_worker *worker, unsigned number)
{
    return atomic_load_explicit(&worker->crew->connections[number], memory_order_relaxed);
}

/* libevent accepts all that waits, so of several workers on one socket the first awake would take nearly all the
 * connections that stay. */
static bool is_ahead(const struct http_worker *worker)
{
    const struct http_crew *crew = worker->crew;
    size_t least = SIZE_MAX;
    if (!crew->common || crew->size < 2)
        return false;
    for (unsigned i = 0; i < crew->size; i++)
        if (i != worker->number && count(worker, i) < least)
            least = count(worker, i);
    return count(worker, worker->number) > least + AHEAD;
}

static void set_accepting(struct http_worker *worker, bool accept)
{
    for (size_t i = 0; i < worker->listener_count; i++) {
        struct evconnlistener *listener = evhttp_bound_socket_get_listener(worker->listeners[i]);
        int r = accept ? evconnlistener_enable(listener) : evconnlistener_disable(listener);
        if (r != 0)
            log_error("http.listener", LOG_INT("worker", worker->number), LOG_INT("accept", accept));
    }
    worker->accepting = accept;
}

/* Once in a while: an outage shall not flood the log. *TOLD: when it was said last; 0: never. */
static bool may_tell(int64_t *told)
{
    int64_t now = clock_monotonic();
    if (*told != 0 && now - *told < QUIET)
        return false;
    *told = now;
    return true;
}

/* Comes to rest at the limit, and goes on when a few are free, so that it does not do so at every single one. */
static void look_at_limit(struct http_worker *worker)
{
    size_t own = count(worker, worker->number), limit = worker->crew->limit;
    if (worker->full) {
        worker->full = own > limit - 1 - limit / 32;
        return;
    }
    worker->full = own >= limit;
    if (!worker->full)
        return;
    metrics_add(worker->options->metrics, METRIC_REFUSED_CONNECTIONS, 1);
    if (may_tell(&worker->full_told))
        log_warning("http.full", LOG_INT("worker", worker->number), LOG_INT("connections", own),
                    LOG_TEXT("why", "others wait until some are closed; see limits.connections and the open files"));
}

/* Accepts or stops accepting, as the numbers are now. */
static void adjust(struct http_worker *worker)
{
    if (worker->phase != RUNNING)
        return;
    look_at_limit(worker);
    bool ahead = is_ahead(worker);
    bool accept = !ahead && !worker->full && !worker->starved;
    /* Another worker's closing is not told to us: look again soon. */
    if (ahead && evtimer_add(worker->pause, &ahead_wait) != 0)
        accept = true;
    if (accept != worker->accepting)
        set_accepting(worker, accept);
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    adjust(arg);
}

static void on_tick(evutil_socket_t fd, short what, void *arg);

static int find_worker(const struct event_base *base, const struct event *event, void *ret_worker)
{
    (void)base;
    if (event_get_callback(event) != on_tick)
        return 0;
    *(void **)ret_worker = event_get_callback_arg(event);
    return 1;
}

/* Out of descriptors or memory: without this the loop would spin on the socket. The next tick tries again, or a
 * connection that closes. The listener's argument is evhttp's, so the worker is found by its tick. */
static void on_accept_error(struct evconnlistener *listener, void *evhttp)
{
    int error = errno;
    void *found = NULL;
    (void)evhttp;
    (void)event_base_foreach_event(evconnlistener_get_base(listener), find_worker, &found);
    struct http_worker *worker = found;
    if (!worker) {
        (void)evconnlistener_disable(listener);
        return;
    }
    worker->starved = true;
    if (worker->accepting)
        set_accepting(worker, false);
    metrics_add(worker->options->metrics, METRIC_REFUSED_CONNECTIONS, 1);
    if (may_tell(&worker->starved_told))
        log_warning("http.accept", LOG_INT("worker", worker->number), LOG_ERRNO(-error));
}

static void look_at_end(struct http_worker *worker)
{
    if (worker->phase == DRAINING && connections_count(worker->connections) == 0 && LIST_EMPTY(&worker->requests))
        event_active(worker->tick, EV_TIMEOUT, 0);
}

static void on_count(void *arg, int by)
{
    struct http_worker *worker = arg;
    atomic_size_t *own = &worker->crew->connections[worker->number];
    if (by > 0) {
        (void)atomic_fetch_add_explicit(own, 1, memory_order_relaxed);
    } else {
        (void)atomic_fetch_sub_explicit(own, 1, memory_order_relaxed);
        worker->starved = false;
    }
    adjust(worker);
    look_at_end(worker);
}

static void *state_of(void *arg)
{
    return ((struct http_worker *)arg)->state;
}

static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
    (void)base;
    return connections_accept(((struct http_worker *)arg)->connections);
}

static void on_request(struct evhttp_request *http, void *arg)
{
    struct http_worker *worker = arg;
    struct connection *connection = connections_find(worker->connections, evhttp_request_get_connection(http));
    struct request *request = request_new(worker, http);
    if (!request) {
        log_error("http.request", LOG_ERRNO(-ENOMEM));
        if (connection)
            (void)connection_begins(connection, NULL, http);
        evhttp_send_error(http, HTTP_SERVUNAVAIL, NULL); /* and closes */
        if (connection)
            connection_answered(connection);
        return;
    }
    request->connection = connection;
    if (connection)
        request->refused = connection_begins(connection, request, http);
    request->close = !connection || request->refused != 0;
    LIST_INSERT_HEAD(&worker->requests, request, link);
    request_receive(request);
}

void http_worker_answered(struct request *request)
{
    LIST_REMOVE(request, link);
    if (request->connection)
        connection_answered(request->connection);
    look_at_end(request->worker);
}

static void on_mail(evutil_socket_t fd, short what, void *arg)
{
    struct http_worker *worker = arg;
    (void)fd;
    (void)what;
    mailbox_deliver(worker->mailbox);
}

static void close_listeners(struct http_worker *worker)
{
    for (size_t i = 0; i < worker->listener_count; i++)
        evhttp_del_accept_socket(worker->http, worker->listeners[i]);
    worker->listener_count = 0;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct http_worker *worker = arg;
    (void)fd;
    (void)what;
    int64_t now = clock_monotonic();
    connections_tick(worker->connections, now, worker->full || worker->starved);
    if (worker->phase == RUNNING) {
        worker->starved = false;
        adjust(worker);
        return;
    }
    /* Not before a turn of the loop after they were disabled: the socket lives on in other descriptors, and epoll
     * would go on reporting the closed one. */
    close_listeners(worker);
    if (now >= worker->idle_until)
        connections_close_idle(worker->connections);
    if (now >= worker->end_at || (connections_count(worker->connections) == 0 && LIST_EMPTY(&worker->requests)))
        (void)event_base_loopbreak(worker->base);
}

/* From now on every answer closes its connection; connections that stay idle are closed after a moment, in which
 * a request that is under way to us may still arrive. New ones wait in the kernel for the next daemon, if the
 * socket is systemd's. */
static void on_drain(struct post *post)
{
    struct http_worker *worker = (struct http_worker *)((char *)post - offsetof(struct http_worker, drain_post));
    if (worker->phase != RUNNING)
        return;
    int64_t now = clock_monotonic();
    set_accepting(worker, false);
    worker->phase = DRAINING;
    worker->end_at = now + worker->grace;
    worker->idle_until = now + (worker->grace / 2 < IDLE_WAIT ? worker->grace / 2 : IDLE_WAIT);
    if (worker->grace <= 0 || evtimer_add(worker->tick, &draining_tick) != 0)
        (void)event_base_loopbreak(worker->base);
    look_at_end(worker);
}

/* Ends all that belongs to the loop. Requests that are still open lose their connection; they go when their job comes
 * back, at the latest in http_worker_free. */
static void finish(struct http_worker *worker)
{
    struct request *request;
    size_t cut = 0;
    worker->phase = ENDED;
    if (worker->connections)
        connections_adopt(worker->connections);
    LIST_FOREACH(request, &worker->requests, link) {
        if (request->connection)
            connection_answered(request->connection);
        request->connection = NULL;
        request->http = NULL;
        cut++;
    }
    if (cut > 0)
        log_warning("http.cut", LOG_INT("worker", worker->number), LOG_INT("requests", cut));
    if (worker->http)
        evhttp_free(worker->http);
    connections_free(worker->connections);
    struct event *events[] = { worker->mail, worker->tick, worker->pause };
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i])
            event_free(events[i]);
    if (worker->base)
        event_base_free(worker->base);
}

static void *run(void *arg)
{
    struct http_worker *worker = arg;
    struct http_crew *crew = worker->crew;
    const struct http_site *site = worker->options->site;
    int r = site->worker_start(site->context, worker->mailbox, &worker->state);
    worker->start_result = r;
    worker->has_state = r == 0;
    (void)sem_post(&worker->ready);
    if (r == 0 && event_base_dispatch(worker->base) != 0)
        log_error("http.loop", LOG_INT("worker", worker->number));
    finish(worker);
    if (atomic_fetch_sub(&crew->running, 1) == 1)
        (void)eventfd_write(crew->ended_fd, 1); /* cannot fill up */
    return NULL;
}

int http_worker_start(struct http_worker *worker)
{
    struct http_crew *crew = worker->crew;
    char name[16];
    (void)atomic_fetch_add(&crew->running, 1);
    (void)snprintf(name, sizeof(name), "http/%u", worker->number);
    int r = thread_start(&worker->thread, name, run, worker);
    if (r < 0) {
        (void)atomic_fetch_sub(&crew->running, 1);
        return r;
    }
    worker->has_thread = true;
    while (sem_wait(&worker->ready) != 0)
        continue; /* EINTR */
    return worker->start_result;
}

void http_worker_drain(struct http_worker *worker, int64_t grace)
{
    if (!worker->has_thread || worker->drain_sent)
        return;
    worker->drain_sent = true;
    worker->grace = grace;
    worker->drain_post.arrive = on_drain;
    mailbox_put(worker->mailbox, &worker->drain_post, &worker->drain_post);
}

void http_worker_free(struct http_worker *worker)
{
    if (!worker)
        return;
    if (worker->has_thread) {
        http_worker_drain(worker, 0);
        (void)pthread_join(worker->thread, NULL);
    } else
        finish(worker);
    if (worker->mailbox)
        mailbox_deliver(worker->mailbox);
    if (worker->has_state)
        worker->options->site->worker_stop(worker->state);
    if (!LIST_EMPTY(&worker->requests))
        log_error("http.unanswered", LOG_INT("worker", worker->number)); /* a job that never came back */
    mailbox_free(worker->mailbox);
    (void)sem_destroy(&worker->ready);
    free(worker->listeners);
    free(worker);
}

static int make_base(struct http_worker *worker)
{
    struct event_config *config = event_config_new();
    if (!config)
        return -ENOMEM;
    /* A quarter less time per request; see on_tick for what the list of changes asks of us. */
    int r = event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST | EVENT_BASE_FLAG_NOLOCK);
    if (r == 0)
        worker->base = event_base_new_with_config(config);
    event_config_free(config);
    return worker->base ? 0 : -ENOMEM;
}

static int make_http(struct http_worker *worker)
{
    struct evhttp *http = worker->http = evhttp_new(worker->base);
    if (!http)
        return -ENOMEM;
    /* None of these is reached: http/connection watches sizes and times, and answers with our own pages. */
    evhttp_set_max_headers_size(http, (ssize_t)worker->options->header_limit);
    evhttp_set_max_body_size(http, (ssize_t)(worker->options->body_limit + CONNECTION_BODY_SLACK));
    evhttp_set_timeout(http, BACKSTOP);
    evhttp_set_default_content_type(http, "text/html; charset=utf-8");
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                               EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
                               EVHTTP_REQ_PATCH); /* so that 405 is ours */
    evhttp_set_bevcb(http, on_accept, worker);
    evhttp_set_gencb(http, on_request, worker);
    return 0;
}

int http_worker_new(const struct http_options *options, struct http_crew *crew, unsigned number,
                    struct http_worker **ret_worker)
{
    struct http_worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    worker->options = options;
    worker->crew = crew;
    worker->number = number;
    worker->accepting = true;
    if (sem_init(&worker->ready, 0, 0) != 0) {
        int r = -errno;
        free(worker);
        return r;
    }
    int r = mailbox_new(&worker->mailbox);
    if (r == 0)
        r = make_base(worker);
    if (r == 0)
        r = make_http(worker);
    if (r == 0) {
        const struct connections_owner owner = { .arg = worker, .changed = on_count, .state = state_of };
        r = connections_new(options, worker->base, &owner, &worker->connections);
    }
    if (r == 0) {
        const int64_t ms = connections_tick_time(worker->connections);
        const struct timeval tick = { ms / 1000, ms % 1000 * 1000 };
        worker->mail = event_new(worker->base, mailbox_fd(worker->mailbox), EV_READ | EV_PERSIST, on_mail, worker);
        worker->tick = event_new(worker->base, -1, EV_PERSIST, on_tick, worker);
        worker->pause = evtimer_new(worker->base, on_pause, worker);
        if (!worker->mail || !worker->tick || !worker->pause ||
            event_add(worker->mail, NULL) != 0 || event_add(worker->tick, &tick) != 0)
            r = -ENOMEM;
    }
    if (r < 0) {
        http_worker_free(worker);
        return r;
    }
    *ret_worker = worker;
    return 0;
}

int http_worker_listen(struct http_worker *worker, int fd)
{
    struct evhttp_bound_socket **larger =
        reallocarray(worker->listeners, worker->listener_count + 1, sizeof(struct evhttp_bound_socket *));
    if (!larger)
        return -ENOMEM;
    worker->listeners = larger;
    struct evhttp_bound_socket *listener = evhttp_accept_socket_with_handle(worker->http, fd);
    if (!listener)
        return -ENOMEM;
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(listener), on_accept_error);
    worker->listeners[worker->listener_count++] = listener;
    return 0;
}

struct mailbox *http_worker_mailbox(const struct http_worker *worker)
{
    return worker->mailbox;
}

const struct http_options *http_worker_options(const struct http_worker *worker)
{
    return worker->options;
}

const struct http_site *http_worker_site(const struct http_worker *worker)
{
    return worker->options->site;
}

void *http_worker_state(const struct http_worker *worker)
{
    return worker->state;
}

bool http_worker_draining(const struct http_worker *worker)
{
    return worker->phase != RUNNING;
}

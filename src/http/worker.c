/* SPDX-License-Identifier: EUPL-1.2 */
/* One worker's loop: accepts, hands each request to http/request, delivers the mailbox, drains. The base takes no
 * locks, so nothing but the mailbox's eventfd wakes it from outside. Callers: http/server (main's thread: new, start,
 * drain, free), request and reply (the worker's own). */
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
#include "base/thread.h"
#include "http/exchange.h"
#include "http/server.h"

#define HEADER_LIMIT 16384      /* if none is asked for */
#define BODY_SLACK 65536        /* up to so much above the limit our own 413 answers, beyond it evhttp's bare one */
#define TIMEOUT 75              /* seconds without a byte in either direction */
#define AHEAD 16                /* connections a worker may have more than the least busy one */
#define IDLE_WAIT 250           /* ms of a drain in which a kept connection may still send its next request */

static const struct timeval running_tick = { 1, 0 }, draining_tick = { 0, 50000 }, ahead_wait = { 0, 5000 };

/* What a connection is at. IDLE: not a byte of a next request has come. */
enum state { IDLE, READING, ANSWERING };

struct connection {
    LIST_ENTRY(connection) link;
    struct connection *next_fresh;
    struct http_worker *worker;
    struct bufferevent *bufferevent;
    struct evbuffer_cb_entry *watch;
    struct evhttp_connection *evhttp; /* NULL until adopted */
    struct request *request;          /* open, or NULL */
    int fd;
    enum state state;
};

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
    struct event *mail, *adopt, *tick, *pause;
    struct evhttp_bound_socket **listeners;
    size_t listener_count;
    bool accepting;
    LIST_HEAD(, connection) connections;
    LIST_HEAD(, request) requests;
    struct connection *fresh;    /* accepted, evhttp's connection not known yet */
    struct connection **by_fd;
    size_t by_fd_size;
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

/* Accepts or stops accepting, as the numbers are now. */
static void adjust(struct http_worker *worker)
{
    if (worker->phase != RUNNING)
        return;
    bool ahead = is_ahead(worker);
    bool accept = !ahead && count(worker, worker->number) < worker->crew->limit;
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

/* Out of descriptors or memory: without this the loop would spin on the socket. The next tick tries again. */
static void on_accept_error(struct evconnlistener *listener, void *evhttp)
{
    (void)evhttp;
    log_warning("http.accept", LOG_ERRNO(-errno));
    (void)evconnlistener_disable(listener);
}

static void look_at_end(struct http_worker *worker)
{
    if (worker->phase == DRAINING && LIST_EMPTY(&worker->connections) && LIST_EMPTY(&worker->requests))
        event_active(worker->tick, EV_TIMEOUT, 0);
}

static void forget(struct connection *connection)
{
    struct http_worker *worker = connection->worker;
    (void)evbuffer_remove_cb_entry(bufferevent_get_input(connection->bufferevent), connection->watch);
    LIST_REMOVE(connection, link);
    if (connection->request)
        connection->request->connection = NULL;
    if (connection->evhttp)
        worker->by_fd[connection->fd] = NULL;
    free(connection);
    (void)atomic_fetch_sub_explicit(&worker->crew->connections[worker->number], 1, memory_order_relaxed);
    adjust(worker);
    look_at_end(worker);
}

static void on_close(struct evhttp_connection *evhttp, void *arg)
{
    (void)evhttp;
    forget(arg);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    struct connection *connection = arg;
    (void)input;
    if (info->n_added > 0 && connection->state == IDLE)
        connection->state = READING;
}

static void on_sent(struct evhttp_request *http, void *arg)
{
    struct connection *connection = arg;
    (void)http;
    size_t waiting = evbuffer_get_length(bufferevent_get_input(connection->bufferevent));
    connection->state = waiting > 0 ? READING : IDLE; /* pipelined */
}

static bool make_room(struct http_worker *worker, int fd)
{
    if ((size_t)fd < worker->by_fd_size)
        return true;
    size_t size = worker->by_fd_size ? worker->by_fd_size : 64;
    while (size <= (size_t)fd)
        size *= 2;
    struct connection **larger = reallocarray(worker->by_fd, size, sizeof(struct connection *));
    if (!larger)
        return false;
    for (size_t i = worker->by_fd_size; i < size; i++)
        larger[i] = NULL;
    worker->by_fd = larger;
    worker->by_fd_size = size;
    return true;
}

/* Ties accepted connections to evhttp's. evhttp tells of a connection only with its first request (2.1 has no
 * callback before), but idle ones must be counted and closed too. What this rests on: the argument of the callbacks
 * that evhttp sets on our bufferevent is its connection, and all of them are taken away when it is freed. */
static void adopt(struct http_worker *worker)
{
    struct connection *connection = worker->fresh, *next;
    for (worker->fresh = NULL; connection; connection = next) {
        struct bufferevent *bufferevent = connection->bufferevent;
        void *evhttp;
        next = connection->next_fresh;
        bufferevent_getcb(bufferevent, NULL, NULL, NULL, &evhttp);
        int fd = bufferevent_getfd(bufferevent);
        if (!evhttp || fd < 0 || evhttp_connection_get_bufferevent(evhttp) != bufferevent) {
            forget(connection); /* gone already */
        } else if (!make_room(worker, fd)) {
            forget(connection);
            evhttp_connection_free(evhttp);
        } else {
            connection->evhttp = evhttp;
            connection->fd = fd;
            worker->by_fd[fd] = connection;
            evhttp_connection_set_closecb(evhttp, on_close, connection);
        }
        (void)bufferevent_decref(bufferevent);
    }
}

static void on_adopt(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    adopt(arg);
}

/* A bufferevent for a connection that was just accepted. If memory ran out evhttp takes one of its own, and the
 * connection goes uncounted and ends with its first answer. */
static struct bufferevent *on_accept(struct event_base *base, void *arg)
{
    struct http_worker *worker = arg;
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return NULL;
    struct bufferevent *bufferevent = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bufferevent) {
        free(connection);
        return NULL;
    }
    connection->watch = evbuffer_add_cb(bufferevent_get_input(bufferevent), on_input, connection);
    if (!connection->watch) {
        bufferevent_free(bufferevent);
        free(connection);
        return NULL;
    }
    /* evhttp goes on reading while it writes an answer, without a bound of its own. A whole body must fit. */
    bufferevent_setwatermark(bufferevent, EV_READ, 0, worker->options->body_limit + 2 * BODY_SLACK);
    bufferevent_incref(bufferevent);
    connection->worker = worker;
    connection->bufferevent = bufferevent;
    connection->next_fresh = worker->fresh;
    worker->fresh = connection;
    LIST_INSERT_HEAD(&worker->connections, connection, link);
    (void)atomic_fetch_add_explicit(&worker->crew->connections[worker->number], 1, memory_order_relaxed);
    event_active(worker->adopt, EV_READ, 0);
    adjust(worker);
    return bufferevent;
}

static struct connection *find_connection(struct http_worker *worker, struct evhttp_connection *evhttp)
{
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evhttp));
    if (worker->fresh)
        adopt(worker);
    if (fd < 0 || (size_t)fd >= worker->by_fd_size)
        return NULL;
    struct connection *connection = worker->by_fd[fd];
    return connection && connection->evhttp == evhttp ? connection : NULL;
}

static void on_request(struct evhttp_request *http, void *arg)
{
    struct http_worker *worker = arg;
    struct connection *connection = find_connection(worker, evhttp_request_get_connection(http));
    if (connection) {
        connection->state = ANSWERING;
        evhttp_request_set_on_complete_cb(http, on_sent, connection);
    }
    struct request *request = request_new(worker, http);
    if (!request) {
        log_error("http.request", LOG_ERRNO(-ENOMEM));
        evhttp_send_error(http, HTTP_SERVUNAVAIL, NULL); /* and closes */
        return;
    }
    request->connection = connection;
    request->close = !connection;
    if (connection)
        connection->request = request;
    LIST_INSERT_HEAD(&worker->requests, request, link);
    request_receive(request);
}

void http_worker_answered(struct request *request)
{
    LIST_REMOVE(request, link);
    if (request->connection)
        request->connection->request = NULL;
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

static void close_idle(struct http_worker *worker)
{
    struct connection *connection = LIST_FIRST(&worker->connections), *next;
    for (; connection; connection = next) {
        next = LIST_NEXT(connection, link);
        if (connection->state == IDLE && connection->evhttp)
            evhttp_connection_free(connection->evhttp); /* calls on_close */
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct http_worker *worker = arg;
    (void)fd;
    (void)what;
    if (worker->phase == RUNNING) {
        if (worker->accepting)
            set_accepting(worker, true); /* those that on_accept_error has stopped */
        return;
    }
    /* Not before a turn of the loop after they were disabled: the socket lives on in other descriptors, and epoll
     * would go on reporting the closed one. */
    close_listeners(worker);
    int64_t now = clock_monotonic();
    if (now >= worker->idle_until)
        close_idle(worker);
    if (now >= worker->end_at || (LIST_EMPTY(&worker->connections) && LIST_EMPTY(&worker->requests)))
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
    adopt(worker);
    LIST_FOREACH(request, &worker->requests, link) {
        if (request->connection)
            request->connection->request = NULL;
        request->connection = NULL;
        request->http = NULL;
        cut++;
    }
    if (cut > 0)
        log_warning("http.cut", LOG_INT("worker", worker->number), LOG_INT("requests", cut));
    if (worker->http)
        evhttp_free(worker->http);
    struct event *events[] = { worker->mail, worker->adopt, worker->tick, worker->pause };
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
    free(worker->by_fd);
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
    const struct http_options *options = worker->options;
    struct evhttp *http = worker->http = evhttp_new(worker->base);
    if (!http)
        return -ENOMEM;
    evhttp_set_max_headers_size(http, (ssize_t)(options->header_limit ? options->header_limit : HEADER_LIMIT));
    evhttp_set_max_body_size(http, (ssize_t)(options->body_limit + BODY_SLACK));
    evhttp_set_timeout(http, TIMEOUT);
    evhttp_set_default_content_type(http, "text/html; charset=utf-8");
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                               EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT |
                               EVHTTP_REQ_PATCH); /* so that 405 is ours; what evhttp does not know is its 501 */
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
        worker->mail = event_new(worker->base, mailbox_fd(worker->mailbox), EV_READ | EV_PERSIST, on_mail, worker);
        worker->adopt = event_new(worker->base, -1, 0, on_adopt, worker);
        worker->tick = event_new(worker->base, -1, EV_PERSIST, on_tick, worker);
        worker->pause = evtimer_new(worker->base, on_pause, worker);
        if (!worker->mail || !worker->adopt || !worker->tick || !worker->pause ||
            event_add(worker->mail, NULL) != 0 || event_add(worker->tick, &running_tick) != 0)
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

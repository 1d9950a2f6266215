/* SPDX-License-Identifier: EUPL-1.2 */
/* One worker's connections. Each is at one of these, and has a deadline that no trickle of bytes moves:
 *
 *     IDLE       no byte of a next request has come         limits.idle, then closed
 *     HEAD       the bytes are watched and held back        limits.head, then 408
 *     BODY       evhttp has the head and reads the body     limits.body, then 408
 *     ANSWERING  an endpoint has the request                the store's business, not ours
 *     SENDING    the answer is on its way                   limits.reply, then cut
 *
 * evhttp 2.1 answers much of what is malformed with a page of its own and understands some of it in its own way. So it
 * never gets such bytes: a head is handed on when it is whole and good, and one that is not is replaced by a small one
 * that is, marked with the status its answer will have. Caller: http/worker. Worker's thread. */
#include "http/connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/client.h"
#include "http/exchange.h"
#include "http/guard.h"
#include "http/server.h"
#include "http/watch.h"

#define TARGET_LIMIT 2048  /* of a refused request, kept for the language it names */
#define LANGUAGE_LIMIT 256
#define FULL_IDLE 8        /* idle ones get so small a part of their time while others cannot come in */

enum state { IDLE, HEAD, BODY, ANSWERING, SENDING };

struct connection {
    LIST_ENTRY(connection) link;
    struct connection *next_fresh;
    struct connections *all;
    struct bufferevent *bufferevent;
    struct evbuffer_cb_entry *entry;
    struct evbuffer *held;            /* the begin of a head; NULL */
    struct evhttp_connection *evhttp; /* NULL until adopted */
    struct request *request;          /* open, or NULL */
    int64_t since;                    /* when it came to its state */
    int fd;
    enum state state;
    int refused;                      /* status of the last request; what comes behind is thrown away */
    bool moving;                      /* it is we who change the buffer */
    bool surplus;                     /* one too many of its address */
    bool settled;                     /* it was looked at whether it is */
    bool counted, is_unix;            /* counted: by the guard */
    struct client peer;
    struct watch watch;
};

struct connections {
    const struct http_options *options;
    struct connections_owner owner;
    struct watch_limits watch_limits;
    struct event_base *base;
    struct event *adopt;
    LIST_HEAD(, connection) list;
    size_t count;
    struct connection *fresh; /* accepted, evhttp's connection not known yet */
    struct connection **by_fd;
    size_t by_fd_size;
};

static void enter(struct connection *connection, enum state state)
{
    connection->state = state;
    connection->since = clock_monotonic();
}

/* ---- what evhttp gets to see ---- */

static struct evbuffer *input_of(struct connection *connection)
{
    return bufferevent_get_input(connection->bufferevent);
}

/* A request that stands for one that was not let in: same method as far as it matters, same target and language if
 * those are clean, for they choose the words of the error page. */
static int stand_in(struct connection *connection, struct evbuffer *input)
{
    const struct watch *watch = &connection->watch;
    char text[TARGET_LIMIT + LANGUAGE_LIMIT + 128];
    size_t size = evbuffer_get_length(input);
    size = size < connection->all->watch_limits.head ? size : connection->all->watch_limits.head;
    const char *head = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
    size_t target = watch->target_size, language = watch->language_size;
    if (!head)
        return -ENOMEM;
    /* The end of what was being read when it was refused is not known. */
    if (target > TARGET_LIMIT || watch->target_at + target >= size || head[watch->target_at + target] != ' ')
        target = 0;
    if (language > LANGUAGE_LIMIT || watch->language_at + language >= size)
        language = 0;
    int n = snprintf(text, sizeof(text), "%s %.*s HTTP/1.1\r\nHost: -\r\nAccept-Language: %.*s\r\n\r\n",
                     watch->head_method ? "HEAD" : "GET", target ? (int)target : 1,
                     target ? head + watch->target_at : "/", (int)language, head + watch->language_at);
    (void)evbuffer_drain(input, evbuffer_get_length(input));
    if (n < 0 || (size_t)n >= sizeof(text))
        return -E2BIG;
    return evbuffer_prepend(input, text, (size_t)n) == 0 ? 0 : -ENOMEM;
}

/* Copied, not moved: each read has a chain of its own, and bytes that come one by one would take a kilobyte each. */
static int hold(struct connection *connection, struct evbuffer *input)
{
    size_t size = evbuffer_get_length(input);
    const unsigned char *bytes = evbuffer_pullup(input, -1);
    if (!connection->held)
        connection->held = evbuffer_new();
    if (!bytes || !connection->held || evbuffer_add(connection->held, bytes, size) != 0)
        return -ENOMEM;
    return evbuffer_drain(input, size) == 0 ? 0 : -ENOMEM;
}

static int release(struct connection *connection, struct evbuffer *input)
{
    if (!connection->held)
        return 0;
    int r = evbuffer_prepend_buffer(input, connection->held) == 0 ? 0 : -ENOMEM;
    evbuffer_free(connection->held);
    connection->held = NULL;
    return r;
}

/* Leaves the first KEPT bytes of INPUT and puts TEXT behind them. Nothing can be added at its end from outside. */
static int cut(struct evbuffer *input, size_t kept, const char *text)
{
    struct evbuffer *good = evbuffer_new();
    if (!good)
        return -ENOMEM;
    int r = -ENOMEM;
    if (evbuffer_remove_buffer(input, good, kept) >= 0 && evbuffer_add(good, text, strlen(text)) == 0) {
        (void)evbuffer_drain(input, evbuffer_get_length(input));
        r = evbuffer_prepend_buffer(input, good) == 0 ? 0 : -ENOMEM;
    }
    evbuffer_free(good);
    return r;
}

/* Ends a chunked body before the line that is not well-formed, of which the bytes up to AT were. */
static int end_body(struct connection *connection, struct evbuffer *input, size_t at)
{
    size_t line;
    const char *text = watch_end_of_body(&connection->watch, &line);
    return cut(input, at > line ? at - line : 0, text);
}

/* Shows the watch what stands in INPUT from *AT on, until it has something to say. */
static enum watch_result look(struct connection *connection, struct evbuffer *input, size_t *at)
{
    struct evbuffer_ptr from;
    struct evbuffer_iovec part;
    size_t size = evbuffer_get_length(input), taken;
    while (*at < size) {
        if (evbuffer_ptr_set(input, &from, *at, EVBUFFER_PTR_SET) < 0 ||
            evbuffer_peek(input, (ev_ssize_t)(size - *at), &from, &part, 1) < 1)
            return WATCH_MORE;
        size_t length = part.iov_len < size - *at ? part.iov_len : size - *at;
        enum watch_result result =
            watch_feed(&connection->watch, &connection->all->watch_limits, part.iov_base, length, &taken);
        *at += taken;
        if (result != WATCH_MORE || taken < length)
            return result;
    }
    return WATCH_MORE;
}

static int take_body(struct connection *connection, struct evbuffer *input, size_t at)
{
    if (!connection->watch.chunked || look(connection, input, &at) != WATCH_BAD)
        return 0;
    connection->refused = connection->watch.status;
    return end_body(connection, input, at);
}

/* New bytes of a head, from AT on. */
static int take_head(struct connection *connection, struct evbuffer *input, size_t at)
{
    enum watch_result result = look(connection, input, &at);
    if (result == WATCH_MORE)
        return hold(connection, input);
    size_t held = connection->held ? evbuffer_get_length(connection->held) : 0;
    int r = release(connection, input);
    if (r < 0)
        return r;
    enter(connection, BODY); /* if it has none, evhttp's callback follows in this turn */
    if (result == WATCH_HEAD)
        return take_body(connection, input, held + at);
    connection->refused = connection->watch.status;
    return stand_in(connection, input);
}

/* Looks at the bytes of INPUT from AT on, which are new. */
static void examine(struct connection *connection, struct evbuffer *input, size_t at)
{
    int r = 0;
    connection->moving = true;
    if (connection->refused)
        r = cut(input, at, "");
    else if (connection->state == HEAD)
        r = take_head(connection, input, at);
    else
        r = take_body(connection, input, at);
    connection->moving = false;
    if (r == 0)
        return;
    /* Without memory nothing can be said. The loop sees the end of the stream and evhttp ends the connection. */
    log_error("http.connection", LOG_ERRNO(r));
    connection->refused = 503;
    (void)evbuffer_drain(input, evbuffer_get_length(input));
    (void)shutdown(bufferevent_getfd(connection->bufferevent), SHUT_RDWR);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    struct connection *connection = arg;
    if (info->n_added == 0 || connection->moving)
        return;
    size_t at = evbuffer_get_length(input) - info->n_added;
    if (connection->state == IDLE) {
        watch_begin(&connection->watch);
        enter(connection, HEAD);
    }
    if (connection->refused && connection->state >= ANSWERING)
        examine(connection, input, 0);
    else if (connection->state == HEAD || connection->state == BODY)
        examine(connection, input, at);
    /* else: the next request, looked at when this one is answered */
}

static void on_sent(struct evhttp_request *http, void *arg)
{
    struct connection *connection = arg;
    struct evbuffer *input = input_of(connection);
    (void)http;
    if (connection->refused) /* evhttp closes it now */
        return;
    enter(connection, IDLE);
    if (evbuffer_get_length(input) == 0)
        return;
    watch_begin(&connection->watch);
    connection->state = HEAD;
    examine(connection, input, 0);
}

/* ---- raw answers ---- */

/* Where no request is there to be answered. evhttp has written nothing on this connection that is still on the way,
 * and what does not fit into the socket at once is not worth waiting for. */
static void say(const struct connection *connection, const char *status, const char *sentence, const char *more)
{
    char text[600], date[40];
    if (evutil_date_rfc1123(date, sizeof(date), NULL) < 0)
        return;
    int n = snprintf(text, sizeof(text),
                     "HTTP/1.1 %s\r\nDate: %s\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Content-Length: %zu\r\nCache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\n"
                     "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n%s\r\n%s\n",
                     status, date, strlen(sentence) + 1, more, sentence);
    if (n > 0 && (size_t)n < sizeof(text))
        (void)send(connection->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void time_out(struct connection *connection)
{
    bool head = connection->state == HEAD;
    metrics_add(connection->all->options->metrics, head ? METRIC_TIMEOUT_HEADER : METRIC_TIMEOUT_BODY, 1);
    say(connection, "408 Request Timeout", "The request took too long to arrive. Please try again.", "");
    connection->refused = 408;
    evhttp_connection_free(connection->evhttp);
}

static void send_away(struct connection *connection)
{
    say(connection, "429 Too Many Requests",
        "Too many connections are open from your network. Please try again in a minute.",
        "Retry-After: 60\r\n");
    evhttp_connection_free(connection->evhttp);
}

/* ---- life ---- */

static void forget(struct connection *connection)
{
    struct connections *all = connection->all;
    (void)evbuffer_remove_cb_entry(input_of(connection), connection->entry);
    LIST_REMOVE(connection, link);
    if (connection->request)
        connection->request->connection = NULL;
    if (connection->evhttp)
        all->by_fd[connection->fd] = NULL;
    if (connection->counted)
        guard_disconnect(all->options->guard, &connection->peer);
    if (connection->held)
        evbuffer_free(connection->held);
    free(connection);
    all->count--;
    metrics_add(all->options->metrics, METRIC_CONNECTIONS, -1);
    all->owner.changed(all->owner.arg, -1);
}

/* With bytes unread the kernel would reset the connection when it is closed, and the client might lose the answer that
 * says why (RFC 9112 section 9.6). To wait for those that are still to come would mean a second descriptor for the
 * socket, which epoll with libevent's list of changes does not bear. */
static void read_empty(int fd)
{
    char waste[16384];
    (void)shutdown(fd, SHUT_WR);
    for (unsigned i = 0; i < 16 && recv(fd, waste, sizeof(waste), MSG_DONTWAIT) > 0; i++)
        continue;
}

static void on_close(struct evhttp_connection *evhttp, void *arg)
{
    struct connection *connection = arg;
    (void)evhttp;
    if (connection->refused)
        read_empty(connection->fd);
    forget(connection);
}

static bool make_room(struct connections *all, int fd)
{
    if ((size_t)fd < all->by_fd_size)
        return true;
    size_t size = all->by_fd_size ? all->by_fd_size : 64;
    while (size <= (size_t)fd)
        size *= 2;
    struct connection **larger = reallocarray(all->by_fd, size, sizeof(struct connection *));
    if (!larger)
        return false;
    for (size_t i = all->by_fd_size; i < size; i++)
        larger[i] = NULL;
    all->by_fd = larger;
    all->by_fd_size = size;
    return true;
}

/* Who has gone already is still known by what was accepted. */
static void find_peer(struct connection *connection)
{
    char *address;
    ev_uint16_t port;
    client_of_socket(connection->fd, &connection->peer, &connection->is_unix);
    if (connection->peer.known || connection->is_unix)
        return;
    evhttp_connection_get_peer(connection->evhttp, &address, &port);
    if (address)
        (void)client_read(address, strcspn(address, "%"), &connection->peer);
}

/* False: its address has too many already. */
static bool let_in(struct connection *connection)
{
    struct connections *all = connection->all;
    const struct http_site *site = all->options->site;
    find_peer(connection);
    if (!all->options->guard || connection->is_unix)
        return true;
    const struct trusted *trusted = site->trusted ? site->trusted(all->owner.state(all->owner.arg)) : NULL;
    if (trusted && trusted_has(trusted, &connection->peer, false))
        return true;
    connection->counted = guard_connect(all->options->guard, &connection->peer);
    if (!connection->counted)
        metrics_add(all->options->metrics, METRIC_REFUSED_ADDRESS, 1);
    return connection->counted;
}

/* evhttp tells of a connection only with its first request (2.1 has no callback before), but idle ones must be counted
 * and closed too. What this rests on: the argument of the callbacks that evhttp sets on our bufferevent is its
 * connection, and all of them are taken away when it is freed. */
void connections_adopt(struct connections *all)
{
    struct connection *connection = all->fresh, *next;
    for (all->fresh = NULL; connection; connection = next) {
        struct bufferevent *bufferevent = connection->bufferevent;
        void *evhttp;
        next = connection->next_fresh;
        bufferevent_getcb(bufferevent, NULL, NULL, NULL, &evhttp);
        int fd = bufferevent_getfd(bufferevent);
        if (!evhttp || fd < 0 || evhttp_connection_get_bufferevent(evhttp) != bufferevent) {
            forget(connection); /* gone already */
        } else if (!make_room(all, fd)) {
            forget(connection); /* its first answer ends it */
        } else {
            connection->evhttp = evhttp;
            connection->fd = fd;
            all->by_fd[fd] = connection;
            evhttp_connection_set_closecb(evhttp, on_close, connection);
            connection->surplus = !let_in(connection);
        }
        (void)bufferevent_decref(bufferevent);
    }
}

/* Connections are only ended here, in ticks, and by evhttp: never inside of evhttp's callbacks. */
static void on_adopt(evutil_socket_t fd, short what, void *arg)
{
    struct connections *all = arg;
    struct connection *connection, *next;
    (void)fd;
    (void)what;
    connections_adopt(all);
    for (connection = LIST_FIRST(&all->list); connection && !connection->settled; connection = next) {
        next = LIST_NEXT(connection, link); /* the newest are in front */
        connection->settled = true;
        if (connection->surplus && connection->state <= HEAD)
            send_away(connection);
    }
}

struct bufferevent *connections_accept(struct connections *all)
{
    struct connection *connection = calloc(1, sizeof(*connection));
    if (!connection)
        return NULL;
    struct bufferevent *bufferevent = bufferevent_socket_new(all->base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bufferevent) {
        free(connection);
        return NULL;
    }
    connection->entry = evbuffer_add_cb(bufferevent_get_input(bufferevent), on_input, connection);
    if (!connection->entry) {
        bufferevent_free(bufferevent);
        free(connection);
        return NULL;
    }
    /* evhttp goes on reading while it writes an answer, without a bound of its own. A whole body must fit. */
    bufferevent_setwatermark(bufferevent, EV_READ, 0, all->watch_limits.head + all->watch_limits.body);
    bufferevent_incref(bufferevent);
    connection->all = all;
    connection->bufferevent = bufferevent;
    enter(connection, IDLE);
    connection->next_fresh = all->fresh;
    all->fresh = connection;
    LIST_INSERT_HEAD(&all->list, connection, link);
    all->count++;
    metrics_add(all->options->metrics, METRIC_CONNECTIONS, 1);
    event_active(all->adopt, EV_READ, 0);
    all->owner.changed(all->owner.arg, 1);
    return bufferevent;
}

struct connection *connections_find(struct connections *all, struct evhttp_connection *evhttp)
{
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evhttp));
    if (all->fresh)
        connections_adopt(all);
    if (fd < 0 || (size_t)fd >= all->by_fd_size)
        return NULL;
    struct connection *connection = all->by_fd[fd];
    return connection && connection->evhttp == evhttp ? connection : NULL;
}

int connection_begins(struct connection *connection, struct request *request, struct evhttp_request *http)
{
    if (connection->surplus && !connection->refused)
        connection->refused = 429;
    connection->state = ANSWERING;
    connection->request = request;
    evhttp_request_set_on_complete_cb(http, on_sent, connection);
    return connection->refused;
}

void connection_answered(struct connection *connection)
{
    connection->request = NULL;
    enter(connection, SENDING);
}

const struct client *connection_peer(const struct connection *connection, bool *ret_unix)
{
    *ret_unix = connection->is_unix;
    return &connection->peer;
}

/* ---- deadlines ---- */

static void look_at_time(struct connection *connection, int64_t now, bool full)
{
    const struct http_limits *limits = &connection->all->options->limits;
    int64_t spent = now - connection->since;
    switch (connection->state) {
    case IDLE:
        if (limits->idle > 0 && spent >= (full ? limits->idle / FULL_IDLE : limits->idle))
            evhttp_connection_free(connection->evhttp);
        break;
    case HEAD:
        if (limits->head > 0 && spent >= limits->head)
            time_out(connection);
        break;
    case BODY:
        if (limits->body > 0 && spent >= limits->body)
            time_out(connection);
        break;
    case ANSWERING:
        break;
    case SENDING:
        if (limits->reply > 0 && spent >= limits->reply) {
            metrics_add(connection->all->options->metrics, METRIC_TIMEOUT_REPLY, 1);
            evhttp_connection_free(connection->evhttp);
        }
        break;
    }
}

void connections_tick(struct connections *all, int64_t now, bool full)
{
    struct connection *connection = LIST_FIRST(&all->list), *next;
    for (; connection; connection = next) {
        next = LIST_NEXT(connection, link);
        if (connection->evhttp)
            look_at_time(connection, now, full);
    }
}

int64_t connections_tick_time(const struct connections *all)
{
    const struct http_limits *limits = &all->options->limits;
    const int64_t all_limits[] = { limits->head, limits->body, limits->reply, limits->idle };
    int64_t time = 1000;
    for (size_t i = 0; i < sizeof(all_limits) / sizeof(all_limits[0]); i++)
        if (all_limits[i] > 0 && all_limits[i] / 4 < time)
            time = all_limits[i] / 4;
    return time < 50 ? 50 : time;
}

void connections_close_idle(struct connections *all)
{
    struct connection *connection = LIST_FIRST(&all->list), *next;
    for (; connection; connection = next) {
        next = LIST_NEXT(connection, link);
        if (connection->state == IDLE && connection->evhttp)
            evhttp_connection_free(connection->evhttp); /* calls on_close */
    }
}

/* ---- all of them ---- */

int connections_new(const struct http_options *options, struct event_base *base,
                    const struct connections_owner *owner, struct connections **ret_connections)
{
    struct connections *all = calloc(1, sizeof(*all));
    if (!all)
        return -ENOMEM;
    all->options = options;
    all->owner = *owner;
    all->base = base;
    all->watch_limits = (struct watch_limits){ .head = options->header_limit,
                                               .body = options->body_limit + CONNECTION_BODY_SLACK };
    all->adopt = event_new(base, -1, 0, on_adopt, all);
    if (!all->adopt) {
        free(all);
        return -ENOMEM;
    }
    *ret_connections = all;
    return 0;
}

void connections_free(struct connections *all)
{
    if (!all)
        return;
    if (all->adopt)
        event_free(all->adopt);
    free(all->by_fd);
    free(all);
}

size_t connections_count(const struct connections *all)
{
    return all->count;
}

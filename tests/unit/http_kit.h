/* SPDX-License-Identifier: EUPL-1.2 */
/* For the tests of http/: a server with a tiny site on free loopback ports, a thread that answers late as the store
 * does, and a client on a raw socket. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/form.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "config/settings.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/server.h"

#define PATIENCE 60000 /* ms until a wait is a failure: long, for the machine may have much else to do */
#define TRIES 50       /* of what a machine that pauses at the wrong moment spoils, and a fault spoils each time */
#define BODY_LIMIT 1024
#define FIELD_LIMIT 4
#define LARGE ((size_t)4 << 20)

/* ---- the site ---- */

/* A thread that answers requests later, as the store does. */
struct backend {
    struct mailbox *mailbox;
    pthread_t thread;
    atomic_bool stop, hold;
    atomic_uint waiting;
};

struct late { struct post post; struct request *request; struct mailbox *reply_to; };
struct worker_state { struct context *context; struct mailbox *mailbox; unsigned number; };
struct context { struct backend backend; atomic_uint workers, stopped; int start_result; };

static inline void answer(struct request *request, int status, const char *text)
{
    const struct reply reply = { .status = status, .type = "text/plain; charset=utf-8", .data = text,
                                 .size = strlen(text), .cache = REPLY_PRIVATE, .vary_language = true };
    reply_send(request, &reply);
}

static inline void echo(struct request *request)
{
    char text[512];
    const struct form *form = request_form(request);
    int n = snprintf(text, sizeof(text), "%s %s %s q=%s h=%s", request_is_post(request) ? "POST" : "GET",
                     request_language(request) ? request_language(request) : "-", request_path(request),
                     request_query(request, "q") ? request_query(request, "q") : "-",
                     request_header(request, "X-Test") ? request_header(request, "X-Test") : "-");
    if (request_part(request, "slug"))
        n += snprintf(text + n, sizeof(text) - (size_t)n, " slug=%s", request_part(request, "slug"));
    for (size_t i = 0; i < form->count; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, " [%s|%s]", form->values[i].name, form->values[i].value);
    answer(request, 200, text);
}

static inline void arrive(struct post *post)
{
    struct late *late = (struct late *)post;
    answer(late->request, 200, "late");
    free(late);
}

static inline void wait_for_backend(struct request *request)
{
    struct worker_state *state = request_state(request);
    struct late *late = calloc(1, sizeof(*late));
    assert_non_null(late);
    *late = (struct late){ .post.arrive = arrive, .request = request, .reply_to = state->mailbox };
    atomic_fetch_add(&state->context->backend.waiting, 1);
    mailbox_put(state->context->backend.mailbox, &late->post, &late->post);
}

static inline void large(struct request *request)
{
    static char text[LARGE];
    const struct reply reply = { .status = 200, .type = "text/plain", .data = text, .size = LARGE };
    reply_send(request, &reply);
}

static inline void who(struct request *request)
{
    struct worker_state *state = request_state(request);
    char text[16];
    (void)snprintf(text, sizeof(text), "%u", state->number);
    answer(request, 200, text);
}

static inline void go(struct request *request)
{
    const char *to = request_query(request, "to");
    const struct reply reply = { .status = 303, .location = to ? to : "/n/token", .cache = REPLY_NO_STORE,
                                 .frame_ancestors = request_query(request, "frame"), .retry_after = 7 };
    reply_send(request, &reply);
}

/* With bytes that the status does not allow. */
static inline void bare(struct request *request)
{
    answer(request, atoi(request_query(request, "status")), "bytes");
}

static const struct endpoint endpoint_list[] = {
    { .name = "root", .path = "/", .methods = HTTP_GET, .language = true, .handle = echo },
    { .name = "echo", .path = "/e/{slug}", .methods = HTTP_GET | HTTP_POST, .language = true, .handle = echo },
    { .name = "plain", .path = "/plain", .methods = HTTP_GET, .handle = echo },
    { .name = "late", .path = "/late", .methods = HTTP_GET | HTTP_POST, .handle = wait_for_backend },
    { .name = "large", .path = "/large", .methods = HTTP_GET, .handle = large },
    { .name = "who", .path = "/who", .methods = HTTP_GET, .handle = who },
    { .name = "go", .path = "/go", .methods = HTTP_GET, .handle = go },
    { .name = "bare", .path = "/bare", .methods = HTTP_GET, .handle = bare },
};
#define ENDPOINTS (sizeof(endpoint_list) / sizeof(endpoint_list[0]))

static inline int start_site(void *context, struct mailbox *mailbox, void **ret_state)
{
    struct context *own = context;
    if (own->start_result < 0)
        return own->start_result;
    struct worker_state *state = calloc(1, sizeof(*state));
    assert_non_null(state);
    state->context = own;
    state->mailbox = mailbox;
    state->number = atomic_fetch_add(&own->workers, 1);
    *ret_state = state;
    return 0;
}

static inline void stop_site(void *state)
{
    atomic_fetch_add(&((struct worker_state *)state)->context->stopped, 1);
    free(state);
}

static inline bool is_language(void *state, const char *code)
{
    (void)state;
    return strcmp(code, "et") == 0 || strcmp(code, "lv") == 0;
}

static inline void refuse(struct request *request, int status)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "refused %d %s", status,
                   request_language(request) ? request_language(request) : "-");
    answer(request, status, text);
}

static inline void *serve_late(void *arg)
{
    struct backend *backend = arg;
    struct pollfd wait = { .fd = mailbox_fd(backend->mailbox), .events = POLLIN };
    for (;;) {
        bool stop = atomic_load(&backend->stop);
        if (poll(&wait, 1, 5) < 0 && errno != EINTR)
            return NULL;
        if (atomic_load(&backend->hold) && !stop)
            continue;
        for (struct post *post = mailbox_take(backend->mailbox), *next; post; post = next) {
            struct late *late = (struct late *)post;
            next = post->next;
            atomic_fetch_sub(&backend->waiting, 1);
            mailbox_put(late->reply_to, post, post);
        }
        if (stop)
            return NULL;
    }
}

/* ---- the server under test ---- */

struct fixture {
    struct context context;
    const struct endpoint *endpoints[ENDPOINTS];
    struct http_site site;
    struct http_server *server;
};

static inline struct fixture *start_limited(const char *listen, unsigned workers, const int *fds, size_t fd_count,
                                            struct http_limits limits, struct guard *guard, struct metrics *metrics)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_int_equal(mailbox_new(&f->context.backend.mailbox), 0);
    assert_int_equal(pthread_create(&f->context.backend.thread, NULL, serve_late, &f->context.backend), 0);
    for (size_t i = 0; i < ENDPOINTS; i++)
        f->endpoints[i] = &endpoint_list[i];
    f->site = (struct http_site){ .endpoints = f->endpoints, .endpoint_count = ENDPOINTS, .context = &f->context,
                                  .worker_start = start_site, .worker_stop = stop_site, .is_language = is_language,
                                  .refuse = refuse };
    const char *const items[] = { listen };
    const struct settings_list list = { 1, items };
    const struct http_options options = { .listen = &list, .fds = fds, .fd_count = fd_count, .workers = workers,
                                          .header_limit = 16384, .body_limit = BODY_LIMIT,
                                          .field_limit = FIELD_LIMIT, .limits = limits, .site = &f->site,
                                          .guard = guard, .metrics = metrics };
    assert_int_equal(http_server_new(&options, &f->server), 0);
    assert_int_equal(http_server_start(f->server), 0);
    assert_int_equal(atomic_load(&f->context.workers), workers);
    return f;
}

static inline struct fixture *start_with(const char *listen, unsigned workers, const int *fds, size_t fd_count)
{
    return start_limited(listen, workers, fds, fd_count, (struct http_limits){ 0 }, NULL, NULL);
}

/* The store stops first, then the server is freed: as main does. */
static inline void stop(struct fixture *f)
{
    unsigned workers = http_server_workers(f->server);
    atomic_store(&f->context.backend.stop, true);
    assert_int_equal(pthread_join(f->context.backend.thread, NULL), 0);
    http_server_free(f->server);
    assert_int_equal(atomic_load(&f->context.stopped), workers);
    mailbox_free(f->context.backend.mailbox);
    free(f);
}

static inline int set_up(void **state)
{
    *state = start_with("127.0.0.1:0", 1, NULL, 0);
    return 0;
}

static inline int tear_down(void **state)
{
    stop(*state);
    return 0;
}

/* ---- a client ---- */

struct client { int fd; char *data; size_t size; };
struct answer { int status; bool close; char head[2048], body[1024]; size_t length; };

static inline int dial_to(const char *address)
{
    int fd;
    if (strncmp(address, "unix:", 5) == 0) {
        struct sockaddr_un un = { .sun_family = AF_UNIX };
        (void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", address + 5);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0 ? fd : (close(fd), -1);
    }
    const char *colon = strrchr(address, ':');
    assert_non_null(colon);
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0 ? fd : (close(fd), -1);
}

static inline struct client dial(struct fixture *f)
{
    struct client client = { .fd = dial_to(http_server_address(f->server, 0)) };
    assert_true(client.fd >= 0);
    return client;
}

static inline void hang_up(struct client *client)
{
    (void)close(client->fd);
    free(client->data);
}

static inline void send_text(struct client *client, const char *text)
{
    for (size_t size = strlen(text); size > 0;) {
        ssize_t n = send(client->fd, text, size, MSG_NOSIGNAL);
        if (n < 0)
            return; /* refused and closed while we speak: the answer tells */
        text += n;
        size -= (size_t)n;
    }
}

/* More bytes; false at the end of the stream. */
static inline bool more(struct client *client)
{
    static const size_t room = 65536;
    struct pollfd wait = { .fd = client->fd, .events = POLLIN };
    if (poll(&wait, 1, PATIENCE) != 1)
        fail_msg("no answer: %.*s", (int)client->size, client->data ? client->data : "");
    client->data = realloc(client->data, client->size + room + 1);
    assert_non_null(client->data);
    ssize_t n = recv(client->fd, client->data + client->size, room, 0);
    if (n <= 0)
        return false;
    client->size += (size_t)n;
    client->data[client->size] = '\0';
    return true;
}

/* False: the connection ended before an answer began. */
static inline bool try_receive(struct client *client, bool head, struct answer *ret_answer)
{
    struct answer answer = { 0 };
    char *end;
    while (!client->data || !(end = strstr(client->data, "\r\n\r\n")))
        if (!more(client)) {
            if (client->size > 0)
                fail_msg("closed within a head: %s", client->data);
            return false;
        }
    size_t head_size = (size_t)(end - client->data) + 4;
    assert_true(head_size < sizeof(answer.head));
    memcpy(answer.head, client->data, head_size);
    assert_int_equal(sscanf(answer.head, "HTTP/1.%*d %d", &answer.status), 1);
    const char *length = strstr(answer.head, "Content-Length: ");
    answer.close = strstr(answer.head, "Connection: close") != NULL;
    bool bodiless = answer.status == 100 || answer.status == 204 || answer.status == 304;
    assert_true(length || answer.close || bodiless);
    answer.length = length ? strtoul(length + 16, NULL, 10) : 0;
    size_t body = head ? 0 : answer.length;
    while (client->size < head_size + body)
        if (!more(client))
            fail_msg("closed within an answer");
    memcpy(answer.body, client->data + head_size, body < sizeof(answer.body) ? body : sizeof(answer.body) - 1);
    client->size -= head_size + body;
    memmove(client->data, client->data + head_size + body, client->size + 1);
    *ret_answer = answer;
    return true;
}

static inline void receive(struct client *client, bool head, struct answer *ret_answer)
{
    if (!try_receive(client, head, ret_answer))
        fail_msg("closed before an answer");
}

/* Sends and expects STATUS and a body; the answer comes back. */
static inline struct answer ask(struct client *client, const char *request, int status, const char *body)
{
    struct answer answer;
    send_text(client, request);
    receive(client, strncmp(request, "HEAD", 4) == 0, &answer);
    if (answer.status != status || (body && strcmp(answer.body, body) != 0))
        fail_msg("%.200s: %s%s", request, answer.head, answer.body);
    return answer;
}

static inline void expect_end(struct client *client)
{
    while (more(client))
        continue;
}

static inline void sleep_ms(long ms)
{
    const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    (void)nanosleep(&pause, NULL);
}

static inline void wait_until(const atomic_uint *number, unsigned value)
{
    for (int i = 0; atomic_load(number) != value; i++) {
        assert_true(i < PATIENCE);
        sleep_ms(1);
    }
}

#define HOST "Host: x\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

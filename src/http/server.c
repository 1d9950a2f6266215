/* SPDX-License-Identifier: EUPL-1.2 */
/* The server as main sees it: sockets shared out among workers, start and stop. Main's thread. */
#include "http/server.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "config/settings.h"
#include "http/listen.h"
#include "http/worker.h"

#define HEADER_LIMIT 16384 /* bytes, if none is asked for */
#define OTHER_FILES 256 /* descriptors left for all that is no visitor: store, mail, logs */

struct http_server {
    struct http_options options;
    struct http_crew crew;
    struct http_worker **workers;
    char (*addresses)[LISTEN_NAME_SIZE];
    size_t address_count;
    bool started;
};

/* As many as are asked for, but so many that the store and the mail never lack a descriptor. */
static size_t connection_limit(const struct http_options *options)
{
    size_t wanted = options->limits.connections ? options->limits.connections : SIZE_MAX, most = SIZE_MAX;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        size_t files = (size_t)limit.rlim_cur;
        most = files > 2 * OTHER_FILES ? files - OTHER_FILES : files / 2;
    }
    if (options->limits.connections > most)
        log_warning("http.connections", LOG_INT("wanted", wanted), LOG_INT("possible", most));
    size_t each = (wanted < most ? wanted : most) / options->workers;
    return each > 0 ? each : 1;
}

static void on_event_log(int severity, const char *text)
{
    if (severity >= EVENT_LOG_WARN)
        log_warning("http.libevent", LOG_TEXT("text", text));
    else
        log_debug("http.libevent", LOG_TEXT("text", text));
}

/* Gives every worker a socket for what FD listens on; FD stays the caller's. SHARED: the others bind by themselves. */
static int share_out(struct http_server *server, int fd, bool shared)
{
    for (unsigned i = 0; i < server->options.workers; i++) {
        int each;
        bool own;
        int r = listen_again(fd, shared && i > 0, &each, &own);
        if (r < 0)
            return r;
        if (i > 0 && !own)
            server->crew.common = true;
        r = http_worker_listen(server->workers[i], each);
        if (r < 0) {
            (void)close(each);
            return r;
        }
    }
    return 0;
}

static int note_address(struct http_server *server, int fd)
{
    char (*larger)[LISTEN_NAME_SIZE] =
        reallocarray(server->addresses, server->address_count + 1, sizeof(*server->addresses));
    if (!larger)
        return -ENOMEM;
    server->addresses = larger;
    int r = listen_name(fd, larger[server->address_count]);
    if (r == 0)
        server->address_count++;
    return r;
}

static int serve(struct http_server *server, int fd, bool shared)
{
    int r = note_address(server, fd);
    if (r == 0)
        r = share_out(server, fd, shared);
    if (r == 0)
        log_info("http.listen", LOG_TEXT("address", server->addresses[server->address_count - 1]));
    return r;
}

static int take_over(struct http_server *server, int fd)
{
    int r = listen_adopt(fd);
    if (r == 0)
        r = serve(server, fd, false);
    if (r < 0)
        log_error("http.listen_failed", LOG_INT("fd", fd), LOG_ERRNO(r));
    return r;
}

static int open_address(struct http_server *server, const char *address)
{
    bool shared = server->options.workers > 1;
    int fd, r = listen_open(address, shared, &fd);
    if (r == 0) {
        r = serve(server, fd, shared);
        (void)close(fd);
    }
    if (r < 0)
        log_error("http.listen_failed", LOG_TEXT("address", address), LOG_ERRNO(r));
    return r;
}

static int listen_all(struct http_server *server)
{
    const struct http_options *options = &server->options;
    int r = 0;
    if (options->fd_count > 0) {
        for (size_t i = 0; i < options->fd_count && r == 0; i++)
            r = take_over(server, options->fds[i]);
        return r;
    }
    for (size_t i = 0; i < options->listen->count && r == 0; i++)
        r = open_address(server, options->listen->items[i]);
    return r;
}

static int make_crew(struct http_server *server)
{
    struct http_crew *crew = &server->crew;
    unsigned size = server->options.workers;
    crew->connections = calloc(size, sizeof(*crew->connections));
    server->workers = calloc(size, sizeof(struct http_worker *));
    if (!crew->connections || !server->workers)
        return -ENOMEM;
    crew->size = size;
    crew->limit = connection_limit(&server->options);
    crew->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (crew->ended_fd < 0)
        return -errno;
    for (unsigned i = 0; i < size; i++) {
        int r = http_worker_new(&server->options, crew, i, &server->workers[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

int http_server_new(const struct http_options *options, struct http_server **ret_server)
{
    if (options->workers == 0)
        return -EINVAL;
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server)
        return -ENOMEM;
    server->options = *options;
    if (server->options.header_limit == 0)
        server->options.header_limit = HEADER_LIMIT;
    server->crew.ended_fd = -1;
    event_set_log_callback(on_event_log);
    int r = make_crew(server);
    if (r == 0)
        r = listen_all(server);
    if (r < 0) {
        http_server_free(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

int http_server_start(struct http_server *server)
{
    int r = 0;
    for (unsigned i = 0; i < server->options.workers && r == 0; i++)
        r = http_worker_start(server->workers[i]);
    server->started = true;
    if (r < 0)
        log_error("http.start", LOG_ERRNO(r));
    return r;
}

unsigned http_server_workers(const struct http_server *server)
{
    return server->options.workers;
}

struct mailbox *http_server_mailbox(const struct http_server *server, unsigned worker)
{
    return http_worker_mailbox(server->workers[worker]);
}

void http_server_drain(struct http_server *server, int64_t grace)
{
    for (unsigned i = 0; i < server->options.workers; i++)
        http_worker_drain(server->workers[i], grace);
}

bool http_server_drained(const struct http_server *server)
{
    return server->started && atomic_load(&server->crew.running) == 0;
}

int http_server_drained_fd(const struct http_server *server)
{
    return server->crew.ended_fd;
}

void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    for (unsigned i = 0; server->workers && i < server->crew.size; i++)
        if (server->workers[i])
            http_worker_drain(server->workers[i], 0); /* all at once, then one after the other */
    for (unsigned i = 0; server->workers && i < server->crew.size; i++)
        http_worker_free(server->workers[i]);
    free(server->workers);
    free(server->crew.connections);
    if (server->crew.ended_fd >= 0)
        (void)close(server->crew.ended_fd);
    free(server->addresses);
    free(server);
}

const char *http_server_address(const struct http_server *server, size_t n)
{
    return n < server->address_count ? server->addresses[n] : NULL;
}

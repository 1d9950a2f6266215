/* SPDX-License-Identifier: EUPL-1.2 */
/* The HTTP front: listeners, worker threads (one event_base and one evhttp each), stop. Knows nothing of sign-ups: what
 * it serves is a struct http_site. Called by main. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct endpoint;
struct guard;
struct http_server;
struct http_worker;
struct mailbox;
struct metrics;
struct request;
struct settings_list;
struct trusted;

/* What is served, and the pages' own state of each worker (edition, formatters). All callbacks run on the worker's
 * thread, but worker_stop: http_server_free calls it when the thread has ended and its last posts are delivered. */
struct http_site {
    const struct endpoint *const *endpoints;
    size_t endpoint_count;
    void *context;
    int (*worker_start)(void *context, struct mailbox *mailbox, void **ret_state);
    void (*worker_stop)(void *state);
    /* True if the path's first segment CODE names a language that pages may be asked in. */
    bool (*is_language)(void *state, const char *code);
    /* Answers with the plain page of an error: 400, 404, 405, 413, 414, 415, 417, 429, 431, 501, 503. */
    void (*refuse)(struct request *request, int status);
    /* The proxies that this worker trusts now; a reload changes them between two turns of the loop. NULL: none. */
    const struct trusted *(*trusted)(void *state);
};

/* Deadlines in milliseconds; 0: none. No trickle of bytes moves them. */
struct http_limits {
    int64_t head;       /* from a request's first byte to the end of its headers */
    int64_t body;       /* from there to the last byte of its body */
    int64_t reply;      /* until the client has taken the whole answer */
    int64_t idle;       /* between two requests */
    size_t connections; /* at once, of all workers; 0: as many as the descriptors allow */
};

struct http_options {
    const struct settings_list *listen; /* ignored if FDS are handed over */
    const int *fds;                     /* listening sockets of systemd */
    size_t fd_count;
    unsigned workers;
    size_t header_limit;                /* bytes */
    size_t body_limit;
    size_t field_limit;
    struct http_limits limits;
    const struct http_site *site;
    struct guard *guard;                /* NULL: nobody is limited */
    struct metrics *metrics;            /* NULL: nothing is counted */
};

/* Binds or takes over the listeners. -EADDRINUSE and the like; the address is logged. */
int http_server_new(const struct http_options *options, struct http_server **ret_server)
    __attribute__((warn_unused_result));
int http_server_start(struct http_server *server) __attribute__((warn_unused_result)); /* the threads */

/* Each worker's mailbox, for editions. */
unsigned http_server_workers(const struct http_server *server);
struct mailbox *http_server_mailbox(const struct http_server *server, unsigned worker);

/* Accepts no more, answers what it has with `Connection: close`, ends at the latest after GRACE milliseconds. Returns
 * at once. */
void http_server_drain(struct http_server *server, int64_t grace);
/* True when every worker has ended. */
bool http_server_drained(const struct http_server *server);
/* An eventfd that is readable then. */
int http_server_drained_fd(const struct http_server *server);
/* Joins the threads, delivers what has come to their mailboxes since, stops the site. After the store has stopped, so
 * that every job is back; before what the site's states refer to goes. NULL is allowed. */
void http_server_free(struct http_server *server);

/* Where it listens, for the log and tests: "127.0.0.1:8080". NULL past the end. (Port 0 shows the port that was
 * given.) */
const char *http_server_address(const struct http_server *server, size_t n);

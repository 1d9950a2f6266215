/* SPDX-License-Identifier: EUPL-1.2 */
/* One HTTP worker: a thread with its event loop, its evhttp, its mailbox and its connections. Made and freed by
 * http/server on main's thread; asked by request and reply on its own. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evhttp_request;
struct http_options;
struct http_site;
struct http_worker;
struct mailbox;
struct request;

/* What the workers of one server know of each other. Made by http/server. */
struct http_crew {
    atomic_uint running; /* threads that have not ended; the last one writes ended_fd */
    int ended_fd;
    size_t limit;        /* connections of one worker */
    bool common;         /* all accept from one socket, so none may run ahead of the others */
    unsigned size;
    atomic_size_t *connections; /* of each worker */
};

int http_worker_new(const struct http_options *options, struct http_crew *crew, unsigned number,
                    struct http_worker **ret_worker) __attribute__((warn_unused_result));
/* Accepts from FD, which it owns if 0 comes back. Before the start. */
int http_worker_listen(struct http_worker *worker, int fd) __attribute__((warn_unused_result));
/* Returns when the site's state is made and the loop is about to turn. */
int http_worker_start(struct http_worker *worker) __attribute__((warn_unused_result));
/* Once. */
void http_worker_drain(struct http_worker *worker, int64_t grace);
/* Joins the thread; what still waits in the mailbox is delivered before the site's state goes. NULL is allowed. */
void http_worker_free(struct http_worker *worker);

struct mailbox *http_worker_mailbox(const struct http_worker *worker);
const struct http_options *http_worker_options(const struct http_worker *worker);
const struct http_site *http_worker_site(const struct http_worker *worker);
void *http_worker_state(const struct http_worker *worker);
bool http_worker_draining(const struct http_worker *worker);
/* REQUEST is no longer open. */
void http_worker_answered(struct request *request);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The connections of one worker, each from its accept to its end: what it is at, how long it may be at it, and what
 * of its bytes evhttp gets to see. Caller: http/worker. Worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Up to so many bytes above the limit a body is read, and its connection lives on after the 413. */
#define CONNECTION_BODY_SLACK 65536

struct bufferevent;
struct client;
struct connection;
struct connections;
struct event_base;
struct evhttp_connection;
struct evhttp_request;
struct http_options;
struct request;

/* CHANGED is called when one more (+1) or one fewer (-1) is there. STATE: the site's, for whom it trusts; asked when
 * needed. */
struct connections_owner {
    void *arg;
    void (*changed)(void *arg, int by);
    void *(*state)(void *arg);
};

int connections_new(const struct http_options *options, struct event_base *base,
                    const struct connections_owner *owner, struct connections **ret_connections)
    __attribute__((warn_unused_result));
/* After evhttp_free, which has ended them all, and before the base goes. NULL is allowed. */
void connections_free(struct connections *connections);
size_t connections_count(const struct connections *connections);

/* A bufferevent for a connection that was just accepted. NULL: no memory; evhttp takes one of its own then, and the
 * connection goes uncounted and ends with its first answer. */
struct bufferevent *connections_accept(struct connections *connections);
/* NULL: one of those. */
struct connection *connections_find(struct connections *connections, struct evhttp_connection *evhttp);
/* Ties what was just accepted to evhttp's connections; done by itself in the next turn of the loop. */
void connections_adopt(struct connections *connections);
/* Ends those whose time is over. FULL: no other can be accepted, so that idle ones get less of it. */
void connections_tick(struct connections *connections, int64_t now, bool full);
/* How often that must be called, in milliseconds. */
int64_t connections_tick_time(const struct connections *connections);
void connections_close_idle(struct connections *connections);

/* HTTP is whole and REQUEST was made of it. The status with which it must be refused comes back, 0: none. */
int connection_begins(struct connection *connection, struct request *request, struct evhttp_request *http);
/* Its answer is on the way to the client. */
void connection_answered(struct connection *connection);
/* Who is at the other end; *ret_unix: a Unix socket. */
const struct client *connection_peer(const struct connection *connection, bool *ret_unix);

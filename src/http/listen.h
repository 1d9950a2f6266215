/* SPDX-License-Identifier: EUPL-1.2 */
/* Listening sockets: made by hand or taken over from systemd. Caller: http/server, before the threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LISTEN_NAME_SIZE 160

/* A socket that listens on "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH" (numbers only). A Unix socket's file that
 * nobody listens on is replaced; the new one is for owner and group. SHARED: others will bind there too.
 * -EINVAL: not of that form; else the error of the call that failed. */
int listen_open(const char *address, bool shared, int *ret_fd) __attribute__((warn_unused_result));

/* One more socket for the same address, if it can be SHARED (true comes back in *RET_OWN); else a second descriptor of
 * the same one. */
int listen_again(int fd, bool shared, int *ret_fd, bool *ret_own) __attribute__((warn_unused_result));

/* Checks and prepares what systemd handed over. -EINVAL: no listening stream socket. */
int listen_adopt(int fd) __attribute__((warn_unused_result));

/* The address as listen_open takes it. */
int listen_name(int fd, char ret_name[static LISTEN_NAME_SIZE]) __attribute__((warn_unused_result));

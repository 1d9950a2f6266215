/* SPDX-License-Identifier: EUPL-1.2 */
/* Starts a thread of the daemon: named, and with every signal blocked, for signals are main's. Callers: store, http,
 * mail. */
#pragma once

#include <pthread.h>

/* NAME: at most 15 characters. 0 or a negative errno. */
int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *arg), void *arg)
    __attribute__((warn_unused_result));

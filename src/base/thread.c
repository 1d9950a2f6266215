/* SPDX-License-Identifier: EUPL-1.2 */
/* Starts threads that no signal meets. Callers: store, http, mail, on main's thread. */
#include "base/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *arg), void *arg)
{
    sigset_t all, old;
    pthread_t thread;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    int r = pthread_create(&thread, NULL, run, arg);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r != 0)
        return -r;
    (void)pthread_setname_np(thread, name); /* for people who look at it; nothing rests on it */
    *ret_thread = thread;
    return 0;
}

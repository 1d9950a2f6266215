/* SPDX-License-Identifier: EUPL-1.2 */
/* One life of the daemon without its HTTP front: store, mail queue, senders and letters, on a folder and a mail server.
 * Runs in a process of its own, which may be killed at any step. */
#pragma once

#include <stdint.h>

struct stage; /* what all lives share: languages, templates, keys */

int stage_new(const char *source, struct stage **ret_stage);
void stage_free(struct stage *stage);

struct life_options {
    const struct stage *stage;
    const char *folder; /* with the file `clock`; the store is made there if it is missing */
    unsigned smtp_port;
    unsigned number; /* of this life: its people have other addresses */
    unsigned people; /* who sign up */
    int tell;        /* where it says what is so, line by line:
                      * sent RECIPIENT      found so at the start
                      * promised RECIPIENT  the sign-up was acknowledged */
};

/* Signs everybody up, sends all mail, deferred ones too, and ends cleanly. The exit code. */
int life_run(const struct life_options *options);

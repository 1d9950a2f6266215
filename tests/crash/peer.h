/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail server of the crash test: it outlives those who die, keeps what it accepts, and now and then says no, or
 * takes a message and hangs up before its answer. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PEER_MAILS 256

struct peer_mail {
    char recipient[80], message_id[160];
    unsigned accepted;
    unsigned lost;    /* accepted, and hung up in place of the answer */
    unsigned faults;
    bool two_ids;
};

struct peer;

int peer_new(struct peer **ret_peer);
void peer_free(struct peer *peer);
unsigned peer_port(const struct peer *peer);
int peer_fd(const struct peer *peer); /* the one that listens: to be closed in a child */

/* Forgets all mails; from now on the dice fall by SEED. */
void peer_begin(struct peer *peer, uint64_t seed);

/* Serves until the process behind PIDFD has ended and all that it sent is read. What comes through PIPE goes to TOLD
 * line by line. False: it took longer than SECONDS. */
bool peer_serve(struct peer *peer, int pidfd, int pipe, void (*told)(void *user, const char *line), void *user,
                int seconds);

unsigned peer_count(const struct peer *peer);
struct peer_mail *peer_at(struct peer *peer, unsigned n);
struct peer_mail *peer_find(struct peer *peer, const char *recipient); /* NULL: nothing came for it */

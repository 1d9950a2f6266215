/* SPDX-License-Identifier: EUPL-1.2 */
/* A disk that dies: a VFS over SQLite's own that counts every write, truncation and sync, and kills the process at the
 * n-th; bytes sent over the network are counted with them. By a plain kill all that was written stays; by a power cut
 * what was not yet synced is there, not there, or there in part, as the dice fall. Used by the crash test alone. Any
 * thread. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* xorshift64: a seed that failed can be run again. */
uint64_t dice_next(uint64_t *dice);
unsigned dice_roll(uint64_t *dice, unsigned sides);

/* Registers the VFS as the default. Until disk_arm it only passes on. */
int disk_setup(void);
/* The process dies at its AT-th step from now on; 0: never. Each step is counted in *STEPS, which may be shared. */
void disk_arm(long at, bool power, uint64_t seed, atomic_long *steps);

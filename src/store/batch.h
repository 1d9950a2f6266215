/* SPDX-License-Identifier: EUPL-1.2 */
/* One transaction over a list of jobs: load the facts, decide each in memory, write, commit. The same code for the
 * writer's group commit and for convenectl's single change. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct db;
struct store_job;

#define BATCH_MAX 512

struct batch_report {
    bool wrote;   /* something was committed */
    bool full;    /* surely not done: disk full or busy */
    bool unknown; /* nobody can say what the last commit did: no further batch may run */
};

/* Runs JOBS (COUNT of them) and sets each one's outcome. BOARD may be NULL. */
void batch_run(struct db *db, struct board *board, struct store_job **jobs, size_t count, int64_t now,
               struct batch_report *ret_report);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The writer thread: two lists of jobs in, group commit, results out by mailbox. Used by store.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct batch_report;
struct writer;

struct writer_options {
    struct db *db;
    struct board *board;
    struct clock *clock;
    size_t queue;
    struct metrics *metrics;
};

int writer_new(const struct writer_options *options, struct writer **ret_writer) __attribute__((warn_unused_result));
int writer_start(struct writer *writer) __attribute__((warn_unused_result));
int writer_submit(struct writer *writer, struct store_job *job) __attribute__((warn_unused_result));
int writer_run(struct writer *writer, struct store_job *job) __attribute__((warn_unused_result)); /* before the start */
void writer_stop(struct writer *writer); /* what was submitted is finished first */
void writer_free(struct writer *writer);

int writer_wake_fd(const struct writer *writer);
void writer_wake_clear(struct writer *writer);
int64_t writer_next_due(const struct writer *writer, unsigned priority);
int64_t writer_oldest_due(const struct writer *writer);
int64_t writer_events_off(const struct writer *writer);
int64_t writer_next_expiry(const struct writer *writer);
int64_t writer_next_plan(const struct writer *writer);
bool writer_broken(const struct writer *writer);
int writer_ready(const struct writer *writer);
/* Reads the board and the due instants anew. */
int writer_reload(struct writer *writer) __attribute__((warn_unused_result));

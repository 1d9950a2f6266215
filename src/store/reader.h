/* SPDX-License-Identifier: EUPL-1.2 */
/* The reader threads: every query for a page or a mail runs here, never in an HTTP loop. Used by store.c. */
#pragma once

#include <stddef.h>

#include "store/store.h"

struct readers;

int readers_new(const char *path, unsigned count, size_t queue, struct readers **ret_readers)
    __attribute__((warn_unused_result));
int readers_start(struct readers *readers) __attribute__((warn_unused_result));
int readers_submit(struct readers *readers, struct read_job *job) __attribute__((warn_unused_result));
void readers_stop(struct readers *readers); /* what was submitted is answered first */
void readers_free(struct readers *readers);

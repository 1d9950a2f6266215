/* SPDX-License-Identifier: EUPL-1.2 */
/* Whole small files, read at start, at reload and when a mail connection is made. Callers: base, config, event, view,
 * mail. Any thread. */
#pragma once

#include <stddef.h>

/* The whole file, with a zero byte behind SIZE bytes; the caller frees it. -EFBIG beyond LIMIT bytes; -EISDIR and
 * the like for what is no regular file. */
int file_read(const char *path, size_t limit, char **ret_data, size_t *ret_size) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* Bytes in the gzip format, by zlib. Callers: view, page. Any thread. */
#pragma once

#include <stddef.h>

enum gzip_effort { GZIP_QUICK = 5, GZIP_SMALL = 9 };

/* DATA in one gzip member without name and time, so that equal bytes become equal bytes; the caller frees it. -ENOMEM;
 * -EFBIG. */
int gzip_pack(const void *data, size_t size, enum gzip_effort effort, char **ret_data, size_t *ret_size)
    __attribute__((warn_unused_result));

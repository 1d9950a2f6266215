/* SPDX-License-Identifier: EUPL-1.2 */
/* Bytes in the gzip format, by zlib. Callers: view, page. Any thread. */
#include "base/gzip.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib's word for the largest window in a gzip wrapper */
#define MEMORY_LEVEL 8

int gzip_pack(const void *data, size_t size, enum gzip_effort effort, char **ret_data, size_t *ret_size)
{
    z_stream stream = { 0 };
    char *packed;

    if (size > INT_MAX)
        return -EFBIG;
    if (deflateInit2(&stream, (int)effort, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    uLong room = deflateBound(&stream, (uLong)size);
    packed = malloc(room);
    if (packed) {
        stream.next_in = (z_const Bytef *)data;
        stream.avail_in = (uInt)size;
        stream.next_out = (Bytef *)packed;
        stream.avail_out = (uInt)room;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
            free(packed);
            packed = NULL;
        }
    }
    (void)deflateEnd(&stream);
    if (!packed)
        return -ENOMEM;
    *ret_data = packed;
    *ret_size = stream.total_out;
    return 0;
}

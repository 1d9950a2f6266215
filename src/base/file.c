/* SPDX-License-Identifier: EUPL-1.2 */
/* Whole small files. Callers: base, config, event, view, mail. Any thread. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t limit, char **ret_data, size_t *ret_size)
{
    size_t size = 0, room = 4096;
    char *data = malloc(room + 1);
    if (!data)
        return -ENOMEM;
    for (;;) {
        ssize_t n = read(fd, data + size, room - size);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            int r = -errno;
            free(data);
            return r;
        }
        if (n == 0)
            break;
        size += (size_t)n;
        if (size > limit) {
            free(data);
            return -EFBIG;
        }
        if (size == room) {
            char *more = realloc(data, room * 2 + 1);
            if (!more) {
                free(data);
                return -ENOMEM;
            }
            data = more;
            room *= 2;
        }
    }
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return 0;
}

int file_read(const char *path, size_t limit, char **ret_data, size_t *ret_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO in the way must not hang the start */
    if (fd < 0)
        return -errno;
    int r = 0;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (S_ISDIR(st.st_mode))
        r = -EISDIR;
    else if (!S_ISREG(st.st_mode))
        r = -EINVAL;
    if (r == 0)
        r = read_all(fd, limit, ret_data, ret_size);
    (void)close(fd);
    return r;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The wall clock with an offset that tests set by a file. Callers: main makes it, all rooms read it. Any thread. */
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/text.h"

#define CLOCK_FILE_MAX 128

struct clock {
    char *file;             /* NULL: the real time */
    _Atomic int64_t offset; /* seconds ahead of the real time */
};

static int64_t real_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
    return now.tv_sec;
}

static int read_offset(const char *file, int64_t *ret_offset)
{
    char *line = NULL;
    size_t size;
    int64_t number;
    int r = file_read(file, CLOCK_FILE_MAX, &line, &size);
    if (r < 0)
        return r;
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '+')
        r = text_to_int(line + 1, 0, INT32_MAX, &number);
    else {
        r = clock_parse(line, &number);
        if (r == 0)
            number -= real_now();
    }
    if (r == 0)
        *ret_offset = number;
    free(line);
    return r == -ERANGE ? -EINVAL : r;
}

int clock_new(const char *file, struct clock **ret_clock)
{
    struct clock *clock = calloc(1, sizeof(*clock));
    if (!clock)
        return -ENOMEM;
    int r = 0;
    if (file) {
        clock->file = strdup(file);
        r = clock->file ? clock_reread(clock) : -ENOMEM;
    }
    if (r < 0) {
        clock_free(clock);
        return r;
    }
    *ret_clock = clock;
    return 0;
}

void clock_free(struct clock *clock)
{
    if (!clock)
        return;
    free(clock->file);
    free(clock);
}

int clock_reread(struct clock *clock)
{
    if (!clock->file)
        return 0;
    int64_t offset = 0;
    int r = read_offset(clock->file, &offset);
    if (r == 0)
        atomic_store(&clock->offset, offset);
    return r;
}

int64_t clock_now(const struct clock *clock)
{
    return real_now() + atomic_load(&clock->offset);
}

int64_t clock_monotonic(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wait(const struct clock *clock, int64_t until)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = until - (now.tv_sec + atomic_load(&clock->offset));
    if (seconds <= 0)
        return 0;
    if (seconds > INT32_MAX)
        seconds = INT32_MAX;
    return seconds * 1000 - now.tv_nsec / 1000000;
}

void clock_stamp(int64_t at, char ret_stamp[static CLOCK_STAMP_SIZE])
{
    time_t t = at;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || tm.tm_year > 9999 - 1900 || tm.tm_year < -1900 ||
        strftime(ret_stamp, CLOCK_STAMP_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        ret_stamp[0] = '\0'; /* no such instant is ever stored */
}

int clock_parse(const char *text, int64_t *ret_at)
{
    struct tm tm = { .tm_isdst = 0 };
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    char again[CLOCK_STAMP_SIZE];
    if (!end || *end != '\0')
        return -EINVAL;
    time_t at = timegm(&tm);
    clock_stamp(at, again);
    if (strcmp(again, text) != 0) /* 30 February, second 61, one-digit months */
        return -EINVAL;
    *ret_at = at;
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The wall clock, settable for tests. Everything stored, signed or due asks here; deadlines of the network
 * ask clock_monotonic. SQL never asks for the time. Made by main before the threads; any thread reads it. */
#pragma once

#include <stdint.h>

struct clock;

/* FILE NULL: the real time. Else the file's one line is an instant, `2027-03-18T09:30:00Z`, at which the clock
 * starts and runs on, or `+SECONDS` ahead of the real one. -EINVAL: not of that form; else the error of reading. */
int clock_new(const char *file, struct clock **ret_clock) __attribute__((warn_unused_result));
void clock_free(struct clock *clock);

/* Reads the file again (SIGHUP); on failure the clock runs on as it did. */
int clock_reread(struct clock *clock) __attribute__((warn_unused_result));

int64_t clock_now(const struct clock *clock); /* UTC seconds since 1970 */
int64_t clock_monotonic(void);                /* milliseconds, never set back */
int64_t clock_monotonic_us(void);             /* the same clock in microseconds, as systemd wants it */

/* Milliseconds until the wall clock reads UNTIL; 0 if it does already. */
int64_t clock_wait(const struct clock *clock, int64_t until);

#define CLOCK_STAMP_SIZE 21
/* AT as 2027-03-18T09:30:00Z */
void clock_stamp(int64_t at, char ret_stamp[static CLOCK_STAMP_SIZE]);
/* The other way; -EINVAL if TEXT is not exactly of that form. */
int clock_parse(const char *text, int64_t *ret_at) __attribute__((warn_unused_result));

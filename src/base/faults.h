/* SPDX-License-Identifier: EUPL-1.2 */
/* What a check found wrong, collected so that all of it shows at once: `FILE:LINE: key.path: text`, sorted.
 * Callers: config, event, main, ctl. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct faults;

int faults_new(struct faults **ret_faults) __attribute__((warn_unused_result));
void faults_free(struct faults *faults);

/* LINE 0: the file as a whole. KEY may be NULL. If memory runs out the count still rises. */
void faults_add(struct faults *faults, const char *file, unsigned line, const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void faults_warn(struct faults *faults, const char *file, unsigned line, const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

size_t faults_count(const struct faults *faults); /* faults, without warnings */

/* All, one line each, then `N faults, M warnings in K files`, K being FILES. */
void faults_print(const struct faults *faults, size_t files, FILE *out);

/* Runs EACH for all, in that order; stops at the first error. -ENOMEM. */
struct fault_line {
    const char *file, *key, *text; /* key: NULL, none */
    unsigned line;                 /* 0: the file as a whole */
    bool warning;
};
int faults_each(const struct faults *faults, int (*each)(const struct fault_line *line, void *arg), void *arg)
    __attribute__((warn_unused_result));

/* Each line through the log, as event.fault or event.warning style EVENT names. */
void faults_log(const struct faults *faults, const char *event);

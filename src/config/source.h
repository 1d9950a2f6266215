/* SPDX-License-Identifier: EUPL-1.2 */
/* A libconfig text read with care: what libconfig takes in silence (a zero byte, invalid UTF-8, numbers that wrap,
 * @include) is a fault here, and every fault carries file, line and key path.
 * Callers: config, event. One thread at a time. */
#pragma once

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct faults;

struct source {
    config_t config;
    const char *file;
    struct faults *faults; /* may be NULL: then faults are only counted */
    size_t fault_count;
};

/* Parses TEXT. 0: the caller ends with source_close. -EINVAL: it does not parse, the faults are noted and there is
 * nothing to close. FILE and FAULTS must outlive it. */
int source_open(struct source *source, const char *text, size_t size, const char *file, struct faults *faults)
    __attribute__((warn_unused_result));
void source_close(struct source *source);

config_setting_t *source_root(const struct source *source);

/* A fault at SETTING, or, with KEY, at the member KEY of it (which may be missing). */
void source_fault(struct source *source, const config_setting_t *setting, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void source_warn(struct source *source, const config_setting_t *setting, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Every member of GROUP that KEYS (closed by NULL) does not name is a fault. False: it is no group at all, which
 * source_group or source_groups has said. */
bool source_known(struct source *source, const config_setting_t *group, const char *const *keys);

/* The readers: true and a value, or false and a fault. The setting is there; its type and bounds are checked. */
bool source_group(struct source *source, const config_setting_t *setting);
/* A list of groups `( { … }, { … } )` of at most MAX; its length or -1. What is no group in it is a fault, and left
 * to source_known to tell apart. */
int source_groups(struct source *source, const config_setting_t *setting, int max);
/* An array or list of strings, each of at most LENGTH characters; its length or -1. */
int source_strings(struct source *source, const config_setting_t *setting, int max, size_t length);
bool source_bool(struct source *source, const config_setting_t *setting, bool *ret_value);
bool source_int(struct source *source, const config_setting_t *setting, int64_t min, int64_t max, int64_t *ret_value);
bool source_number(struct source *source, const config_setting_t *setting, double *ret_value);
/* A string of 1 to LENGTH characters without control or bidi characters; MANY_LINES: line feeds are allowed. It lives
 * as long as SOURCE. */
bool source_string(struct source *source, const config_setting_t *setting, size_t length, bool many_lines,
                   const char **ret_value);
/* One of WORDS (closed by NULL): its position. */
bool source_word(struct source *source, const config_setting_t *setting, const char *const *words, int *ret_position);

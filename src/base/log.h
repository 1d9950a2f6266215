/* SPDX-License-Identifier: EUPL-1.2 */
/* The log: one line an event on standard error, as key=value, text escaped so that no line can be forged.
 * No personal data, no token, no address of a person is ever handed to it (ARCHITECTURE.md, promises).
 * The level is the one process-wide variable of the program. Any thread.
 *
 *     log_warning("mail.deferred", LOG_INT("mail", id), LOG_TEXT("reply", text));
 *     -> level=warning event=mail.deferred mail=12 reply="450 4.2.1 try later"
 */
#pragma once

#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *key; /* NULL ends the list */
    const char *text;
    int64_t number;
    enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_ERROR } type;
};

#define LOG_TEXT(k, v) ((struct log_field){ .key = (k), .text = (v), .type = LOG_FIELD_TEXT })
#define LOG_INT(k, v) ((struct log_field){ .key = (k), .number = (int64_t)(v), .type = LOG_FIELD_INT })
/* A negative errno, shown as its symbol: error=ENOSPC */
#define LOG_ERRNO(v) ((struct log_field){ .key = "error", .number = (v), .type = LOG_FIELD_ERROR })

#define log_error(event, ...) log_write(LOG_LEVEL_ERROR, event, LOG_FIELDS_(__VA_ARGS__))
#define log_warning(event, ...) log_write(LOG_LEVEL_WARNING, event, LOG_FIELDS_(__VA_ARGS__))
#define log_info(event, ...) log_write(LOG_LEVEL_INFO, event, LOG_FIELDS_(__VA_ARGS__))
#define log_debug(event, ...) log_write(LOG_LEVEL_DEBUG, event, LOG_FIELDS_(__VA_ARGS__))
#define LOG_FIELDS_(...)           \
    (const struct log_field[])     \
    {                              \
        __VA_ARGS__ __VA_OPT__(, ) \
        {                          \
            .key = NULL            \
        }                          \
    }

/* Lines above LEVEL are dropped. Lines carry journald's <N> when standard error is the journal. */
void log_setup(enum log_level level);

void log_write(enum log_level level, const char *event, const struct log_field *fields);

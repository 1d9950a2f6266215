/* SPDX-License-Identifier: EUPL-1.2 */
/* All registrations of an event with their answers, from the flat view `event_SLUG`. Called by ctl. One thread. */
#pragma once

#include <stdio.h>

struct db;

enum export_format { EXPORT_CSV, EXPORT_JSON };

/* Writes row by row, in order of arrival, under the view's column names; JSON is an array of objects with numbers as
 * numbers and null for what is empty. -ENOENT: no such event; -EIO: OUT could not be written; else what the store
 * says. */
int export_event(struct db *db, const char *slug, enum export_format format, FILE *out)
    __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. Called by report/export and
 * report/person. One thread a file. Errors of writing stay in the stream: the caller asks ferror once at the end. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct csv { FILE *out; bool begun; /* the row has a cell */ };

/* Writes the mark by which spreadsheets know UTF-8. */
void csv_begin(struct csv *csv, FILE *out);
/* A text, quoted where it must be; one that a spreadsheet would run as a formula gets an apostrophe in front. NULL:
 * empty. */
void csv_text(struct csv *csv, const char *text);
/* A number as it stands: never guarded, never quoted. */
void csv_number(struct csv *csv, const char *digits);
void csv_end_row(struct csv *csv);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Query results for people, columns aligned by the width that a terminal gives each character. Called by ctl's
 * commands, on the one thread. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct table;

/* COLUMNS headings; they must outlive the table. NULL: no memory. */
struct table *table_new(const char *const *headings, size_t columns);
/* The next cell, row by row; NULL is shown as nothing. Failures are remembered. */
void table_add(struct table *table, const char *text);
/* 0 or -ENOMEM. */
int table_print(const struct table *table, FILE *out) __attribute__((warn_unused_result));
void table_free(struct table *table); /* NULL is allowed */

/* TEXT on a terminal: line feeds are followed by INDENT spaces, other controls become a question mark. */
void table_print_text(const char *text, int indent, FILE *out);

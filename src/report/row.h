/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of a query as they are handed on: as JSON, as numbers in plain digits. Called by report/export,
 * report/person, ctl. */
#pragma once

#include <jansson.h>

struct query;

#define ROW_NUMBER_SIZE 40

/* The cell as a number, a string or null. NULL: no memory, or a text that is no UTF-8. */
json_t *row_cell(const struct query *query, int column);
/* The row under its column names. NULL as above. */
json_t *row_object(const struct query *query);
/* The digits of a cell that holds a number. */
void row_number(const struct query *query, int column, char ret_digits[static ROW_NUMBER_SIZE]);

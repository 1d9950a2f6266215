/* SPDX-License-Identifier: EUPL-1.2 */
/* All rows of a query, as JSON or in a table. Called by ctl's commands, on the one thread. */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "ctl/ctl.h"

struct query;

/* A list of objects under the columns' names. -ENOMEM, or what db_step says. */
int rows_list(struct query *query, json_t **ret_list) __attribute__((warn_unused_result));

/* Prints them; QUERY is finished by this, NULL is allowed and said already (CTL_CANNOT). */
enum ctl_exit rows_print_json(const struct ctl *ctl, struct query *query);
enum ctl_exit rows_print_table(const struct ctl *ctl, struct query *query, const char *const *headings, size_t columns);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The countries as a select offers them, named and sorted in a language; kept by the worker, for sorting 250 names
 * costs more than the rest of the page. Called by page_field_place and page_field_organisation; site owns the lists.
 * A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct page;
struct page_country; /* a list of sorted languages */

/* The groups of a select, as in page_control: the FIRST_COUNT countries that shall stand first, if any, then the EU,
 * the rest of Europe, the rest of the world. */
json_t *page_country_groups(struct page *page, size_t first_count, const char *const *first, const char *chosen);

/* Country number I in that order, without those that stand first: its code, its name in the page's language. False: no
 * more. */
bool page_country_at(struct page *page, size_t i, const char **ret_code, const char **ret_name);

void page_country_free(struct page_country *countries);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The countries as a select offers them, named and sorted in a language; kept by the worker, for sorting 250 names
 * costs more than the rest of the page. Called by page_field; site owns the lists. A worker's thread. */
#pragma once

#include <jansson.h>

struct page;
struct page_country; /* a list of sorted languages */

/* The groups of a select, as in page_control: EU, the rest of Europe, the rest of the world. */
json_t *page_country_groups(struct page *page, const char *chosen);

void page_country_free(struct page_country *countries);

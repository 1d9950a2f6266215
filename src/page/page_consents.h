/* SPDX-License-Identifier: EUPL-1.2 */
/* The consents of a registration as rows of its page. Called by page_manage. A worker's thread. */
#pragma once

#include <jansson.h>

struct page;
struct page_record;

/* [{number, text: {text, lang}, when, purpose, condition}] of those that were given; purpose false: it cannot be
 * withdrawn, because it was, or because it is a condition of taking part. */
json_t *page_consents_model(struct page *page, const struct page_record *found);

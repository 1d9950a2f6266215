/* SPDX-License-Identifier: EUPL-1.2 */
/* The change of one's own registration. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct form;
struct page;
struct page_places;
struct page_record;
struct rules_result;

/* Its owner may change it now. */
bool page_change_is_open(const struct page *page, const struct page_record *found);
/* It could be changed, but the time for that is over. */
bool page_change_is_over(const struct page *page, const struct page_record *found);

/* Hands what RULES understood of TYPED, completed by page_prefill, to the store, for a registration of VERSION.
 * Answers: back to the registration, or with the form and what is wrong. PAGE is given up. */
void page_change_submit(struct page *page, const struct page_record *found, const struct page_places *places,
                        const struct form *typed, const struct rules_result *rules, int64_t version);

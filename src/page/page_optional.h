/* SPDX-License-Identifier: EUPL-1.2 */
/* "A few optional questions": what is asked after the review, of who has seen that nothing hangs on it. The page itself
 * carries the whole form. A worker's thread. */
#pragma once

struct event_entry;
struct page;
struct page_places;
struct rules_result;

/* The buttons of that page: both send the form, with these answers or without; and back to the review, with none. */
#define PAGE_OPTIONAL_DONE "_optional"
#define PAGE_OPTIONAL_SKIP "skip"

/* Answers the POST of the review with it. RULES: what is wrong with these answers; NULL: they were not given yet. */
void page_optional_send(struct page *page, const struct event_entry *entry, const struct page_places *places,
                        const struct rules_result *rules);

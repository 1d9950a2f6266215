/* SPDX-License-Identifier: EUPL-1.2 */
/* "Check your answers": what was typed and is without fault, once more to read before it is sent. Nothing is stored and
 * no place is taken; the page itself carries the whole form. What is asked after it is not on it. A worker's thread. */
#pragma once

struct event_entry;
struct page;
struct page_places;
struct rules_result;

/* The buttons of that page: back to the form, with any value; and all is well. */
#define PAGE_REVIEW_EDIT "_edit"
#define PAGE_REVIEW_DONE "_reviewed"

/* Answers the POST of the form with it. */
void page_review_send(struct page *page, const struct event_entry *entry, const struct page_places *places,
                      const struct rules_result *rules);

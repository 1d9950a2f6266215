/* SPDX-License-Identifier: EUPL-1.2 */
/* Who came together, on the pages of a registration. A worker's thread. */
#pragma once

struct page;
struct page_record;
struct record_guest;

/* The model's `party` {rows: [{who, mark, word, cancel}]} of who booked, or false; and `booked`, said to a guest. */
void page_party_put(struct page *page, const struct page_record *found);

/* The end of his reference: "2", "3" … */
const char *page_party_number(const struct record_guest *guest);
/* The name, or "Person 2". */
const char *page_party_name(struct page *page, const struct record_guest *guest);

/* The guest that the query `guest=2` means, if he has not left; NULL. */
const struct record_guest *page_party_guest(const struct page_record *found);

/* SPDX-License-Identifier: EUPL-1.2 */
/* How a registration stands and until when an answer is waited for, in words. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct page;
struct page_record;

/* What its owner is asked now. */
enum page_stand { PAGE_STAND_NOTHING, PAGE_STAND_CONFIRM, /* the address */ PAGE_STAND_ANSWER /* an offer */ };
enum page_stand page_stand_asked(const struct page *page, const struct page_record *found);
/* It was asked, and the time is over. */
bool page_stand_late(const struct page *page, const struct page_record *found);

/* The event's page if one can sign up there again; NULL. */
const char *page_stand_again(struct page *page, const struct page_record *found);

/* Sentences: what it means and what can be done. */
json_t *page_stand_texts(struct page *page, const struct page_record *found);

/* {by, at, deadline, zone, now, offer}; false if nothing is asked. */
json_t *page_stand_deadline(struct page *page, const struct page_record *found);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Giving up one session and keeping all else. A worker's thread. */
#pragma once

#include <stdbool.h>

struct page;
struct page_record;
struct record_place;

/* PLACE was chosen by itself, and the event does not need one of its kind. */
bool page_release_may(const struct page *page, const struct page_record *found, const struct record_place *place);
/* The page that asks. */
const char *page_release_href(struct page *page, const struct page_record *found, const struct record_place *place);

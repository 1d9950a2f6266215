/* SPDX-License-Identifier: EUPL-1.2 */
/* Another address for a registration: whether it can be asked for, and the one that waits. A worker's thread. */
#pragma once

#include <stdbool.h>

struct page;
struct page_record;

bool page_address_may_change(const struct page *page, const struct page_record *found);

/* "We sent a message to … Open the link in it by …" for a record read with PAGE_RECORD_ADDRESS; NULL: none waits. */
const char *page_address_pending(struct page *page, const struct page_record *found);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The event as it is for one person: when and where that person comes. Called by the pages behind a manage link. A
 * worker's thread. */
#pragma once

#include <jansson.h>

struct page;
struct page_record;

/* The same as page_model_today's, but `when` is the time that FOUND has booked, and `where` is online for who takes
 * part so: as the mails say it. */
json_t *page_own_event(struct page *page, const struct page_record *found);

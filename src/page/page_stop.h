/* SPDX-License-Identifier: EUPL-1.2 */
/* The link by which somebody stops reminders, surveys and news. A worker's thread. */
#pragma once

struct page;
struct page_record;

/* "/lt/u/TOKEN" of a registration whose own link is proved. */
const char *page_stop_href(struct page *page, const struct page_record *found);

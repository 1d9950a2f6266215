/* SPDX-License-Identifier: EUPL-1.2 */
/* The POST of an event's page. A worker's thread. */
#pragma once

struct edition;
struct event_entry;
struct page;
struct request;

void page_sign_up(struct request *request);
/* Of a draft: PAGE, which it takes over, has its preview set. The same way to the end, where nothing is kept. */
void page_sign_up_draft(struct page *page, const struct event_entry *entry, struct edition *edition);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What one takes part in, in the words of the programme. A worker's thread. */
#pragma once

#include <jansson.h>

struct page;
struct page_record;
struct record_place;

/* {title, when}: a session or a slot; title is {text, lang}, when false if it has no time. */
json_t *page_taking_row(struct page *page, const struct page_record *found, const struct record_place *place);

/* Puts `taking` {heading, rows: [{title, when, release}]}, `wishes` {rows: [{rank, title, round}]}, `proposal` and
 * `invited` into the model, false each where there is nothing. */
void page_taking_put(struct page *page, const struct page_record *found);

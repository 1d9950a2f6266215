/* SPDX-License-Identifier: EUPL-1.2 */
/* What an event's page says before its form: cover, facts, description. A worker's thread. */
#pragma once

#include <jansson.h>

struct event_definition;
struct page;
struct page_places;

/* The short model of page_model_event, and day, month, weekdays, lead, about, facts. PLACES NULL: how many are left is
 * of no interest any more. */
json_t *page_cover_model(struct page *page, const struct event_definition *definition,
                         const struct page_places *places);

/* Puts day and month, the numerals of a list's margin, into EVENT. */
void page_cover_day(struct page *page, json_t *event, const struct event_definition *definition);

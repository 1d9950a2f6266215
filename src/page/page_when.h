/* SPDX-License-Identifier: EUPL-1.2 */
/* When an event is, or when somebody comes to it, in the model of a page. Called by page_model and page_own. A worker's
 * thread. */
#pragma once

#include <jansson.h>

struct event_definition;
struct page;
struct record;

/* Puts {when, hours, at, zone, dates, has_dates} into EVENT: `when` are the days in one line, or the time that RECORD
 * has booked; `hours` the time on days in a row, else false; `at` the instant at which it begins, false where that says
 * nothing; `dates` a list of {at, text}, one for each of the days that are apart, unless they are many. RECORD may be
 * NULL. */
void page_when_put(struct page *page, json_t *event, const struct event_definition *definition,
                   const struct record *record);

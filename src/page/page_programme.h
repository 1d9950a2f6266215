/* SPDX-License-Identifier: EUPL-1.2 */
/* The programme on an event's page: its sessions by day and time. A worker's thread. */
#pragma once

#include <jansson.h>

#include "signup/phase.h"

struct event_entry;
struct page;
struct page_places;

/* [{day, caption, first, rows: [{from, to, heading, sessions: [{title, left}]}]}]; false: no session. from and to:
 * {at, text} in the event's zone. What is left is said while people can register. */
json_t *page_programme_model(struct page *page, const struct event_entry *entry, enum phase phase,
                             const struct page_places *places);

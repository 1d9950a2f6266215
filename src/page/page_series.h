/* SPDX-License-Identifier: EUPL-1.2 */
/* The events that belong together. A worker's thread. */
#pragma once

#include <jansson.h>

struct event_definition;
struct page;

/* The other public events of DEFINITION's series, by time, each as page_model_event has it; empty: it has none. Nothing
 * in it depends on the clock, so that it may stand in a cached page. */
json_t *page_series_model(struct page *page, const struct event_definition *definition);

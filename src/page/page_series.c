/* SPDX-License-Identifier: EUPL-1.2 */
/* Finds the other events of a series. Called by page_event. A worker's thread. */
#include "page/page_series.h"

#include <string.h>

#include "event/book.h"
#include "page/page.h"
#include "page/page_model.h"
#include "signup/phase.h"
#include "view/edition.h"

json_t *page_series_model(struct page *page, const struct event_definition *definition)
{
    const struct event_book *book = page->edition->events;
    const char *preview = page->preview;
    json_t *list = page_array(page);

    page->preview = NULL; /* the others are no drafts */
    for (size_t i = 0; definition->series && i < book->count; i++) {
        const struct event_definition *other = book->entries[i].definition;
        enum phase phase = phase_of(&book->entries[i], page->now);

        if (other != definition && other->series && strcmp(other->series, definition->series) == 0
            && other->visibility == EVENT_PUBLIC && phase != PHASE_HIDDEN && phase != PHASE_WITHDRAWN)
            page_add(page, list, page_model_event(page, other));
    }
    page->preview = preview;
    return list;
}

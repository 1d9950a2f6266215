/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes the model of an event for who is registered. Called by page_manage, page_confirm, page_cancel, page_erase and
 * page_release. A worker's thread. */
#include "page/page_own.h"

#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_record.h"
#include "page/page_when.h"
#include "report/record_entry.h"

json_t *page_own_event(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    const struct event_mode *mode = record_entry_mode(record, page_record_today(found), NULL);
    json_t *event = page_model_today(page, found->entry, record->definition);

    page_when_put(page, event, page_record_today(found), record);
    if (mode && event_mode_is_online(mode))
        page_put(page, event, "where", page_words(page, page_say(page, "event.online"), page->language));
    return event;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The duty of evidence, in words. Called by page_erase and page_manage. A worker's thread. */
#include "page/page_evidence.h"

#include "base/arena.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_record.h"
#include "view/catalogue.h"
#include "view/words.h"

bool page_evidence_is_due(const struct page *page, const struct page_record *found)
{
    const struct event_definition *today = page_record_today(found);

    return evidence_is_due(found->record.status, today->starts, evidence_until(today), page->now);
}

const char *page_evidence_words(struct page *page, const struct page_record *found)
{
    const struct event_definition *today = page_record_today(found);
    /* the last second of the day that the definition names */
    const char *date = words_date(page->worker->words, page->arena, page->language, today->zone,
                                  evidence_until(today) - 1, WORDS_DATE);
    const char *words = date ? catalogue_format(page->catalogue, page->arena, "evidence.kept", "date", date, NULL)
                             : NULL;

    if (!words)
        page->failed = true;
    return words;
}

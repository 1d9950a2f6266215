/* SPDX-License-Identifier: EUPL-1.2 */
/* A special need: its own consent first, with the day on which it is erased, and then the text, which is shown to who
 * consents. Called by page_field. A worker's thread. */
#include "base/arena.h"
#include "base/form.h"
#include "change/private.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "view/catalogue.h"
#include "view/words.h"

#define ROWS 3

static const char *erased(struct page *page, const struct event_definition *definition)
{
    const char *day = words_date(page->worker->words, page->arena, page->language, definition->zone,
                                 private_ends(definition->ends), WORDS_DATE);
    const char *words =
        day ? catalogue_format(page->catalogue, page->arena, "form.need_erased", "date", day, NULL) : NULL;

    page->failed = page->failed || !words;
    return words;
}

void page_field_need(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field,
                     json_t *items)
{
    const struct event_definition *definition = form->entry->definition;
    const char *consent = page_field_part(page, field, "consent"), *typed = page_field_typed(form, field->id);
    const char *mistake = page_field_part_error(page, form, field, consent, items);
    const bool wrong = mistake || json_is_string(json_object_get(control, "error"));
    json_t *need = page_object(page);

    page_put_string(page, need, "consent", consent);
    page_put(page, need, "agreed",
             field->has_consent ? page_text(page, definition, &field->consent)
                                : page_field_own(page, page_say(page, "form.need_consent")));
    page_put_optional(page, need, "erased", erased(page, definition));
    page_put_bool(page, need, "ticked", consent && form->answers && form_has(form->answers, consent, "yes"));
    page_put_optional(page, need, "mistake", mistake);
    page_put_string(page, need, "value", typed ? typed : "");
    page_put(page, need, "rows", json_integer(ROWS));
    /* the sheet hides it from who does not consent, but never what somebody typed or what is wrong */
    page_put_bool(page, need, "shown", wrong || (typed && *typed));
    page_put(page, control, "need", need);
}

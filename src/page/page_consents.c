/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /r/{token}/consents: withdraws the consent of the field `purpose`. Its rows stand on the page of the
 * registration, so there is nothing to GET. A worker's thread. */
#include "page/page_consents.h"

#include <string.h>

#include "base/form.h"
#include "change/act.h"
#include "event/definition.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_act.h"
#include "page/page_error.h"
#include "page/page_record.h"
#include "page/page_table.h"
#include "view/catalogue.h"
#include "view/words.h"

static const char *when(struct page *page, const struct page_record *found, const struct consent *consent)
{
    bool withdrawn = consent->withdrawn_at != 0;
    const char *date = words_date(page->worker->words, page->arena, page->language, found->record.definition->zone,
                                  withdrawn ? consent->withdrawn_at : consent->given_at, WORDS_DATE_TIME);

    return date ? catalogue_format(page->catalogue, page->arena,
                                   withdrawn ? "manage.consent_withdrawn" : "manage.consent_given", "date", date, NULL)
                : NULL;
}

/* The field that asked for it, in the form that was sent. */
static const struct event_field *field_of(const struct event_definition *definition, const char *purpose)
{
    for (size_t i = 0; i < definition->field_count; i++)
        if (definition->fields[i].purpose && strcmp(definition->fields[i].purpose, purpose) == 0)
            return &definition->fields[i];
    return NULL;
}

/* Without it there is no registration, so that it stands as long as that does. */
static bool is_condition(const struct event_definition *definition, const char *purpose)
{
    const struct event_field *field = field_of(definition, purpose);

    return field && field->type == FIELD_CONSENT && !event_consent_is_free(field);
}

json_t *page_consents_model(struct page *page, const struct page_record *found)
{
    json_t *list = page_array(page);

    for (size_t i = 0; i < found->consents.count; i++) {
        const struct consent *consent = &found->consents.items[i];
        json_t *row;

        if (consent->given_at == 0)
            continue;
        const bool condition = is_condition(found->record.definition, consent->purpose);
        row = page_object(page);
        page_put(page, row, "number", json_integer((json_int_t)i + 1));
        page_put(page, row, "text", page_words(page, consent->text, consent->language));
        page_put_string(page, row, "when", when(page, found, consent));
        page_put_optional(page, row, "purpose",
                          consent->withdrawn_at == 0 && !condition ? consent->purpose : NULL);
        /* one that was free when it was withdrawn holds no more */
        page_put_bool(page, row, "condition", consent->withdrawn_at == 0 && condition);
        page_add(page, list, row);
    }
    return list;
}

/* One of this registration's that was given once and may be withdrawn; NULL: none. */
static const struct consent *consent_of(const struct page_record *found, const struct form *form)
{
    const char *purpose = form_times(form, "purpose") == 1 ? form_value(form, "purpose") : NULL;

    for (size_t i = 0; purpose && i < found->consents.count; i++)
        if (found->consents.items[i].given_at != 0 && strcmp(found->consents.items[i].purpose, purpose) == 0
            && !is_condition(found->record.definition, purpose))
            return &found->consents.items[i];
    return NULL;
}

static void answer(struct page_record *found)
{
    const struct consent *consent = consent_of(found, request_form(found->link.request));
    const struct event_field *field = consent ? field_of(found->record.definition, consent->purpose) : NULL;
    struct page page;

    if (!field) {
        page_error(found->link.request, 422);
        return;
    }
    page_record_begin(&page, found);
    if (consent->withdrawn_at != 0)
        page_act_back(&page, found);
    else
        page_act_run(&page, found, &(struct page_act){
            .kind = &change_withdraw,
            .purpose = consent->purpose,
            .field = field->id,
            .failed = "not_withdrawn",
            .unknown = "maybe_withdrawn",
        });
}

static void handle(struct request *request)
{
    page_record_read_parts(request, PAGE_RECORD_CONSENTS, answer);
}

const struct endpoint page_consents = {
    .name = "consents",
    .path = "/r/{token}/consents",
    .methods = HTTP_POST,
    .language = true,
    .handle = handle,
};

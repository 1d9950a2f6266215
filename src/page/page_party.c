/* SPDX-License-Identifier: EUPL-1.2 */
/* The people of a group with their states and ways out. Called by page_manage and page_cancel. A worker's thread. */
#include "page/page_party.h"

#include <string.h>

#include "base/arena.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_manage.h"
#include "page/page_record.h"
#include "signup/state.h"
#include "view/catalogue.h"

const char *page_party_number(const struct record_guest *guest)
{
    const char *slash = guest->reference ? strrchr(guest->reference, '/') : NULL;

    return slash ? slash + 1 : "";
}

const char *page_party_name(struct page *page, const struct record_guest *guest)
{
    const char *name = guest->name;

    if (!name)
        name = catalogue_format(page->catalogue, page->arena, "guests.person", "number", page_party_number(guest),
                                NULL);
    page->failed = page->failed || !name;
    return name ? name : "";
}

const struct record_guest *page_party_guest(const struct page_record *found)
{
    const char *number = request_query(found->link.request, "guest");

    for (size_t i = 0; number && i < found->record.guest_count; i++)
        if (state_is_live(found->record.guests[i].status) &&
            strcmp(page_party_number(&found->record.guests[i]), number) == 0)
            return &found->record.guests[i];
    return NULL;
}

static json_t *row(struct page *page, const struct page_record *found, const struct record_guest *guest, bool cancels)
{
    json_t *model = page_object(page);
    const char *word = arena_format(page->arena, "state.%s", state_name(guest->status));
    const char *tail = arena_format(page->arena, "/cancel?guest=%s", page_party_number(guest));

    page->failed = page->failed || !word || !tail;
    page_put_string(page, model, "who", page_party_name(page, guest));
    page_put_string(page, model, "mark", page_manage_mark(guest->status));
    page_put_string(page, model, "word", word ? page_say(page, word) : NULL);
    page_put_optional(page, model, "cancel",
                      cancels && tail && state_is_live(guest->status) ? page_record_href(page, found, tail) : NULL);
    return model;
}

/* Who was registered by somebody else knows by whom. */
static const char *booked(struct page *page, const struct record *record)
{
    if (!record_is_guest(record))
        return NULL;
    if (!record->booker)
        return page_say(page, "guests.booked");
    const char *words =
        catalogue_format(page->catalogue, page->arena, "guests.booked_by", "name", record->booker, NULL);
    page->failed = page->failed || !words;
    return words;
}

void page_party_put(struct page *page, const struct page_record *found)
{
    const struct record *record = &found->record;
    bool cancels = json_is_string(json_object_get(page->model, "cancel"));
    json_t *party, *rows;

    page_put_optional(page, page->model, "booked", booked(page, record));
    if (record->guest_count == 0) {
        page_put_bool(page, page->model, "party", false);
        return;
    }
    party = page_object(page);
    rows = page_array(page);
    for (size_t i = 0; i < record->guest_count; i++)
        page_add(page, rows, row(page, found, &record->guests[i], cancels));
    page_put(page, party, "rows", rows);
    page_put_optional(page, party, "help", cancels ? page_say(page, "guests.party_help") : NULL);
    page_put(page, page->model, "party", party);
}

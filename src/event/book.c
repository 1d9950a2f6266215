/* SPDX-License-Identifier: EUPL-1.2 */
/* The events of one edition with their rows in the store. Built by main, then read by any thread. */
#include "event/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* event_book_new hands out its first member. */
struct shelf {
    struct event_book book;
    size_t room;
};

int event_book_new(size_t count, struct event_book **ret_book)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    struct event_entry *entries = calloc(count ? count : 1, sizeof(*entries));
    if (!shelf || !entries) {
        free(shelf);
        free(entries);
        return -ENOMEM;
    }
    shelf->book.entries = entries;
    shelf->room = count;
    *ret_book = &shelf->book;
    return 0;
}

static void entry_done(struct event_entry *entry)
{
    free(entry->mode_places);
    free(entry->form_prints);
}

int event_book_add(struct event_book *book, const struct event_definition *definition, int64_t event_id,
                   int64_t revision_id, int64_t ical_sequence, enum event_state state, const int64_t *mode_places)
{
    struct event_entry entry = { .definition = definition, .event_id = event_id, .revision_id = revision_id,
                                 .ical_sequence = ical_sequence, .state = state };
    int r = 0;

    if (book->count == ((struct shelf *)book)->room)
        return -ENOSPC;
    entry.mode_places = calloc(definition->mode_count, sizeof(*entry.mode_places));
    entry.form_prints = calloc(definition->language_count, sizeof(*entry.form_prints));
    if (!entry.mode_places || !entry.form_prints)
        r = -ENOMEM;
    for (size_t i = 0; r == 0 && i < definition->language_count; i++)
        r = event_form_print(definition, definition->languages[i], entry.form_prints[i]);
    if (r < 0) {
        entry_done(&entry);
        return r;
    }
    memcpy(entry.mode_places, mode_places, definition->mode_count * sizeof(*mode_places));
    book->entries[book->count++] = entry;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct event_definition *x = ((const struct event_entry *)a)->definition;
    const struct event_definition *y = ((const struct event_entry *)b)->definition;
    if (x->starts != y->starts)
        return x->starts < y->starts ? -1 : 1;
    return strcmp(x->slug, y->slug);
}

void event_book_sort(struct event_book *book)
{
    qsort(book->entries, book->count, sizeof(*book->entries), compare);
}

void event_book_free(struct event_book *book)
{
    if (!book)
        return;
    for (size_t i = 0; i < book->count; i++) {
        event_definition_unref(book->entries[i].definition);
        entry_done(&book->entries[i]);
    }
    free(book->entries);
    free(book);
}

const struct event_entry *event_book_find(const struct event_book *book, const char *slug)
{
    for (size_t i = 0; i < book->count; i++)
        if (strcmp(book->entries[i].definition->slug, slug) == 0)
            return &book->entries[i];
    return NULL;
}

const struct event_entry *event_book_by_id(const struct event_book *book, int64_t event_id)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->entries[i].event_id == event_id)
            return &book->entries[i];
    return NULL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The events of one edition with their rows in the store. Built by main, then read by any thread. */
#include "event/book.h"

#include <errno.h>
#include <stdio.h>
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
    free(entry->session_places);
    free(entry->slot_places);
    free(entry->reserve_places);
    free(entry->form_prints);
}

static int compare_rows(const void *a, const void *b)
{
    const struct event_row *x = a, *y = b;
    int r = strcmp(x->kind, y->kind);
    return r != 0 ? r : strcmp(x->key, y->key);
}

/* What is being made of the rows that a definition's places have. */
struct matching {
    const struct event_row *rows; /* sorted */
    size_t count;
};

static int64_t row_of(const struct matching *matching, const char *kind, const char *key)
{
    const struct event_row wanted = { .kind = kind, .key = key };
    const struct event_row *row =
        matching->count > 0 ? bsearch(&wanted, matching->rows, matching->count, sizeof(wanted), compare_rows) : NULL;
    return row ? row->id : 0;
}

static int64_t session_row(const struct matching *matching, const struct event_session *session,
                           const struct event_mode *mode)
{
    char key[PROGRAMME_KEY_SIZE];
    (void)snprintf(key, sizeof(key), session->per_mode ? "%s@%s" : "%s", session->id, mode->id);
    return row_of(matching, "session", key);
}

static int match(struct event_entry *entry, const struct matching *matching)
{
    const struct event_definition *definition = entry->definition;
    const struct event_programme *programme = &definition->programme;
    size_t modes = definition->mode_count;

    entry->mode_places = calloc(modes, sizeof(int64_t));
    entry->session_places = calloc(programme->session_count * modes + 1, sizeof(int64_t));
    entry->slot_places = calloc(programme->slot_count + 1, sizeof(int64_t));
    entry->reserve_places = calloc(programme->reserve_count + 1, sizeof(int64_t));
    if (!entry->mode_places || !entry->session_places || !entry->slot_places || !entry->reserve_places)
        return -ENOMEM;
    for (size_t i = 0; i < modes; i++)
        entry->mode_places[i] = row_of(matching, "mode", definition->modes[i].id);
    for (size_t i = 0; i < programme->session_count; i++)
        for (size_t m = 0; m < modes; m++)
            entry->session_places[i * modes + m] =
                session_row(matching, &programme->sessions[i], &definition->modes[m]);
    for (size_t i = 0; i < programme->slot_count; i++)
        entry->slot_places[i] = row_of(matching, "slot", programme->slots[i].key);
    for (size_t i = 0; i < programme->reserve_count; i++)
        entry->reserve_places[i] = row_of(matching, "reserve", programme->reserves[i].id);
    return 0;
}

int event_book_add(struct event_book *book, const struct event_definition *definition, int64_t event_id,
                   int64_t revision_id, int64_t ical_sequence, enum event_state state, size_t row_count,
                   const struct event_row *rows)
{
    struct event_entry entry = { .definition = definition, .event_id = event_id, .revision_id = revision_id,
                                 .ical_sequence = ical_sequence, .state = state };
    struct event_row *sorted;
    int r = 0;

    if (book->count == ((struct shelf *)book)->room)
        return -ENOSPC;
    sorted = calloc(row_count + 1, sizeof(*sorted));
    entry.form_prints = calloc(definition->language_count, sizeof(*entry.form_prints));
    if (!sorted || !entry.form_prints)
        r = -ENOMEM;
    if (r == 0) {
        if (row_count > 0)
            memcpy(sorted, rows, row_count * sizeof(*sorted));
        qsort(sorted, row_count, sizeof(*sorted), compare_rows);
        r = match(&entry, &(struct matching){ .rows = sorted, .count = row_count });
    }
    for (size_t i = 0; r == 0 && i < definition->language_count; i++)
        r = event_form_print(definition, definition->languages[i], entry.form_prints[i]);
    free(sorted);
    if (r < 0) {
        entry_done(&entry);
        return r;
    }
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

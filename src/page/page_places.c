/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads the board for a page and puts its numbers into words. What is free is judged by signup/places, as the writer
 * judges it. Called by the list, the event page and the form. A worker's thread. */
#include "page/page_places.h"

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/site.h"
#include "store/store.h"
#include "view/catalogue.h"
#include "view/words.h"

/* Below this many places the number itself is a warning. */
#define FEW 6

void page_places_read(struct page *page, const struct event_entry *entry, struct page_places *ret_places)
{
    const struct event_definition *definition = entry->definition;
    size_t n = definition->mode_count;

    *ret_places = (struct page_places){
        .numbers = arena_take(page->arena, n * sizeof *ret_places->numbers),
        .verdicts = arena_take(page->arena, n * sizeof *ret_places->verdicts),
    };
    if (!ret_places->numbers || !ret_places->verdicts) {
        page->failed = true;
        return;
    }
    board_read(store_board(page->worker->options->store), entry->event_id, entry->mode_places, n, ret_places->numbers,
               &ret_places->version);
    ret_places->waiting = true;
    for (size_t i = 0; i < n; i++) {
        const struct board_numbers *numbers = &ret_places->numbers[i];
        /* What the board calls left is after the reserves: as a place it is one with that many, none taken. */
        struct place place = { .limited = numbers->known && numbers->limited, .capacity = numbers->left,
                               .waiting = numbers->waiting };

        ret_places->verdicts[i] = places_judge(&place, 1, definition->waiting_list);
        /* Where an application takes no place there may be more of them than places. */
        if (definition->modes[i].approval && !definition->approval_holds)
            ret_places->verdicts[i] = PLACES_FREE;
        ret_places->open = ret_places->open || ret_places->verdicts[i] != PLACES_FULL;
        ret_places->waiting = ret_places->waiting && ret_places->verdicts[i] != PLACES_FREE;
    }
    ret_places->waiting = ret_places->waiting && ret_places->open;
}

static bool limited(const struct page_places *places, size_t n)
{
    return places->numbers && places->numbers[n].known && places->numbers[n].limited;
}

const char *page_places_words(struct page *page, const struct page_places *places, size_t n)
{
    const struct board_numbers *numbers;
    const char *words, *capacity;

    if (!limited(places, n))
        return NULL;
    numbers = &places->numbers[n];
    if (places->verdicts[n] == PLACES_WAIT)
        return page_say(page, "event.full_list");
    if (places->verdicts[n] == PLACES_FULL)
        return page_say(page, "event.full");
    capacity = words_number(page->worker->words, page->arena, page->language, numbers->capacity);
    words = capacity ? catalogue_count(page->catalogue, page->arena, "event.left", numbers->left, "capacity", capacity,
                                       NULL)
                     : NULL;
    if (!words)
        page->failed = true;
    return words;
}

const char *page_places_bar(struct page *page, const struct page_places *places, size_t n)
{
    const struct board_numbers *numbers;
    int64_t taken;

    if (!limited(places, n) || places->numbers[n].capacity <= 0)
        return NULL;
    numbers = &places->numbers[n];
    taken = places->verdicts[n] == PLACES_FREE ? numbers->capacity - numbers->left : numbers->capacity;
    return arena_format(page->arena, "%d%%", (int)(taken * 100 / numbers->capacity));
}

json_t *page_places_chip(struct page *page, const struct page_places *places, size_t n)
{
    const char *words = page_places_words(page, places, n);
    json_t *chip;

    if (!words)
        return json_false();
    chip = page_object(page);
    page_put_string(page, chip, "mark",
                    places->verdicts[n] == PLACES_FULL                                       ? "no"
                    : places->verdicts[n] == PLACES_WAIT || places->numbers[n].left < FEW ? "ask"
                                                                                             : "ok");
    page_put_string(page, chip, "word", words);
    return chip;
}

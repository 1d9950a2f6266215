/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads the board for a page and puts its numbers into words. What is free is judged by signup/places, as the writer
 * judges it. Called by the list, the event page and the form. A worker's thread. */
#include "page/page_places.h"

#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "page/page.h"
#include "page/site.h"
#include "signup/rules.h"
#include "store/store.h"
#include "view/catalogue.h"
#include "view/words.h"

/* Below this many places the number itself is a warning. */
#define FEW 6
#define DAY 86400

static enum places_verdict worse(enum places_verdict a, enum places_verdict b)
{
    return a > b ? a : b;
}

bool page_places_offers(const struct event_programme *programme, size_t resource, size_t m)
{
    return programme->resources[resource].mode < 0 || programme->resources[resource].mode == (int)m;
}

/* Where an application takes no place there may be more of them than places. */
static bool unbounded(const struct event_definition *definition, size_t mode)
{
    return definition->modes[mode].approval && !definition->approval_holds;
}

static enum places_verdict judge(const struct event_definition *definition, const struct board_numbers *numbers,
                                 size_t mode)
{
    /* What the board calls left is after the reserves: as a place it is one with that many, none taken. */
    struct place place = { .limited = numbers->known && numbers->limited, .capacity = numbers->left,
                           .waiting = numbers->waiting };

    return unbounded(definition, mode) ? PLACES_FREE : places_judge(&place, 1, definition->waiting_list);
}

/* The first instant at which rules_too_soon holds of a slot. */
static int64_t slot_until(const struct event_programme *programme, size_t slot)
{
    const struct event_slot *each = &programme->slots[slot];

    return each->starts - programme->resources[each->resource].lead_days * DAY + 1;
}

/* Where slots are offered one is needed, unless another time may be proposed. */
static bool lacks_slot(const struct event_programme *programme, const struct page_places *places, size_t mode)
{
    bool offered = false;

    for (size_t i = 0; i < programme->resource_count; i++)
        if (programme->resources[i].propose && page_places_offers(programme, i, mode))
            return false;
    for (size_t i = 0; i < programme->slot_count; i++) {
        if (!page_places_offers(programme, programme->slots[i].resource, mode))
            continue;
        if (places->slots[i])
            return false;
        offered = true;
    }
    return offered;
}

static void judge_sessions(const struct event_definition *definition, struct page_places *places)
{
    const struct event_programme *programme = &definition->programme;
    size_t modes = definition->mode_count;

    for (size_t i = 0; i < programme->session_count * modes; i++)
        places->session_verdicts[i] = rules_held(&programme->sessions[i / modes], (int)(i % modes))
                                          ? judge(definition, &places->sessions[i], i % modes)
                                          : PLACES_FULL;
    for (size_t i = 0; i < programme->session_count * modes; i++) {
        int round = programme->sessions[i / modes].round;

        if (round >= 0 && places->sessions[i].allocated)
            places->allocated[round] = true;
    }
}

/* What the best of a round's sessions in MODE gives to one who must choose; FREE where there is none. */
static enum places_verdict best_of(const struct event_definition *definition, const struct page_places *places,
                                   const struct event_round *round, size_t mode)
{
    enum places_verdict best = PLACES_FULL;
    bool any = false;

    for (size_t i = 0; i < round->session_count; i++) {
        size_t s = round->sessions[i];

        if (!rules_held(&definition->programme.sessions[s], (int)mode))
            continue;
        any = true;
        if (places->session_verdicts[s * definition->mode_count + mode] < best)
            best = places->session_verdicts[s * definition->mode_count + mode];
    }
    return any ? best : PLACES_FREE;
}

/* Who comes needs a place in what everybody takes part in, and in each round that must be answered. */
static enum places_verdict judge_mode(const struct event_definition *definition, const struct page_places *places,
                                      size_t mode)
{
    const struct event_programme *programme = &definition->programme;
    enum places_verdict verdict = judge(definition, &places->numbers[mode], mode);

    if (verdict == PLACES_FULL && places->kept[mode]) /* somebody may still be let in */
        verdict = PLACES_WAIT;
    for (size_t s = 0; s < programme->session_count; s++)
        if (programme->sessions[s].round < 0 && rules_held(&programme->sessions[s], (int)mode))
            verdict = worse(verdict, places->session_verdicts[s * definition->mode_count + mode]);
    for (size_t r = 0; r < programme->round_count; r++)
        if (programme->rounds[r].required && (programme->rounds[r].choose != CHOOSE_RANK || places->allocated[r]))
            verdict = worse(verdict, best_of(definition, places, &programme->rounds[r], mode));
    return lacks_slot(programme, places, mode) ? PLACES_FULL : verdict;
}

/* What is left of mode M is kept for others than whoever comes. */
static bool only_reserved(const struct page_places *places, size_t m)
{
    return places->verdicts[m] == PLACES_WAIT && places->numbers[m].left <= 0 &&
           (places->kept[m] || places->for_invited[m]);
}

void page_places_read(struct page *page, const struct event_entry *entry, struct page_places *ret_places)
{
    const struct event_definition *definition = entry->definition;
    const struct event_programme *programme = &definition->programme;
    size_t modes = definition->mode_count, sessions = programme->session_count * modes, slots = programme->slot_count;
    size_t reserves = programme->reserve_count, all = modes + sessions + slots + reserves;
    int64_t *ids = arena_take(page->arena, all * sizeof *ids);
    struct board_numbers *numbers = arena_take(page->arena, all * sizeof *numbers);
    struct page_places places = {
        .numbers = numbers,
        .verdicts = arena_take(page->arena, modes * sizeof *places.verdicts),
        .sessions = numbers ? numbers + modes : NULL,
        .session_verdicts = arena_take(page->arena, (sessions + 1) * sizeof *places.session_verdicts),
        .kept = arena_take(page->arena, modes * sizeof *places.kept),
        .for_invited = arena_take(page->arena, modes * sizeof *places.for_invited),
        .slots = arena_take(page->arena, (slots + 1) * sizeof *places.slots),
        .allocated = arena_take(page->arena, (programme->round_count + 1) * sizeof *places.allocated),
        .waiting_list = definition->waiting_list,
        .waiting = definition->waiting_list,
    };

    *ret_places = (struct page_places){ .numbers = NULL };
    if (!ids || !numbers || !places.verdicts || !places.session_verdicts || !places.kept || !places.for_invited ||
        !places.slots || !places.allocated) {
        page->failed = true;
        return;
    }
    memcpy(ids, entry->mode_places, modes * sizeof *ids);
    memcpy(ids + modes, entry->session_places, sessions * sizeof *ids);
    memcpy(ids + modes + sessions, entry->slot_places, slots * sizeof *ids);
    memcpy(ids + modes + sessions + slots, entry->reserve_places, reserves * sizeof *ids);
    board_read(store_board(page->worker->options->store), entry->event_id, ids, all, numbers, &places.version);
    judge_sessions(definition, &places);
    for (size_t i = 0; i < reserves; i++)
        /* one that is for the invited alone opens the form for them alone: page_invite */
        if (numbers[modes + sessions + slots + i].left > 0)
            (programme->reserves[i].condition ? places.kept : places.for_invited)[programme->reserves[i].mode] = true;
    for (size_t i = 0; i < slots; i++) {
        const struct board_numbers *slot = &numbers[modes + sessions + i];

        places.slots[i] = slot->known && slot->left > 0 && !rules_too_soon(programme, i, page->now);
    }
    for (size_t m = 0; m < modes; m++) {
        places.verdicts[m] = judge_mode(definition, &places, m);
        places.open = places.open || places.verdicts[m] != PLACES_FULL;
        places.waiting = places.waiting && places.verdicts[m] != PLACES_FREE;
        places.reserved = places.reserved || only_reserved(&places, m);
        places.eligible = places.eligible || (only_reserved(&places, m) && places.kept[m]);
    }
    places.waiting = places.waiting && places.open;
    places.reserved = places.reserved && places.waiting;
    places.eligible = places.eligible && places.waiting;
    *ret_places = places;
}

uint64_t page_places_version(struct page *page, const struct event_entry *entry)
{
    uint64_t version;

    board_read(store_board(page->worker->options->store), entry->event_id, NULL, 0, NULL, &version);
    return version;
}

int64_t page_places_until(const struct event_definition *definition, int64_t now)
{
    const struct event_programme *programme = &definition->programme;
    int64_t until = INT64_MAX;

    for (size_t i = 0; i < programme->slot_count; i++)
        if (slot_until(programme, i) > now && slot_until(programme, i) < until)
            until = slot_until(programme, i);
    for (size_t i = 0; i < programme->round_count; i++)
        if (programme->rounds[i].choose == CHOOSE_RANK && programme->rounds[i].wishes_until > now
            && programme->rounds[i].wishes_until < until)
            until = programme->rounds[i].wishes_until;
    for (size_t i = 0; i < programme->session_count; i++)
        if (programme->sessions[i].has_times && programme->sessions[i].ends > now
            && programme->sessions[i].ends < until)
            until = programme->sessions[i].ends;
    return until;
}

static bool limited(const struct board_numbers *numbers)
{
    return numbers->known && numbers->limited;
}

const char *page_places_say(struct page *page, const struct board_numbers *numbers, enum places_verdict verdict)
{
    const char *words, *number;
    int64_t kept;

    if (verdict == PLACES_WAIT)
        return page_say(page, "event.full_list");
    if (verdict == PLACES_FULL)
        return page_say(page, "event.full");
    if (!limited(numbers))
        return NULL;
    /* What is reserved is neither taken nor left for everybody. */
    kept = numbers->capacity - numbers->taken - numbers->left;
    number = words_number(page->worker->words, page->arena, page->language, kept > 0 ? kept : numbers->capacity);
    words = number ? catalogue_count(page->catalogue, page->arena, kept > 0 ? "event.left_kept" : "event.left",
                                     numbers->left, kept > 0 ? "kept" : "capacity", number, NULL)
                   : NULL;
    if (!words)
        page->failed = true;
    return words;
}

const char *page_places_words(struct page *page, const struct page_places *places, size_t n)
{
    if (!places->numbers)
        return NULL;
    if (only_reserved(places, n))
        return page_say(page, places->waiting_list ? "event.kept_list" : "event.kept");
    return page_places_say(page, &places->numbers[n], places->verdicts[n]);
}

const char *page_places_part(struct page *page, int64_t taken, int64_t capacity)
{
    int64_t part = capacity > 0 ? taken * 100 / capacity : 0;

    return part > 0 ? arena_format(page->arena, "%d%%", (int)part) : NULL;
}

const char *page_places_bar(struct page *page, const struct page_places *places, size_t n)
{
    const struct board_numbers *numbers;
    int64_t taken;

    if (!places->numbers || !limited(&places->numbers[n]))
        return NULL;
    numbers = &places->numbers[n];
    taken = places->verdicts[n] == PLACES_FREE ? numbers->taken : numbers->capacity;
    return page_places_part(page, taken, numbers->capacity);
}

static json_t *chip(struct page *page, const struct board_numbers *numbers, enum places_verdict verdict,
                    const char *words)
{
    json_t *chip;

    if (!words)
        return json_false();
    chip = page_object(page);
    page_put_string(page, chip, "mark",
                    verdict == PLACES_FULL                            ? "no"
                    : verdict == PLACES_WAIT || numbers->left < FEW ? "ask"
                                                                      : "ok");
    page_put_string(page, chip, "word", words);
    return chip;
}

json_t *page_places_chip_of(struct page *page, const struct board_numbers *numbers, enum places_verdict verdict)
{
    return chip(page, numbers, verdict, page_places_say(page, numbers, verdict));
}

json_t *page_places_chip(struct page *page, const struct page_places *places, size_t n)
{
    return places->numbers
               ? chip(page, &places->numbers[n], places->verdicts[n], page_places_words(page, places, n))
               : json_false();
}

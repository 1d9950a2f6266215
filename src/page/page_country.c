/* SPDX-License-Identifier: EUPL-1.2 */
/* Names and sorts the countries. Called by page_field; site owns the lists. A worker's thread. */
#include "page/page_country.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "page/page.h"
#include "page/page_control.h"
#include "signup/country.h"
#include "view/words.h"

struct named { const char *code, *name; enum country_group group; };

struct page_country {
    struct page_country *next;
    struct arena *arena;
    const char *language;
    size_t count;
    struct named *named;
};

struct order { struct words *words; const char *language; };

static int by_name(const void *a, const void *b, void *context)
{
    const struct named *left = a, *right = b;
    const struct order *order = context;
    int r;

    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    r = words_compare(order->words, order->language, left->name, right->name);
    return r != 0 ? r : strcmp(left->code, right->code);
}

static struct page_country *sorted_new(struct page *page)
{
    struct words *words = page->worker->words;
    struct arena *arena = arena_new();
    struct page_country *sorted = arena ? arena_take(arena, sizeof *sorted) : NULL;
    size_t count;
    const struct country *list = country_list(&count);

    if (!sorted)
        goto fail;
    *sorted = (struct page_country){
        .arena = arena,
        .language = arena_copy(arena, page->language),
        .named = arena_take(arena, count * sizeof *sorted->named),
    };
    if (!sorted->language || !sorted->named)
        goto fail;
    for (size_t i = 0; i < count; i++) {
        const char *name = words_country(words, arena, page->language, list[i].code);

        if (!name)
            goto fail;
        sorted->named[sorted->count++] = (struct named){ list[i].code, name, list[i].group };
    }
    qsort_r(sorted->named, sorted->count, sizeof *sorted->named, by_name,
            &(struct order){ words, sorted->language });
    return sorted;

fail:
    arena_free(arena);
    return NULL;
}

/* There are no more of them than catalogues: a page's language is always one. */
static const struct page_country *sorted_of(struct page *page)
{
    struct page_country *sorted = page->worker->countries;

    while (sorted && strcmp(sorted->language, page->language) != 0)
        sorted = sorted->next;
    if (!sorted) {
        sorted = sorted_new(page);
        if (sorted) {
            sorted->next = page->worker->countries;
            page->worker->countries = sorted;
        }
    }
    return sorted;
}

json_t *page_country_groups(struct page *page, const char *chosen)
{
    static const char *const titles[COUNTRY_GROUPS] = {
        [COUNTRY_EU] = "country.eu", [COUNTRY_EUROPE] = "country.europe", [COUNTRY_WORLD] = "country.world",
    };
    const struct page_country *sorted = sorted_of(page);
    json_t *groups = page_array(page);
    size_t i = 0;

    if (!sorted) {
        page->failed = true;
        return groups;
    }
    for (int group = 0; group < COUNTRY_GROUPS; group++) {
        json_t *object = page_object(page), *entries = page_array(page);

        for (; i < sorted->count && (int)sorted->named[i].group == group; i++) {
            const struct named *named = &sorted->named[i];

            page_add(page, entries, page_control_entry(page, named->code, page_words(page, named->name, page->language),
                                                       chosen && strcmp(chosen, named->code) == 0));
        }
        page_put(page, object, "title", page_words(page, page_say(page, titles[group]), page->language));
        page_put(page, object, "entries", entries);
        page_add(page, groups, object);
    }
    return groups;
}

void page_country_free(struct page_country *countries)
{
    while (countries) {
        struct page_country *next = countries->next;

        arena_free(countries->arena);
        countries = next;
    }
}

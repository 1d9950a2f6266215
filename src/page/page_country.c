/* SPDX-License-Identifier: EUPL-1.2 */
/* Names and sorts the countries. Called by page_field_place and page_field_organisation; site owns the lists. A
 * worker's thread. */
#include "page/page_country.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "page/page.h"
#include "page/page_control.h"
#include "event/country.h"
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

static bool is_among(const char *code, size_t count, const char *const *codes)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static void add_group(struct page *page, json_t *groups, const char *title, json_t *entries)
{
    json_t *object = page_object(page);

    page_put(page, object, "title", page_words(page, page_say(page, title), page->language));
    page_put(page, object, "entries", entries);
    page_add(page, groups, object);
}

static json_t *entry(struct page *page, const struct named *named, const char *chosen)
{
    return page_control_entry(page, named->code, page_words(page, named->name, page->language),
                              chosen && strcmp(chosen, named->code) == 0);
}

/* By name, whatever groups they are of. They stand in their groups, too, where people look for them who know lists. */
static void add_first(struct page *page, json_t *groups, const struct page_country *sorted, size_t count,
                      const char *const *first, const char *chosen)
{
    struct words *words = page->worker->words;
    struct named *named = arena_take(page->arena, (count + 1) * sizeof *named);
    json_t *entries = page_array(page);
    size_t found = 0;

    for (size_t i = 0; named && i < sorted->count && found < count; i++)
        if (is_among(sorted->named[i].code, count, first))
            named[found++] = (struct named){ sorted->named[i].code, sorted->named[i].name, COUNTRY_EU };
    page->failed = page->failed || !named;
    if (named)
        qsort_r(named, found, sizeof *named, by_name, &(struct order){ words, page->language });
    for (size_t i = 0; named && i < found; i++)
        page_add(page, entries, entry(page, &named[i], chosen));
    add_group(page, groups, "country.first", entries);
}

json_t *page_country_groups(struct page *page, size_t first_count, const char *const *first, const char *chosen)
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
    if (first_count > 0)
        add_first(page, groups, sorted, first_count, first, chosen);
    if (chosen && is_among(chosen, first_count, first))
        chosen = NULL; /* of two lines one is chosen */
    for (int group = 0; group < COUNTRY_GROUPS; group++) {
        json_t *entries = page_array(page);

        for (; i < sorted->count && (int)sorted->named[i].group == group; i++)
            page_add(page, entries, entry(page, &sorted->named[i], chosen));
        add_group(page, groups, titles[group], entries);
    }
    return groups;
}

bool page_country_at(struct page *page, size_t i, const char **ret_code, const char **ret_name)
{
    const struct page_country *sorted = sorted_of(page);

    if (!sorted)
        page->failed = true;
    if (!sorted || i >= sorted->count)
        return false;
    *ret_code = sorted->named[i].code;
    *ret_name = sorted->named[i].name;
    return true;
}

void page_country_free(struct page_country *countries)
{
    while (countries) {
        struct page_country *next = countries->next;

        arena_free(countries->arena);
        countries = next;
    }
}

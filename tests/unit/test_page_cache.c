/* SPDX-License-Identifier: EUPL-1.2 */
/* The page cache: what is found, what takes the place of what, and that it never grows past its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "page/page_cache.h"

#define ROOM 20000
#define FIT 4      /* pages of 4000 bytes */
#define FRESH 1000 /* the first of the events that only check_room knows */

static struct page_cache_key key(int64_t event, const char *language, uint64_t version)
{
    return (struct page_cache_key){ .event_id = event, .revision_id = 1, .version = version, .language = language };
}

static void add(struct page_cache *cache, int64_t event, const char *language, uint64_t version, size_t size)
{
    char data[ROOM] = { 0 };
    struct page_cache_key k = key(event, language, version);

    data[0] = (char)event;
    page_cache_add(cache, &k, &(struct page_cached){ .data = data, .size = size, .seal_at = 3, .sealed = 9 });
}

static struct page_cached *find(struct page_cache *cache, int64_t event, const char *language, uint64_t version)
{
    struct page_cache_key k = key(event, language, version);

    return page_cache_find(cache, &k);
}

/* All its room is there: as many pages as fit in an empty one are held, and one more pushes the oldest out. */
static void check_room(struct page_cache *cache)
{
    for (int64_t i = FRESH; i < FRESH + FIT; i++)
        add(cache, i, "en", 1, 4000);
    for (int64_t i = FRESH; i < FRESH + FIT; i++)
        assert_non_null(find(cache, i, "en", 1));
    add(cache, FRESH + FIT, "en", 1, 4000);
    assert_null(find(cache, FRESH, "en", 1));
    for (int64_t i = FRESH + 1; i <= FRESH + FIT; i++)
        assert_non_null(find(cache, i, "en", 1));
}

static int setup(void **state)
{
    return page_cache_new(ROOM, (struct page_cache **)state);
}

static int teardown(void **state)
{
    page_cache_free(*state);
    return 0;
}

static void test_found_by_event_and_language(void **state)
{
    struct page_cached *found;

    add(*state, 1, "en", 1, 100);
    add(*state, 1, "lt", 1, 200);
    found = find(*state, 1, "en", 1);
    assert_non_null(found);
    assert_int_equal(found->size, 100);
    assert_int_equal(found->seal_at, 3);
    assert_int_equal(found->sealed, 9);
    assert_int_equal(find(*state, 1, "lt", 1)->size, 200);
    assert_null(find(*state, 1, "et", 1));
    assert_null(find(*state, 2, "en", 1));
}

static void test_another_version_drops_the_page(void **state)
{
    struct page_cache_key k = key(1, "en", 2);

    add(*state, 1, "en", 1, 100);
    assert_null(find(*state, 1, "en", 2));
    add(*state, 1, "en", 2, 100);
    k.phase = 1;
    assert_null(page_cache_find(*state, &k));
    add(*state, 1, "en", 2, 100);
    k.phase = 0;
    k.revision_id = 2;
    assert_null(page_cache_find(*state, &k));
}

static void test_a_dropped_page_gives_its_room_back(void **state)
{
    for (uint64_t version = 1; version < 100; version++) {
        add(*state, 1, "en", version, 4000);
        assert_null(find(*state, 1, "en", version + 1));
    }
    check_room(*state);
}

static void test_added_twice_counts_once(void **state)
{
    for (int i = 0; i < 100; i++)
        add(*state, 1, "en", 1, 4000);
    check_room(*state);
}

static void test_least_used_goes_first(void **state)
{
    for (int i = 1; i <= 4; i++)
        add(*state, i, "en", 1, 4000);
    assert_non_null(find(*state, 1, "en", 1));
    add(*state, 5, "en", 1, 4000);
    assert_non_null(find(*state, 1, "en", 1));
    assert_null(find(*state, 2, "en", 1));
    assert_non_null(find(*state, 3, "en", 1));
    assert_non_null(find(*state, 5, "en", 1));
}

/* What is found of the events 0 to COUNT is no more than the room. */
static void check_held(struct page_cache *cache, int64_t count)
{
    size_t held = 0;

    for (int64_t i = 0; i < 2 * count; i++) {
        const struct page_cached *found = find(cache, i / 2, i % 2 ? "en" : "lt", 1);
        held += found ? found->size + found->gzip_size : 0;
    }
    assert_in_range(held, 1, ROOM);
}

static void test_never_more_than_its_bytes(void **state)
{
    for (int i = 0; i < 2000; i++) {
        add(*state, i % 700, i % 2 ? "en" : "lt", 1, (size_t)(i * 7919 % 3000 + 1));
        if (i % 100 == 0)
            check_held(*state, 700);
    }
    add(*state, 9999, "en", 1, ROOM);
    assert_null(find(*state, 9999, "en", 1));
    check_room(*state);
}

static void test_cleared(void **state)
{
    add(*state, 1, "en", 1, 100);
    page_cache_clear(*state, 50);
    assert_null(find(*state, 1, "en", 1));
    add(*state, 1, "en", 1, 100);
    assert_null(find(*state, 1, "en", 1));
    page_cache_clear(*state, ROOM);
    check_room(*state);
}

static bool pack(struct page_cache *cache, struct page_cached *page, size_t size)
{
    char *data = calloc(1, size);

    assert_non_null(data);
    if (page_cache_set_gzip(cache, page, data, size))
        return true;
    free(data);
    return false;
}

static void test_packed_bytes_count_too(void **state)
{
    struct page_cached *found;

    add(*state, 1, "en", 1, 4000);
    found = find(*state, 1, "en", 1);
    assert_null(found->gzip);
    assert_true(pack(*state, found, 700));
    for (int i = 0; i < 100; i++)
        assert_true(pack(*state, found, 500)); /* in its place */
    assert_int_equal(find(*state, 1, "en", 1)->gzip_size, 500);
    assert_true(page_cache_set_gzip(*state, found, NULL, 0));
    assert_null(find(*state, 1, "en", 1)->gzip);
    for (int i = 0; i < 100; i++) {
        assert_true(pack(*state, find(*state, 1, "en", 1), 500));
        add(*state, 1, "en", 1, 4000); /* a page that takes its place takes its packed bytes away */
    }
    check_room(*state);
}

static void test_packed_bytes_push_others_out(void **state)
{
    struct page_cached *found;

    for (int i = 1; i <= 4; i++)
        add(*state, i, "en", 1, 4000);
    found = find(*state, 1, "en", 1);
    assert_true(pack(*state, found, 3500));
    check_held(*state, 5);
    assert_non_null(find(*state, 1, "en", 1)->gzip);
    assert_null(find(*state, 2, "en", 1));
    assert_non_null(find(*state, 4, "en", 1));
    assert_false(pack(*state, find(*state, 1, "en", 1), ROOM - 3000)); /* never the page itself */
    assert_non_null(find(*state, 1, "en", 1));
    assert_null(find(*state, 1, "en", 1)->gzip);
    check_held(*state, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found_by_event_and_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_version_drops_the_page, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_dropped_page_gives_its_room_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_added_twice_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_least_used_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(test_never_more_than_its_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_packed_bytes_count_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_packed_bytes_push_others_out, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The page cache: what is found, what takes the place of what, and that it never grows past its bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "page/page_cache.h"

#define ROOM 20000

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
    size_t empty = page_cache_bytes(*state);
    struct page_cache_key k = key(1, "en", 2);

    add(*state, 1, "en", 1, 100);
    assert_null(find(*state, 1, "en", 2));
    assert_int_equal(page_cache_bytes(*state), empty);
    add(*state, 1, "en", 2, 100);
    k.phase = 1;
    assert_null(page_cache_find(*state, &k));
    add(*state, 1, "en", 2, 100);
    k.phase = 0;
    k.revision_id = 2;
    assert_null(page_cache_find(*state, &k));
}

static void test_added_twice_counts_once(void **state)
{
    size_t once;

    add(*state, 1, "en", 1, 100);
    once = page_cache_bytes(*state);
    add(*state, 1, "en", 1, 100);
    assert_int_equal(page_cache_bytes(*state), once);
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

static void test_never_more_than_its_bytes(void **state)
{
    for (int i = 0; i < 2000; i++) {
        add(*state, i % 700, i % 2 ? "en" : "lt", 1, (size_t)(i * 7919 % 3000 + 1));
        assert_true(page_cache_bytes(*state) <= ROOM);
    }
    add(*state, 9999, "en", 1, ROOM);
    assert_null(find(*state, 9999, "en", 1));
}

static void test_cleared(void **state)
{
    add(*state, 1, "en", 1, 100);
    page_cache_clear(*state, 50);
    assert_int_equal(page_cache_bytes(*state), 0);
    add(*state, 1, "en", 1, 100);
    assert_null(find(*state, 1, "en", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found_by_event_and_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_version_drops_the_page, setup, teardown),
        cmocka_unit_test_setup_teardown(test_added_twice_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_least_used_goes_first, setup, teardown),
        cmocka_unit_test_setup_teardown(test_never_more_than_its_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleared, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/region: NUTS 2024, level 2, whole and sorted; and signup/country beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "event/country.h"
#include "signup/region.h"
#include "signup/region_table.h"

/* As Eurostat counts them, without Extra-Regio. */
static const struct {
    char country[3];
    size_t count;
} expected[] = {
    { "AT", 9 },  { "BE", 11 }, { "BG", 6 },  { "CY", 1 },  { "CZ", 8 },  { "DE", 38 }, { "DK", 5 },
    { "EE", 1 },  { "ES", 19 }, { "FI", 5 },  { "FR", 27 }, { "GR", 13 }, { "HR", 4 },  { "HU", 8 },
    { "IE", 3 },  { "IT", 21 }, { "LT", 2 },  { "LU", 1 },  { "LV", 1 },  { "MT", 1 },  { "NL", 12 },
    { "PL", 17 }, { "PT", 9 },  { "RO", 8 },  { "SE", 8 },  { "SI", 2 },  { "SK", 4 }, /* 244 in the EU */
    { "CH", 7 },  { "IS", 1 },  { "LI", 1 },  { "NO", 7 },  { "AL", 3 },  { "ME", 1 },  { "MK", 1 },
    { "RS", 4 },  { "TR", 26 }, { "UA", 27 }, { "XK", 1 },
};
/* Countries of ISO that are one region of another. */
static const char *const parts[][2] = {
    { "AX", "FI20" }, { "GF", "FRY3" }, { "GP", "FRY1" }, { "MQ", "FRY2" },
    { "RE", "FRY4" }, { "SJ", "NO0B" }, { "YT", "FRY5" },
};

static size_t expected_of(const char *country)
{
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        if (strcmp(expected[i].country, country) == 0)
            return expected[i].count;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(parts[i][0], country) == 0)
            return 1;
    return 0;
}

static void every_country_has_its_regions(void **state)
{
    size_t countries, all, union_count = 0, sum = 0;
    const struct country *country = country_list(&countries);
    (void)state;
    for (size_t i = 0; i < countries; i++) {
        size_t count = 99;
        const struct region *list = region_list(country[i].code, &count);
        if (count != expected_of(country[i].code))
            fail_msg("%s: %zu regions, not %zu", country[i].code, count, expected_of(country[i].code));
        assert_int_equal(list == NULL, count == 0);
        assert_false(country[i].group == COUNTRY_EU && count == 0);
        if (country[i].group == COUNTRY_EU)
            union_count += count;
        sum += count;
        for (size_t r = 0; r < count; r++)
            assert_ptr_equal(region_by_code(list[r].code), &list[r]);
    }
    (void)region_table(&all);
    assert_int_equal(union_count, 244);
    assert_int_equal(sum, all + sizeof(parts) / sizeof(parts[0]));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t count;
        const struct region *list = region_list(parts[i][0], &count);
        assert_string_equal(list[0].code, parts[i][1]);
    }
}

static void codes_are_sorted_and_names_clean(void **state)
{
    size_t count;
    const struct region *regions = region_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct region *region = &regions[i];
        const size_t size = strlen(region->name);
        assert_true(i == 0 || strcmp(regions[i - 1].code, region->code) < 0);
        assert_int_equal(strlen(region->code), 4);
        assert_int_equal(strspn(region->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 4);
        assert_true(size > 0 && region->name[0] != ' ' && region->name[size - 1] != ' ');
        assert_null(strstr(region->name, "  "));
        assert_true(text_is_utf8(region->name, size) && !text_has_control(region->name, size));
    }
}

static void greece_is_gr_and_its_codes_are_el(void **state)
{
    size_t count;
    const struct region *list = region_list("GR", &count);
    (void)state;
    assert_int_equal(count, 13);
    assert_string_equal(list[0].code, "EL30");
    assert_string_equal(list[0].name, "Αττική");
    assert_string_equal(list[12].code, "EL65");
    assert_null(region_list("EL", &count));
    assert_int_equal(count, 0);
}

static void what_nuts_2024_changed(void **state)
{
    static const struct region now[] = {
        { "EE00", "Eesti" },       { "LT01", "Sostinės regionas" }, { "LV00", "Latvija" },
        { "PT1A", "Grande Lisboa" }, { "PT1B", "Península de Setúbal" }, { "NL35", "Utrecht" },
        { "NL36", "Zuid-Holland" },  { "HR06", "Sjeverna Hrvatska" },    { "FI1B", "Helsinki-Uusimaa" },
        { "NO08", "Oslo og Viken" }, { "BG31", "Северозападен" },
    };
    static const char *const gone[] = { "PT17", "PT16", "PT18", "NL31", "NL33", "HR04", "UKI3", "NO01", "EEZZ" };
    size_t count;
    (void)state;
    for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
        assert_non_null(region_by_code(now[i].code));
        assert_string_equal(region_by_code(now[i].code)->name, now[i].name);
    }
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
        assert_null(region_by_code(gone[i]));
    assert_null(region_by_code(""));
    assert_null(region_by_code("EE"));
    assert_null(region_by_code("ee00"));
    assert_null(region_list("", &count));
    assert_null(region_list("E", &count));
    assert_null(region_list("EE0", &count));
    assert_null(region_list("US", &count));
}

/* ISO 3166-1 has 249 countries; Kosovo has a code that only users of the standard gave it. */
static void countries_are_all_there(void **state)
{
    size_t count, groups[COUNTRY_GROUPS] = { 0 };
    const struct country *country = country_list(&count);
    (void)state;
    assert_int_equal(count, 249 + 1);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(country[i - 1].code, country[i].code) < 0);
        assert_true(country_known(country[i].code));
        groups[country[i].group]++;
    }
    assert_int_equal(groups[COUNTRY_EU], 27);
    assert_false(country_known("UK"));
    assert_false(country_known("EL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_country_has_its_regions),
        cmocka_unit_test(codes_are_sorted_and_names_clean),
        cmocka_unit_test(greece_is_gr_and_its_codes_are_el),
        cmocka_unit_test(what_nuts_2024_changed),
        cmocka_unit_test(countries_are_all_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

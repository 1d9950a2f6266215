/* SPDX-License-Identifier: EUPL-1.2 */
/* event/stakeholder: the vocabulary is sound, and people can read all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/stakeholder.h"
#include "view/catalogue.h"

static void codes_are_found_and_unique(void **state)
{
    size_t count;
    const struct stakeholder_type *types = stakeholder_types(&count);
    (void)state;
    assert_int_equal(count, 20);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(stakeholder_type(types[i].code), &types[i]);
        assert_int_equal(strspn(types[i].code, "abcdefghijklmnopqrstuvwxyz_"), strlen(types[i].code));
    }
    assert_string_equal(types[count - 1].code, "other");
    assert_null(stakeholder_type(""));
    assert_null(stakeholder_type("SME"));
    assert_null(stakeholder_type("sme_"));
}

static void every_helix_has_a_name_and_somebody(void **state)
{
    static const char *const names[] = { "business",      "academia",     "government",
                                         "civil_society", "intermediary", "other" };
    size_t count, found[HELIXES] = { 0 };
    const struct stakeholder_type *types = stakeholder_types(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        found[types[i].helix]++;
    for (size_t i = 0; i < HELIXES; i++) {
        assert_string_equal(stakeholder_helix_name((enum stakeholder_helix)i), names[i]);
        assert_true(found[i] > 0);
    }
    assert_int_equal(stakeholder_type("sme")->helix, HELIX_BUSINESS);
    assert_int_equal(stakeholder_type("university_rto")->helix, HELIX_ACADEMIA);
    assert_int_equal(stakeholder_type("city_municipality")->helix, HELIX_GOVERNMENT);
    assert_int_equal(stakeholder_type("patient_org")->helix, HELIX_CIVIL_SOCIETY);
    assert_int_equal(stakeholder_type("cluster_bso")->helix, HELIX_INTERMEDIARY);
    assert_int_equal(stakeholder_type("other")->helix, HELIX_OTHER);
}

/* A language that lacks a label would fall back to English: only `investor` reads the same in two of them. */
static void every_language_has_labels(void **state)
{
    const char *root = getenv("srcdir");
    char folder[4096], key[64];
    struct catalogues *all;
    size_t count;
    const struct stakeholder_type *types = stakeholder_types(&count);
    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/share/locale", root ? root : ".");
    assert_int_equal(catalogues_load(folder, &all), 0);
    const struct catalogue *english = catalogues_find(all, "en");
    assert_non_null(english);
    for (size_t l = 0; l < catalogues_count(all); l++) {
        const struct catalogue *catalogue = catalogues_at(all, l);
        size_t same = 0; /* "Media" is a word of many languages */
        for (size_t i = 0; i < count; i++) {
            (void)snprintf(key, sizeof(key), "stakeholder.%s", types[i].code);
            assert_true(catalogue_has(catalogue, key));
            same += strcmp(catalogue_text(catalogue, key), catalogue_text(english, key)) == 0;
        }
        assert_true(catalogue == english || same <= 2);
    }
    catalogues_free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_found_and_unique),
        cmocka_unit_test(every_helix_has_a_name_and_somebody),
        cmocka_unit_test(every_language_has_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The two tables of the kinds of mail: each letter has a kind that can be born, words, a model, and templates. */
#include "letter_kit.h"

#include "change/mail_kind.h"
#include "mail/kind.h"
#include "store/store.h"

static void every_letter_is_whole(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct catalogue *english = catalogues_find(world.edition.catalogues, "en");
    for (size_t i = 0; kind_at(i); i++) {
        const struct kind *kind = kind_at(i);
        const struct mail_kind *born = mail_kind_find(kind->name);
        if (!born)
            fail_msg("%s cannot be born", kind->name);
        assert_ptr_equal(kind_find(kind->name), kind);
        assert_non_null(kind->model);
        assert_true(kind->check || strcmp(born->subject, "registration") == 0);
        if (kind->words.subject && strcmp(catalogue_text(english, kind->words.subject), kind->words.subject) == 0)
            fail_msg("%s has no subject", kind->name);
        for (size_t k = 0; k < 2; k++) {
            const char *file = arena_format(arena, "share/templates/mail/%s.%s.mustache", kind->name,
                                            k == 0 ? "txt" : "html");
            if (access(path(file), R_OK) < 0)
                fail_msg("%s is missing", file);
        }
    }
    assert_null(kind_find("confirme"));
    arena_free(arena);
}

static void every_kind_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; mail_kind_at(i); i++) {
        const struct mail_kind *kind = mail_kind_at(i);
        assert_ptr_equal(mail_kind_find(kind->name), kind);
        assert_true(kind->priority < STORE_MAIL_PRIORITIES);
        assert_true(!kind->stoppable || kind->priority != MAIL_AT_ONCE);
        assert_true(strcmp(kind->subject, "registration") == 0 || strcmp(kind->subject, "event") == 0 ||
                    strcmp(kind->subject, "daemon") == 0);
    }
    assert_null(mail_kind_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_whole),
        cmocka_unit_test(every_kind_is_one),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}

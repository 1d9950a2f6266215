/* SPDX-License-Identifier: EUPL-1.2 */
/* Letters about another address: what the new one learns, and what the old one hears. */
#include "letter_kit.h"

static struct record a_record(enum state status, const char *language)
{
    return (struct record){ .id = 5,
                            .event_id = 1,
                            .revision_id = 1,
                            .link_version = 99,
                            .created_at = NOW,
                            .expires_at = UNTIL,
                            .status = status,
                            .reference = "4F7K-2Q9",
                            .language = language,
                            .name = "Anna",
                            .email = "anna@umed.example",
                            .mode = "onsite",
                            .answers = "{}",
                            .slug = "letter",
                            .definition = world.definition };
}

#define ADDRESS_DATA "{\"change\":31,\"version\":77,\"until\":1811084400}"

static void a_new_address_learns_nothing_but_the_link(void **state)
{
    static const struct {
        const char *language, *says, *ignore;
    } cases[] = { { "en", "Confirm by Sunday, 23 May 2027, 18:00 (Vilnius time, UTC+3).", "ignore this message" },
                  { "lt", "sekmadienis, 18:00 val.", "nekreipkite dėmesio" } };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < 2; i++) {
        struct record record = a_record(STATE_CONFIRMED, cases[i].language);
        char *text = NULL, token[TOKEN_SIZE];
        assert_int_equal(try_about(arena, "new_address", &record, ADDRESS_DATA, "new@umed.example", &text), 0);
        assert_holds(plain(arena, text), cases[i].says);
        assert_holds(html(arena, text), cases[i].says);
        assert_holds(plain(arena, text), cases[i].ignore);

        const char *link = strstr(plain(arena, text), "https://events.example/a/");
        assert_non_null(link);
        (void)snprintf(token, sizeof(token), "%s", link + strlen("https://events.example/a/"));
        int64_t id;
        assert_int_equal(token_read(world.keyring, token, &id), 0);
        assert_int_equal(id, 31);
        assert_int_equal(token_verify(world.keyring, TOKEN_ADDRESS, token, 77), 0);
        assert_int_equal(token_verify(world.keyring, TOKEN_MANAGE, token, 77), -EACCES);
        assert_false(holds(ADDRESS_DATA, token));

        static const char *const secrets[] = { "Anna", "4F7K-2Q9", "/r/", "anna@", "Hall", "VCALENDAR" };
        for (size_t k = 0; k < sizeof(secrets) / sizeof(secrets[0]); k++)
            assert_lacks(text, secrets[k]);
        assert_true(holds(text, "Letters & <mails>") || holds(text, "Laiškai & <paštas>"));
    }
    arena_free(arena);
}

static void a_new_address_is_asked_while_there_is_time(void **state)
{
    static const struct {
        enum state status;
        const char *data, *recipient;
        int result;
    } cases[] = {
        { STATE_CONFIRMED, ADDRESS_DATA, "new@umed.example", 0 },
        { STATE_WAITLISTED, ADDRESS_DATA, "new@umed.example", 0 },
        { STATE_CANCELLED, ADDRESS_DATA, "new@umed.example", -ESTALE },
        { STATE_CONFIRMED, ADDRESS_DATA, "anna@umed.example", -ESTALE }, /* it is confirmed already */
        { STATE_CONFIRMED, "{\"change\":31,\"version\":77,\"until\":1800000001}", "new@umed.example", 0 },
        { STATE_CONFIRMED, "{\"change\":31,\"version\":77,\"until\":1800000000}", "new@umed.example", -ESTALE },
        { STATE_CONFIRMED, "{\"change\":31,\"version\":77}", "new@umed.example", -EINVAL },
        { STATE_CONFIRMED, "{\"version\":77,\"until\":1811084400}", "new@umed.example", -EINVAL },
        { STATE_CONFIRMED, NULL, "new@umed.example", -EINVAL },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record record = a_record(cases[i].status, "en");
        char *text = NULL;
        int r = try_about(arena, "new_address", &record, cases[i].data, cases[i].recipient, &text);
        if (r != cases[i].result)
            fail_msg("case %zu: %d", i, r);
    }
    arena_free(arena);
}

/* A mail that was on its way when the address changed: its link would be the new one. */
static void a_former_address_gets_no_link(void **state)
{
    static const char *const kinds[] = { "confirmed", "again" };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct record record = a_record(STATE_CONFIRMED, "en");
        char *text = NULL;
        assert_int_equal(try_about(arena, kinds[i], &record, NULL, "anna@umed.example", &text), 0);
        assert_int_equal(try_about(arena, kinds[i], &record, NULL, "former@umed.example", &text), -ESTALE);
        record.email = NULL; /* only evidence is left */
        assert_int_equal(try_about(arena, kinds[i], &record, NULL, "anna@umed.example", &text), -ESTALE);
    }
    arena_free(arena);
}

static void the_old_address_hears_of_it_without_a_link(void **state)
{
    static const enum state states[] = { STATE_CONFIRMED, STATE_WAITLISTED, STATE_CANCELLED, STATE_REJECTED };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        struct record record = a_record(states[i], i % 2 ? "lt" : "en");
        char *text = NULL;
        record.email = "new@umed.example";
        assert_int_equal(try_about(arena, "address_changed", &record, "{}", "anna@umed.example", &text), 0);
        assert_holds(plain(arena, text), "events@cluster.example.");
        assert_lacks(text, "https://");
        assert_lacks(text, "new@umed.example");
        assert_lacks(text, "VCALENDAR");
    }
    struct record record = a_record(STATE_CONFIRMED, "en");
    assert_null(write_about(arena, "address_changed", &record, "{}")); /* it has come back to this one */
    arena_free(arena);
}

static void both_are_whole_in_every_language(void **state)
{
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++) {
        struct arena *arena = arena_new();
        struct record record =
            a_record(STATE_CONFIRMED, catalogue_language(catalogues_at(world.edition.catalogues, l)));
        char *asks = NULL, *tells = NULL;
        assert_int_equal(try_about(arena, "new_address", &record, ADDRESS_DATA, "new@umed.example", &asks), 0);
        assert_int_equal(try_about(arena, "address_changed", &record, "{}", "old@umed.example", &tells), 0);
        for (int i = 0; i < 2; i++) {
            const char *text = i == 0 ? asks : tells;
            if (is_unfinished(text))
                fail_msg("a placeholder or a bare key in %s:\n%s", record.language, text);
            assert_holds(plain(arena, text), "Connected Health Cluster\r\n");
            assert_holds(html(arena, text), "</html>");
        }
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_address_learns_nothing_but_the_link),
        cmocka_unit_test(a_new_address_is_asked_while_there_is_time),
        cmocka_unit_test(a_former_address_gets_no_link),
        cmocka_unit_test(the_old_address_hears_of_it_without_a_link),
        cmocka_unit_test(both_are_whole_in_every_language),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Letters about the event itself: that it is off, and that it has moved; and what other letters say then. */
#include "letter_kit.h"

#define REASON "{\"reason\":\"The roof leaks\\u202e & more\"}"
/* Thursday, 18 March 2027, 08:00 to 09:00 in Vilnius */
#define MOVED "{\"from\":1,\"zone\":\"Europe/Vilnius\",\"days\":[[1805349600,1805353200]],\"place\":\"Old hall\"}"

static struct record a_record(enum state status, const char *language, const char *mode)
{
    return (struct record){ .id = 5,
                            .event_id = 1,
                            .revision_id = 1,
                            .link_version = 99,
                            .ical_sequence = 2,
                            .created_at = NOW,
                            .expires_at = UNTIL,
                            .status = status,
                            .reference = "4F7K-2Q9",
                            .language = language,
                            .name = "Anna",
                            .email = "anna@umed.example",
                            .mode = mode,
                            .answers = "{}",
                            .slug = "letter",
                            .definition = world.definition };
}

static void set_state(enum event_state state)
{
    ((struct event_book *)(uintptr_t)world.edition.events)->entries[0].state = state;
}

static const enum state live[] = { STATE_PENDING_EMAIL, STATE_AWAITING_APPROVAL, STATE_CONFIRMED, STATE_WAITLISTED,
                                   STATE_OFFERED };

/* Whether or not the edition knows it already. */
static void everybody_live_hears_that_it_is_off(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < 2 * sizeof(live) / sizeof(live[0]); i++) {
        set_state(i % 2 ? EVENT_OFF : EVENT_LIVE);
        struct record record = a_record(live[i / 2], "en", "onsite");
        char *text = write_about(arena, "event_off", &record, REASON);
        assert_non_null(text);
        assert_holds(text, "Subject: Called off: Letters & <mails>");
        assert_holds(plain(arena, text), "The organisers give this reason: The roof leaks & more");
        assert_holds(html(arena, text), "The roof leaks &amp; more");
        assert_holds(plain(arena, text), "https://events.example/r/");
        assert_holds(plain(arena, text), "See my registration:");
        assert_lacks(text, "/confirm"); /* nobody is asked any more, nor has anything to cancel */
        assert_lacks(text, "/cancel");
        assert_lacks(text, "video.example");
        const bool had = live[i / 2] == STATE_CONFIRMED;
        assert_int_equal(holds(text, "METHOD:CANCEL"), had);
        assert_int_equal(holds(text, "takes the event out of your calendar"), had);
        assert_lacks(text, "METHOD:REQUEST");
    }
    struct record record = a_record(STATE_CANCELLED, "en", "onsite");
    assert_null(write_about(arena, "event_off", &record, REASON));
    set_state(EVENT_LIVE);
    arena_free(arena);
}

static void what_was_owed_before_is_hushed(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
        bool owed;
    } cases[] = {
        { "confirmed", STATE_CONFIRMED, false },
        { "waitlisted", STATE_WAITLISTED, false },
        { "confirm", STATE_PENDING_EMAIL, false },
        { "confirm_reminder", STATE_PENDING_EMAIL, false },
        { "awaiting_approval", STATE_AWAITING_APPROVAL, false },
        { "offer", STATE_OFFERED, false },
        { "offer_lapsed", STATE_EXPIRED, false },
        { "changed", STATE_CONFIRMED, false },
        { "event_moved", STATE_CONFIRMED, false },
        { "again", STATE_CONFIRMED, true },
        { "cancelled", STATE_CANCELLED, true },
        { "rejected", STATE_REJECTED, true },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record record = a_record(cases[i].status, "en", "onsite");
        assert_non_null(write_about(arena, cases[i].kind, &record, "{}"));
        set_state(EVENT_OFF);
        char *text = write_about(arena, cases[i].kind, &record, "{}");
        set_state(EVENT_LIVE);
        if ((text != NULL) != cases[i].owed)
            fail_msg("%s", cases[i].kind);
        if (text)
            assert_lacks(text, "METHOD:REQUEST");
        if (text && strcmp(cases[i].kind, "again") == 0) {
            assert_holds(plain(arena, text), "The event does not take place.");
            assert_lacks(text, "you have a place");
        }
    }
    arena_free(arena);
}

static void who_has_a_place_hears_where_it_moved(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "onsite");
    char *text = write_about(arena, "event_moved", &record, MOVED);
    assert_non_null(text);
    const char *body = plain(arena, text), *was = strstr(body, "Before"), *when = strstr(body, "When");
    assert_non_null(was);
    assert_true(when && when < was);
    assert_holds(when, "2099");
    assert_holds(was, "Thursday, 18 March 2027, 08:00–09:00");
    assert_holds(was, "Old hall");
    assert_holds(html(arena, text), "Old hall");
    assert_holds(text, "METHOD:REQUEST");

    record.mode = "online";
    text = write_about(arena, "event_moved", &record, MOVED);
    assert_holds(text, "08:00–09:00");
    assert_lacks(text, "Old hall");

    static const char *const unknown[] = { "{}", "{\"from\":1,\"zone\":null,\"days\":[],\"place\":null}",
                                           "{\"zone\":\"Mars/Base\",\"days\":[[1,2]]}" };
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        text = write_about(arena, "event_moved", &record, unknown[i]);
        assert_non_null(text);
        assert_lacks(plain(arena, text), "Before");
    }
    const struct event_definition *now = world.edition.events->entries[0].definition;
    const char *form = "{\"zone\":\"Europe/Vilnius\",\"days\":[[%lld,%lld]],\"place\":\"%s\"}";
    long long starts = now->days[0].starts, ends = now->days[0].ends;
    assert_int_equal(now->day_count, 1);
    record.mode = "onsite";
    text = write_about(arena, "event_moved", &record, arena_format(arena, form, starts - 3600, ends, "Hall"));
    assert_holds(text, "Subject: New time: ");
    text = write_about(arena, "event_moved", &record, arena_format(arena, form, starts, ends, "Old hall"));
    assert_holds(text, "Subject: New place: ");
    text = write_about(arena, "event_moved", &record, arena_format(arena, form, starts, ends + 60, "Old hall"));
    assert_holds(text, "Subject: New time or place: ");
    for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++) {
        record.status = live[i];
        assert_int_equal(write_about(arena, "event_moved", &record, MOVED) != NULL, live[i] == STATE_CONFIRMED);
    }
    arena_free(arena);
}

static void both_are_whole_in_every_language(void **state)
{
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++) {
        const char *language = catalogue_language(catalogues_at(world.edition.catalogues, l));
        struct arena *arena = arena_new();
        struct record record = a_record(STATE_CONFIRMED, language, "onsite");
        const char *const texts[] = { write_about(arena, "event_off", &record, REASON),
                                      write_about(arena, "event_moved", &record, MOVED) };
        for (size_t i = 0; i < 2; i++) {
            assert_non_null(texts[i]);
            assert_false(is_unfinished(texts[i]));
            if (strcmp(language, "en") != 0) {
                assert_lacks(texts[i], "The event");
                assert_lacks(texts[i], "Called off");
            }
        }
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_live_hears_that_it_is_off),
        cmocka_unit_test(what_was_owed_before_is_hushed),
        cmocka_unit_test(who_has_a_place_hears_where_it_moved),
        cmocka_unit_test(both_are_whole_in_every_language),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}

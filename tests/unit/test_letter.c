/* SPDX-License-Identifier: EUPL-1.2 */
/* Letters from the shipped templates and languages: whether a mail is still owed, what each kind holds, and that no
 * language leaves a placeholder behind. */
#include "letter_kit.h"

/* The letter of KIND to a person in STATUS; NULL if it is no longer owed. */
static char *write_letter(struct arena *arena, const char *kind, const char *language, enum state status,
                          const char *mode, const char *data)
{
    const struct record record = { .id = 5,
                                   .event_id = 1,
                                   .revision_id = 1,
                                   .link_version = 99,
                                   .created_at = NOW,
                                   .expires_at = UNTIL,
                                   .has_claim = true,
                                   .reason = "No laboratory of your own",
                                   .status = status,
                                   .reference = "4F7K-2Q9",
                                   .language = language,
                                   .name = "Anna <b>&amp; Söhne",
                                   .email = "anna@umed.example",
                                   .mode = mode,
                                   .answers = "{}",
                                   .slug = "letter",
                                   .definition = world.definition };
    return write_about(arena, kind, &record, data);
}

static void only_what_is_still_owed_is_written(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
        bool owed;
    } cases[] = {
        { "confirmed", STATE_CONFIRMED, true },
        { "confirmed", STATE_CANCELLED, false },
        { "confirmed", STATE_WAITLISTED, false },
        { "waitlisted", STATE_WAITLISTED, true },
        { "waitlisted", STATE_CONFIRMED, false },
        { "waitlisted", STATE_CANCELLED, false },
        { "again", STATE_CONFIRMED, true },
        { "again", STATE_WAITLISTED, true },
        { "again", STATE_CANCELLED, false },
        { "cancelled", STATE_CANCELLED, true },
        { "cancelled", STATE_CONFIRMED, false },
        { "cancelled", STATE_ERASED, false },
        { "confirm", STATE_PENDING_EMAIL, true },
        { "confirm", STATE_CONFIRMED, false },
        { "confirm", STATE_EXPIRED, false },
        { "confirm", STATE_CANCELLED, false },
        { "confirm_reminder", STATE_PENDING_EMAIL, true },
        { "confirm_reminder", STATE_WAITLISTED, false },
        { "confirm_reminder", STATE_EXPIRED, false },
        { "awaiting_approval", STATE_AWAITING_APPROVAL, true },
        { "awaiting_approval", STATE_CONFIRMED, false },
        { "awaiting_approval", STATE_REJECTED, false },
        { "offer", STATE_OFFERED, true },
        { "offer", STATE_WAITLISTED, false },
        { "offer", STATE_CONFIRMED, false },
        { "offer", STATE_EXPIRED, false },
        { "offer_lapsed", STATE_EXPIRED, true },
        { "offer_lapsed", STATE_OFFERED, false },
        { "declined", STATE_DECLINED, true },
        { "declined", STATE_CONFIRMED, false },
        { "rejected", STATE_REJECTED, true },
        { "rejected", STATE_ERASED, false },
        { "again", STATE_PENDING_EMAIL, true },
        { "again", STATE_AWAITING_APPROVAL, true },
        { "again", STATE_OFFERED, true },
        { "again", STATE_EXPIRED, false },
        { "again", STATE_DECLINED, false },
        { "again", STATE_REJECTED, false },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text =
            write_letter(arena, cases[i].kind, "en", cases[i].status, "onsite", "{\"was\":\"confirmed\"}");
        if (!text != !cases[i].owed)
            fail_msg("%s to a person who is %s", cases[i].kind, state_name(cases[i].status));
    }
    arena_free(arena);
}

static void every_kind_is_whole_in_every_language(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
    } kinds[] = { { "confirmed", STATE_CONFIRMED },
                  { "waitlisted", STATE_WAITLISTED },
                  { "again", STATE_CONFIRMED },
                  { "again", STATE_WAITLISTED },
                  { "cancelled", STATE_CANCELLED },
                  { "confirm", STATE_PENDING_EMAIL },
                  { "confirm_reminder", STATE_PENDING_EMAIL },
                  { "awaiting_approval", STATE_AWAITING_APPROVAL },
                  { "offer", STATE_OFFERED },
                  { "offer_lapsed", STATE_EXPIRED },
                  { "declined", STATE_DECLINED },
                  { "rejected", STATE_REJECTED },
                  { "again", STATE_PENDING_EMAIL },
                  { "again", STATE_AWAITING_APPROVAL },
                  { "again", STATE_OFFERED } };
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++) {
        const char *language = catalogue_language(catalogues_at(world.edition.catalogues, l));
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            struct arena *arena = arena_new();
            const char *text =
                write_letter(arena, kinds[k].kind, language, kinds[k].status, "onsite", "{\"was\":\"confirmed\"}");
            assert_non_null(text);
            if (is_unfinished(text))
                fail_msg("%s in %s has a placeholder or a bare key:\n%s", kinds[k].kind, language, text);
            assert_true(holds(text, "4F7K-2Q9"));
            assert_true(holds(text, "Anna <b>&amp; Söhne"));           /* as text */
            assert_true(holds(text, "Anna &lt;b&gt;&amp;amp; Söhne")); /* as HTML */
            assert_int_equal(holds(text, "/r/"), state_is_live(kinds[k].status));
            bool asks = kinds[k].status == STATE_PENDING_EMAIL || kinds[k].status == STATE_OFFERED;
            assert_int_equal(holds(text, "/confirm\r\n"), asks); /* as text */
            assert_int_equal(holds(text, "/confirm\""), asks);   /* as HTML */
            assert_int_equal((holds(text, "18:00") || holds(text, "18.00")) && holds(text, "UTC+3"), asks);
            assert_int_equal(holds(text, "No laboratory"), kinds[k].status == STATE_REJECTED);
            arena_free(arena);
        }
    }
}

static void calendar_follows_the_state(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *text = write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "onsite", "{}");
    assert_true(holds(text, "METHOD:REQUEST") && holds(text, "SEQUENCE:3"));
    text = write_letter(arena, "cancelled", "en", STATE_CANCELLED, "onsite", "{\"was\":\"confirmed\"}");
    assert_true(holds(text, "METHOD:CANCEL") && holds(text, "STATUS:CANCELLED"));
    text = write_letter(arena, "cancelled", "en", STATE_CANCELLED, "onsite", "{\"was\":\"waitlisted\"}");
    assert_false(holds(text, "BEGIN:VCALENDAR")); /* nothing was ever in the calendar */
    text = write_letter(arena, "waitlisted", "en", STATE_WAITLISTED, "onsite", "{}");
    assert_false(holds(text, "BEGIN:VCALENDAR"));
    text = write_letter(arena, "rejected", "en", STATE_REJECTED, "onsite", "{\"was\":\"confirmed\",\"until\":0}");
    assert_true(holds(text, "METHOD:CANCEL") && holds(text, "STATUS:CANCELLED"));
    static const struct {
        const char *kind;
        enum state status, was;
    } bare[] = { { "rejected", STATE_REJECTED, STATE_AWAITING_APPROVAL },
                 { "rejected", STATE_REJECTED, STATE_WAITLISTED },
                 { "cancelled", STATE_CANCELLED, STATE_OFFERED },
                 { "cancelled", STATE_CANCELLED, STATE_AWAITING_APPROVAL },
                 { "confirm", STATE_PENDING_EMAIL, STATE_NONE },
                 { "awaiting_approval", STATE_AWAITING_APPROVAL, STATE_PENDING_EMAIL },
                 { "offer", STATE_OFFERED, STATE_WAITLISTED },
                 { "offer_lapsed", STATE_EXPIRED, STATE_OFFERED },
                 { "declined", STATE_DECLINED, STATE_OFFERED },
                 { "again", STATE_OFFERED, STATE_NONE } };
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
        const char *data = arena_format(arena, "{\"was\":\"%s\",\"until\":0}", state_name(bare[i].was));
        text = write_letter(arena, bare[i].kind, "en", bare[i].status, "onsite", data);
        if (holds(text, "BEGIN:VCALENDAR"))
            fail_msg("%s of a person who was %s has a calendar", bare[i].kind, state_name(bare[i].was));
    }
    arena_free(arena);
}

static struct record some_record(enum state status)
{
    return (struct record){ .id = 5,
                            .event_id = 1,
                            .revision_id = 1,
                            .link_version = 99,
                            .created_at = NOW,
                            .expires_at = UNTIL,
                            .status = status,
                            .reference = "4F7K-2Q9",
                            .language = "en",
                            .name = "Anna",
                            .email = "anna@umed.example",
                            .mode = "onsite",
                            .answers = "{}",
                            .slug = "letter",
                            .definition = world.definition };
}

/* The event of letter.conf with more settings, under an id that the book does not know. */
static void with_settings(struct arena *arena, const char *settings, struct record *record)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(path("tests/table/letter.conf"), 65536, &text, &size), 0);
    const char *whole = arena_format(arena, "%s\n%s\n", text, settings);
    free(text);
    assert_int_equal(event_definition_parse(whole, strlen(whole), "letter.conf", NULL, &record->definition), 0);
    record->event_id = 9;
}

static void nobody_is_asked_when_the_time_is_over(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = some_record(STATE_PENDING_EMAIL);
    record.expires_at = NOW + 1;
    assert_non_null(write_about(arena, "confirm", &record, "{}"));
    record.expires_at = NOW;
    assert_null(write_about(arena, "confirm", &record, "{}"));
    assert_null(write_about(arena, "confirm_reminder", &record, "{}"));
    assert_false(holds(write_about(arena, "again", &record, "{}"), "/confirm"));
    record.status = STATE_OFFERED;
    assert_null(write_about(arena, "offer", &record, "{\"was\":\"waitlisted\"}"));
    assert_false(holds(write_about(arena, "again", &record, "{}"), "kept for you"));
    arena_free(arena);
}

static void a_deadline_is_date_hour_and_zone(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = some_record(STATE_OFFERED);
    const char *text = write_about(arena, "offer", &record, "{\"was\":\"waitlisted\"}");
    assert_true(holds(text, "<p style=\"margin:0 0 12px;font-size:20px;line-height:1.3;font-weight:bold\">Accept by "
                            "Sunday, 23 May 2027, 18:00 (Vilnius time, UTC+3).</p>"));
    assert_true(holds(text, "After that the place goes to the next person."));
    assert_false(holds(text, "/cancel"));
    arena_free(arena);
}

static void a_place_is_promised_only_where_one_is_kept(void **state)
{
    static const struct {
        const char *kind, *settings;
        enum state status;
        bool has_claim;
        const char *says, *never;
    } cases[] = {
        { "confirm", "", STATE_PENDING_EMAIL, true, "Your place is kept until", "waiting list" },
        { "confirm", "", STATE_PENDING_EMAIL, false, "you join the waiting list", "kept" },
        { "confirm_reminder", "", STATE_PENDING_EMAIL, false, "you join the waiting list", "kept" },
        { "again", "", STATE_PENDING_EMAIL, false, "you join the waiting list", "place is kept" },
        { "confirm", "approval = \"manual\";", STATE_PENDING_EMAIL, true, "the organisers decide", "waiting list" },
        { "confirm", "approval = \"manual\";", STATE_PENDING_EMAIL, false, "you join the waiting list", "kept" },
        { "confirm", "approval = \"manual\"; approval_holds = false;", STATE_PENDING_EMAIL, false,
          "No place is kept meanwhile", "waiting list" },
        { "awaiting_approval", "approval = \"manual\";", STATE_AWAITING_APPROVAL, true,
          "Your place is kept while you wait", "none is kept" },
        { "awaiting_approval", "approval = \"manual\"; approval_holds = false;", STATE_AWAITING_APPROVAL, false,
          "none is kept", "Your place is kept" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena *arena = arena_new();
        struct record record = some_record(cases[i].status);
        with_settings(arena, cases[i].settings, &record);
        record.has_claim = cases[i].has_claim;
        const char *text = write_about(arena, cases[i].kind, &record, "{}");
        assert_non_null(text);
        if (!holds(text, cases[i].says) || holds(text, cases[i].never))
            fail_msg("case %zu (%s):\n%s", i, cases[i].kind, text);
        record_done(&record);
        arena_free(arena);
    }
}

static void what_has_ended_says_what_was_lost(void **state)
{
    static const struct {
        const char *kind;
        enum state status, was;
        const char *says;
    } cases[] = {
        { "cancelled", STATE_CANCELLED, STATE_CONFIRMED, "Your place is now free" },
        { "cancelled", STATE_CANCELLED, STATE_WAITLISTED, "no longer on the waiting list" },
        { "cancelled", STATE_CANCELLED, STATE_OFFERED, "The place that was offered to you" },
        { "cancelled", STATE_CANCELLED, STATE_AWAITING_APPROVAL, "Your request no longer stands" },
        { "rejected", STATE_REJECTED, STATE_CONFIRMED, "You no longer have a place" },
        { "rejected", STATE_REJECTED, STATE_WAITLISTED, "no longer on the waiting list" },
        { "offer_lapsed", STATE_EXPIRED, STATE_OFFERED, "you can sign up again" },
        { "declined", STATE_DECLINED, STATE_OFFERED, "you can sign up again" },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record record = some_record(cases[i].status);
        const char *data = arena_format(arena, "{\"was\":\"%s\",\"until\":0}", state_name(cases[i].was));
        const char *text = write_about(arena, cases[i].kind, &record, data);
        assert_non_null(text);
        if (!holds(text, cases[i].says))
            fail_msg("%s of a person who was %s:\n%s", cases[i].kind, state_name(cases[i].was), text);
    }
    arena_free(arena);
}

static void a_reason_is_only_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = some_record(STATE_REJECTED);
    record.reason = "Full <b>now</b>\r\n{{title}}";
    const char *text = write_about(arena, "rejected", &record, "{\"was\":\"awaiting_approval\"}");
    assert_true(holds(text, "Their reason: Full <b>now</b> {{title}}\r\n"));
    assert_true(holds(text, "Their reason: Full &lt;b&gt;now&lt;/b&gt; {{title}}</p>"));
    static const char *const unreadable[] = { NULL, "", " \n", "\xff\xfe" };
    for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
        record.reason = unreadable[i];
        assert_false(holds(write_about(arena, "rejected", &record, "{}"), "Their reason"));
    }
    /* why somebody was passed over is no matter of the one who gets the place */
    record.status = STATE_OFFERED;
    record.reason = "Passed over";
    assert_false(holds(write_about(arena, "offer", &record, "{}"), "Passed over"));
    arena_free(arena);
}

static void join_link_goes_to_confirmed_people_online_alone(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *link = "https://video.example/x";
    assert_true(holds(write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "online", "{}"), link));
    assert_false(holds(write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "onsite", "{}"), link));
    assert_false(holds(write_letter(arena, "waitlisted", "en", STATE_WAITLISTED, "online", "{}"), link));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_still_owed_is_written),
        cmocka_unit_test(every_kind_is_whole_in_every_language),
        cmocka_unit_test(calendar_follows_the_state),
        cmocka_unit_test(nobody_is_asked_when_the_time_is_over),
        cmocka_unit_test(a_deadline_is_date_hour_and_zone),
        cmocka_unit_test(a_place_is_promised_only_where_one_is_kept),
        cmocka_unit_test(what_has_ended_says_what_was_lost),
        cmocka_unit_test(a_reason_is_only_text),
        cmocka_unit_test(join_link_goes_to_confirmed_people_online_alone),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}

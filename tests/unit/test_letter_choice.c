/* SPDX-License-Identifier: EUPL-1.2 */
/* What letters and their calendar entries say of sessions, slots, wishes and changes. */
#include "letter_kit.h"

static struct {
    const struct event_definition *sessions, *slots;
} events;

static const struct event_definition *read_event(const char *file)
{
    const struct event_definition *definition = NULL;
    char *text;
    size_t size;
    assert_int_equal(file_read(path(file), 65536, &text, &size), 0);
    assert_int_equal(event_definition_parse(text, size, file, NULL, &definition), 0);
    free(text);
    return definition;
}

static int setup(void **state)
{
    int r = letter_setup(state);
    if (r == 0) {
        events.sessions = read_event("tests/table/letter_sessions.conf");
        events.slots = read_event("tests/table/letter_slots.conf");
    }
    return r;
}

static int teardown(void **state)
{
    event_definition_unref(events.sessions);
    event_definition_unref(events.slots);
    return letter_teardown(state);
}

/* Of an event that today's book does not know: its own revision is what there is. */
static struct record a_record(const struct event_definition *definition, enum state status, const char *language)
{
    return (struct record){ .id = 5,
                            .event_id = 9,
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
                            .mode = "onsite",
                            .answers = "{}",
                            .slug = "letter",
                            .definition = definition };
}

static struct record_place taken_places[] = {
    { .hold = RECORD_TAKEN, .kind = "mode", .key = "onsite", .title = "onsite" },
    { .hold = RECORD_TAKEN, .kind = "session", .key = "opening@onsite", .title = "Opening" },
    { .hold = RECORD_TAKEN, .kind = "session", .key = "care@onsite", .title = "Care at <home>", .round = "a" },
    { .hold = RECORD_TAKEN, .kind = "session", .key = "dinner", .title = "Dinner", .round = "dinner" },
};
static struct record_wish wishes[] = {
    { .round = "b", .key = "tables@onsite", .rank = 1 },
    { .round = "b", .key = "lab", .rank = 2 },
};

/* Of a person who chose sessions and has wishes. */
static struct record with_sessions(enum state status, const char *language)
{
    struct record record = a_record(events.sessions, status, language);
    record.places = taken_places;
    record.place_count = sizeof(taken_places) / sizeof(taken_places[0]);
    record.wishes = wishes;
    record.wish_count = sizeof(wishes) / sizeof(wishes[0]);
    return record;
}

static struct record_place slot_places[] = {
    { .hold = RECORD_TAKEN, .kind = "mode", .key = "onsite", .title = "onsite" },
    { .hold = RECORD_TAKEN, .kind = "slot", .key = "ward/2099-03-19T09:30", .title = "Ward", .resource = "ward" },
};

static struct record with_slot(enum state status, const char *language)
{
    struct record record = a_record(events.slots, status, language);
    record.places = slot_places;
    record.place_count = sizeof(slot_places) / sizeof(slot_places[0]);
    return record;
}

/* Without the folds of long lines. */
static const char *calendar(struct arena *arena, const char *text)
{
    char *copy = arena_copy(arena, part(arena, text, "text/calendar")), *to = copy;
    for (const char *c = copy; *c; c++)
        if (strncmp(c, "\r\n ", 3) == 0)
            c += 2;
        else
            *to++ = *c;
    *to = '\0';
    return copy;
}

static void sessions_and_wishes_stand_in_both_parts(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_sessions(STATE_CONFIRMED, "en");
    const char *text = write_about(arena, "confirmed", &record, "{}");
    assert_holds(plain(arena, text), "\r\nYou take part in\r\n\r\n"
                                     "  Wed, 18 March, 10:00–11:30   Care at <home>\r\n"
                                     "  Session                      Dinner\r\n\r\n"
                                     "Your wishes: After lunch\r\n\r\n"
                                     "  1.   Tables\r\n"
                                     "       Wednesday, 18 March 2099, 13:00–14:00\r\n"
                                     "  2.   Laboratory\r\n"
                                     "       Wednesday, 18 March 2099, 13:00–14:00\r\n\r\n"
                                     "These are wishes, not places yet.");
    assert_lacks(text, "Opening"); /* everybody takes part in it: nobody chose it */
    assert_holds(html(arena, text), ">You take part in</h2>");
    assert_holds(html(arena, text), "<strong lang=\"en\">Care at &lt;home&gt;</strong>");
    assert_lacks(html(arena, text), "Care at <home>");
    assert_holds(html(arena, text), ">Wed, 18 March, <span style=\"white-space:nowrap\">10:00–11:30</span></th>");
    assert_holds(html(arena, text), ">Your wishes: After lunch</h2>");

    record = with_sessions(STATE_CONFIRMED, "lt");
    text = write_about(arena, "confirmed", &record, "{}");
    assert_holds(plain(arena, text), "\r\nDalyvaujate\r\n\r\n"
                                     "  kovo 18 d., tr, 10:00–11:30   Priežiūra <namuose>\r\n"
                                     "  Sesija                        Vakarienė\r\n\r\n"
                                     "Jūsų pageidavimai: Po pietų\r\n\r\n"
                                     "  1.   Stalai\r\n"
                                     "       2099 m. kovo 18 d., trečiadienis, 13:00–14:00\r\n"
                                     "  2.   Laboratorija\r\n");
    assert_holds(html(arena, text), "<strong lang=\"lt\">Priežiūra &lt;namuose&gt;</strong>");
    arena_free(arena);
}

static void a_title_says_its_language(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record_place place = { .kind = "session", .key = "data", .title = "Data space", .round = "a" };
    struct record record = a_record(events.sessions, STATE_CONFIRMED, "lt");
    record.places = &place;
    record.place_count = 1;
    const char *text = write_about(arena, "confirmed", &record, "{}");
    assert_holds(html(arena, text), "<strong lang=\"en\">Data space</strong>");
    arena_free(arena);
}

static void the_heading_promises_what_the_state_does(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
        const char *says;
    } cases[] = {
        { "confirmed", STATE_CONFIRMED, "You take part in\r\n" },
        { "waitlisted", STATE_WAITLISTED, "You asked for\r\n" },
        { "awaiting_approval", STATE_AWAITING_APPROVAL, "You asked for\r\n" },
        { "confirm", STATE_PENDING_EMAIL, "You asked for\r\n" },
        { "offer", STATE_OFFERED, "If you accept you get\r\n" },
        { "again", STATE_CONFIRMED, "You take part in\r\n" },
        { "again", STATE_WAITLISTED, "You asked for\r\n" },
        { "again", STATE_OFFERED, "If you accept you get\r\n" },
        { "changed", STATE_CONFIRMED, "You take part in\r\n" },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct record record = with_sessions(cases[i].status, "en");
        const char *text = plain(arena, write_about(arena, cases[i].kind, &record, "{}"));
        assert_holds(text, cases[i].says);
        assert_holds(text, "Care at <home>");
        assert_int_equal(holds(text, "You take part in"), cases[i].status == STATE_CONFIRMED);
        assert_int_equal(holds(text, "If you accept"), cases[i].status == STATE_OFFERED);
    }
    struct record late = with_sessions(STATE_OFFERED, "en");
    late.expires_at = NOW;
    assert_lacks(plain(arena, write_about(arena, "again", &late, "{}")), "If you accept");
    arena_free(arena);
}

static void nothing_chosen_is_not_spoken_of(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(events.sessions, STATE_CONFIRMED, "en");
    record.places = taken_places;
    record.place_count = 2; /* the mode, and what everybody takes part in */
    const char *text = write_about(arena, "confirmed", &record, "{}");
    assert_lacks(text, "You take part in");
    assert_lacks(text, "<h2");
    assert_lacks(text, "Your wishes");
    assert_lacks(text, "You proposed");
    arena_free(arena);
}

/* Today's event (letter.conf) has no sessions: those of the revision that the person saw are named. */
static void what_is_gone_today_is_named_by_the_revision(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_sessions(STATE_CONFIRMED, "lt");
    record.event_id = 1;
    assert_holds(plain(arena, write_about(arena, "confirmed", &record, "{}")), "10:00–11:30   Priežiūra <namuose>\r\n");

    struct record_place places[] = { { .kind = "session", .key = "gone@onsite", .title = "Gone", .round = "a",
                                       .starts = 4077504000, .ends = 4077507600 },
                                     { .kind = "slot", .key = "gone/2099-03-18T09:00", .title = "Away" } };
    record.places = places;
    record.place_count = 2;
    const char *text = plain(arena, write_about(arena, "confirmed", &record, "{}"));
    assert_holds(text, "Gone\r\n");
    assert_holds(text, "Away\r\n");
    arena_free(arena);
}

static void a_slot_is_its_time_and_resource(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_slot(STATE_CONFIRMED, "en");
    record.proposal = "Tuesday <evening>\r\n{{title}}";
    const char *text = write_about(arena, "confirmed", &record, "{}");
    assert_holds(plain(arena, text), "\r\n"
                                     "You proposed: Tuesday <evening> {{title}}\r\n\r\n");
    assert_holds(html(arena, text), ">You proposed: Tuesday &lt;evening&gt; {{title}}</td>");
    assert_holds(html(arena, text), "Ward, &lt;bed&gt;");
    record = with_slot(STATE_AWAITING_APPROVAL, "lt");
    record.proposal = " \n";
    slot_places[1].hold = RECORD_ASKED; /* not kept: it is not when he comes yet */
    text = write_about(arena, "awaiting_approval", &record, "{}");
    assert_holds(plain(arena, text), "\r\nPrašėte\r\n\r\n"
                                     "  Jūsų laikas   2099 m. kovo 19 d., ketvirtadienis, 09:30–10:00\r\n"
                                     "                Skyrius, <lova>\r\n");
    assert_lacks(text, "pasiūlymas");
    slot_places[1].hold = RECORD_TAKEN;
    arena_free(arena);
}

static void wishes_of_a_round_that_gave_a_place_are_over(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_sessions(STATE_CONFIRMED, "en");
    struct record_place places[] = { { .kind = "session", .key = "lab", .title = "Laboratory", .round = "b",
                                       .allocated = true } };
    record.places = places;
    record.place_count = 1;
    const char *data = "{\"round\":\"b\",\"key\":\"lab\"}";
    const char *text = write_about(arena, "allocated", &record, data);
    assert_holds(text, "Subject: You have a place in a session: Letters & <mails>\n");
    assert_holds(plain(arena, text), "\r\nPlaces have been given out: After lunch.\r\n\r\n"
                                     "You have a place in: Laboratory, Wednesday, 18 March 2099, 13:00–14:00.\r\n");
    assert_holds(calendar(arena, text), "METHOD:REQUEST");
    assert_lacks(text, "Your wishes");
    assert_lacks(text, "Tables");
    /* another place meanwhile, or none: this one is not promised */
    places[0].key = "tables@onsite";
    assert_null(write_about(arena, "allocated", &record, data));
    record.place_count = 0;
    assert_null(write_about(arena, "allocated", &record, data));
    arena_free(arena);
}

static void who_got_nothing_may_choose(void **state)
{
    static const struct {
        const char *language, *says, *link;
    } cases[] = { { "en", "There was no place left in what you wished for.", "Choose a session:\r\nhttps://" },
                  { "lt", "Jūsų pageidautose sesijose vietų neliko.", "Pasirinkti sesiją:\r\nhttps://" } };
    (void)state;
    struct arena *arena = arena_new();
    const char *data = "{\"round\":\"b\",\"key\":null}";
    for (size_t i = 0; i < 2; i++) {
        struct record record = with_sessions(STATE_CONFIRMED, cases[i].language);
        const char *text = plain(arena, write_about(arena, "allocated", &record, data));
        assert_holds(text, cases[i].says);
        assert_holds(text, cases[i].link);
        assert_lacks(text, "1.   "); /* what could not be had is not listed as a wish any more */
    }
    struct record record = with_sessions(STATE_CONFIRMED, "en");
    struct record_place chosen = { .kind = "session", .key = "lab", .title = "Laboratory", .round = "b" };
    record.places = &chosen;
    record.place_count = 1;
    assert_null(write_about(arena, "allocated", &record, data)); /* it has been done */
    arena_free(arena);
}

static void a_change_is_told_old_and_new(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_sessions(STATE_CONFIRMED, "en");
    record.answers = "{\"topic\":\"Secret plans\"}";
    const char *text = write_about(arena, "changed", &record,
                                   "{\"was\":\"confirmed\",\"places\":{\"dropped\":["
                                   "{\"kind\":\"mode\",\"key\":\"onsite\"},"
                                   "{\"kind\":\"session\",\"key\":\"data\"},"
                                   "{\"kind\":\"session\",\"key\":\"opening@onsite\"},"
                                   "{\"kind\":\"cap\",\"key\":\"org:EE-1\"},"
                                   "{\"kind\":\"session\",\"key\":\"tables@onsite\"}],\"added\":["
                                   "{\"kind\":\"mode\",\"key\":\"online\"},"
                                   "{\"kind\":\"session\",\"key\":\"care@online\"},"
                                   "{\"kind\":\"session\",\"key\":\"tables@online\"},"
                                   "{\"kind\":\"session\",\"key\":\"opening@online\"}]},"
                                   "\"wishes\":true,\"fields\":[\"topic\",\"nowhere\"],"
                                   "\"answers\":{\"topic\":[null,\"<Plans>\"],\"nowhere\":[1,2]},"
                                   "\"reason\":\"The room <is> small\\n{{title}}\"}");
    assert_holds(text, "Subject: Your registration has changed: Letters & <mails>\n");
    assert_holds(plain(arena, text), "You have a place.\r\n\r\n"
                                     "The organisers give this reason: The room <is> small {{title}}\r\n\r\n");
    assert_holds(plain(arena, text), "\r\nWhat changed\r\n\r\n"
                                     "  Taking part   On site → From home\r\n"
                                     "  No longer     Data space\r\n"
                                     "                Wednesday, 18 March 2099, 10:00–11:30\r\n"
                                     "  New           Care at <home>\r\n"
                                     "                Wednesday, 18 March 2099, 10:00–11:30\r\n"
                                     "  Answer        Your <topic>\r\n"
                                     "                Not given → <Plans>\r\n"
                                     "  Answer        Your wishes\r\n\r\n"
                                     "You take part in\r\n");
    assert_holds(html(arena, text), "<strong lang=\"en\">Your &lt;topic&gt;</strong>");
    assert_holds(html(arena, text), "The room &lt;is&gt; small {{title}}");
    assert_lacks(text, "Secret");
    assert_lacks(text, "org:");
    assert_holds(calendar(arena, text), "METHOD:REQUEST");

    record = with_sessions(STATE_WAITLISTED, "lt");
    text = write_about(arena, "changed", &record,
                       "{\"was\":\"confirmed\",\"places\":{\"dropped\":["
                       "{\"kind\":\"mode\",\"key\":\"online\"},"
                       "{\"kind\":\"session\",\"key\":\"opening@online\"}],\"added\":["
                       "{\"kind\":\"mode\",\"key\":\"onsite\"}]},\"wishes\":false,\"fields\":[\"topic\"]}");
    assert_holds(plain(arena, text), "Esate laukiančiųjų sąraše ir vietos kol kas neturite.\r\n");
    assert_holds(plain(arena, text), "  Dalyvavimas   Iš namų → Vietoje\r\n  Atsakymas     Jūsų <tema>\r\n");
    assert_lacks(text, "priežastis");
    assert_lacks(text, "Opening"); /* everybody takes part: nobody gave it up */
    assert_holds(calendar(arena, text), "METHOD:CANCEL"); /* the place is gone */
    record.status = STATE_CANCELLED;
    assert_null(write_about(arena, "changed", &record, "{\"was\":\"confirmed\"}"));
    arena_free(arena);
}

/* Data that is not of the promised form says nothing and breaks nothing. */
static void a_change_without_details_is_told(void **state)
{
    static const char *const data[] = {
        NULL, "{}", "[]", "{\"fields\":[\"topic\"],\"answers\":{\"topic\":[{},[7]]}}",
        "{\"was\":7,\"wishes\":1,\"places\":[],\"fields\":{}}",
        "{\"places\":{\"dropped\":[1,{\"kind\":\"slot\"},{\"kind\":\"mode\",\"key\":\"x\"}]},\"fields\":[0]}",
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        struct record record = with_slot(STATE_CONFIRMED, "en");
        const char *text = write_about(arena, "changed", &record, data[i]);
        assert_holds(plain(arena, text), "You have a place.");
        assert_lacks(text, "What changed");
    }
    arena_free(arena);
}

/* The data of a change from the slot OLD. */
static const char *moved_from(struct arena *arena, const char *old)
{
    return arena_format(arena,
                        "{\"was\":\"confirmed\",\"places\":{\"dropped\":[{\"kind\":\"slot\",\"key\":\"%s\"}],"
                        "\"added\":[{\"kind\":\"slot\",\"key\":\"ward/2099-03-19T09:30\"}]}}",
                        old);
}

static void when_is_the_booked_time(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_slot(STATE_CONFIRMED, "en");
    const char *text = plain(arena, write_about(arena, "confirmed", &record, "{}"));
    assert_holds(text, "  When          Thursday, 19 March 2099, 09:30–10:00\r\n"
                       "                Ward, <bed>\r\n"
                       "                Time zone: Vilnius (UTC+2). Brussels");
    assert_lacks(text, "You take part in"); /* it would say the same once more */
    assert_lacks(text, "3 April");
    assert_holds(html(arena, write_about(arena, "confirmed", &record, "{}")),
                 "Thursday, 19 March 2099, 09:30–10:00, Hall<");
    slot_places[1].hold = RECORD_ASKED; /* somebody else may have it in the end */
    record.status = STATE_AWAITING_APPROVAL;
    text = plain(arena, write_about(arena, "awaiting_approval", &record, "{}"));
    slot_places[1].hold = RECORD_TAKEN;
    assert_holds(text, "  When          Times between 18 March and 3 April 2099\r\n"
                       "                Time zone: Vilnius. Brussels");
    record.status = STATE_CONFIRMED;
    record.place_count = 1;
    record.mode = "post"; /* without times to book: it is the event's */
    assert_holds(plain(arena, write_about(arena, "confirmed", &record, "{}")),
                 "Wed, 18 March 2099, 09:00 – Fri, 3 April 2099, 16:00\r\n");
    arena_free(arena);
}

static void a_moved_slot_is_one_line(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_slot(STATE_CONFIRMED, "en");
    const char *text = write_about(arena, "changed", &record, moved_from(arena, "ward/2099-03-18T09:00"));
    assert_holds(plain(arena, text), "\r\nWhat changed\r\n\r\n"
                                     "  Time   Wed, 18 March, 09:00–09:30 → Thu, 19 March, 09:30–10:00\r\n"
                                     "         Ward, <bed>\r\n\r\n");
    /* the rules make no such slot any more: its key says when it was */
    text = write_about(arena, "changed", &record, moved_from(arena, "call/2099-03-18T07:00"));
    assert_holds(plain(arena, text), "  Time   Wed, 18 March, 07:00 → Thu, 19 March, 09:30–10:00\r\n"
                                     "         Call → Ward, <bed>\r\n");
    assert_holds(calendar(arena, text), "DTSTART;TZID=Europe/Vilnius:20990319T093000");
    arena_free(arena);
}

static void the_entry_of_a_slot_is_the_slots(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_slot(STATE_CONFIRMED, "en");
    const char *entry = calendar(arena, write_about(arena, "confirmed", &record, "{}"));
    assert_holds(entry, "METHOD:REQUEST\r\n");
    assert_holds(entry, "DTSTART;TZID=Europe/Vilnius:20990319T093000\r\n");
    assert_holds(entry, "DTEND;TZID=Europe/Vilnius:20990319T100000\r\n");
    assert_holds(entry, "SUMMARY:Letters & <mails>: Ward\\, <bed>\r\n");
    assert_holds(entry, "SEQUENCE:2\r\n");
    assert_lacks(entry, "RRULE:FREQ=DAILY");
    record.language = "lt";
    assert_holds(calendar(arena, write_about(arena, "confirmed", &record, "{}")), ": Skyrius\\, <lova>\r\n");

    /* given up: it leaves the calendar, and nothing comes in its place */
    record = with_slot(STATE_CONFIRMED, "en");
    record.place_count = 1;
    record.proposal = "Some Tuesday";
    const char *dropped =
        "{\"was\":\"confirmed\",\"places\":{\"dropped\":[{\"kind\":\"slot\",\"key\":\"ward/2099-03-19T09:30\"}]}}";
    const char *text = write_about(arena, "changed", &record, dropped);
    assert_holds(calendar(arena, text), "METHOD:CANCEL\r\n");
    assert_holds(text, "takes the event out of your calendar");
    assert_lacks(write_about(arena, "confirmed", &record, "{}"), "BEGIN:VCALENDAR");
    assert_lacks(write_about(arena, "again", &record, "{}"), "calendar");
    /* who comes by a mode without slots has the event's */
    record.mode = "post";
    assert_holds(calendar(arena, write_about(arena, "confirmed", &record, "{}")), "SUMMARY:Letters & <mails>\r\n");
    arena_free(arena);
}

static void sessions_stand_in_the_entrys_description(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = with_sessions(STATE_CONFIRMED, "en");
    const char *entry = calendar(arena, write_about(arena, "confirmed", &record, "{}"));
    assert_holds(entry, "DESCRIPTION:Your sessions:\\nWed\\, 18 March\\, 10:00–11:30: Care at <home>\\nDinner\\n\\n"
                        "Your reference is 4F7K-2Q9.");
    assert_holds(entry, "DTSTART;TZID=Europe/Vilnius:20990318T093000\r\n");
    assert_holds(entry, "SUMMARY:Letters & <mails>\r\n");
    assert_lacks(entry, "Opening");
    record.place_count = 2;
    assert_holds(calendar(arena, write_about(arena, "confirmed", &record, "{}")), "DESCRIPTION:Your reference is");
    arena_free(arena);
}

static void new_kinds_are_whole_in_every_language(void **state)
{
    static const struct {
        const char *kind, *data;
    } kinds[] = {
        { "changed", "{\"wishes\":true,\"fields\":[\"topic\"],\"reason\":\"x\"}" },
        { "allocated", "{\"round\":\"b\",\"key\":null}" },
        { "allocated", "{\"round\":\"a\",\"key\":\"care@onsite\"}" },
    };
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++)
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            struct arena *arena = arena_new();
            struct record record =
                with_sessions(STATE_CONFIRMED, catalogue_language(catalogues_at(world.edition.catalogues, l)));
            const char *text = write_about(arena, kinds[k].kind, &record, kinds[k].data);
            assert_non_null(text);
            if (is_unfinished(text))
                fail_msg("%s in %s has a placeholder or a bare key", kinds[k].kind, record.language);
            assert_holds(plain(arena, text), "Connected Health Cluster\r\n");
            assert_holds(html(arena, text), "</html>");
            arena_free(arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_and_wishes_stand_in_both_parts),
        cmocka_unit_test(a_title_says_its_language),
        cmocka_unit_test(the_heading_promises_what_the_state_does),
        cmocka_unit_test(nothing_chosen_is_not_spoken_of),
        cmocka_unit_test(what_is_gone_today_is_named_by_the_revision),
        cmocka_unit_test(a_slot_is_its_time_and_resource),
        cmocka_unit_test(wishes_of_a_round_that_gave_a_place_are_over),
        cmocka_unit_test(who_got_nothing_may_choose),
        cmocka_unit_test(a_change_is_told_old_and_new),
        cmocka_unit_test(a_change_without_details_is_told),
        cmocka_unit_test(when_is_the_booked_time),
        cmocka_unit_test(a_moved_slot_is_one_line),
        cmocka_unit_test(the_entry_of_a_slot_is_the_slots),
        cmocka_unit_test(sessions_stand_in_the_entrys_description),
        cmocka_unit_test(new_kinds_are_whole_in_every_language),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

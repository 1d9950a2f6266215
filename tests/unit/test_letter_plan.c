/* SPDX-License-Identifier: EUPL-1.2 */
/* Letters that come by the clock or at a wish: reminders, the link to join, thanks, one's data, its end; and the way to
 * stop those that may be stopped. */
#include "letter_kit.h"

#include <jansson.h>

#define DAY "{\"day\":0,\"starts\":4077502200,\"ends\":4077525600}" /* 18 March 2099, 09:30 to 16:00 in Vilnius */
#define EVENING (4077502200 - 14 * 3600)

static struct record a_record(enum state status, const char *language, const char *mode)
{
    return (struct record){ .id = 5,
                            .event_id = 1,
                            .revision_id = 1,
                            .link_version = 99,
                            .party_id = 5,
                            .created_at = NOW,
                            .status = status,
                            .has_claim = status == STATE_CONFIRMED,
                            .reference = "4F7K-2Q9",
                            .language = language,
                            .name = "Anna",
                            .email = "anna@umed.example",
                            .mode = mode,
                            .answers = "{}",
                            .slug = "letter",
                            .definition = world.definition };
}

/* The letter as it came, and decoded; NULL: not owed. */
static char *write_at(struct arena *arena, const char *kind, const struct record *record, const char *language,
                      const char *data, int64_t now, char **ret_raw)
{
    const struct subject subject = { .record = (struct record *)(uintptr_t)record };
    const struct leased_mail mail = { .id = 7,
                                      .subject_id = 5,
                                      .event_id = 1,
                                      .born_at = NOW,
                                      .subject_kind = "registration",
                                      .kind = kind,
                                      .recipient = "anna@umed.example",
                                      .language = language,
                                      .data = data,
                                      .message_id = "7.abc@cluster.example" };
    char *bytes, hash[65];
    size_t size;
    int r = letter_write(&world.desk, &world.edition, &mail, &subject, now, arena, &bytes, &size, hash);
    if (r == -ESTALE)
        return NULL;
    assert_int_equal(r, 0);
    char *text = decoded(arena, bytes, size);
    if (ret_raw)
        *ret_raw = arena_copy_n(arena, bytes, size);
    free(bytes);
    return text;
}

/* The text with its lines ended as they were written. */
static const char *said(struct arena *arena, const char *text)
{
    char *copy = arena_copy(arena, plain(arena, text)), *to = copy;
    assert_non_null(copy);
    for (const char *c = copy; *c; c++)
        if (*c != '\r')
            *to++ = *c;
    *to = '\0';
    return copy;
}

static void reminder_says_when_where_and_how_to_leave(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "onsite");
    char *raw, *text = write_at(arena, "reminder", &record, "en", DAY, NOW, &raw);
    assert_non_null(text);
    assert_holds(text, "Subject: Reminder: Letters & <mails>");
    const char *body = said(arena, text);
    assert_holds(body, "Wednesday, 18 March 2099, 09:30–16:00");
    assert_holds(body, "Hall");
    assert_holds(body, "/cancel");
    assert_holds(body, "Your place is then free for somebody else.");
    assert_lacks(body, "video.example");
    assert_lacks(text, "text/calendar"); /* it has it already */
    assert_holds(html(arena, text), "Wednesday, 18 March 2099");

    record.mode = "online";
    assert_holds(plain(arena, write_at(arena, "reminder", &record, "en", DAY, NOW, NULL)), "https://video.example/x");
    assert_holds(write_at(arena, "reminder", &record, "en", DAY, EVENING, NULL), "Subject: Tomorrow: Letters");
    assert_holds(write_at(arena, "reminder", &record, "en", DAY, EVENING, NULL), "It is tomorrow");
    assert_holds(write_at(arena, "reminder", &record, "en", DAY, 4077502200 - 3600, NULL), "Subject: Today: Letters");
    arena_free(arena);
}

/* Another hour of the same day is said as it is now; on another date the reminder of that date is born. */
static void reminder_follows_the_event(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "onsite");
    char *text = write_at(arena, "reminder", &record, "en",
                          "{\"day\":0,\"starts\":4077498600,\"ends\":4077525600}", NOW, NULL);
    assert_non_null(text);
    assert_holds(said(arena, text), "09:30–16:00");
    assert_null(write_at(arena, "reminder", &record, "en", "{\"day\":0,\"starts\":4077415800,\"ends\":4077439200}", NOW,
                         NULL));
    assert_null(write_at(arena, "reminder", &record, "en", "{}", NOW, NULL));

    struct event_definition before = *world.definition; /* as the person saw it */
    struct event_day day = before.days[0];
    day.starts -= 3600;
    before.days = &day;
    record.definition = &before;
    text = write_at(arena, "reminder", &record, "en", DAY, NOW, NULL);
    assert_holds(text, "METHOD:REQUEST");
    assert_holds(said(arena, text), "The calendar entry is attached to this message.");
    arena_free(arena);
}

/* A morning and an afternoon of one date are one date, for the reminder and for the link to join. */
static void two_spans_of_a_date_are_one_day(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "online");
    struct event_definition *definition = (struct event_definition *)(uintptr_t)world.definition;
    struct event_day spans[] = { definition->days[0], definition->days[0] }, *days = definition->days;
    spans[0].ends = spans[0].starts + 5400;
    spans[1].starts = spans[1].ends - 7200;
    definition->days = spans;
    definition->day_count = 2;
    char *reminder = write_at(arena, "reminder", &record, "en", DAY, NOW, NULL);
    char *join = write_at(arena, "join", &record, "en", DAY, spans[1].starts - 3600, NULL);
    definition->days = days;
    definition->day_count = 1;
    assert_non_null(reminder);
    assert_holds(said(arena, reminder), "09:30–16:00");
    assert_non_null(join); /* the afternoon is to come */
    arena_free(arena);
}

static void who_booked_a_time_is_reminded_of_that(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "onsite");
    struct event_definition *definition = (struct event_definition *)(uintptr_t)world.definition;
    struct record_place place = { .hold = RECORD_TAKEN, .kind = "slot", .key = "room/2099-03-18T14:00", .title = "Room",
                                  .resource = "room", .starts = 4077518400, .ends = 4077522000 };
    struct event_slot slot = { .key = "room/2099-03-18T14:00", .starts = 4077518400,
                               .ends = 4077522000 };
    struct event_slot *slots = definition->programme.slots;
    struct event_resource room = { .id = "room", .mode = -1, .capacity = 1 };
    definition->programme.slots = &slot;
    definition->programme.slot_count = 1;
    definition->programme.resources = &room;
    definition->programme.resource_count = 1;
    assert_null(write_at(arena, "reminder", &record, "en", DAY, NOW, NULL));
    record.places = &place;
    record.place_count = 1;
    char *text = write_at(arena, "reminder", &record, "en", DAY, 4077502200, NULL);
    assert_non_null(text);
    assert_holds(said(arena, text), "14:00–15:00");
    place.starts += 86400;
    place.ends += 86400;
    text = write_at(arena, "reminder", &record, "en", DAY, NOW, NULL);
    definition->programme.slot_count = definition->programme.resource_count = 0;
    definition->programme.slots = slots;
    definition->programme.resources = NULL;
    assert_null(text);
    arena_free(arena);
}

static void join_link_is_the_button(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "online");
    char *raw, *text = write_at(arena, "join", &record, "en", DAY, 4077502200, &raw);
    assert_non_null(text);
    assert_holds(said(arena, text), "Join the event:\nhttps://video.example/x\n");
    assert_holds(html(arena, text), "<a href=\"https://video.example/x\"");
    assert_lacks(text, "text/calendar");
    assert_lacks(raw, "List-Unsubscribe");
    assert_lacks(said(arena, text), "To join online:"); /* once is enough */
    record.mode = "onsite";
    assert_null(write_at(arena, "join", &record, "en", DAY, NOW, NULL));
    arena_free(arena);
}

static void thanks_say_what_the_organisers_say(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "lt", "onsite");
    char *raw, *text = write_at(arena, "thanks", &record, "lt", "{}", 4077525600, &raw);
    assert_non_null(text);
    assert_holds(said(arena, text), "It was a pleasure.\n\nSlides & more follow.\n\n");
    assert_holds(html(arena, text), "lang=\"en\">It was a pleasure.</td>");
    assert_holds(html(arena, text), "Slides &amp; more follow.");
    assert_holds(said(arena, text), "https://survey.example/lt\n");
    assert_lacks(said(arena, text), "/cancel");
    assert_holds(raw, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    arena_free(arena);
}

static void data_is_to_be_had_whatever_the_state(void **state)
{
    static const enum state states[] = { STATE_CONFIRMED, STATE_CANCELLED, STATE_REJECTED };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < 3; i++) {
        struct record record = a_record(states[i], "en", "onsite");
        char *raw, *text = write_at(arena, "data_ready", &record, "en", "{}", NOW, &raw);
        assert_non_null(text);
        assert_holds(said(arena, text), "See my data:\nhttps://events.example/r/");
        assert_holds(said(arena, text), "If you did not ask for this, ignore this message.");
        assert_lacks(text, "text/calendar");
        assert_lacks(raw, "List-Unsubscribe");
    }
    arena_free(arena);
}

static void erased_knows_nobody(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *raw, *text = write_at(arena, "erased", NULL, "en",
                                "{\"title\":\"Letters\",\"language\":\"en\",\"zone\":\"Europe/Vilnius\",\"until\":0}",
                                NOW, &raw);
    assert_non_null(text);
    assert_holds(text, "Subject: Your data is erased: Letters");
    assert_holds(text, "To: anna@umed.example");
    assert_holds(said(arena, text), "Nobody can bring them back.");
    assert_holds(said(arena, text), "longer have your address");
    assert_holds(said(arena, text), "on 15 January 2027");
    assert_lacks(said(arena, text), "General Data Protection");
    assert_lacks(text, "Anna");
    assert_lacks(text, "events.example/");
    assert_lacks(raw, "List-Unsubscribe");

    text = write_at(arena, "erased", NULL, "lt",
                    "{\"title\":\"Letters\",\"language\":\"en\",\"zone\":\"Europe/Vilnius\",\"until\":1988143200}", NOW,
                    NULL);
    assert_holds(said(arena, text), "iki 2032 m. gruodžio 31 d.");
    assert_holds(html(arena, text), "<p style=\"margin:0 0 6px;font-weight:bold\" lang=\"en\">Letters</p>");
    assert_null(write_at(arena, "erased", NULL, "en", "{}", NOW, NULL));
    arena_free(arena);
}

/* RFC 8058: the URL whole on its line, not encoded; and it is no other link. */
static void what_may_be_stopped_says_how(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "onsite");
    char *raw, token[TOKEN_SIZE], *text = write_at(arena, "reminder", &record, "en", DAY, NOW, &raw);
    token_make(world.keyring, TOKEN_STOP, 5, 99, token);
    assert_holds(raw, arena_format(arena, "\r\nList-Unsubscribe: <https://events.example/u/%s>\r\n", token));
    assert_holds(raw, "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    assert_holds(said(arena, text), arena_format(arena, "\nhttps://events.example/u/%s\n", token));
    assert_holds(html(arena, text), arena_format(arena, "href=\"https://events.example/u/%s\"", token));
    assert_lacks(text, arena_format(arena, "/r/%s", token));
    text = write_at(arena, "confirmed", &record, "en", "{}", NOW, &raw);
    assert_lacks(raw, "List-Unsubscribe");
    assert_lacks(text, "/u/");
    arena_free(arena);
}

static void all_are_whole_in_every_language(void **state)
{
    static const char *const kinds[] = { "reminder", "join", "thanks", "data_ready", "erased" };
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++) {
        const char *language = catalogue_language(catalogues_at(world.edition.catalogues, l));
        struct arena *arena = arena_new();
        struct record record = a_record(STATE_CONFIRMED, language, "online");
        for (size_t i = 0; i < 5; i++) {
            const char *data = i < 2 ? DAY : i == 4 ? "{\"title\":\"T\",\"until\":1988143200}" : "{}";
            char *text = write_at(arena, kinds[i], i == 4 ? NULL : &record, language, data,
                                  i == 2 ? 4077525600 : NOW, NULL);
            assert_non_null(text);
            assert_false(is_unfinished(text));
            if (strcmp(language, "en") != 0) {
                assert_lacks(text, "You ");
                assert_lacks(text, "Thank");
            }
        }
        arena_free(arena);
    }
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

/* "Not owed" is for ever; for want of memory it is tried again. */
static void no_memory_is_not_no_longer_owed(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct record record = a_record(STATE_CONFIRMED, "en", "online");
    const struct subject subject = { .record = &record };
    const struct leased_mail mail = { .id = 7, .subject_id = 5, .event_id = 1, .born_at = NOW,
                                      .subject_kind = "registration", .kind = "reminder",
                                      .recipient = "anna@umed.example", .language = "en", .data = DAY,
                                      .message_id = "7.abc@cluster.example" };
    char *bytes, hash[65];
    size_t size;
    json_set_alloc_funcs(no_memory, free);
    int r = letter_write(&world.desk, &world.edition, &mail, &subject, NOW, arena, &bytes, &size, hash);
    json_set_alloc_funcs(malloc, free);
    assert_int_equal(r, -ENOMEM);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reminder_says_when_where_and_how_to_leave),
        cmocka_unit_test(reminder_follows_the_event),
        cmocka_unit_test(who_booked_a_time_is_reminded_of_that),
        cmocka_unit_test(two_spans_of_a_date_are_one_day),
        cmocka_unit_test(join_link_is_the_button),
        cmocka_unit_test(thanks_say_what_the_organisers_say),
        cmocka_unit_test(data_is_to_be_had_whatever_the_state),
        cmocka_unit_test(erased_knows_nobody),
        cmocka_unit_test(what_may_be_stopped_says_how),
        cmocka_unit_test(all_are_whole_in_every_language),
        cmocka_unit_test(no_memory_is_not_no_longer_owed),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* view/calendar: folding, escaping, zones, several days, cancelling. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "view/calendar.h"

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_new();
    return arena ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct event_day day(const char *zone, const char *starts, const char *ends)
{
    struct event_day made;
    assert_int_equal(wall_parse(starts, &made.starts_wall), 0);
    assert_int_equal(wall_parse(ends, &made.ends_wall), 0);
    assert_int_equal(zone_to_utc(zone, &made.starts_wall, &made.starts), 0);
    assert_int_equal(zone_to_utc(zone, &made.ends_wall, &made.ends), 0);
    return made;
}

/* A definition of these DAYS, as far as a calendar looks into it. */
static struct event_definition define(const char *zone, struct event_day *days, size_t count)
{
    struct event_definition definition = { .slug = "edah", .zone = zone, .days = days, .day_count = count };
    char *vtimezone;
    definition.starts = days[0].starts;
    definition.ends = days[count - 1].ends;
    assert_int_equal(zone_calendar(arena, zone, definition.starts, definition.ends, &vtimezone), 0);
    assert_non_null(vtimezone);
    definition.vtimezone = vtimezone;
    return definition;
}

static struct calendar sample(const struct event_definition *definition)
{
    return (struct calendar){
        .definition = definition, .uid = "4f7k2q9.edah@cluster.example", .sequence = 1, .stamp = 1800000000,
        .summary = "Co-planning, the \"Data Space\"; Vilnius", .description = "First line\nSecond line, with a comma",
        .location = "Krantinės g. 12, Vilnius", .url = "https://events.cluster.example/e/edah",
        .organizer_name = "Connected Health Cluster", .organizer_address = "events@cluster.example",
        .attendee_name = "Anna Kowalska-Nyström", .attendee_address = "anna+edah@umed.example",
    };
}

static char *make(const struct calendar *calendar)
{
    char *text;
    assert_int_equal(calendar_make(arena, calendar, &text), 0);
    return text;
}

/* Without the folds (RFC 5545 section 3.1). */
static char *unfold(const char *text)
{
    char *plain = arena_copy(arena, text), *to = plain;
    assert_non_null(plain);
    for (const char *c = text; *c; c++) {
        if (strncmp(c, "\r\n ", 3) == 0)
            c += 2;
        else
            *to++ = *c;
    }
    *to = '\0';
    return plain;
}

static unsigned times(const char *text, const char *what)
{
    unsigned n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        n++;
    return n;
}

static void assert_lines(const char *text)
{
    size_t line = 0;
    for (const char *c = text; *c; c++) {
        if (*c == '\n') {
            assert_true(c > text && c[-1] == '\r');
            line = 0;
        } else if (*c == '\r')
            assert_int_equal(c[1], '\n');
        else
            line++;
        assert_true(line <= 75);
        if (c > text && c[-1] == ' ' && c > text + 1 && c[-2] == '\n')
            assert_true(((unsigned char)*c & 0xc0) != 0x80); /* no fold inside a character */
    }
    assert_non_null(strstr(text, "\r\nEND:VCALENDAR\r\n"));
}

/* A parser's opinion: no error, and the instant at which the first VEVENT starts. */
static int64_t parsed_start(const char *text, const char *zone)
{
    icalcomponent *calendar = icalparser_parse_string(text);
    assert_non_null(calendar);
    assert_int_equal(icalcomponent_count_errors(calendar), 0);
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    assert_non_null(event);
    icalcomponent *vtimezone = icalcomponent_get_first_component(calendar, ICAL_VTIMEZONE_COMPONENT);
    assert_non_null(vtimezone);
    icaltimezone *read = icaltimezone_new();
    assert_int_equal(icaltimezone_set_component(read, icalcomponent_new_clone(vtimezone)), 1);
    assert_string_equal(icaltimezone_get_tzid(read), zone);
    icalproperty *dtstart = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    int64_t at = (int64_t)icaltime_as_timet_with_zone(icalproperty_get_dtstart(dtstart), read);
    icaltimezone_free(read, 1);
    icalcomponent_free(calendar);
    return at;
}

static void one_day(void **state)
{
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T16:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 1);
    struct calendar calendar = sample(&definition);
    (void)state;
    char *text = make(&calendar), *plain = unfold(text);

    assert_lines(text);
    assert_ptr_equal(strstr(plain, "BEGIN:VCALENDAR\r\nPRODID:-//convened//EN\r\nVERSION:2.0\r\n"), plain);
    assert_int_equal(times(plain, "METHOD:REQUEST\r\n"), 1);
    assert_non_null(strstr(plain, "DTSTART;TZID=Europe/Vilnius:20270318T093000\r\n"));
    assert_non_null(strstr(plain, "DTEND;TZID=Europe/Vilnius:20270318T160000\r\n"));
    assert_non_null(strstr(plain, "SEQUENCE:1\r\n"));
    assert_non_null(strstr(plain, "STATUS:CONFIRMED\r\n"));
    assert_non_null(strstr(plain, "DTSTAMP:20270115T080000Z\r\n"));
    assert_non_null(strstr(plain, "UID:4f7k2q9.edah@cluster.example\r\n"));
    assert_non_null(strstr(plain, "SUMMARY:Co-planning\\, the \"Data Space\"\\; Vilnius\r\n"));
    assert_non_null(strstr(plain, "DESCRIPTION:First line\\nSecond line\\, with a comma\r\n"));
    assert_int_equal(times(plain, "ATTENDEE"), 1);
    assert_non_null(strstr(plain, "PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:anna+edah@umed.example\r\n"));
    assert_non_null(strstr(plain, ":mailto:events@cluster.example\r\n"));
    assert_int_equal(times(plain, "VALARM"), 0);
    assert_int_equal(times(plain, "RRULE:FREQ=DAILY"), 0);
    assert_int_equal(parsed_start(text, "Europe/Vilnius"), days[0].starts);
}

static void dublin_in_summer_and_winter(void **state)
{
    (void)state;
    struct event_day winter[] = { day("Europe/Dublin", "2027-03-27T10:00", "2027-03-27T12:00") };
    struct event_day summer[] = { day("Europe/Dublin", "2027-03-29T10:00", "2027-03-29T12:00") };
    struct event_definition before = define("Europe/Dublin", winter, 1), after = define("Europe/Dublin", summer, 1);
    struct calendar calendar = sample(&before);
    assert_int_equal(parsed_start(make(&calendar), "Europe/Dublin"), 1806141600); /* 10:00 UTC */
    calendar = sample(&after);
    assert_int_equal(parsed_start(make(&calendar), "Europe/Dublin"), 1806310800); /* 09:00 UTC */
}

static void same_hours_are_a_rule(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-27T09:00", "2027-03-27T16:00"),
                                day("Europe/Vilnius", "2027-03-28T09:00", "2027-03-28T16:00"), /* clocks go forward */
                                day("Europe/Vilnius", "2027-03-29T09:00", "2027-03-29T16:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 3);
    struct calendar calendar = sample(&definition);
    char *plain = unfold(make(&calendar));
    assert_non_null(strstr(plain, "RRULE:FREQ=DAILY;COUNT=3\r\n"));
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 1);
    assert_int_equal(times(plain, "RECURRENCE-ID"), 0);
}

static void other_hours_are_overrides(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-03-19T09:30", "2027-03-19T17:00"),
                                day("Europe/Vilnius", "2027-03-20T09:00", "2027-03-20T13:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 3);
    struct calendar calendar = sample(&definition);
    char *plain = unfold(make(&calendar));
    assert_non_null(strstr(plain, "RRULE:FREQ=DAILY;COUNT=3\r\n"));
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 2);
    assert_int_equal(times(plain, "UID:4f7k2q9.edah@cluster.example\r\n"), 2);
    assert_non_null(strstr(plain, "RECURRENCE-ID;TZID=Europe/Vilnius:20270320T093000\r\n"));
    assert_non_null(strstr(plain, "DTSTART;TZID=Europe/Vilnius:20270320T090000\r\n"));
    assert_non_null(strstr(plain, "DTEND;TZID=Europe/Vilnius:20270320T130000\r\n"));
    assert_int_equal(times(plain, "ATTENDEE"), 2); /* the one person, in each */
}

static void days_apart_are_dates(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-04-01T10:00", "2027-04-01T17:30"),
                                day("Europe/Vilnius", "2027-04-08T10:00", "2027-04-08T12:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 3);
    struct calendar calendar = sample(&definition);
    char *plain = unfold(make(&calendar));
    assert_int_equal(times(plain, "RRULE:FREQ=DAILY"), 0);
    assert_non_null(strstr(plain, "RDATE;TZID=Europe/Vilnius:20270401T100000\r\n"));
    assert_non_null(strstr(plain, "RDATE;TZID=Europe/Vilnius:20270408T100000\r\n"));
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 2); /* only the shorter day differs */
    assert_non_null(strstr(plain, "RECURRENCE-ID;TZID=Europe/Vilnius:20270408T100000\r\n"));
}

static void utc_without_vtimezone(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T16:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 1);
    definition.vtimezone = NULL;
    struct calendar calendar = sample(&definition);
    char *plain = unfold(make(&calendar));
    assert_non_null(strstr(plain, "DTSTART:20270318T073000Z\r\n"));
    assert_non_null(strstr(plain, "DTEND:20270318T140000Z\r\n"));
    assert_int_equal(times(plain, "TZID"), 0);
}

static void cancelled(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-03-19T09:00", "2027-03-19T13:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 2);
    struct calendar calendar = sample(&definition);
    calendar.method = CALENDAR_CANCEL;
    calendar.sequence = 2;
    char *plain = unfold(make(&calendar));
    assert_int_equal(times(plain, "METHOD:CANCEL\r\n"), 1);
    assert_int_equal(times(plain, "STATUS:CANCELLED\r\n"), 1);
    assert_int_equal(times(plain, "UID:4f7k2q9.edah@cluster.example\r\n"), 1);
    assert_int_equal(times(plain, "SEQUENCE:2\r\n"), 1);
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 1); /* all days at once */
}

static void published(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-03-19T09:00", "2027-03-19T13:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 2);
    struct calendar calendar = sample(&definition);
    calendar.method = CALENDAR_PUBLISH;
    char *plain = unfold(make(&calendar));
    assert_int_equal(times(plain, "METHOD:PUBLISH\r\n"), 1);
    assert_int_equal(times(plain, "STATUS:CONFIRMED\r\n"), 2); /* the day of other hours is an override */
    assert_int_equal(times(plain, "ORGANIZER"), 2);
    assert_int_equal(times(plain, "ATTENDEE"), 0);
    assert_int_equal(times(plain, "Kowalska"), 0);
    calendar.attendee_name = calendar.attendee_address = NULL; /* not looked at */
    assert_string_equal(unfold(make(&calendar)), plain);
    calendar.called_off = true;
    plain = unfold(make(&calendar));
    assert_int_equal(times(plain, "METHOD:PUBLISH\r\n"), 1);
    assert_int_equal(times(plain, "STATUS:CANCELLED\r\n"), 2);
}

static void sessions_stand_beside_it(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-03-19T09:30", "2027-03-19T17:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 2);
    struct calendar calendar = sample(&definition);
    const struct calendar_part parts[] = {
        { "4f7k2q9.edah.a@cluster.example", "Edah: A, \r\nX-EVIL:1", days[0].starts + 3600, days[0].starts + 7200 },
        { "4f7k2q9.edah.b@cluster.example", "Edah: B", days[1].starts, days[1].ends },
    };
    calendar.method = CALENDAR_PUBLISH;
    calendar.part_count = 2;
    calendar.parts = parts;
    char *text = make(&calendar), *plain = unfold(text);
    assert_lines(text);
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 3);
    assert_int_equal(times(plain, "RRULE:FREQ=DAILY"), 1);
    assert_int_equal(times(plain, "UID:4f7k2q9.edah.a@cluster.example\r\n"), 1);
    assert_non_null(strstr(plain, "DTSTART;TZID=Europe/Vilnius:20270318T103000\r\n"));
    assert_non_null(strstr(plain, "SUMMARY:Edah: B\r\n"));
    assert_null(strstr(plain, "\nX-EVIL"));
    assert_int_equal(times(plain, "DESCRIPTION"), 1); /* the event's own */
    assert_int_equal(parsed_start(text, "Europe/Vilnius"), days[0].starts);

    char *untouched = NULL;
    calendar.method = CALENDAR_REQUEST; /* what asks for an answer has one UID */
    assert_int_equal(calendar_make(arena, &calendar, &untouched), -EINVAL);
    assert_null(untouched);
}

static void injection_is_inert(void **state)
{
    static const char *const evil[] = { "x\r\nX-EVIL:1", "x\nX-EVIL:1", "x\rX-EVIL:1",
                                        "x\"\r\nX-EVIL:1", "x;\r\n\tX-EVIL:1",
                                        "x\xe2\x80\xae\x01\r\n\r\nX-EVIL:1" };
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T16:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 1);
    for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
        struct calendar calendar = sample(&definition);
        calendar.summary = calendar.description = calendar.location = evil[i];
        calendar.organizer_name = calendar.attendee_name = evil[i];
        char *text = make(&calendar);
        assert_lines(text);
        assert_null(strstr(unfold(text), "\nX-EVIL"));
        assert_int_equal(parsed_start(text, "Europe/Vilnius"), days[0].starts);

        char *untouched = NULL;
        calendar = sample(&definition);
        calendar.attendee_address = arena_format(arena, "a@b.example%s", evil[i]);
        assert_int_equal(calendar_make(arena, &calendar, &untouched), -EINVAL);
        calendar.attendee_address = "a@b.example\r\n";
        assert_int_equal(calendar_make(arena, &calendar, &untouched), -EINVAL);
        calendar = sample(&definition);
        calendar.url = arena_format(arena, "https://b.example/%s", evil[i]);
        assert_int_equal(calendar_make(arena, &calendar, &untouched), -EINVAL);
        calendar = sample(&definition);
        calendar.uid = evil[i];
        assert_int_equal(calendar_make(arena, &calendar, &untouched), -EINVAL);
        assert_null(untouched);
    }
    struct calendar calendar = sample(&definition);
    calendar.url = "http://127.0.0.1:8080/e/edah"; /* only https stands in an entry */
    calendar.attendee_address = "a;x=1:b?c@umed.example";
    char *plain = unfold(make(&calendar));
    assert_null(strstr(plain, "\r\nURL"));
    assert_non_null(strstr(plain, ":mailto:a%3Bx%3D1%3Ab%3Fc@umed.example\r\n"));
}

static void long_text_folds(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T16:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 1);
    struct calendar calendar = sample(&definition);
    char *longest = arena_take(arena, 4001);
    for (size_t i = 0; i < 4000; i += 2)
        memcpy(longest + i, "\xc5\xb3", 2); /* ų, 2 bytes */
    calendar.summary = calendar.attendee_name = longest;
    assert_lines(make(&calendar));
}

static void a_part_stands_for_itself(void **state)
{
    (void)state;
    struct event_day days[] = { day("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T17:00"),
                                day("Europe/Vilnius", "2027-03-30T09:30", "2027-03-30T17:00") };
    struct event_definition definition = define("Europe/Vilnius", days, 2);
    struct calendar calendar = sample(&definition);
    calendar.starts = days[1].starts + 1800; /* the clocks have gone forward since the event began */
    calendar.ends = days[1].starts + 3600;
    char *text = make(&calendar), *plain = unfold(text);
    assert_non_null(strstr(plain, "DTSTART;TZID=Europe/Vilnius:20270330T100000\r\n"));
    assert_non_null(strstr(plain, "DTEND;TZID=Europe/Vilnius:20270330T103000\r\n"));
    assert_int_equal(times(plain, "BEGIN:VEVENT"), 1);
    assert_int_equal(times(plain, "RDATE"), 0);
    assert_int_equal(parsed_start(text, "Europe/Vilnius"), calendar.starts);

    definition.vtimezone = NULL;
    plain = unfold(make(&calendar));
    assert_non_null(strstr(plain, "DTSTART:20270330T070000Z\r\n"));
    assert_non_null(strstr(plain, "DTEND:20270330T073000Z\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_day, start, end),
        cmocka_unit_test_setup_teardown(dublin_in_summer_and_winter, start, end),
        cmocka_unit_test_setup_teardown(same_hours_are_a_rule, start, end),
        cmocka_unit_test_setup_teardown(other_hours_are_overrides, start, end),
        cmocka_unit_test_setup_teardown(days_apart_are_dates, start, end),
        cmocka_unit_test_setup_teardown(utc_without_vtimezone, start, end),
        cmocka_unit_test_setup_teardown(cancelled, start, end),
        cmocka_unit_test_setup_teardown(published, start, end),
        cmocka_unit_test_setup_teardown(sessions_stand_beside_it, start, end),
        cmocka_unit_test_setup_teardown(injection_is_inert, start, end),
        cmocka_unit_test_setup_teardown(long_text_folds, start, end),
        cmocka_unit_test_setup_teardown(a_part_stands_for_itself, start, end),
    };
    return zone_setup() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

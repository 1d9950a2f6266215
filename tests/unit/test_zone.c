/* SPDX-License-Identifier: EUPL-1.2 */
/* Wall times to instants and back, by tests/table/zones.txt, whose instants come from Python's zoneinfo; and the
 * VTIMEZONE that calendars get. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "event/zone.h"

static int setup(void **state)
{
    (void)state;
    return zone_setup();
}

static void check_row(const char *zone, const char *text, const char *expected)
{
    char found[CLOCK_STAMP_SIZE];
    struct wall wall, again;
    int64_t at = 0;

    assert_int_equal(wall_parse(text, &wall), 0);
    int r = zone_to_utc(zone, &wall, &at);
    assert_int_equal(zone_known(zone), r != -ENOENT);
    if (r == 0)
        clock_stamp(at, found);
    else
        (void)snprintf(found, sizeof(found), "%s", r == -ERANGE ? "gap" : r == -ENOENT ? "unknown" : "error");
    if (strcmp(found, expected) != 0)
        fail_msg("%s %s is %s, not %s", zone, text, found, expected);
    if (r < 0)
        return;
    zone_to_wall(zone, at, &again);
    assert_memory_equal(&wall, &again, sizeof(wall));
}

static void test_table(void **state)
{
    char path[1000], line[200], zone[100], text[40], expected[40];
    const char *srcdir = getenv("srcdir");
    int rows = 0;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/table/zones.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%99s %39s %39s", zone, text, expected), 3);
        check_row(zone, text, expected);
        rows++;
    }
    (void)fclose(file);
    assert_true(rows > 60);
}

static void test_wall(void **state)
{
    static const char *const bad[] = {
        "", "2027-03-18", "2027-03-18 09:30", "2027-03-18T9:30", "2027-03-18T09:30Z", "2027-03-18T09:30+02:00",
        "2027-02-29T09:30", "2027-13-01T09:30", "2027-00-01T09:30", "2027-01-00T09:30", "2027-01-01T24:00",
        "2027-01-01T09:60", "2027-01-01T09:30:60", "2027-01-01T09:30:", " 2027-01-01T09:30", "2027-01-01T09:30 ",
        "02027-01-01T09:30", "1969-12-31T09:30", "9999-12-31T09:30", "-027-01-01T09:30" };
    struct wall wall;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (wall_parse(bad[i], &wall) != -EINVAL)
            fail_msg("\"%s\" passes", bad[i]);
    assert_int_equal(wall_parse("2028-02-29T23:59:07", &wall), 0);
    assert_int_equal(wall.month, 2);
    assert_int_equal(wall.second, 7);
}

static void test_offset(void **state)
{
    int64_t winter, summer;

    (void)state;
    assert_int_equal(clock_parse("2027-01-18T00:00:00Z", &winter), 0);
    assert_int_equal(clock_parse("2027-07-18T00:00:00Z", &summer), 0);
    assert_int_equal(zone_offset("Europe/Vilnius", winter), 2 * 3600);
    assert_int_equal(zone_offset("Europe/Vilnius", summer), 3 * 3600);
    assert_int_equal(zone_offset("Europe/Dublin", winter), 0);
    assert_int_equal(zone_offset("Europe/Dublin", summer), 3600);
    assert_int_equal(zone_offset("America/New_York", winter), -5 * 3600);
    assert_int_equal(zone_offset("Europe/Nowhere", winter), 0);
}

static char *calendar(struct arena *arena, const char *zone, const char *first, const char *last)
{
    int64_t from, to;
    char *text = NULL;
    assert_int_equal(clock_parse(first, &from), 0);
    assert_int_equal(clock_parse(last, &to), 0);
    assert_int_equal(zone_calendar(arena, zone, from, to, &text), 0);
    return text;
}

#define VILNIUS \
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Vilnius\r\nBEGIN:STANDARD\r\nDTSTART:19701025T040000\r\nTZOFFSETFROM:+0300\r\n" \
    "TZOFFSETTO:+0200\r\nTZNAME:EET\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n" \
    "DTSTART:19700329T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nTZNAME:EEST\r\n" \
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"

static void test_calendar(void **state)
{
    static const char *const march[] = { "2027-03-26T10:00:00Z", "2027-03-30T10:00:00Z" };
    struct arena *arena = arena_new();
    int64_t at = 0;
    char *text = NULL;

    (void)state;
    assert_string_equal(calendar(arena, "Europe/Vilnius", march[0], march[1]), VILNIUS);

    /* The greater offset is the daylight time, in Dublin too. */
    text = calendar(arena, "Europe/Dublin", march[0], march[1]);
    assert_non_null(text);
    const char *daylight = strstr(text, "BEGIN:DAYLIGHT");
    assert_non_null(daylight);
    assert_non_null(strstr(daylight, "TZOFFSETTO:+0100"));
    assert_null(strstr(text, "UNTIL"));

    /* Where libical's own TZOFFSETFROM is wrong. */
    text = calendar(arena, "Atlantic/Azores", march[0], march[1]);
    assert_non_null(text);
    assert_non_null(strstr(text, "DTSTART:19701025T010000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:-0100"));
    assert_non_null(strstr(text, "DTSTART:19700329T000000\r\nTZOFFSETFROM:-0100\r\nTZOFFSETTO:+0000"));

    /* No change of clocks: one observance. */
    text = calendar(arena, "Atlantic/Reykjavik", march[0], march[1]);
    assert_non_null(text);
    assert_null(strstr(text, "RRULE"));
    assert_non_null(strstr(text, "TZOFFSETTO:+0000"));
    assert_null(calendar(arena, "UTC", march[0], march[1])); /* those times need none */

    /* Morocco's clocks followed the moon: good within one offset, none over a change of it. (Its rules change with each
     * tzdata, so only what is past is asked.) */
    assert_non_null(calendar(arena, "Africa/Casablanca", "2024-02-01T10:00:00Z", "2024-02-02T10:00:00Z"));
    assert_null(calendar(arena, "Africa/Casablanca", "2024-02-01T10:00:00Z", "2024-03-20T10:00:00Z"));

    assert_int_equal(zone_calendar(arena, "Europe/Nowhere", at, at, &text), -ENOENT);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_wall), cmocka_unit_test(test_offset),
        cmocka_unit_test(test_calendar),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

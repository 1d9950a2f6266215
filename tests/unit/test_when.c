/* SPDX-License-Identifier: EUPL-1.2 */
/* What is said of an event's days in one line, and of the zone they are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "report/when.h"
#include "view/catalogue.h"
#include "view/words.h"

static struct {
    struct catalogues *catalogues;
    struct words *words;
} world;

static int setup(void **state)
{
    const char *folder = getenv("srcdir");
    char path[1000];
    (void)state;
    (void)snprintf(path, sizeof(path), "%s/share/locale", folder ? folder : ".");
    int r = zone_setup();
    if (r == 0)
        r = words_new(&world.words);
    return r == 0 ? catalogues_load(path, &world.catalogues) : r;
}

static int teardown(void **state)
{
    (void)state;
    words_free(world.words);
    catalogues_free(world.catalogues);
    return 0;
}

/* An event with MORE beside what each needs. */
static const struct event_definition *parsed(struct arena *arena, const char *more)
{
    const struct event_definition *definition = NULL;
    const char *text = arena_format(
        arena, "slug = \"a\"; languages = [ \"en\" ]; title = \"A\"; zone = \"Europe/Vilnius\"; %s\n"
               "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
               "  { id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; } );\n",
        more);
    assert_int_equal(event_definition_parse(text, strlen(text), "a.conf", NULL, &definition), 0);
    return definition;
}

static void says(struct arena *arena, const char *more, const char *language, enum when_kind kind, const char *line,
                 const char *zone)
{
    const struct event_definition *definition = parsed(arena, more);
    const struct catalogue *catalogue = catalogues_find(world.catalogues, language);
    struct when when;
    assert_int_equal(when_make(arena, world.words, catalogue, definition, NULL, &when), 0);
    assert_string_equal(when.line, line);
    assert_int_equal(when.kind, kind);
    assert_int_equal(when_kind(definition), kind);
    assert_string_equal(when_zone(arena, world.words, catalogue, definition, &when), zone);
    event_definition_unref(definition);
}

#define WINTER "Time zone: Vilnius (UTC+2). Brussels is one hour earlier."
#define CHANGES "Time zone: Vilnius. Brussels is one hour earlier."
#define DAY(date, from, to) "{ starts = \"" date "T" from "\"; ends = \"" date "T" to "\"; }"
#define SPAN(first, last) "starts = \"" first "\"; ends = \"" last "\"; "
#define COURSE                                                                                                         \
    SPAN("2027-03-03T13:00", "2027-04-28T16:00") "days = ( " DAY("2027-03-03", "13:00", "16:00") ", "                  \
    DAY("2027-03-31", "13:00", "16:00") ", " DAY("2027-04-28", "13:00", "16:00") " );"
#define SLOTS(mode) "slots = ( { resource = \"w\"; " mode " from = \"09:00\"; to = \"12:00\"; length_minutes = 60; } );"

static void days_in_a_row_are_a_span(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    says(arena, SPAN("2027-03-18T09:30", "2027-03-18T16:00"), "en", WHEN_DAYS, "18 March 2027", WINTER);
    says(arena, SPAN("2027-03-18T09:30", "2027-03-20T16:00"), "en", WHEN_DAYS, "18–20 March 2027", WINTER);
    says(arena, SPAN("2027-03-18T09:30", "2027-03-19T13:00") "days = ( " DAY("2027-03-18", "09:30", "17:00") ", "
         DAY("2027-03-19", "09:00", "13:00") " );", "en", WHEN_DAYS, "18–19 March 2027", WINTER);
    /* the night on which the clocks go forward */
    says(arena, SPAN("2027-03-27T00:30", "2027-03-28T23:30") "days = ( " DAY("2027-03-27", "00:30", "17:00") ", "
         DAY("2027-03-28", "09:00", "23:30") " );", "en", WHEN_DAYS, "27–28 March 2027", CHANGES);
    /* a morning and an evening */
    says(arena, SPAN("2027-03-18T09:00", "2027-03-18T21:00") "days = ( " DAY("2027-03-18", "09:00", "12:00") ", "
         DAY("2027-03-18", "18:00", "21:00") " );", "en", WHEN_DAYS, "18 March 2027", WINTER);
    arena_free(arena);
}

static void days_that_are_apart_are_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    says(arena, COURSE, "en", WHEN_DATES, "3 dates, 3 March to 28 April 2027", CHANGES);
    says(arena, COURSE, "et", WHEN_DATES, "3 kuupäeva, 3. märts – 28. aprill 2027",
         "Ajavöönd: Vilnius. Brüsselis on kell ühe tunni võrra vähem.");
    says(arena, COURSE, "lt", WHEN_DATES, "3 datos, 2027 m. kovo 3 d. – balandžio 28 d.",
         "Laiko juosta: Vilnius. Briuselyje – 1 valanda anksčiau.");
    says(arena, COURSE SLOTS(""), "en", WHEN_DATES, "3 dates, 3 March to 28 April 2027", CHANGES);
    /* a date is counted once, whatever it has */
    says(arena, SPAN("2027-03-16T09:00", "2027-03-18T21:00") "days = ( " DAY("2027-03-16", "09:00", "12:00") ", "
         DAY("2027-03-18", "09:00", "12:00") ", " DAY("2027-03-18", "18:00", "21:00") " );", "en", WHEN_DATES,
         "2 dates, 16 March to 18 March 2027", WINTER);
    arena_free(arena);
}

static void by_appointment_there_are_times(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    static const char weeks[] = SPAN("2027-04-12T09:00", "2027-06-11T17:00") SLOTS("");
    says(arena, weeks, "en", WHEN_TIMES, "Times between 12 April and 11 June 2027",
         "Time zone: Vilnius (UTC+3). Brussels is one hour earlier.");
    says(arena, weeks, "et", WHEN_TIMES, "Ajad vahemikus 12. aprill – 11. juuni 2027",
         "Ajavöönd: Vilnius (UTC+3). Brüsselis on kell ühe tunni võrra vähem.");
    says(arena, weeks, "lt", WHEN_TIMES, "Laikai nuo 2027 m. balandžio 12 d. iki birželio 11 d.",
         "Laiko juosta: Vilnius (UTC+3). Briuselyje – 1 valanda anksčiau.");
    says(arena, SPAN("2027-03-18T09:00", "2027-03-18T17:00") SLOTS(""), "en", WHEN_DAYS, "18 March 2027", WINTER);
    /* who comes online comes to all of it */
    says(arena, SPAN("2027-03-18T09:00", "2027-03-19T17:00") "modes = ( { id = \"onsite\"; }, { id = \"online\"; } ); "
         SLOTS("mode = \"onsite\";"), "en", WHEN_DAYS, "18–19 March 2027", WINTER);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_in_a_row_are_a_span),
        cmocka_unit_test(days_that_are_apart_are_counted),
        cmocka_unit_test(by_appointment_there_are_times),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

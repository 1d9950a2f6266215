/* SPDX-License-Identifier: EUPL-1.2 */
/* What the good definitions of tests/table/definitions say can be chosen: sessions, rounds, slots, caps, reserves.
 * Their faults are test_definition's. */
#include <inttypes.h>
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
#include "base/file.h"
#include "event/condition.h"
#include "event/definition.h"

static int setup(void **state)
{
    (void)state;
    return zone_setup();
}

static const struct event_definition *good(const char *name)
{
    const struct event_definition *definition;
    const char *srcdir = getenv("srcdir");
    char path[1000], *text;
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/tests/table/definitions/%s.conf", srcdir ? srcdir : ".", name);
    assert_int_equal(file_read(path, 1024 * 1024, &text, &size), 0);
    assert_int_equal(event_definition_parse(text, size, "", NULL, &definition), 0);
    assert_null(definition->unserved);
    free(text);
    return definition;
}

#define assert_stamp(at, expected)             \
    do {                                       \
        char stamp_[CLOCK_STAMP_SIZE];         \
        clock_stamp(at, stamp_);               \
        assert_string_equal(stamp_, expected); \
    } while (0)

static void test_sessions(void **state)
{
    const struct event_definition *d = good("sessions");
    const struct event_programme *p = &d->programme;

    (void)state;
    assert_int_equal(p->session_count, 11);
    assert_stamp(d->changes_until, "2027-03-15T10:00:00Z");

    const struct event_session *opening = &p->sessions[programme_session(p, "opening")];
    assert_int_equal(opening->round, -1); /* everybody takes part */
    assert_false(opening->per_mode || opening->rooms[0].limited);
    assert_null(opening->group);
    assert_string_equal(event_text_in(d, &opening->title, "et", NULL), "Avamine");
    assert_true(opening->has_times);
    assert_stamp(opening->starts, "2027-03-18T07:30:00Z");
    assert_stamp(opening->ends, "2027-03-18T08:00:00Z");

    const struct event_session *a1 = &p->sessions[1];
    assert_string_equal(a1->id, "a1");
    assert_string_equal(a1->group, "care");
    assert_true(a1->per_mode && a1->rooms[0].limited && a1->rooms[1].limited);
    assert_int_equal(a1->rooms[0].capacity, 12);
    assert_int_equal(a1->rooms[1].capacity, 0); /* not held online */

    const struct event_session *tables2 = &p->sessions[programme_session(p, "tables2")];
    assert_true(tables2->per_mode && tables2->rooms[0].limited);
    assert_false(tables2->rooms[1].limited); /* not named: no limit */
    const struct event_session *dinner = &p->sessions[programme_session(p, "dinner")];
    assert_true(!dinner->per_mode && dinner->rooms[0].limited && !dinner->has_times);
    assert_int_equal(dinner->rooms[0].capacity, 80);
    assert_int_equal(programme_session(p, "nowhere"), -1);
    event_definition_unref(d);
}

static void test_rounds(void **state)
{
    const struct event_definition *d = good("sessions");
    const struct event_programme *p = &d->programme;
    static const struct { const char *id; enum event_choose choose; size_t count, ranks; } expected[] = {
        { "a", CHOOSE_ONE, 2, 0 },     { "wishes", CHOOSE_RANK, 2, 2 }, { "b", CHOOSE_MANY, 1, 0 },
        { "dinner", CHOOSE_MANY, 1, 0 }, { "d", CHOOSE_RANK, 4, 4 } }; /* in the order of their first sessions */

    (void)state;
    assert_int_equal(p->round_count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < p->round_count; i++) {
        const struct event_round *round = &p->rounds[i];
        assert_string_equal(round->id, expected[i].id);
        assert_int_equal(programme_round(p, expected[i].id), i);
        assert_int_equal(round->choose, expected[i].choose);
        assert_int_equal(round->session_count, expected[i].count);
        assert_int_equal(round->ranks, expected[i].ranks);
        for (size_t k = 0; k < round->session_count; k++)
            assert_int_equal(p->sessions[round->sessions[k]].round, i);
    }
    assert_string_equal(p->sessions[p->rounds[0].sessions[0]].id, "a1");
    assert_string_equal(p->sessions[p->rounds[0].sessions[1]].id, "a2");
    assert_true(p->rounds[0].has_title && p->rounds[0].required);
    assert_string_equal(event_text_in(d, &p->rounds[0].title, "et", NULL), "Enne lõunat");
    assert_false(p->rounds[1].has_title || p->rounds[1].required);
    assert_int_equal(p->rounds[1].wishes_until, d->closes);
    assert_true(p->rounds[3].required);
    assert_stamp(p->rounds[4].wishes_until, "2027-03-18T12:00:00Z");
    assert_int_equal(programme_round(p, "opening"), -1);
    event_definition_unref(d);

    d = good("ranks"); /* unsaid: three, and never more than there are sessions */
    assert_int_equal(d->programme.rounds[0].ranks, 3);
    assert_int_equal(d->programme.rounds[1].ranks, 1);
    event_definition_unref(d);
}

static void test_slots(void **state)
{
    const struct event_definition *d = good("slots");
    const struct event_programme *p = &d->programme;

    (void)state;
    assert_int_equal(p->resource_count, 2);
    const struct event_resource *night = &p->resources[0], *day = &p->resources[1];
    assert_int_equal(night->mode, 1);
    assert_int_equal(night->capacity, 3);
    assert_int_equal(night->lead_days, 5);
    assert_false(night->propose || night->has_title);
    assert_int_equal(day->mode, -1);
    assert_int_equal(day->capacity, 1);
    assert_int_equal(day->lead_days, 0);
    assert_true(day->propose && p->propose);
    assert_string_equal(event_text_in(d, &day->title, "en", NULL), "Day ward");

    /* The first Sunday is 21 March. On the 28th 03:30 is left out; 4 April is blacked out. */
    assert_string_equal(p->slots[0].key, "night/2027-03-21T02:30");
    assert_stamp(p->slots[0].starts, "2027-03-21T00:30:00Z");
    assert_string_equal(p->slots[3].key, "night/2027-03-28T02:30");
    assert_stamp(p->slots[3].starts, "2027-03-28T00:30:00Z");
    assert_stamp(p->slots[3].ends, "2027-03-28T01:30:00Z");
    assert_string_equal(p->slots[4].key, "night/2027-03-28T04:30");
    assert_stamp(p->slots[4].starts, "2027-03-28T01:30:00Z");
    assert_string_equal(p->slots[5].key, "night/2027-04-11T02:30");
    assert_int_equal(programme_slot(p, "night/2027-03-28T03:30"), -1);
    assert_int_equal(programme_slot(p, "night/2027-04-04T02:30"), -1);
    /* On 31 October 03:30 comes twice: the first is meant. */
    const struct event_slot *fold = &p->slots[programme_slot(p, "night/2027-10-31T03:30")];
    assert_stamp(fold->starts, "2027-10-31T00:30:00Z");
    assert_stamp(fold->ends, "2027-10-31T01:30:00Z");
    assert_stamp(fold[1].starts, "2027-10-31T02:30:00Z");
    assert_string_equal(fold[2].key, "day/2027-03-18T09:00"); /* by resource; from the date of the start on */
    /* 16:59 leaves no room for a second slot of four hours after the first. */
    assert_string_equal(fold[3].key, "day/2027-03-24T09:00");
    assert_int_equal(fold[2].resource, 1);
    assert_stamp(fold[2].ends, "2027-03-18T11:00:00Z");
    /* The event ends at midnight, so Thursday, 4 November is no day of it. */
    assert_string_equal(p->slots[p->slot_count - 1].key, "day/2027-11-03T09:00");
    /* Sundays: 33, less one black, less one hour; Wednesdays and Thursdays: 33 each. */
    assert_int_equal(p->slot_count, 3 * 32 - 1 + 66);
    for (size_t i = 1; i < p->slot_count; i++)
        assert_true(p->slots[i].resource > p->slots[i - 1].resource || p->slots[i].starts >= p->slots[i - 1].ends);
    event_definition_unref(d);
}

/* Sme with an invitation and no country. */
static const char *some_values(void *arg, const char *name, size_t n)
{
    (void)arg;
    if (n > 0)
        return NULL;
    return strcmp(name, "kind") == 0 ? "sme" : strcmp(name, "invited") == 0 ? "yes" : NULL;
}

static void test_quota(void **state)
{
    const struct event_definition *d = good("quota");
    const struct event_programme *p = &d->programme;
    const struct condition_values values = { some_values, NULL };

    (void)state;
    assert_int_equal(p->cap_count, 3);
    assert_int_equal(p->caps[0].by, CAP_ORGANISATION);
    assert_int_equal(p->caps[0].max, 2);
    assert_int_equal(p->caps[1].by, CAP_COUNTRY);
    assert_int_equal(p->caps[1].max, 5);
    assert_int_equal(p->caps[2].by, CAP_STAKEHOLDER);

    assert_int_equal(p->reserve_count, 3);
    assert_string_equal(p->reserves[0].id, "patients");
    assert_int_equal(p->reserves[0].mode, 0);
    assert_int_equal(p->reserves[0].size, 4);
    assert_string_equal(p->reserves[0].words, "kind in (sme, 'Other-1') and not land = EE");
    assert_true(condition_holds(p->reserves[0].condition, &values));
    assert_true(p->reserves[0].has_release);
    assert_int_equal(p->reserves[0].release, d->starts);
    assert_int_equal(p->reserves[1].mode, 0); /* the only one */
    assert_null(p->reserves[1].condition);
    assert_null(p->reserves[1].words);
    assert_int_equal(p->reserves[1].release, d->opens);
    assert_false(p->reserves[2].has_release);
    assert_false(condition_holds(p->reserves[2].condition, &values)); /* no consent */
    event_definition_unref(d);
}

/* Each as KIND KEY TITLE CAPACITY … */
static void describe(const struct event_place *place, char text[static 300])
{
    int n = snprintf(text, 300, "%s %s \"%s\"", place->kind, place->key, place->title);
    if (place->limited)
        n += snprintf(text + n, 300 - (size_t)n, " %" PRId64, place->capacity);
    if (place->has_times)
        n += snprintf(text + n, 300 - (size_t)n, " %" PRId64 "min", (place->ends - place->starts) / 60);
    const struct { const char *name, *value; } more[] = {
        { "round", place->round }, { "resource", place->resource }, { "parent", place->parent },
        { "release", place->has_release ? "yes" : NULL } };
    for (size_t i = 0; i < 4; i++)
        if (more[i].value)
            n += snprintf(text + n, 300 - (size_t)n, " %s=%s", more[i].name, more[i].value);
}

static void check_places(const char *name, size_t count, size_t listed, const char *const *expected)
{
    const struct event_definition *d = good(name);
    struct arena *arena = arena_new();
    struct event_place *places;
    size_t found;
    char text[300];

    assert_non_null(arena);
    assert_int_equal(programme_places(d, arena, &found, &places), 0);
    assert_int_equal(found, count);
    for (size_t i = 0; i < listed; i++) {
        describe(&places[i], text);
        assert_string_equal(text, expected[i]);
    }
    arena_free(arena);
    event_definition_unref(d);
}

static void test_places(void **state)
{
    static const char *const sessions[] = {
        "mode onsite \"onsite\" 100",
        "mode online \"online\"",
        "session opening \"Opening\" 30min",
        "session a1@onsite \"Home care\" 12 60min round=a",
        "session a1@online \"Home care\" 0 60min round=a",
        "session tables \"Tables\" 12 60min round=wishes",
        "session a2 \"Diabetes\" 60min round=a",
        "session b1 \"Home care again\" 60min round=b",
        "session tables2@onsite \"More tables\" 5 60min round=wishes",
        "session tables2@online \"More tables\" 60min round=wishes",
        "session dinner \"Dinner\" 80 round=dinner",
    };
    static const char *const slots[] = {
        "mode onsite \"onsite\"",
        "mode online \"online\"",
        "slot night/2027-03-21T02:30 \"night\" 3 60min resource=night",
    };
    static const char *const quota[] = {
        "mode onsite \"onsite\" 10",
        "session a1 \"A1\" round=a",
        "session a2 \"A2\" round=a",
        "reserve patients \"kind in (sme, 'Other-1') and not land = EE\" 4 parent=onsite release=yes",
        "reserve guests \"guests\" 5 parent=onsite release=yes",
        "reserve others \"(invited = yes or mode = onsite) and session.a != a2 and news = yes and words < 5\" 1 "
        "parent=onsite",
    };

    (void)state;
    check_places("sessions", 15, 11, sessions);
    check_places("slots", 163, 3, slots);
    check_places("quota", 6, 6, quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions), cmocka_unit_test(test_rounds), cmocka_unit_test(test_slots),
        cmocka_unit_test(test_quota),    cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}

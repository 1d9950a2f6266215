/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/places and signup/phase: never oversold, nobody passes those who wait; when a form is open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/book.h"
#include "signup/phase.h"
#include "signup/places.h"

static void judge(void **state)
{
    static const struct { struct place place; int64_t n; bool list; enum places_verdict expected; } cases[] = {
        { { .limited = true, .capacity = 2, .taken = 0 }, 1, false, PLACES_FREE },
        { { .limited = true, .capacity = 2, .taken = 1 }, 1, false, PLACES_FREE },
        { { .limited = true, .capacity = 2, .taken = 1 }, 2, false, PLACES_FULL },
        { { .limited = true, .capacity = 2, .taken = 1 }, 2, true, PLACES_WAIT },
        { { .limited = true, .capacity = 2, .taken = 2 }, 1, false, PLACES_FULL },
        { { .limited = true, .capacity = 2, .taken = 2 }, 1, true, PLACES_WAIT },
        /* a capacity that came down by hand */
        { { .limited = true, .capacity = 2, .taken = 3 }, 1, true, PLACES_WAIT },
        { { .limited = true, .capacity = 5, .taken = 2, .reserved_open = 3 }, 1, false, PLACES_FULL },
        { { .limited = true, .capacity = 5, .taken = 2, .reserved_open = 2 }, 1, false, PLACES_FREE },
        { { .limited = true, .capacity = 5, .taken = 2, .waiting = 1 }, 1, true, PLACES_WAIT },
        { { .limited = true, .capacity = 5, .taken = 2, .waiting = 1 }, 1, false, PLACES_FULL },
        { { .limited = false, .taken = 1000000 }, 1, false, PLACES_FREE },
        { { .limited = false, .waiting = 1 }, 1, true, PLACES_WAIT },
        { { .limited = false, .retired = true }, 1, true, PLACES_FULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (places_judge(&cases[i].place, cases[i].n, cases[i].list) != cases[i].expected)
            fail_msg("case %zu", i);
    }
}

/* Any order of coming and going: the counter is what was taken, and never above the capacity. */
static void random_walk(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 100; seed++) {
        struct place place = { .limited = true, .capacity = 1 + seed % 9 };
        int64_t taken = 0, waiting = 0, parties[64] = { 0 };
        uint32_t random = seed;
        bool list = seed % 2;
        for (int step = 0; step < 1000; step++) {
            random = random * 1664525u + 1013904223u;
            unsigned who = random >> 26;
            place.touched = false;
            if (parties[who] > 0) {
                places_free(&place, parties[who]);
                taken -= parties[who];
                parties[who] = 0;
                assert_true(place.touched);
            } else if (parties[who] < 0) {
                places_wait(&place, -1);
                waiting--;
                parties[who] = 0;
                assert_true(place.touched);
            } else {
                int64_t n = 1 + (random >> 20) % 3;
                enum places_verdict verdict = places_judge(&place, n, list);
                assert_true(list || verdict != PLACES_WAIT);
                if (verdict == PLACES_FREE) {
                    assert_true(waiting == 0);
                    places_take(&place, n);
                    taken += n;
                    parties[who] = n;
                } else if (verdict == PLACES_WAIT) {
                    places_wait(&place, 1);
                    waiting++;
                    parties[who] = -1;
                }
                assert_true(place.touched == (verdict != PLACES_FULL));
            }
            assert_true(place.taken == taken && place.waiting == waiting);
            assert_true(place.taken >= 0 && place.taken <= place.capacity);
        }
    }
}

static void never_below_nought(void **state)
{
    struct place place = { .limited = true, .capacity = 3, .taken = 1 };
    (void)state;

    places_free(&place, 2);
    places_wait(&place, -1);
    assert_true(place.taken == 0 && place.waiting == 0 && place.touched);
}

static void phases(void **state)
{
    struct event_definition definition = { .starts = 500, .ends = 600, .closes = 500, .has_opens = true, .opens = 100 };
    struct event_entry entry = { .definition = &definition };
    (void)state;

    assert_int_equal(phase_of(&entry, 99), PHASE_BEFORE);
    assert_int_equal(phase_of(&entry, 100), PHASE_OPEN);
    assert_int_equal(phase_of(&entry, 499), PHASE_OPEN);
    assert_int_equal(phase_of(&entry, 500), PHASE_CLOSED);
    assert_int_equal(phase_of(&entry, 600), PHASE_OVER);
    definition.has_opens = false;
    assert_int_equal(phase_of(&entry, 0), PHASE_OPEN);

    definition.closes = 900; /* never longer than the event itself */
    assert_int_equal(phase_of(&entry, 600), PHASE_OVER);
    definition.closes = 500;

    definition.unserved = "kind = survey";
    assert_int_equal(phase_of(&entry, 0), PHASE_SOON);
    assert_int_equal(phase_of(&entry, 600), PHASE_OVER);
    definition.visibility = EVENT_DRAFT;
    assert_int_equal(phase_of(&entry, 0), PHASE_HIDDEN);
    definition.visibility = EVENT_PUBLIC;
    definition.unserved = NULL;

    entry.state = EVENT_OFF;
    assert_int_equal(phase_of(&entry, 0), PHASE_OFF);
    entry.state = EVENT_DRAFT_STATE;
    assert_int_equal(phase_of(&entry, 0), PHASE_HIDDEN);
    entry.state = EVENT_WITHDRAWN;
    assert_int_equal(phase_of(&entry, 700), PHASE_WITHDRAWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge), cmocka_unit_test(random_walk), cmocka_unit_test(never_below_nought),
        cmocka_unit_test(phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

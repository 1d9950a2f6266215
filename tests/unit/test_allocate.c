/* SPDX-License-Identifier: EUPL-1.2 */
/* The allocation against brute force over all allocations, by the same published rule, and its size and stability. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "signup/allocate.h"

#define PEOPLE 6
#define THEMES 3
#define CASES 10000

static uint64_t state_of_dice = 88172645463325252ull;

static unsigned dice(unsigned sides) /* xorshift64: the same cases each time */
{
    state_of_dice ^= state_of_dice << 13;
    state_of_dice ^= state_of_dice >> 7;
    state_of_dice ^= state_of_dice << 17;
    return (unsigned)(state_of_dice >> 33) % sides;
}

static void random_wishes(size_t people, size_t themes, size_t most, int *ranks)
{
    memset(ranks, 0, people * themes * sizeof(*ranks));
    for (size_t p = 0; p < people; p++) {
        size_t wishes = dice((unsigned)most + 1);
        for (size_t rank = 1; rank <= wishes; rank++) {
            size_t theme;
            do
                theme = dice((unsigned)themes);
            while (ranks[p * themes + theme] != 0);
            ranks[p * themes + theme] = (int)rank;
        }
    }
}

struct score {
    int placed, sum, ranks[PEOPLE];
};

/* True if A comes before B by the rule. */
static bool better(const struct score *a, const struct score *b, size_t people)
{
    if (a->placed != b->placed)
        return a->placed > b->placed;
    if (a->sum != b->sum)
        return a->sum < b->sum;
    for (size_t i = 0; i < people; i++)
        if (a->ranks[i] != b->ranks[i])
            return a->ranks[i] < b->ranks[i];
    return false;
}

/* The score of an allocation, ranks in the order of the draw; false: over a capacity or not wished for. */
static bool judge(const struct allocate_round *round, const size_t *order, const int *themes, struct score *ret_score)
{
    int64_t used[THEMES] = { 0 };
    *ret_score = (struct score){ .placed = 0 };
    for (size_t i = 0; i < round->people; i++) {
        size_t person = order[i];
        int theme = themes[person];
        ret_score->ranks[i] = 1000;
        if (theme == ALLOCATE_NONE)
            continue;
        int rank = round->ranks[person * round->themes + (size_t)theme];
        if (rank == 0 || ++used[theme] > round->capacities[theme])
            return false;
        ret_score->placed++;
        ret_score->sum += rank;
        ret_score->ranks[i] = rank;
    }
    return true;
}

static void equals_brute_force(void **state)
{
    (void)state;
    for (int n = 0; n < CASES; n++) {
        int ranks[PEOPLE * THEMES], found[PEOPLE];
        int64_t persons[PEOPLE], capacities[THEMES];
        size_t order[PEOPLE], people = 1 + dice(PEOPLE);
        for (size_t i = 0; i < people; i++)
            persons[i] = 100 + (int64_t)i;
        for (size_t i = 0; i < THEMES; i++)
            capacities[i] = dice(4);
        random_wishes(people, THEMES, THEMES, ranks);
        const struct allocate_round round = { .people = people,
                                              .themes = THEMES,
                                              .persons = persons,
                                              .capacities = capacities,
                                              .ranks = ranks,
                                              .seed = (uint64_t)n };
        assert_int_equal(allocate_draw(&round, order), 0);
        assert_int_equal(allocate_round(&round, found), 0);

        struct score best = { .placed = -1 }, ours, score;
        int all = 1;
        for (size_t i = 0; i < people; i++)
            all *= THEMES + 1;
        for (int code = 0; code < all; code++) {
            int themes[PEOPLE];
            for (int i = 0, rest = code; i < (int)people; i++, rest /= THEMES + 1)
                themes[i] = rest % (THEMES + 1) - 1;
            if (judge(&round, order, themes, &score) && better(&score, &best, people))
                best = score;
        }
        assert_true(judge(&round, order, found, &ours));
        if (better(&best, &ours, people) || better(&ours, &best, people))
            fail_msg("case %d: %d placed, sum %d; best is %d placed, sum %d", n, ours.placed, ours.sum, best.placed,
                     best.sum);
    }
}

static void large_rounds_are_stable_and_do_not_rest_on_the_order_of_input(void **state)
{
    enum { MANY = 2000, WIDE = 8 };
    (void)state;
    int *ranks = calloc(MANY * WIDE, sizeof(*ranks)), *turned = calloc(MANY * WIDE, sizeof(*turned));
    int *first = calloc(MANY, sizeof(*first)), *second = calloc(MANY, sizeof(*second));
    int64_t *persons = calloc(MANY, sizeof(*persons)), *backwards = calloc(MANY, sizeof(*backwards));
    const int64_t capacities[WIDE] = { 200, 200, 250, 100, 300, 50, 250, 250 };
    random_wishes(MANY, WIDE, 3, ranks);
    for (size_t i = 0; i < MANY; i++) {
        persons[i] = (int64_t)i + 1;
        backwards[MANY - 1 - i] = persons[i];
        memcpy(&turned[(MANY - 1 - i) * WIDE], &ranks[i * WIDE], WIDE * sizeof(*ranks));
    }
    struct allocate_round round = {
        .people = MANY, .themes = WIDE, .persons = persons, .capacities = capacities, .ranks = ranks, .seed = 42
    };
    assert_int_equal(allocate_round(&round, first), 0);
    round.persons = backwards;
    round.ranks = turned;
    assert_int_equal(allocate_round(&round, second), 0);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(first[i], second[MANY - 1 - i]);
    free(ranks);
    free(turned);
    free(first);
    free(second);
    free(persons);
    free(backwards);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const int64_t persons[] = { 1 }, good[] = { 1, 1 }, bad[] = { 1, -1 };
    const int twice[] = { 1, 1 }, negative[] = { -1, 0 }, fine[] = { 2, 1 };
    int themes[1];
    struct allocate_round round = { .people = 1, .themes = 2, .persons = persons, .capacities = good, .ranks = twice };
    assert_int_equal(allocate_round(&round, themes), -EINVAL);
    round.ranks = negative;
    assert_int_equal(allocate_round(&round, themes), -EINVAL);
    round.ranks = fine;
    round.capacities = bad;
    assert_int_equal(allocate_round(&round, themes), -EINVAL);
    round.capacities = good;
    assert_int_equal(allocate_round(&round, themes), 0);
    assert_int_equal(themes[0], 1);
    round.people = 0;
    assert_int_equal(allocate_round(&round, themes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_brute_force),
        cmocka_unit_test(large_rounds_are_stable_and_do_not_rest_on_the_order_of_input),
        cmocka_unit_test(bad_input_is_refused),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

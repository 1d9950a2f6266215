/* SPDX-License-Identifier: EUPL-1.2 */
/* Ranked choice: who gets which of the parallel themes of a round. By a published rule, and of all allocations the one
 * that is first by it:
 *   1. as many people as possible have a place;
 *   2. of those, the sum of the ranks is the lowest;
 *   3. of those, the person who is drawn first has the best rank that is still possible, then the second, and so on.
 * The draw is a hash of seed and person, so the same input gives the same result everywhere. Pure. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct allocate_round {
    size_t people, themes;
    const int64_t *persons;    /* an id each, different ones; the draw rests on it */
    const int64_t *capacities; /* of each theme, 0 or more */
    const int *ranks;          /* people × themes, row by row: 1 is the first wish, 0 none; different within a row */
    uint64_t seed;
};

#define ALLOCATE_NONE (-1)

/* ret_themes: for each person the theme's position or ALLOCATE_NONE. -EINVAL: a negative capacity or rank, or a rank
 * twice in a row. -ENOMEM. Time grows with people² × themes²; 2,000 people and 8 themes take well under a second. */
int allocate_round(const struct allocate_round *round, int *ret_themes) __attribute__((warn_unused_result));

/* The order in which people are drawn: positions, the first drawn first. */
int allocate_draw(const struct allocate_round *round, size_t *ret_order) __attribute__((warn_unused_result));

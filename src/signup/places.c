/* SPDX-License-Identifier: EUPL-1.2 */
/* The algorithm for places, over numbers in memory. Callers: change, in the writer (and convenectl's only) thread.
 * Pure. */
#include "signup/places.h"

bool places_fit(const struct place *place, int64_t n)
{
    return !place->limited || place->capacity - place->taken - place->reserved_open >= n;
}

enum places_verdict places_judge(const struct place *place, int64_t n, bool waiting_list)
{
    if (place->retired)
        return PLACES_FULL;
    /* Whoever comes while somebody waits goes behind him, also when a place has become free meanwhile. */
    if (places_fit(place, n) && place->waiting == 0)
        return PLACES_FREE;
    return waiting_list ? PLACES_WAIT : PLACES_FULL;
}

void places_take(struct place *place, int64_t n)
{
    place->taken += n;
    place->touched = true;
}

/* A counter that is too low already stops at nought: it must not keep anybody from cancelling, and `convenectl
 * verify` finds it by the claims. */
static int64_t at_least_nought(int64_t number)
{
    return number > 0 ? number : 0;
}

void places_free(struct place *place, int64_t n)
{
    place->taken = at_least_nought(place->taken - n);
    place->touched = true;
}

void places_wait(struct place *place, int64_t n)
{
    place->waiting = at_least_nought(place->waiting + n);
    place->touched = true;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The algorithm for places, over numbers in memory. Callers: change, in the writer (and convenectl's only) thread;
 * page/page_places for its words. Pure. */
#include "signup/places.h"

#include <string.h>

static const char *const kinds[] = { [PLACE_MODE] = "mode",
                                     [PLACE_SESSION] = "session",
                                     [PLACE_SLOT] = "slot",
                                     [PLACE_RESERVE] = "reserve",
                                     [PLACE_CAP] = "cap" };

const char *place_kind_name(enum place_kind kind)
{
    return kinds[kind];
}

enum place_kind place_kind_by_name(const char *name)
{
    enum place_kind kind = PLACE_MODE;
    while (kind < PLACE_CAP && strcmp(kinds[kind], name) != 0)
        kind++;
    return kind;
}

bool places_fit(const struct place *place, int64_t n)
{
    return !place->limited || place->capacity - place->taken - place->reserved_open >= n;
}

/* The first of the reserves that can give N places. */
static struct place *reserve_for(const struct place_set *set, int64_t n)
{
    for (size_t i = 0; i < set->reserve_count; i++)
        if (!set->reserves[i]->released && !set->reserves[i]->retired && places_fit(set->reserves[i], n))
            return set->reserves[i];
    return NULL;
}

struct place *places_lacking(const struct place_set *set, int64_t n, struct place **ret_reserve)
{
    struct place *reserve = reserve_for(set, n);

    if (set->mode->retired || (!reserve && !places_fit(set->mode, n)))
        return set->mode;
    for (size_t i = 0; i < set->needed_count; i++)
        if (set->needed[i]->retired || !places_fit(set->needed[i], n))
            return set->needed[i];
    *ret_reserve = reserve;
    return NULL;
}

enum places_verdict places_judge(const struct place *place, int64_t n, bool waiting_list)
{
    if (place->retired)
        return PLACES_FULL;
    if (places_fit(place, n) && place->waiting == 0)
        return PLACES_FREE;
    return waiting_list ? PLACES_WAIT : PLACES_FULL;
}

/* What a reserve keeps of its mode's room for itself. */
static void keep_open(struct place *reserve, int64_t n)
{
    if (reserve->kind != PLACE_RESERVE || reserve->released || !reserve->parent)
        return;
    reserve->parent->reserved_open += n;
    reserve->parent->touched = true;
}

void places_take(struct place *place, int64_t n)
{
    place->taken += n;
    place->touched = true;
    keep_open(place, -n);
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
    keep_open(place, n);
}

void places_wait(struct place *place, int64_t n)
{
    place->waiting = at_least_nought(place->waiting + n);
    place->touched = true;
}

void places_release(struct place *reserve)
{
    keep_open(reserve, reserve->taken - reserve->capacity);
    reserve->released = reserve->touched = true;
}

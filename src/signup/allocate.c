/* SPDX-License-Identifier: EUPL-1.2 */
/* Allocation by shortest augmenting paths (min-cost flow). Called by change/allocation. Pure.
 *
 * The flow network has a node for each theme and one, NOWHERE, that has room for all and costs more than any sum of
 * ranks, so that fewest unplaced comes before lowest sum. An arc from theme a to theme b costs what the cheapest person
 * in a pays for moving to b. People are added one by one along a shortest path, which keeps the allocation optimal;
 * then, in the order of the draw, each gets the best rank that costs the others nothing, and is fixed. */
#include "signup/allocate.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FAR (INT64_MAX / 4)

struct person {
    int at;      /* theme, or NOWHERE */
    bool placed; /* added already */
    bool fixed;
};

struct work {
    const struct allocate_round *in;
    size_t nodes;    /* themes and NOWHERE, which is the last */
    int64_t nowhere; /* its cost */
    struct person *people;
    int64_t *used; /* of each node */
    int64_t *arc;  /* nodes × nodes: the cheapest move */
    size_t *mover; /* who makes it */
    int64_t *distance;
    int *from; /* the node before on the shortest path */
};

static int nowhere_of(const struct work *w)
{
    return (int)w->nodes - 1;
}

/* What PERSON pays at NODE. FAR: he did not wish for it. */
static int64_t cost(const struct work *w, size_t person, int node)
{
    if (node == nowhere_of(w))
        return w->nowhere;
    int rank = w->in->ranks[person * w->in->themes + (size_t)node];
    return rank > 0 ? rank : FAR;
}

static bool has_room(const struct work *w, int node)
{
    return node == nowhere_of(w) || w->used[node] < w->in->capacities[node];
}

/* The cheapest move of somebody who is not fixed, for each pair of nodes. */
static void find_arcs(struct work *w)
{
    for (size_t i = 0; i < w->nodes * w->nodes; i++)
        w->arc[i] = FAR;
    for (size_t person = 0; person < w->in->people; person++) {
        const struct person *p = &w->people[person];
        if (!p->placed || p->fixed)
            continue;
        int64_t here = cost(w, person, p->at);
        for (int to = 0; to < (int)w->nodes; to++) {
            int64_t there = cost(w, person, to);
            size_t arc = (size_t)p->at * w->nodes + (size_t)to;
            if (to != p->at && there < FAR && there - here < w->arc[arc]) {
                w->arc[arc] = there - here;
                w->mover[arc] = person;
            }
        }
    }
}

/* Shortest ways from START (Bellman and Ford: costs may be negative, cycles are not). */
static void find_ways(struct work *w, int start)
{
    for (size_t i = 0; i < w->nodes; i++) {
        w->distance[i] = FAR;
        w->from[i] = -1;
    }
    w->distance[start] = 0;
    bool changed = true;
    for (size_t turn = 0; turn < w->nodes && changed; turn++) {
        changed = false;
        for (size_t a = 0; a < w->nodes; a++)
            for (size_t b = 0; b < w->nodes && w->distance[a] < FAR; b++) {
                int64_t arc = w->arc[a * w->nodes + b];
                if (arc < FAR && w->distance[a] + arc < w->distance[b]) {
                    w->distance[b] = w->distance[a] + arc;
                    w->from[b] = (int)a;
                    changed = true;
                }
            }
    }
}

/* Moves everybody on the way to END one node further; the way's first node then has a place free. */
static void move_along(struct work *w, int end)
{
    for (int to = end; w->from[to] >= 0; to = w->from[to]) {
        int from = w->from[to];
        size_t person = w->mover[(size_t)from * w->nodes + (size_t)to];
        w->people[person].at = to;
        w->used[from]--;
        w->used[to]++;
    }
}

static void enter(struct work *w, size_t person, int node)
{
    w->people[person].at = node;
    w->people[person].placed = true;
    w->used[node]++;
}

/* Adds PERSON where he and all the others together pay the least. */
static void add_person(struct work *w, size_t person)
{
    int64_t best = FAR;
    int best_start = nowhere_of(w), best_end = nowhere_of(w);
    find_arcs(w);
    for (int start = 0; start < (int)w->nodes; start++) {
        int64_t entry = cost(w, person, start);
        if (entry >= FAR)
            continue;
        find_ways(w, start);
        for (int end = 0; end < (int)w->nodes; end++)
            if (has_room(w, end) && w->distance[end] < FAR && entry + w->distance[end] < best) {
                best = entry + w->distance[end];
                best_start = start;
                best_end = end;
            }
    }
    find_ways(w, best_start);
    move_along(w, best_end);
    enter(w, person, best_start);
}

/* Moves PERSON to THEME if that costs the others exactly what he gains, which keeps the allocation optimal. */
static bool try_theme(struct work *w, size_t person, int theme)
{
    struct person *p = &w->people[person];
    int old = p->at;
    int64_t gain = cost(w, person, old) - cost(w, person, theme);
    w->used[old]--; /* his place is free for whoever makes room for him */
    find_ways(w, theme);
    for (int end = 0; end < (int)w->nodes; end++)
        if (has_room(w, end) && w->distance[end] == gain) {
            move_along(w, end);
            enter(w, person, theme);
            return true;
        }
    w->used[old]++;
    return false;
}

/* The best rank that is still possible, then PERSON stays. */
static void fix_person(struct work *w, size_t person)
{
    struct person *p = &w->people[person];
    const int *ranks = &w->in->ranks[person * w->in->themes];
    bool done = false;
    p->fixed = true; /* he does not make room for himself */
    find_arcs(w);
    for (int rank = 1; !done && rank < INT32_MAX; rank++) {
        bool more = false;
        for (int theme = 0; !done && theme < (int)w->in->themes; theme++) {
            more |= ranks[theme] >= rank;
            if (ranks[theme] == rank)
                done = theme == p->at || try_theme(w, person, theme);
        }
        if (!more)
            break; /* no wish can be met: he stays where he is */
    }
}

struct drawn {
    unsigned char key[16];
    int64_t id;
    size_t position;
};

static int compare_drawn(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;
    int r = memcmp(x->key, y->key, sizeof(x->key));
    return r != 0 ? r : (x->id > y->id) - (x->id < y->id);
}

static void put_number(unsigned char *bytes, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (56 - 8 * i));
}

int allocate_draw(const struct allocate_round *round, size_t *ret_order)
{
    struct drawn *drawn = calloc(round->people + 1, sizeof(*drawn));
    if (!drawn)
        return -ENOMEM;
    for (size_t i = 0; i < round->people; i++) {
        unsigned char message[16];
        put_number(message, round->seed);
        put_number(message + 8, (uint64_t)round->persons[i]);
        drawn[i].id = round->persons[i];
        drawn[i].position = i;
        (void)crypto_generichash(drawn[i].key, sizeof(drawn[i].key), message, sizeof(message), NULL, 0);
    }
    qsort(drawn, round->people, sizeof(*drawn), compare_drawn);
    for (size_t i = 0; i < round->people; i++)
        ret_order[i] = drawn[i].position;
    free(drawn);
    return 0;
}

static int check(const struct allocate_round *round, int64_t *ret_nowhere)
{
    int64_t highest = 0;
    for (size_t theme = 0; theme < round->themes; theme++)
        if (round->capacities[theme] < 0)
            return -EINVAL;
    for (size_t person = 0; person < round->people; person++) {
        const int *ranks = &round->ranks[person * round->themes];
        for (size_t a = 0; a < round->themes; a++) {
            if (ranks[a] < 0 || ranks[a] > 1000000)
                return -EINVAL;
            for (size_t b = 0; b < a; b++)
                if (ranks[a] > 0 && ranks[a] == ranks[b])
                    return -EINVAL;
            highest = ranks[a] > highest ? ranks[a] : highest;
        }
    }
    *ret_nowhere = highest * (int64_t)(round->people + 1) + 1;
    return 0;
}

static void work_done(struct work *w)
{
    free(w->people);
    free(w->used);
    free(w->arc);
    free(w->mover);
    free(w->distance);
    free(w->from);
}

static int work_new(const struct allocate_round *round, struct work *w)
{
    *w = (struct work){ .in = round, .nodes = round->themes + 1 };
    int r = check(round, &w->nowhere);
    if (r < 0)
        return r;
    w->people = calloc(round->people + 1, sizeof(*w->people));
    w->used = calloc(w->nodes, sizeof(*w->used));
    w->arc = calloc(w->nodes * w->nodes, sizeof(*w->arc));
    w->mover = calloc(w->nodes * w->nodes, sizeof(*w->mover));
    w->distance = calloc(w->nodes, sizeof(*w->distance));
    w->from = calloc(w->nodes, sizeof(*w->from));
    return w->people && w->used && w->arc && w->mover && w->distance && w->from ? 0 : -ENOMEM;
}

int allocate_round(const struct allocate_round *round, int *ret_themes)
{
    struct work w;
    size_t *order = calloc(round->people + 1, sizeof(*order));
    int r = work_new(round, &w);
    if (r == 0 && !order)
        r = -ENOMEM;
    if (r == 0)
        r = allocate_draw(round, order);
    if (r == 0) {
        for (size_t i = 0; i < round->people; i++)
            add_person(&w, order[i]);
        for (size_t i = 0; i < round->people; i++)
            fix_person(&w, order[i]);
        for (size_t i = 0; i < round->people; i++)
            ret_themes[i] = w.people[i].at == nowhere_of(&w) ? ALLOCATE_NONE : w.people[i].at;
    }
    free(order);
    work_done(&w);
    return r;
}

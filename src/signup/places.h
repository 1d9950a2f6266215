/* SPDX-License-Identifier: EUPL-1.2 */
/* The algorithm for places, over numbers in memory. Claims are the truth, counters follow; the store loads the
 * counters, this room decides, the store writes them. Pure. The writer's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum place_kind { PLACE_MODE, PLACE_SESSION, PLACE_SLOT, PLACE_RESERVE, PLACE_CAP };
const char *place_kind_name(enum place_kind kind); /* as in the column `kind` */
enum place_kind place_kind_by_name(const char *name);

struct place {
    int64_t id, event_id;
    enum place_kind kind;
    bool limited;
    int64_t capacity, taken;
    int64_t reserved_open; /* mode: what is free of its reserves and kept for them */
    int64_t waiting;       /* people on the list who found it full */
    bool retired;
    bool closed;           /* its event is withdrawn or off: nobody is offered a place */
    int64_t event_starts;
    bool approval;         /* mode: an organiser approves who comes */
    bool approval_holds;   /* mode: an application holds its place meanwhile */
    bool allocated;        /* session: wishes of its round have become places */
    struct place *parent;  /* reserve: its mode */
    bool released;         /* reserve: what was free of it is everybody's */
    const char *key;
    const char *title;     /* born: for its row; else NULL */
    bool born;             /* made in this batch for whoever needs it first: it is inserted if it was touched */
    bool touched;          /* set by whoever changes a number */
};

/* What one person asks for: all of `needed`, and one of the reserves may give the mode's place. */
struct place_set {
    struct place *mode;
    size_t needed_count;
    struct place **needed; /* without the mode: sessions, slot, caps */
    size_t reserve_count;
    struct place **reserves; /* of the mode, for this person, in the definition's order */
};

enum places_verdict { PLACES_FREE, PLACES_WAIT, PLACES_FULL };

/* N more fit in, whoever waits. For a mode: without its reserves. */
bool places_fit(const struct place *place, int64_t n);

/* The first place of SET that has no room for N persons, the mode first; NULL: all have. *ret_reserve: the reserve that
 * the mode's place comes from; NULL: none. */
struct place *places_lacking(const struct place_set *set, int64_t n, struct place **ret_reserve);

/* What a page may say of one place, from its numbers alone: FREE; WAIT if it is full, or somebody waits for it, and
 * there is a list; FULL. */
enum places_verdict places_judge(const struct place *place, int64_t n, bool waiting_list);

/* One claim on a place taken or given back: the counters of the place, and of a reserve's mode. */
void places_take(struct place *place, int64_t n);
void places_free(struct place *place, int64_t n);
void places_wait(struct place *place, int64_t n); /* n < 0: leave the list */
/* What is free of a reserve is everybody's from now on. */
void places_release(struct place *reserve);

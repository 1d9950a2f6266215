/* SPDX-License-Identifier: EUPL-1.2 */
/* An address at which nobody can be reached: every live registration with it is marked, what was still to be mailed
 * there is cancelled, and the organisers of events that are to come are told, once for each registration but for twenty
 * of an event at most. Nothing is mailed to it any more (mail/kind) until its owner gives another one (change/address)
 * or an organiser says that it is good (change/deliverable). Part of the changes bounce and mail_result, which call it
 * in their facts, decide and apply. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct edition;
struct event_definition;
struct facts;
struct settings;
struct wanted;

/* Where the definitions of events are found: of the daemon's edition, or what convenectl has loaded. */
struct undeliverable_events {
    const struct edition *edition; /* NULL: what follows */
    size_t count;
    const struct undeliverable_event { int64_t event_id; const struct event_definition *definition; } *items;
};

struct undeliverable {
    const char *address, *why; /* why: the server's words, one line; they may hold the address */
    int64_t mail_id;           /* that showed it */
};

/* With wanted_addressees or wanted_returned of the address among the facts. In ARENA; *ret_plan stays NULL if nobody
 * is to be marked. */
struct undeliverable_plan;
int undeliverable_decide(struct arena *arena, struct facts *facts, const struct settings *settings,
                         const struct undeliverable_events *events, const struct undeliverable *what, int64_t now,
                         struct undeliverable_plan **ret_plan) __attribute__((warn_unused_result));
/* PLAN may be NULL. */
int undeliverable_apply(const struct undeliverable_plan *plan, struct db *db) __attribute__((warn_unused_result));
/* How many registrations are marked; PLAN may be NULL. */
size_t undeliverable_count(const struct undeliverable_plan *plan);

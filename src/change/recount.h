/* SPDX-License-Identifier: EUPL-1.2 */
/* Limits count who says no register's number by the domain of the address: with another address a registration counts
 * elsewhere, and so do those of its guests who have no address of their own. Private to change/address. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct ask_cap;
struct db;
struct facts;
struct moves;
struct registration_fact;

struct recount; /* what is to be written; NULL: nothing */

/* In memory: what was counted before is given back (and remembered in MOVES), the limit CAP is taken or asked for; CAP
 * NULL: the new domain has none. All or nothing: *ret_full is true if the limit has no room for all of them, then
 * nothing has changed. Everything that is kept is in ARENA. */
int recount_decide(struct arena *arena, struct facts *facts, struct moves *moves,
                   struct registration_fact *registration, const struct ask_cap *cap, bool *ret_full,
                   struct recount **ret_recount)
    __attribute__((warn_unused_result));
int recount_apply(const struct recount *recount, struct db *db) __attribute__((warn_unused_result));

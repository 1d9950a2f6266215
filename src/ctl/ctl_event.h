/* SPDX-License-Identifier: EUPL-1.2 */
/* An event as the daemon knows it, for commands that run a change or the rules: its current revision, from the store,
 * with the rows of its places. One thread. */
#pragma once

#include <stdbool.h>

#include "ctl/ctl.h"

struct arena;
struct event_book;
struct event_entry;

/* Before a definition is parsed other than by ctl_event_load. CTL_CANNOT, said. */
enum ctl_exit ctl_event_setup(void);

/* A book with that one entry; event_book_free it. CTL_WRONG, said, if there is no such event. */
enum ctl_exit ctl_event_load(struct ctl *ctl, const char *slug, struct event_book **ret_book);

/* Of each round of ENTRY's definition: have its wishes become places? In ARENA, as the rules take it. */
enum ctl_exit ctl_event_allocated(struct ctl *ctl, struct arena *arena, const struct event_entry *entry,
                                  bool **ret_allocated);

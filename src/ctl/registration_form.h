/* SPDX-License-Identifier: EUPL-1.2 */
/* What registration add and move share: a form put together from the command line, as a browser would send it, and
 * the words for what the rules and the places say of it. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/registration.h"

struct arena;
struct ask_cap;
struct event_definition;
struct event_entry;
struct rules_fault;

/* What one --session says: ROUND=ID; ID is NULL where it says ROUND= alone. */
struct registration_session {
    size_t round; /* position */
    const char *id;
};
/* CTL_WRONG, said, if TEXT is not of that form or there is no such round. */
enum ctl_exit registration_form_session(struct arena *arena, const struct event_definition *definition,
                                        const char *text, struct registration_session *ret_session);

/* All that is wrong, a line a control; CTL_WRONG. REFERENCE may be NULL. */
enum ctl_exit registration_form_faults(const struct registration_arguments *arguments,
                                       const struct event_definition *definition, const char *reference,
                                       const struct rules_fault *faults, size_t count);

/* There is no room: in the place FULL_PLACE, or for FULL_CAP if it is not NULL. CTL_WRONG. REFERENCE may be NULL. */
enum ctl_exit registration_form_full(struct ctl *ctl, const struct registration_arguments *arguments,
                                     const char *reference, int64_t full_place, const struct ask_cap *full_cap);

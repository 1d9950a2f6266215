/* SPDX-License-Identifier: EUPL-1.2 */
/* Would this definition break what is stored? Used by take_revision. */
#pragma once

#include <stddef.h>

struct event_cap;
struct event_definition;
struct event_fact;
struct event_programme;
struct facts;
struct place_row;

/* Why it would, with the numbers, all of it, in the facts' arena; none: it would not. */
struct revision_reasons {
    size_t count, room;
    const char **items;
};

/* Adds to REASONS. */
int revision_check(struct facts *facts, const struct event_fact *event, const struct event_definition *definition,
                   struct revision_reasons *reasons) __attribute__((warn_unused_result));

/* The cap of PROGRAMME that the limit ROW is an instance of; NULL: none any more. */
const struct event_cap *revision_cap(const struct event_programme *programme, const struct place_row *row);

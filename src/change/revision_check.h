/* SPDX-License-Identifier: EUPL-1.2 */
/* Would this definition break what is stored? Used by take_revision. */
#pragma once

struct event_cap;
struct event_definition;
struct event_fact;
struct event_programme;
struct facts;
struct place_row;

/* 0 and *ret_reason, in the facts' arena: why it would, with the numbers; NULL: it would not. */
int revision_check(struct facts *facts, const struct event_fact *event, const struct event_definition *definition,
                   const char **ret_reason) __attribute__((warn_unused_result));

/* The cap of PROGRAMME that the limit ROW is an instance of; NULL: none any more. */
const struct event_cap *revision_cap(const struct event_programme *programme, const struct place_row *row);

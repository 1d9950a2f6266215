/* SPDX-License-Identifier: EUPL-1.2 */
/* Would this definition break what is stored? Used by take_revision. */
#pragma once

struct event_definition;
struct event_fact;
struct facts;

/* 0 and *ret_reason, in the facts' arena: why it would, with the numbers; NULL: it would not. */
int revision_check(struct facts *facts, const struct event_fact *event, const struct event_definition *definition,
                   const char **ret_reason) __attribute__((warn_unused_result));

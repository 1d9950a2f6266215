/* SPDX-License-Identifier: EUPL-1.2 */
/* What a new revision of a definition means, in sentences. One thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct arena;
struct event_definition;

/* A list of sentences, the caller's; empty if nothing of weight has changed. -ENOMEM. */
int ctl_event_meaning(struct arena *arena, const struct event_definition *old, const struct event_definition *new,
                      json_t **ret_sentences) __attribute__((warn_unused_result));

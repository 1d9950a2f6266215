/* SPDX-License-Identifier: EUPL-1.2 */
/* The answers to what is asked after the review, among those of a whole form. Pure. Any thread. */
#pragma once

#include <stdbool.h>

struct arena;
struct event_definition;
struct form;

/* CONTROL belongs to a question that is asked after the review. */
bool after_review_control(const struct event_definition *definition, const char *control);

/* FORM without these; its values are FORM's own. -ENOMEM. */
int after_review_drop(struct arena *arena, const struct event_definition *definition, const struct form *form,
                      struct form *ret_form) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* A form's own style sheet: each field with a condition is hidden at once while what is chosen on the page says that it
 * is not asked, without any script. What a sheet cannot know, such as typed text, hides nothing; the rules alone decide
 * (signup/rules_show). In the block of guest N the class is `if-ID-N`, ID being the field's own. Pure. Called by
 * view/assets; the page asks for the class. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct event_definition;
struct event_field;

/* For free(). *ret_data NULL: there is nothing to hide. -ENOMEM. */
int sheet_condition_make(const struct event_definition *definition, char **ret_data, size_t *ret_size)
    __attribute__((warn_unused_result));

/* What `parts_if` of the organisation ID is about is hidden by the class `if-parts-ID`. */
/* The round is asked of some modes alone; the class is `if-session-ROUND`. */
bool sheet_condition_round(const struct event_definition *definition, size_t round);
/* Who stands on the page with the class `if-ID` is hidden by the rule of FIELD's condition; ID is the first field's
 * with this condition. FIELD has one. */
const char *sheet_condition_id(const struct event_definition *definition, const struct event_field *field);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Regular expressions of an organiser, in ICU's language, against what somebody typed. Callers: event, signup. Any
 * thread. */
#pragma once

#include <stdbool.h>

/* -EINVAL: it is no regular expression; *ret_position is the character, from 1, where it stops being one. -ENOMEM. */
int pattern_check(const char *pattern, int *ret_position) __attribute__((warn_unused_result));

/* The whole TEXT matches. A pattern that goes back and forth in it for too long does not match. -ENOMEM; -EINVAL as
 * above. */
int pattern_matches(const char *pattern, const char *text, bool *ret_matches) __attribute__((warn_unused_result));

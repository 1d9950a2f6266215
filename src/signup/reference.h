/* SPDX-License-Identifier: EUPL-1.2 */
/* The reference that people read out: 4F7K-2Q9. Six Crockford base32 characters of a fixed public permutation of
 * the submission's id, and one check character that catches every single wrong character and every swap of two
 * neighbours. Pure: no key, no index. Any thread. */
#pragma once

#include <stdint.h>

#define REFERENCE_SIZE 9 /* 4F7K-2Q9 and the zero */

/* -ERANGE: ID is not within 1 .. 2^30 - 1. */
int reference_make(int64_t id, char ret_reference[static REFERENCE_SIZE]) __attribute__((warn_unused_result));
/* Any case, with or without hyphens; O is 0, I and L are 1. -EINVAL: not a reference; -EBADMSG: the check fails. */
int reference_read(const char *text, int64_t *ret_id) __attribute__((warn_unused_result));

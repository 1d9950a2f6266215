/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers as people of a language write them. Pure. Any thread. */
#pragma once

struct arena;

/* Understands TEXT: digits of any script, a decimal comma or point, spaces, points, commas or apostrophes between
 * groups of digits, a sign. Where a mark could be either (1.234), LANGUAGE (a code of BCP 47) decides. *ret_decimals:
 * digits behind the mark, without zeros at the end. -EINVAL: no number, or more than 15 digits. */
int number_read(const char *language, const char *text, double *ret_number, int *ret_decimals)
    __attribute__((warn_unused_result));

/* NUMBER with DECIMALS digits at most behind the mark of LANGUAGE, without groups: what number_read understands again.
 * NULL: no memory. */
const char *number_write(struct arena *arena, const char *language, double number, int decimals);

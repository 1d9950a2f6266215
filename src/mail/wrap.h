/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of a text mail, not longer than people like to read. Pure. Any thread. */
#pragma once

#include <stddef.h>

struct buffer;

/* Appends TEXT to OUT with lines broken at blanks so that they have at most COLUMNS characters; a word that is longer
 * (a link) stays whole. A line that begins with blanks hangs under its second column. At most one empty line stands
 * between two others, none at the end. */
void wrap_text(const char *text, size_t columns, struct buffer *out);

/* SPDX-License-Identifier: EUPL-1.2 */
/* CommonMark of definitions, to safe HTML (raw HTML and unsafe links are left out) and to plain text. Any thread. */
#pragma once

#include <stddef.h>

struct arena;

/* Headings are moved down so that the first level becomes h<top>. In ARENA; NULL: no memory. */
char *markdown_html(struct arena *arena, const char *text, int top);
char *markdown_plain(struct arena *arena, const char *text, int columns);
/* The first paragraph as one line of plain text: for lists and leads. */
char *markdown_lead(struct arena *arena, const char *text);

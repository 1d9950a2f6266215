/* SPDX-License-Identifier: EUPL-1.2 */
/* Pieces of a letter's model under construction. The first failure is kept, so that it is asked for once, at the end.
 * Private to the letter_ files. Sender's thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct event_definition;
struct event_text;
struct letter;

struct making { const struct letter *letter; bool failed; };

/* VALUE is taken over; NULL: a failure. */
void making_set(struct making *making, json_t *object, const char *key, json_t *value);
void making_set_text(struct making *making, json_t *object, const char *key, const char *text);
void making_append(struct making *making, json_t *array, json_t *value);

/* A word of the letter's language. */
const char *making_word(const struct making *making, const char *key);

/* {text, lang}: a text of the definition with its language where that is not the letter's. */
json_t *making_in_language(struct making *making, const struct event_definition *definition,
                           const struct event_text *text);

/* One row of a table: its label, what stands large, what stands small, and all of it as lines for the text. It belongs
 * to ROWS. */
json_t *making_add_row(struct making *making, json_t *rows, const char *label);
void making_add_strong(struct making *making, json_t *row, const char *text);
void making_add_soft(struct making *making, json_t *row, const char *text);
/* The language of the row where it is not the letter's; NULL: it is. */
void making_set_row_language(struct making *making, json_t *row, const char *language);

/* In the text the labels stand in a column as wide as the longest. */
void making_align(struct making *making, json_t *rows);

/* A table under its HEADING; ROWS, which are taken over, may be none: then there is no table. */
void making_add_group(struct making *making, json_t *groups, const char *heading, json_t *rows);

/* MODEL; NULL: something failed, and it is gone. */
json_t *making_finish(const struct making *making, json_t *model);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What a letter says of sessions, slots, wishes and changes. Sender's thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct letter;
struct making;

/* Sets `groups`, tables {heading, rows} of what changed, of what the person has or asks for, and of wishes; `wished`
 * and `proposed`, a sentence each, where there are such. */
void letter_choice_put(struct making *making, json_t *model);

/* A row for each session and slot that the person has or asks for, and for the time that was proposed. */
void letter_choice_add(struct making *making, json_t *rows);

/* "Title, Thursday, 18 March 2027, 10:00–11:30": the session that KEY names. NULL: no memory. */
char *letter_choice_session(const struct letter *letter, const char *key);

/* The round's title; NULL: it has none. */
const char *letter_choice_round(const struct letter *letter, const char *id);

/* Whether the change that the letter tells of gave a slot up. */
bool letter_choice_dropped_slot(const struct letter *letter);

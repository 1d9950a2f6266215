/* SPDX-License-Identifier: EUPL-1.2 */
/* What a letter says of when and where an event was to be before it moved. Sender's thread. */
#pragma once

#include <jansson.h>

struct letter;
struct letter_words;
struct making;

/* The words of `event_moved`: whether it is the time, the place, or both, as far as its data tells. */
const struct letter_words *letter_moved_words(const struct letter *letter);

/* The row "Before" of FACTS, from the data of a mail `event_moved`; nothing in other letters. */
void letter_moved_put(struct making *making, json_t *facts);

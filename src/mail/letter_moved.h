/* SPDX-License-Identifier: EUPL-1.2 */
/* What a letter says of when and where an event was to be before it moved. Sender's thread. */
#pragma once

#include <jansson.h>

struct making;

/* The row "Before" of FACTS, from the data of a mail `event_moved`; nothing in other letters. */
void letter_moved_put(struct making *making, json_t *facts);

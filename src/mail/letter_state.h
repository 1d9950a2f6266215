/* SPDX-License-Identifier: EUPL-1.2 */
/* What a letter says about how it stands with a registration, and about the answer that is waited for. Sender's
 * thread. */
#pragma once

#include <jansson.h>

struct letter;

/* The sentences under the greeting. NULL: no memory. */
json_t *letter_state_paragraphs(const struct letter *letter);

/* Until when the person may answer, and what follows: {deadline, notes, closing, decline}. For a letter that asks for
 * an answer alone. NULL: no memory. */
json_t *letter_state_answer(const struct letter *letter);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers in the words that pages and mails share. Pure but for the formatters. Called by page_answers and
 * mail/letter_choice. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct arena;
struct catalogue;
struct event_definition;
struct event_field;
struct words;

/* Who puts it into words; all of it is borrowed. */
struct answer_desk {
    struct arena *arena;
    struct words *words;
    const struct catalogue *catalogue;
    const char *language;
};

/* VALUE is an answer to FIELD; else (NULL too) nothing was said. */
bool answer_given(const struct event_field *field, const json_t *value);

/* VALUE, which is given, as an answer to FIELD of DEFINITION, in the desk's arena. *ret_language: of an option that has
 * no label in the desk's language, else that language. NULL: no memory. */
const char *answer_words(const struct answer_desk *desk, const struct event_definition *definition,
                         const struct event_field *field, const json_t *value, const char **ret_language);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Plain pages for what cannot be served. They never echo what was asked. A worker's thread. */
#pragma once

#include <stdbool.h>

struct request;

/* The page of STATUS, in the visitor's language. The request is gone afterwards. */
void page_error(struct request *request, int status);

/* Spends one of the client's tokens. True: none was left, and the 429 has gone out and the request with it. */
bool page_error_limited(struct request *request);

/* The same with the words of `error.WORDS.heading` and `.text`, in LANGUAGE. */
void page_error_words(struct request *request, int status, const char *words, const char *language);

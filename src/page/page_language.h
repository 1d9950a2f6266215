/* SPDX-License-Identifier: EUPL-1.2 */
/* The language a page is in. A worker's thread. */
#pragma once

#include <stdbool.h>

struct edition;
struct event_definition;
struct request;

/* The path's; else the best of Accept-Language among DEFINITION's languages (NULL: none), then among the catalogues';
 * else the definition's first. Always the code of a catalogue. *ret_vary: it was negotiated. */
const char *page_language_choose(struct request *request, const struct edition *edition,
                                 const struct event_definition *definition, bool *ret_vary);

/* For what belongs to one person: the path's, else STORED, else as above. */
const char *page_language_stored(struct request *request, const struct edition *edition, const char *stored,
                                 bool *ret_vary);

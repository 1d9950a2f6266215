/* SPDX-License-Identifier: EUPL-1.2 */
/* What of a registration is kept as evidence, in words. A worker's thread. */
#pragma once

#include <stdbool.h>

#include "signup/evidence.h"

struct page;
struct page_record;

/* An erasure asked for now would leave evidence. */
bool page_evidence_is_due(const struct page *page, const struct page_record *found);

/* "Your name, organisation … are kept until 31 December 2032." NULL: no memory, the page is marked. */
const char *page_evidence_words(struct page *page, const struct page_record *found);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What a person answered, as a list to read. A worker's thread. */
#pragma once

#include <jansson.h>

struct page;
struct privates;
struct record;

/* [{id, label: {text, lang}, value: {text, lang}}], ID the field's or `mode`: name and email, the fields in the order
 * of the revision that its owner saw, and the mode if it was asked. PRIVATES: special needs. */
json_t *page_answers_model(struct page *page, const struct record *record, const struct privates *privates);

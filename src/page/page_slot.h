/* SPDX-License-Identifier: EUPL-1.2 */
/* The control for a time of a resource, and for proposing another one. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct page;
struct page_form;

/* Whether the event has anything of the kind. */
bool page_slot_asked(const struct page_form *form);

/* Adds the control `slot` to FIELDS, and `slot.propose` under it where a time may be proposed; what is wrong with them
 * goes to ITEMS. */
void page_slot_add(struct page *page, const struct page_form *form, json_t *fields, json_t *items);

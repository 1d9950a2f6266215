/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along, as part of the form: how many, and a block of controls for each. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct event_definition;
struct form;
struct page;
struct page_form;

/* {select, fixed, more, shown, mail, leave, people: [{legend, control, number, fields}]}, each fault to ITEMS too;
 * false where nobody can come along. */
json_t *page_guests_model(struct page *page, const struct page_form *form, json_t *items);

/* FORM wants blocks that it does not have yet: it is to come back with them, and is not sent. THERE: so many came along
 * already. */
bool page_guests_wanted(const struct event_definition *definition, const struct form *form, size_t there);

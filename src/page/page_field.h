/* SPDX-License-Identifier: EUPL-1.2 */
/* One control of the form as a model, by the type of its field. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct event_definition;
struct event_field;
struct page;
struct page_form;

/* A control as in page_control, of one of its kinds. ERROR: the sentence that says what is wrong with FIELD's own
 * control; NULL. What is wrong with its parts goes to ITEMS, too. NULL: the type has no control. */
json_t *page_field_model(struct page *page, const struct page_form *form, const struct event_field *field,
                         const char *error, json_t *items);

/* The COUNT scales from FIELD on, which stand behind each other in FIELDS, as one grid. Their faults go to ITEMS. */
json_t *page_field_grid(struct page *page, const struct page_form *form, size_t count,
                        const struct event_field *const *fields, json_t *items);
/* Both can be rows of one grid: the same steps, the same words at their ends, asked of the same people. */
bool page_field_in_grid(const struct event_definition *definition, const struct event_field *a,
                        const struct event_field *b);

/* The choice among the event's modes, with what is left of each. */
json_t *page_field_mode(struct page *page, const struct page_form *form, const char *error);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Of a field that is not asked of everybody: for whom it is, in words, and by which rule of the form's sheet it is
 * hidden from the others. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct event_field;
struct page;
struct page_form;

/* Puts `when` into CONTROL if FIELD has a condition. WRONG: there is a fault at it, so that nothing hides it. */
void page_condition_put(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field, bool wrong);
/* {words, rule} of an organisation's `parts_if`. */
json_t *page_condition_parts(struct page *page, const struct page_form *form, const struct event_field *field,
                             bool wrong);
/* The same for a round that is not held in every mode. */
void page_condition_put_round(struct page *page, json_t *control, const struct page_form *form, size_t round,
                              bool wrong);
/* As page_condition_put, of FIELD as it is asked of guest NUMBER. */
void page_condition_put_guest(struct page *page, json_t *control, const struct page_form *form,
                              const struct event_field *field, size_t number, bool wrong);

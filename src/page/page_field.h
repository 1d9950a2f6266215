/* SPDX-License-Identifier: EUPL-1.2 */
/* One control of the form as a model. A worker's thread. */
#pragma once

#include <jansson.h>

struct event_field;
struct page;
struct page_form;

/* A control as in page_control, of one of the kinds input, textarea, select, rows, consent. ERROR: the sentence that
 * says what is wrong; NULL. */
json_t *page_field_model(struct page *page, const struct page_form *form, const struct event_field *field,
                         const char *error);

/* The choice among the event's modes, with what is left of each. */
json_t *page_field_mode(struct page *page, const struct page_form *form, const char *error);

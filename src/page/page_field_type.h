/* SPDX-License-Identifier: EUPL-1.2 */
/* What puts the kind of control that a type of field has into a control that page_field has begun. Private to the files
 * page_field_*. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct event_field;
struct page;
struct page_form;

/* More options than this are a list to open. */
#define PAGE_FIELD_RADIOS_MOST 14

/* What stands in FIELD's control: what was typed, in a fresh form the definition's default. NULL: nothing. */
const char *page_field_answer(const struct page_form *form, const struct event_field *field);
/* What was typed into a part of it, `ID.PART`. NULL: nothing. */
const char *page_field_typed(const struct page_form *form, const char *control);
/* `ID.PART`; NULL, and the page failed: no memory. */
const char *page_field_part(struct page *page, const struct event_field *field, const char *part);
/* What is wrong with the part, which goes to ITEMS; NULL: nothing. */
const char *page_field_part_error(struct page *page, const struct page_form *form, const struct event_field *field,
                                  const char *control, json_t *items);
/* {text, lang} of words of ours. */
json_t *page_field_own(struct page *page, const char *words);

/* text, textarea, email, tel, url, number, date */
void page_field_line(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field);
/* choice, stakeholder, choices */
void page_field_options(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field);
void page_field_ranking(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field, json_t *items);
void page_field_scale(struct page *page, json_t *control, const struct page_form *form,
                      const struct event_field *field);
void page_field_country(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field);
void page_field_region(struct page *page, json_t *control, const struct page_form *form,
                       const struct event_field *field);
void page_field_organisation(struct page *page, json_t *control, const struct page_form *form,
                             const struct event_field *field, json_t *items);
void page_field_need(struct page *page, json_t *control, const struct page_form *form, const struct event_field *field,
                     json_t *items);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Answers that a page takes along in hidden controls, so that nothing must be kept until the form is sent. A worker's
 * thread. */
#pragma once

#include <jansson.h>

struct event_definition;
struct page;

/* Which of them: all, those of the form, or those to what is asked after the review. */
enum page_carry { PAGE_CARRY_ALL, PAGE_CARRY_FORM, PAGE_CARRY_AFTER_REVIEW };

/* [{name, value}] of what the request's form said, but for what speaks of the page that it came from. */
json_t *page_carry(struct page *page, const struct event_definition *definition, enum page_carry which);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The controls for the sessions of an event: one for each round. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct page;
struct page_form;

/* Adds round R to FIELDS as a control of page_control (kinds rows, ranks, said), and what is wrong with it to ITEMS. */
void page_round_add(struct page *page, const struct page_form *form, size_t r, json_t *fields, json_t *items);

/* What RANK (from 1) is called: "First choice" … */
const char *page_round_rank(struct page *page, size_t rank);

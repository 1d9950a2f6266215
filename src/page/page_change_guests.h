/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along with somebody who changes his registration: those who are there, and what is said of them and of new
 * ones. Private to page_change. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "report/privates.h"

struct arena;
struct edit;
struct event_definition;
struct form;
struct page;
struct page_form_guest;
struct page_record;
struct rules_consent;
struct rules_private;
struct rules_result;

/* Those who came along and can be changed. */
struct page_change_party {
    size_t count, next; /* next: the end of the reference that somebody new would get */
    struct page_form_guest *guests;
};
/* In ARENA; *failed is set without memory. */
void page_change_party_take(struct arena *arena, const struct page_record *found, struct page_change_party *ret_party,
                            bool *failed);

/* A copy of FORM in ARENA, for it outlives the page. */
void page_change_form_copy(struct arena *arena, const struct form *form, struct form *ret_form, bool *failed);

/* The special needs that were written. */
struct privates page_change_needs(struct page *page, size_t count, const struct rules_private *privates);
/* The consent to each special need that is asked, of who comes along (GUEST) or of the owner: given, or no longer. In
 * the page's arena; NULL: no memory. */
struct rules_consent *page_change_consents(struct page *page, const struct event_definition *definition, bool guest,
                                           size_t count, const struct rules_private *privates, size_t *ret_count);

/* Puts into EDIT who comes along; *ret_blocks: the number of each one's block. All in the job's arena. -ENOMEM. */
int page_change_guests_take(struct page *page, const struct page_record *found, const struct rules_result *rules,
                            struct edit *edit, const size_t **ret_blocks) __attribute__((warn_unused_result));

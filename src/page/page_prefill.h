/* SPDX-License-Identifier: EUPL-1.2 */
/* The form as it would be sent by somebody who changes nothing: today's questions with the stored answers, places and
 * wishes. A worker's thread. */
#pragma once

#include "base/form.h"

struct event_entry;
struct page;
struct page_places;
struct page_record;
struct record;
struct rules_moment;
struct rules_result;

/* Everything that is stored, as the controls of the form would say it. If memory runs out the page is marked. */
void page_prefill(struct page *page, const struct page_record *found, const struct page_places *places,
                  struct form *ret_form);

/* TYPED without what it does not decide, and that as it is stored: the address, the consents. A consent that must be
 * given and was withdrawn is put as given, or the rules would refuse; page_prefill_answers puts it right. */
void page_prefill_complete(struct page *page, const struct page_record *found, const struct form *typed,
                           struct form *ret_form);

/* The answers of RULES with the consents as they are stored. In the page's arena; NULL: no memory, the page is
 * marked. */
const char *page_prefill_answers(struct page *page, const struct page_record *found, const struct rules_result *rules);

/* The ids of what RULES with ANSWERS say otherwise than it is stored, as a JSON array; places are not among them. */
const char *page_prefill_changes(struct page *page, const struct page_record *found, const struct rules_result *rules,
                                 const char *answers);

/* What the rules need to know beside the form. */
void page_prefill_moment(struct page *page, const struct page_record *found, const struct page_places *places,
                         struct rules_moment *ret_moment);

/* What RECORD has already is open to its owner, however full it is for others. Of it only mode and places count. */
void page_prefill_open(const struct event_entry *entry, const struct record *record, struct page_places *places);

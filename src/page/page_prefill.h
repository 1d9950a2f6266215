/* SPDX-License-Identifier: EUPL-1.2 */
/* The form as it would be sent by somebody who changes nothing: today's questions with the stored answers, places and
 * wishes. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/form.h"

struct event_definition;
struct event_entry;
struct fill;
struct page;
struct page_places;
struct page_record;
struct privates;
struct record;
struct record_guest;
struct rules_moment;
struct rules_result;

/* Everything that is stored, as the controls of the form would say it. If memory runs out the page is marked. */
void page_prefill(struct page *page, const struct page_record *found, const struct page_places *places,
                  struct form *ret_form);

/* TYPED without what it does not decide, and that as it is stored: the address, the consents. A consent that must be
 * given and was withdrawn is put as given, or the rules would refuse; page_prefill_answers puts it right. */
void page_prefill_complete(struct page *page, const struct page_record *found, const struct form *typed,
                           struct form *ret_form);

/* What is stored of one person, or was said of him now. */
struct page_prefill_person {
    const char *name, *answers, *proposal;
    const char *email; /* of who comes along; the owner's has its own way */
    const struct privates *privates;
    bool guest; /* who is asked less */
};

/* The answers that were SAID with the consents as they are STORED. In the page's arena; NULL: no memory, the page is
 * marked. */
const char *page_prefill_answers(struct page *page, const struct event_definition *definition,
                                 const struct page_prefill_person *stored, const struct page_prefill_person *said);

/* The ids of what is SAID otherwise than it is STORED, as a JSON array; places are not among them. *ret_told, a JSON
 * object, has both answers to each of these questions as the mail may tell them: {ID: [STORED, SAID]}, null where there
 * was none. NULL: no memory, the page is marked. */
const char *page_prefill_changes(struct page *page, const struct event_definition *definition,
                                 const struct page_prefill_person *stored, const struct page_prefill_person *said,
                                 const char **ret_told);

/* ---- who comes along: block N of the form is his who is N-th of those who have not left, then come new ones ---- */

size_t page_prefill_guest_count(const struct page_record *found);
/* Number N, from 0, and what is kept apart of him; NULL: there are not so many. */
const struct record_guest *page_prefill_guest(const struct page_record *found, size_t n,
                                              const struct privates **ret_privates);
/* TYPED with their blocks in that order. False: it speaks of somebody who has left; that block is gone. */
bool page_prefill_settle(struct page *page, const struct page_record *found, const struct form *typed,
                         struct form *ret_form);

/* For page_prefill alone: their blocks; what page_prefill_complete takes away and puts instead. */
void page_prefill_guests_add(struct page *page, const struct page_record *found, struct fill *fill);
bool page_prefill_guest_keeps(const struct page_record *found, const char *control);
void page_prefill_guests_complete(struct page *page, const struct page_record *found, struct fill *fill);

/* What the rules need to know beside the form. */
void page_prefill_moment(struct page *page, const struct page_record *found, const struct page_places *places,
                         struct rules_moment *ret_moment);

/* What RECORD has already is open to its owner, however full it is for others. Of it only mode and places count. */
void page_prefill_open(const struct event_entry *entry, const struct record *record, struct page_places *places);

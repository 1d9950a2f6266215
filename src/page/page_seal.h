/* SPDX-License-Identifier: EUPL-1.2 */
/* The signed time in the form, `_form`: which event, revision, language and second it was shown in. It keeps programs
 * out that post without reading, and tells which wording its owner saw. A worker's thread. */
#pragma once

#include <stdint.h>

#include "base/token.h"

struct event_entry;
struct form;
struct page;

#define PAGE_SEAL_DATA 24
#define PAGE_SEAL_SIZE SEAL_SIZE(PAGE_SEAL_DATA)

/* A new one, of this second. */
int page_seal_make(const struct page *page, const struct event_entry *entry, char ret_seal[static PAGE_SEAL_SIZE])
    __attribute__((warn_unused_result));

enum page_seal_fault {
    PAGE_SEAL_GOOD, PAGE_SEAL_BROKEN, PAGE_SEAL_YOUNG, PAGE_SEAL_OLD, PAGE_SEAL_CHANGED, PAGE_SEAL_TRAPPED
};

/* Judges what came back, the honeypot included. *ret_revision is set if it is good. */
enum page_seal_fault page_seal_check(const struct page *page, const struct event_entry *entry, const struct form *form,
                                     int64_t *ret_revision);

/* The word of a fault in the catalogue: problem.WORD */
const char *page_seal_word(enum page_seal_fault fault);

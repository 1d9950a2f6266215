/* SPDX-License-Identifier: EUPL-1.2 */
/* The sentence for a fault of the rules: what is wrong and how to mend it. A worker's thread. */
#pragma once

struct event_definition;
struct event_field;
struct page;
struct rules_fault;
struct rules_result;

/* The fault of CONTROL; NULL: none. */
const struct rules_fault *page_fault_find(const struct rules_result *rules, const char *control);

/* From `fault.ROLE.CODE`, `fault.TYPE.CODE` or `fault.CODE`. FIELD NULL: the mode, or no control that is shown. */
const char *page_fault_words(struct page *page, const struct event_definition *definition,
                             const struct event_field *field, const struct rules_fault *fault);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The sentence for a fault of the rules: what is wrong and how to mend it. A worker's thread. */
#pragma once

#include <stdbool.h>

struct event_definition;
struct event_field;
struct page;
struct rules_fault;
struct rules_result;

/* The fault of CONTROL; NULL: none. */
const struct rules_fault *page_fault_find(const struct rules_result *rules, const char *control);

/* Whether the form has a control of that name, where the fault is said. */
bool page_fault_is_shown(const struct event_definition *definition, const char *control);

/* From `fault.ROLE.CODE`, `fault.TYPE.CODE` or `fault.CODE`. FIELD NULL: the mode, a round, the slot; then TYPE is
 * mode, session, slot or propose. */
const char *page_fault_words(struct page *page, const struct event_definition *definition,
                             const struct event_field *field, const struct rules_fault *fault);

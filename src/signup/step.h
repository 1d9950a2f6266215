/* SPDX-License-Identifier: EUPL-1.2 */
/* The steps of a form, in their order on the page: who you are first, what is quick next, what wants thought last.
 * Within a step fields stand as the definition has them; the mode and what can be chosen beside it are the step of
 * taking part. What is asked after the review is the last, on a page of its own. Asked by page_form, which shows them,
 * and by rules, so that faults come in the same order. Pure. */
#pragma once

struct event_field;

enum step { STEP_YOU, STEP_ORGANISATION, STEP_TAKING_PART, STEP_QUESTIONS, STEP_CHOICES, STEP_OPTIONAL, STEPS };

enum step step_of(const struct event_field *field);

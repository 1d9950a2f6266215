/* SPDX-License-Identifier: EUPL-1.2 */
/* A form that is being understood: what the files that hold one against its definition share. Private to signup. One
 * thread a reading. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signup/rules.h"

struct answer;
struct form_value;

struct reading {
    struct arena *arena;
    const struct event_definition *definition;
    const struct form *form;
    const struct rules_moment *moment;
    struct rules_result *result; /* its list of faults has room for one a control */
    struct answer *answers;      /* of each field */
    bool mode_known;             /* else nothing can be said about what is held in it */
};

/* Notes that CONTROL is wrong; LIMIT as in rules_fault. */
void reading_fault(struct reading *reading, const char *control, enum rule_fault fault, int64_t limit);

/* What the form holds for a control that stands there once. False: nothing that could be looked at; a fault is noted
 * if there is one. */
bool reading_value(struct reading *reading, const char *control, bool required, const struct form_value **ret_value);

/* Cleans VALUE. *ret_text is NULL if nothing is left; then a fault is noted if something must be. -ENOMEM. */
int reading_clean(struct reading *reading, const char *control, const struct form_value *value, bool many_lines,
                  bool required, const char **ret_text) __attribute__((warn_unused_result));

/* The controls of the programme: rounds, then the slot. In rules_programme.c. At most how many there are, for the list
 * of faults; and what the form says of them, when the mode has been read. -ENOMEM. */
size_t rules_programme_controls(const struct event_programme *programme);
int rules_programme_read(struct reading *reading) __attribute__((warn_unused_result));
/* What was chosen in words, for the key that tells two forms apart; empty: nothing. -ENOMEM. */
int rules_programme_words(struct arena *arena, const struct event_definition *definition,
                          const struct rules_result *result, const char **ret_words)
    __attribute__((warn_unused_result));

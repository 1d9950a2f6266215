/* SPDX-License-Identifier: EUPL-1.2 */
/* A form that is being understood: what the files that hold one against its definition share. Private to signup. One
 * thread a reading. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signup/rules.h"

struct answer;
struct event_field;
struct form_value;

struct reading {
    struct arena *arena;
    const struct event_definition *definition;
    const struct form *form;
    const struct rules_moment *moment;
    struct rules_result *result; /* its list of faults has room for one a control */
    struct answer *answers;      /* of each field */
    bool mode_known;             /* else nothing can be said about what is held in it */
    int field;                   /* position of the field that is read; -1: none */
    bool guest;                  /* who comes along needs no address */
    const struct answer *known;  /* what a first reading found, and which fields are skipped; NULL: this is the first */
};

/* Notes that CONTROL is wrong; LIMIT as in rules_fault. */
void reading_fault(struct reading *reading, const char *control, enum rule_fault fault, int64_t limit);

/* Something is wrong with CONTROL already. */
bool reading_noted(const struct reading *reading, const char *control);

/* What the form holds for a control that stands there once. False: nothing that could be looked at; a fault is noted
 * if there is one. */
bool reading_value(struct reading *reading, const char *control, bool required, const struct form_value **ret_value);

/* Cleans VALUE. *ret_text is NULL if nothing is left; then a fault is noted if something must be. -ENOMEM. */
int reading_clean(struct reading *reading, const char *control, const struct form_value *value, bool many_lines,
                  bool required, const char **ret_text) __attribute__((warn_unused_result));

/* What one field says, into ANSWER; faults are noted. -ENOMEM. In reading_text.c,
 * reading_number.c, reading_choice.c and reading_organisation.c. */
typedef int reading_read(struct reading *reading, const struct event_field *field, struct answer *answer);
reading_read reading_text, reading_email, reading_tel, reading_url; /* text: of many lines too */
reading_read reading_number, reading_scale, reading_date;
reading_read reading_choice, reading_choices, reading_ranking, reading_consent; /* choice: a country too */
reading_read reading_organisation, reading_region;
reading_read reading_need;

/* The value of one control with one line, cleaned, of at most LENGTH characters; NULL: left empty, or a fault. */
int reading_line(struct reading *reading, const char *control, bool required, int64_t length, const char **ret_text)
    __attribute__((warn_unused_result));
/* A box that was ticked: its value is `yes`. */
bool reading_ticked(struct reading *reading, const char *control, bool required);
/* `FIELD.PART`. NULL: no memory. */
const char *reading_part(struct reading *reading, const struct event_field *field, const char *part);
/* At most how many faults a field has. */
size_t reading_controls(const struct event_field *field);

/* All of the form but who comes along: faults, columns, consents. In rules.c. -ENOMEM. And at most how many faults. */
int rules_read(struct reading *reading) __attribute__((warn_unused_result));
size_t rules_controls(const struct event_definition *definition);
/* Who comes along, once the rest is read; faults are added. In rules_guests.c. -ENOMEM. */
struct text_folder;
int rules_guests_read(struct reading *reading, struct text_folder *folder) __attribute__((warn_unused_result));

/* Which fields are `skipped`, and which organisations `bare`, by the conditions and what READING found. In
 * rules_show.c. -ENOMEM. */
int rules_show(const struct reading *reading, struct answer *ret_shown) __attribute__((warn_unused_result));

/* The controls of the programme: rounds, then the slot. In rules_programme.c. At most how many there are, for the list
 * of faults; and what the form says of them, when the mode has been read. -ENOMEM. */
size_t rules_programme_controls(const struct event_programme *programme);
int rules_programme_read(struct reading *reading) __attribute__((warn_unused_result));
/* What was chosen in words, for the key that tells two forms apart; empty: nothing. -ENOMEM. */
int rules_programme_words(struct arena *arena, const struct event_definition *definition,
                          const struct rules_result *result, const char **ret_words)
    __attribute__((warn_unused_result));

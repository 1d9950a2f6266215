/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of a form that was understood: the answers as JSON, the text that searches look in, the key that
 * tells one person from another. Called by signup/rules. Pure. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct event_definition;
struct text_folder;

/* Parts of an organisation: controls `id.name`, `id.country`, `id.number`, `id.size`, `id.sme`. NULL: left empty. */
struct answer_organisation {
    const char *name, *country;
    const char *number; /* as its register writes it (signup/registry) */
    const char *size;   /* micro, small, medium, large */
    bool sme;           /* declared to be one, Recommendation 2003/361/EC … */
    const char *sme_on; /* … on that day, 2027-03-18; NULL: not */
};

/* What one field said, cleaned; in the definition's order of fields. */
struct answer {
    bool skipped;     /* its condition does not hold: not required, not kept */
    bool bare;        /* organisation: nor does its `parts_if`, which is so for number, size and SME */
    const char *text; /* texts, choice, country, region, stakeholder, date (2027-03-18), special need; NULL: empty */
    bool given;       /* consent: ticked; special need: the consent to keep it */
    bool has_number;
    double number;    /* number, scale */
    size_t count;
    const char **ids; /* choices, in the definition's order; ranking, the best first */
    struct answer_organisation organisation;
};

/* The column `answers`: an object in the definition's order, without name, email and special needs, without what was
 * left empty or not asked. Texts, days and ids are strings, numbers numbers, consents true or false, choices and
 * rankings arrays of ids, an organisation {name, country, number, size, sme, sme_on}. -ENOMEM. */
int answers_json(struct arena *arena, const struct event_definition *definition, const struct answer *answers,
                 char **ret_json) __attribute__((warn_unused_result));

/* The column `search`: name, organisation and what was answered in words, one a line, folded; no special needs.
 * -ENOMEM. */
int answers_search(struct arena *arena, struct text_folder *folder, const struct event_definition *definition,
                   const struct answer *answers, char **ret_search) __attribute__((warn_unused_result));

/* The key that a second sign-up of the same person meets, by the definition's `unique`. EMAIL and NAME may be NULL;
 * WORDS say what was chosen of the programme, may be empty. -ENOMEM. */
int answers_dedupe(struct arena *arena, const struct event_definition *definition, const char *email, const char *name,
                   const char *mode, const char *json, const char *words, char **ret_dedupe)
    __attribute__((warn_unused_result));

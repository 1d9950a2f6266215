/* SPDX-License-Identifier: EUPL-1.2 */
/* The shared vocabulary of who people come as: the same codes in every event, so that reports over events can add up.
 * People read the catalogue's `stakeholder.CODE`, with a sentence of help in `stakeholder.CODE_help` where the code
 * needs one. Constant; any thread. */
#pragma once

#include <stddef.h>

/* The parts of society that the quadruple helix tells apart, and those that bring them together. */
enum stakeholder_helix {
    HELIX_BUSINESS,
    HELIX_ACADEMIA,
    HELIX_GOVERNMENT,
    HELIX_CIVIL_SOCIETY,
    HELIX_INTERMEDIARY,
    HELIX_OTHER, /* the code `other` tells no part */
    HELIXES
};

struct stakeholder_type {
    const char *code; /* "startup"; never changes: definitions, answers and reports hold it */
    enum stakeholder_helix helix;
};

/* All types, in the order in which a form lists them; `other` is the last. */
const struct stakeholder_type *stakeholder_types(size_t *ret_count);
/* NULL: no such code. */
const struct stakeholder_type *stakeholder_type(const char *code);
/* "business", "academia", "government", "civil_society", "intermediary", "other": as exports and reports write it. */
const char *stakeholder_helix_name(enum stakeholder_helix helix);

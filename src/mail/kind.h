/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of the letters: for each kind of mail who reads it, its words, until when it is owed, what makes its model.
 * Its templates are mail/KIND.txt and mail/KIND.html. How urgent a kind is and what its `instance` means stands
 * in change/mail_kind. Sender's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "signup/state.h"

struct letter;

/* Who reads a letter. */
enum letter_reader {
    READER_PERSON,      /* whose registration it is */
    READER_NEW_ADDRESS, /* it may be somebody else's: nothing of the registration but the event's title */
    READER_OLD_ADDRESS, /* it was the person's: no link */
    READER_ORGANISER,   /* of the event, by the definition */
    READER_FORMER,      /* who was one's; the data is erased, and nothing is read but the mail's row */
    READER_ADMIN,       /* of the installation, by the settings; there may be no event at all */
};

/* The wording of a letter: catalogue keys; the subject may name the event's {title}. */
struct letter_words { const char *subject, *heading; };

/* Whether it is still to be said. An event that is off has been asked for already. */
typedef bool kind_check(const struct letter *letter, int64_t now);
/* What its templates are filled from. NULL: no memory. The caller gives it back. */
typedef json_t *kind_model(const struct letter *letter, const struct letter_words *words);

/* Whether a letter brings the calendar entry of a registration, or takes it away. */
enum kind_entry {
    ENTRY_AS_DUE,   /* as its state says */
    ENTRY_IF_MOVED, /* only if the event is not as the person saw it when signing up */
    ENTRY_NEVER,
};

struct kind {
    const char *name;
    enum letter_reader reader;
    enum state owed;   /* while the registration is in this state; STATE_NONE: in every live state */
    bool asks;         /* for an answer: owed while there is time for it */
    bool hushed;       /* not said of an event that is off */
    enum kind_entry entry;
    struct letter_words words;
    kind_check *check; /* decides instead of `owed` and `asks`; may be NULL where the mail is about a registration */
    kind_model *model;
};

/* NULL: no letter can be written of it. */
const struct kind *kind_find(const char *name);
/* The N-th; NULL past the end. */
const struct kind *kind_at(size_t n);

/* Whether LETTER, whose facts and data are known, is still to be said. */
bool kind_is_owed(const struct kind *kind, const struct letter *letter, int64_t now);
/* Its words, for this reader. */
const struct letter_words *kind_words(const struct kind *kind, const struct letter *letter);

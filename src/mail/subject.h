/* SPDX-License-Identifier: EUPL-1.2 */
/* What a mail is about, as the store has it when the letter is written: by mail.subject_kind. Read on a reader. */
#pragma once

#include <stdbool.h>

struct arena;
struct db;
struct leased_mail;
struct record;
struct revisions;
struct tally;

/* What organisers wrote, in the language of the mail or, where they did not, in their first. */
struct subject_mailing {
    const char *subject, *text, *language; /* text: Markdown */
    unsigned states; /* of the registrations that it is for: a bit each */
    bool news, recalled;
    bool overtaken; /* its event was called off after it was sent */
};

struct subject {
    struct record *record; /* of a registration: to its owner, or as a `notice` to an organiser; else NULL */
    struct tally *tally;   /* of an event: how it stands; else NULL */
    struct subject_mailing *mailing; /* of bulk mail, beside the registration; else NULL */
};

/* -ENOENT: it is gone. In ARENA; subject_done gives back what is held. */
int subject_read(struct db *db, struct arena *arena, struct revisions *revisions, const struct leased_mail *mail,
                 struct subject *ret_subject) __attribute__((warn_unused_result));
void subject_done(struct subject *subject);

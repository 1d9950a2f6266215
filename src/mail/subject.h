/* SPDX-License-Identifier: EUPL-1.2 */
/* What a mail is about, as the store has it when the letter is written: by mail.subject_kind. Read on a reader. */
#pragma once

struct arena;
struct db;
struct leased_mail;
struct record;
struct revisions;

struct subject {
    struct record *record; /* of a registration; NULL: the mail is about something else */
};

/* -ENOENT: it is gone. In ARENA; subject_done gives back what is held. */
int subject_read(struct db *db, struct arena *arena, struct revisions *revisions, const struct leased_mail *mail,
                 struct subject *ret_subject) __attribute__((warn_unused_result));
void subject_done(struct subject *subject);

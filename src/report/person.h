/* SPDX-License-Identifier: EUPL-1.2 */
/* Everything that is held about the person of one registration, for that person (GDPR, articles 15 and 20). Read on a
 * reader for page/page_data. */
#pragma once

#include <jansson.h>
#include <stdio.h>

struct db;
struct record;

/* An object with registration, answers, special needs, consents, submissions, places (taken, held or asked for),
 * wishes, offers, the invitation, other addresses that were given, mails and history; the questions in LANGUAGE
 * (NULL: the registration's). Left out is what only repeats it for searching and comparing, and what the link is made
 * of. *ret_person is the caller's. -ENOENT: no such row; -ENOMEM; -EIO: the store cannot be read. */
int person_read(struct db *db, const struct record *record, const char *language, json_t **ret_person)
    __attribute__((warn_unused_result));

/* The same as a table: part, number, key, question, value. -EIO: OUT could not be written. */
int person_csv(const json_t *person, FILE *out) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* One consent as a row, with the very words that were shown. Used by sign_up and edit. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct db;

struct consent_row {
    const char *purpose, *text_hash, *text, *language;
    bool given;
};

/* The first of its purpose, in the apply of a change at AT. */
int consent_row_insert(struct db *db, int64_t registration_id, const struct consent_row *consent, int64_t at)
    __attribute__((warn_unused_result));

/* A later one: given, unless the same words are agreed to already; else what is agreed to is withdrawn. */
int consent_row_renew(struct db *db, int64_t registration_id, const struct consent_row *consent, int64_t at)
    __attribute__((warn_unused_result));

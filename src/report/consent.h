/* SPDX-License-Identifier: EUPL-1.2 */
/* The consents of one registration with the words that were shown. Called by page/page_record on a reader. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

struct consent {
    const char *purpose, *text, *language; /* text: the label, and in the next line the help */
    int64_t given_at, withdrawn_at;        /* 0: not */
};

struct consents { size_t count; struct consent *items; };

/* By purpose, in ARENA. */
int consents_read(struct db *db, struct arena *arena, int64_t registration_id, struct consents *ret_consents)
    __attribute__((warn_unused_result));

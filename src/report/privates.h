/* SPDX-License-Identifier: EUPL-1.2 */
/* What one registration keeps apart from its answers: special needs, for the person alone. Called by page/page_record
 * on a reader. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

struct privates {
    size_t count;
    struct private_item { const char *field, *value; } *items;
};

/* By field, in ARENA. */
int privates_read(struct db *db, struct arena *arena, int64_t registration_id, struct privates *ret_privates)
    __attribute__((warn_unused_result));

const char *privates_value(const struct privates *privates, const char *field); /* NULL: none */

/* SPDX-License-Identifier: EUPL-1.2 */
/* A mail's row, born in the transaction that causes it: one per (subject, kind, instance), with the Message-ID it keeps
 * for life. Used by the changes. */
#pragma once

#include <stdint.h>

struct arena;
struct db;

enum mail_priority { MAIL_AT_ONCE, MAIL_REMINDER, MAIL_BULK };

struct mail_row {
    int64_t id, registration_id, event_id, revision_id;
    int64_t instance; /* of its kind; 0 where a kind comes once */
    const char *kind, *recipient, *language;
    const char *data; /* JSON object; NULL: {} */
    const char *message_id;
    enum mail_priority priority;
    int64_t born_at, due_at;
};

/* "ID.RANDOM@DOMAIN", without <>; in ARENA, NULL: no memory. */
const char *mail_row_message_id(struct arena *arena, int64_t id, const char *domain);

/* The part behind the last @ of ADDRESS. */
const char *mail_row_domain(const char *address);

/* A row with the same subject, kind and instance stands already: nothing is written and that one is owed. */
int mail_row_insert(struct db *db, const struct mail_row *row) __attribute__((warn_unused_result));

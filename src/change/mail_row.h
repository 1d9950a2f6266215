/* SPDX-License-Identifier: EUPL-1.2 */
/* A mail's row, born in the transaction that causes it: one per (subject, kind, instance), with the Message-ID it keeps
 * for life, unless it comes to go to another address. Used by the changes. */
#pragma once

#include <stdint.h>

struct arena;
struct db;

struct mail_row {
    int64_t id;
    int64_t subject_id; /* of a registration or an event, as the kind says; 0: the daemon */
    int64_t event_id, revision_id; /* 0: none */
    int64_t mailing_id; /* what organisers wrote; 0: none */
    int64_t instance;   /* of its kind, see change/mail_kind.c; 0 where a kind comes once */
    const char *kind, *recipient, *language;
    const char *data; /* JSON object; NULL: {} */
    const char *message_id;
    int64_t born_at, due_at;
    int64_t expires_at; /* it makes no sense any more; 0: it always does */
};

/* "ID.RANDOM@DOMAIN", without <>; in ARENA, NULL: no memory. */
const char *mail_row_message_id(struct arena *arena, int64_t id, const char *domain);

/* The part behind the last @ of ADDRESS. */
const char *mail_row_domain(const char *address);

/* A row with the same subject, kind and instance stands already: nothing is written and that one is owed. -EINVAL:
 * there is no such kind. */
int mail_row_insert(struct db *db, const struct mail_row *row) __attribute__((warn_unused_result));

/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes one row of the outbox. Called by each change that owes a mail. */
#include "change/mail_row.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"

const char *mail_row_message_id(struct arena *arena, int64_t id, const char *domain)
{
    uint64_t random;
    randombytes_buf(&random, sizeof(random));
    return arena_format(arena, "%" PRId64 ".%016" PRIx64 "@%s", id, random, domain);
}

const char *mail_row_domain(const char *address)
{
    const char *at = strrchr(address, '@');
    return at ? at + 1 : address;
}

int mail_row_insert(struct db *db, const struct mail_row *row)
{
    struct query *query = db_query(db, "mail_insert");
    db_bind_int(query, ":id", row->id);
    db_bind_text(query, ":subject_kind", "registration");
    db_bind_int(query, ":subject", row->registration_id);
    db_bind_int(query, ":event", row->event_id);
    db_bind_text(query, ":kind", row->kind);
    db_bind_int(query, ":instance", row->instance);
    db_bind_text(query, ":recipient", row->recipient);
    db_bind_text(query, ":language", row->language);
    db_bind_int(query, ":revision", row->revision_id);
    db_bind_text(query, ":data", row->data ? row->data : "{}");
    db_bind_int(query, ":priority", row->priority);
    db_bind_int(query, ":due", row->due_at);
    db_bind_null(query, ":expires");
    db_bind_text(query, ":message_id", row->message_id);
    db_bind_int(query, ":born", row->born_at);
    return db_run(query);
}

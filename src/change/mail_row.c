/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes one row of the outbox. Called by each change that owes a mail. */
#include "change/mail_row.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_kind.h"
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

static void bind_or_null(struct query *query, const char *name, int64_t value)
{
    if (value != 0)
        db_bind_int(query, name, value);
    else
        db_bind_null(query, name);
}

int mail_row_insert(struct db *db, const struct mail_row *row)
{
    const struct mail_kind *kind = mail_kind_find(row->kind);
    if (!kind)
        return -EINVAL;
    struct query *query = db_query(db, "mail_insert");
    db_bind_int(query, ":id", row->id);
    db_bind_text(query, ":subject_kind", kind->subject);
    db_bind_int(query, ":subject", row->subject_id);
    bind_or_null(query, ":event", row->event_id);
    db_bind_text(query, ":kind", row->kind);
    db_bind_int(query, ":instance", row->instance);
    bind_or_null(query, ":batch", row->mailing_id);
    db_bind_text(query, ":recipient", row->recipient);
    db_bind_text(query, ":language", row->language);
    bind_or_null(query, ":revision", row->revision_id);
    db_bind_text(query, ":data", row->data ? row->data : "{}");
    db_bind_int(query, ":priority", kind->priority);
    db_bind_int(query, ":due", row->due_at);
    bind_or_null(query, ":expires", row->expires_at);
    db_bind_text(query, ":message_id", row->message_id);
    db_bind_int(query, ":born", row->born_at);
    return db_run(query);
}

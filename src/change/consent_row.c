/* SPDX-License-Identifier: EUPL-1.2 */
/* One consent as a row: what was agreed to, and what was not. Called by sign_up and edit in their apply, on the
 * writer's thread. */
#include "change/consent_row.h"

#include "store/db.h"

static int write_text(struct db *db, const struct consent_row *consent)
{
    struct query *query = db_query(db, "text_insert");
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    db_bind_text(query, ":body", consent->text);
    return db_run(query);
}

int consent_row_insert(struct db *db, int64_t registration_id, const struct consent_row *consent, int64_t at)
{
    int r = write_text(db, consent);
    if (r < 0)
        return r;
    struct query *query = db_query(db, "consent_insert");
    db_bind_int(query, ":registration", registration_id);
    db_bind_text(query, ":purpose", consent->purpose);
    db_bind_int(query, ":n", 1);
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    if (consent->given) {
        db_bind_int(query, ":given", at);
        db_bind_null(query, ":refused");
    } else {
        db_bind_null(query, ":given");
        db_bind_int(query, ":refused", at);
    }
    db_bind_text(query, ":how", "form");
    return db_run(query);
}

int consent_row_renew(struct db *db, int64_t registration_id, const struct consent_row *consent, int64_t at)
{
    struct query *query;
    if (!consent->given) {
        query = db_query(db, "consent_withdraw");
        db_bind_int(query, ":registration", registration_id);
        db_bind_text(query, ":purpose", consent->purpose);
        db_bind_int(query, ":at", at);
        return db_run(query);
    }
    int r = write_text(db, consent);
    if (r < 0)
        return r;
    query = db_query(db, "consent_renew");
    db_bind_int(query, ":registration", registration_id);
    db_bind_text(query, ":purpose", consent->purpose);
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    db_bind_int(query, ":at", at);
    return db_run(query);
}

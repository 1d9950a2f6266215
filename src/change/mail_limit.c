/* SPDX-License-Identifier: EUPL-1.2 */
/* Counts the mails of a mailbox's hour. Called by sign_up and find; the writer's thread. */
#include "change/mail_limit.h"

#include "store/db.h"
#include "store/facts.h"

#define HOUR 3600

bool mail_limit_reached(struct facts *facts, const char *mailbox, int64_t max, int64_t now, int64_t *ret_retry_after)
{
    const struct mailbox_fact *fact = mailbox ? facts_mailbox(facts, mailbox) : NULL;
    int64_t age = fact ? now - fact->window_at : HOUR;

    if (age < 0 || age >= HOUR || fact->count < max)
        return false;
    *ret_retry_after = HOUR - age;
    return true;
}

void mail_limit_count(struct facts *facts, const char *mailbox, int64_t now, struct mail_limit *ret_limit)
{
    struct mailbox_fact *fact = mailbox ? facts_mailbox(facts, mailbox) : NULL;

    if (!fact)
        return;
    if (now < fact->window_at || now - fact->window_at >= HOUR) {
        fact->window_at = now;
        fact->count = 0;
    }
    fact->count++;
    *ret_limit = (struct mail_limit){ .mailbox = mailbox, .window_at = fact->window_at, .mails = fact->count };
}

int mail_limit_write(struct db *db, const struct mail_limit *limit, int64_t now)
{
    struct query *query;
    int r;

    if (limit->mails == 0)
        return 0;
    query = db_query(db, "mailbox_put");
    db_bind_text(query, ":key", limit->mailbox);
    db_bind_int(query, ":window", limit->window_at);
    db_bind_int(query, ":count", limit->mails);
    r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mailbox_expire");
    db_bind_int(query, ":old", now - HOUR);
    return db_run(query);
}

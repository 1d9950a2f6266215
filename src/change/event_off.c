/* SPDX-License-Identifier: EUPL-1.2 */
/* Sets the state `off`. Registrations keep their states and places: they are the record of who was to come. The event's
 * SEQUENCE counts up, for calendars that subscribed to it. Called by convenectl through the descriptor. */
#include "change/event_off.h"

#include <errno.h>
#include <string.h>

#include "change/audit.h"
#include "store/db.h"
#include "store/facts.h"

static int name_events(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_events(wanted);
}

static int decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct event_off *off = (struct event_off *)job;
    struct event_fact *events;
    size_t count = facts_events(facts, &events);
    for (size_t i = 0; i < count; i++) {
        if (events[i].id != off->event_id)
            continue;
        off->at = moment->now;
        off->already = strcmp(events[i].state, "off") == 0;
        job->writes = !off->already;
        return 0;
    }
    return -ENOENT;
}

static int apply(const struct store_job *job, struct db *db)
{
    const struct event_off *off = (const struct event_off *)job;
    const struct audit audit = { .at = off->at, .event_id = off->event_id, .actor = off->actor, .action = "event_off" };
    struct query *query = db_query(db, "event_off");
    db_bind_int(query, ":id", off->event_id);
    db_bind_text(query, ":reason", off->reason);
    int r = db_run(query);
    if (r == 0) { /* nobody is reminded of it any more */
        query = db_query(db, "mail_plans_drop");
        db_bind_int(query, ":bulk", 1); /* it was written for an event that takes place */
        db_bind_int(query, ":event", off->event_id);
        r = db_run(query);
    }
    if (r == 0) { /* and what is under way is not sent a second time */
        query = db_query(db, "mailings_overtake");
        db_bind_int(query, ":at", off->at);
        db_bind_int(query, ":event", off->event_id);
        r = db_run(query);
    }
    return r < 0 ? r : audit_write(db, &audit);
}

const struct change_kind change_event_off = {
    .name = "event_off",
    .facts = name_events,
    .decide = decide,
    .apply = apply,
};

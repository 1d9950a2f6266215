/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of mails that is due, and the next people of its event; mailings. Called by facts_load.c; the
 * writer's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

static int read_person(struct facts *facts, const struct query *query, struct plan_person *person)
{
    int r = 0;
    *person = (struct plan_person){ .id = db_int(query, 0),
                                    .revision_id = db_int(query, 1),
                                    .status = state_by_name(db_text(query, 2)),
                                    .status_at = db_int(query, 3),
                                    .email = facts_keep(facts, query, 4, &r),
                                    .language = facts_keep(facts, query, 5, &r),
                                    .mode = facts_keep(facts, query, 6, &r),
                                    .stopped = db_int(query, 7) != 0,
                                    .undeliverable = db_int(query, 8) != 0,
                                    .slot_starts = db_int(query, 9),
                                    .slot_ends = db_int(query, 10),
                                    .meant = db_int(query, 11) != 0 };
    return r;
}

static int load_people(struct facts *facts, struct plan_fact *plan, int64_t limit)
{
    plan->people = arena_take(facts->arena, (size_t)limit * sizeof(*plan->people));
    if (!plan->people)
        return -ENOMEM;
    bool bulk = strcmp(plan->kind, "bulk") == 0;
    struct query *query = db_query(facts->db, bulk ? "mailing_people" : "plan_people");
    db_bind_int(query, bulk ? ":mailing" : ":event", bulk ? plan->instance : plan->event_id);
    db_bind_int(query, ":after", plan->cursor);
    db_bind_int(query, ":limit", limit);
    int r;
    while ((r = db_step(query)) > 0) {
        r = read_person(facts, query, &plan->people[plan->person_count]);
        if (r < 0) {
            db_reset(query);
            return r;
        }
        plan->person_count++;
    }
    plan->last = plan->person_count < (size_t)limit;
    return r;
}

int facts_load_plan(struct facts *facts, int64_t limit, int64_t now)
{
    struct query *query = db_query(facts->db, "mail_plan_due");
    db_bind_int(query, ":now", now);
    int r = db_step(query);
    if (r <= 0)
        return r;
    struct plan_fact *plan = arena_take(facts->arena, sizeof(*plan));
    r = plan ? 0 : -ENOMEM;
    if (plan)
        *plan = (struct plan_fact){ .id = db_int(query, 0),
                                    .event_id = db_int(query, 1),
                                    .kind = facts_keep(facts, query, 2, &r),
                                    .instance = db_int(query, 3),
                                    .data = facts_keep(facts, query, 4, &r),
                                    .due_at = db_int(query, 5),
                                    .expires_at = db_int(query, 6),
                                    .cursor = db_int(query, 7),
                                    .revision_id = db_int(query, 8),
                                    .outdated = db_int(query, 9) != 0,
                                    .news = db_int(query, 10) != 0 };
    db_reset(query);
    if (r == 0)
        r = load_people(facts, plan, limit);
    if (r == 0)
        facts->plan = plan;
    return r;
}

int facts_load_mailing(struct facts *facts, int64_t id)
{
    if (facts_mailing(facts, id))
        return 0;
    struct mailing_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "mailing_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = 0;
    item->fact = (struct mailing_fact){ .id = id,
                                        .event_id = db_int(query, 0),
                                        .filter = facts_keep(facts, query, 1, &r),
                                        .texts = facts_keep(facts, query, 2, &r),
                                        .news = db_int(query, 3) != 0,
                                        .sent = db_int(query, 4) != 0,
                                        .recalled = db_int(query, 5) != 0 };
    db_reset(query);
    item->next = facts->mailings;
    facts->mailings = item;
    return r;
}

struct mailing_fact *facts_mailing(struct facts *facts, int64_t id)
{
    for (struct mailing_item *item = facts->mailings; item; item = item->next)
        if (item->fact.id == id)
            return &item->fact;
    return NULL;
}

struct plan_fact *facts_plan(struct facts *facts)
{
    return facts->plan;
}

int facts_event_changed(struct facts *facts, int64_t event_id, int64_t since, bool *ret_changed)
{
    struct query *query = db_query(facts->db, "plan_changed");
    db_bind_int(query, ":event", event_id);
    db_bind_int(query, ":since", since);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    *ret_changed = db_int(query, 0) != 0;
    db_reset(query);
    return 0;
}

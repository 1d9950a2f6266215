/* SPDX-License-Identifier: EUPL-1.2 */
/* The facts about addresses that are to be confirmed. Called by facts_load.c and, through facts.h, by change/address;
 * the writer's thread. */
#include <errno.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

int wanted_address_change(struct wanted *wanted, int64_t registration_id)
{
    struct wanted_id *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_id){ .next = wanted->address_changes, .id = registration_id };
    wanted->address_changes = item;
    return 0;
}

/* One for each registration that was named, open or not. */
static struct address_item *find_item(const struct facts *facts, int64_t registration_id)
{
    struct address_item *item = facts->address_changes;
    while (item && item->registration_id != registration_id)
        item = item->next;
    return item;
}

int facts_load_address_change(struct facts *facts, int64_t registration_id)
{
    if (find_item(facts, registration_id))
        return 0;
    struct address_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct address_item){ .next = facts->address_changes, .registration_id = registration_id };
    struct query *query = db_query(facts->db, "address_open");
    db_bind_int(query, ":registration", registration_id);
    int r = db_step(query);
    if (r < 0)
        return r;
    if (r > 0) {
        r = 0;
        item->open = true;
        item->fact = (struct address_fact){ .id = db_int(query, 0),
                                            .registration_id = registration_id,
                                            .email = facts_keep(facts, query, 1, &r),
                                            .link_version = db_int(query, 2),
                                            .expires_at = db_int(query, 3) };
        db_reset(query);
    }
    if (r == 0)
        facts->address_changes = item;
    return r;
}

int facts_load_addresses_due(struct facts *facts, int64_t now)
{
    struct query *query = db_query(facts->db, "addresses_due");
    db_bind_int(query, ":now", now);
    int r = db_step(query);
    if (r <= 0)
        return r;
    facts->addresses_due = db_int(query, 0) != 0;
    db_reset(query);
    return 0;
}

bool facts_expired_addresses(const struct facts *facts)
{
    return facts->addresses_due;
}

struct address_fact *facts_address_change(struct facts *facts, int64_t registration_id)
{
    struct address_item *item = find_item(facts, registration_id);
    return item && item->open ? &item->fact : NULL;
}

int facts_open_address_change(struct facts *facts, const struct address_fact *change)
{
    struct address_item *item = find_item(facts, change->registration_id);
    const char *email = arena_copy(facts->arena, change->email);
    if (!item || !email)
        return item ? -ENOMEM : -ENOENT;
    item->open = true;
    item->fact = *change;
    item->fact.email = email;
    return 0;
}

void facts_end_address_change(struct facts *facts, int64_t registration_id)
{
    struct address_item *item = find_item(facts, registration_id);
    if (item)
        item->open = false;
}

int facts_readdress(struct facts *facts, struct registration_fact *registration, const char *email, const char *dedupe)
{
    const char *new_email = arena_copy(facts->arena, email), *new_dedupe = arena_copy(facts->arena, dedupe);
    if ((email && !new_email) || (dedupe && !new_dedupe))
        return -ENOMEM;
    facts_release_key(facts, registration);
    registration->email = new_email;
    registration->dedupe = new_dedupe;
    return new_dedupe ? facts_hold_key(facts, registration) : 0;
}

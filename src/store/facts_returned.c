/* SPDX-License-Identifier: EUPL-1.2 */
/* The facts about mail that came back and whom it should have reached. Called by facts_load.c and, through facts.h, by
 * change/undeliverable and change/bounce; the writer's thread or convenectl's only one. */
#include <errno.h>
#include <strings.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

int wanted_returned(struct wanted *wanted, int64_t mail_id)
{
    struct wanted_id *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_id){ .next = wanted->returned, .id = mail_id };
    wanted->returned = item;
    return 0;
}

int wanted_addressees(struct wanted *wanted, const char *address)
{
    struct wanted_addressees *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_addressees){ .next = wanted->addressees, .address = address };
    wanted->addressees = item;
    return 0;
}

static struct addressees_item *find_addressees(const struct facts *facts, const char *address)
{
    struct addressees_item *item = facts->addressees;
    while (item && strcasecmp(item->address, address) != 0)
        item = item->next;
    return item;
}

int facts_load_addressees(struct facts *facts, const char *address)
{
    if (find_addressees(facts, address))
        return 0;
    struct addressees_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    item->address = arena_copy(facts->arena, address);
    if (!item->address)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "registration_addressees");
    db_bind_text(query, ":email", item->address);
    size_t room = 0;
    int r, kept = 0;
    while ((r = db_step(query)) > 0) {
        struct addressee_fact *all =
            arena_grow(facts->arena, item->addressees, item->count, &room, sizeof(*all));
        if (!all) {
            db_reset(query);
            return -ENOMEM;
        }
        item->addressees = all;
        all[item->count++] = (struct addressee_fact){ .id = db_int(query, 0),
                                                      .event_id = db_int(query, 1),
                                                      .revision_id = db_int(query, 2),
                                                      .undeliverable = db_int(query, 3) != 0,
                                                      .host = facts_keep(facts, query, 4, &kept),
                                                      .event_starts = db_int(query, 5) };
    }
    if (r == 0)
        r = kept;
    if (r < 0)
        return r;
    item->next = facts->addressees;
    facts->addressees = item;
    return 0;
}

static int count_transients(struct facts *facts, struct returned_fact *fact)
{
    struct query *query = db_query(facts->db, "bounces_transient");
    db_bind_text(query, ":subject_kind", fact->mail->subject_kind);
    db_bind_int(query, ":subject", fact->mail->subject_id);
    db_bind_text(query, ":recipient", fact->mail->recipient);
    db_bind_int(query, ":mail", fact->mail->id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    fact->transients = db_int(query, 0);
    db_reset(query);
    return 0;
}

int facts_load_returned(struct facts *facts, int64_t mail_id)
{
    struct returned_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    int r = facts_returned(facts, mail_id) ? 0 : facts_load_mail(facts, mail_id);
    struct mail_fact *mail = facts_mail(facts, mail_id);
    if (r < 0 || !mail || facts_returned(facts, mail_id))
        return r;
    item->fact.mail = mail;
    r = count_transients(facts, &item->fact);
    if (r == 0)
        r = facts_load_addressees(facts, mail->recipient);
    item->next = facts->returned;
    if (r == 0)
        facts->returned = item;
    return r;
}

struct returned_fact *facts_returned(struct facts *facts, int64_t mail_id)
{
    struct returned_item *item = facts->returned;
    while (item && item->fact.mail->id != mail_id)
        item = item->next;
    return item ? &item->fact : NULL;
}

size_t facts_addressees(struct facts *facts, const char *address, struct addressee_fact **ret_addressees)
{
    const struct addressees_item *item = find_addressees(facts, address);
    *ret_addressees = item ? item->addressees : NULL;
    return item ? item->count : 0;
}

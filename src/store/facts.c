/* SPDX-License-Identifier: EUPL-1.2 */
/* What a batch knows. Rows are loaded once, found by tsearch(3) trees and changed in memory. Called by batch.c and,
 * through facts.h, by the changes; the writer's thread or convenectl's only one. */
#include "store/facts.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

struct wanted_key {
    struct wanted_key *next;
    int64_t event_id;
    const char *dedupe;
};
struct wanted_id {
    struct wanted_id *next;
    int64_t id;
};
struct wanted_mailbox {
    struct wanted_mailbox *next;
    const char *key;
};

struct wanted {
    struct arena *arena;
    struct wanted_key *keys;
    struct wanted_id *places, *registrations, *mails;
    struct wanted_mailbox *mailboxes;
    int64_t due[STORE_MAIL_PRIORITIES]; /* how many of each priority */
    bool events;
};

/* One registration under the key it holds. */
struct held_key {
    int64_t event_id;
    const char *dedupe;
    struct registration_fact *registration;
};

int wanted_new(struct arena *arena, struct wanted **ret_wanted)
{
    struct wanted *wanted = arena_take(arena, sizeof(*wanted));
    if (!wanted)
        return -ENOMEM;
    wanted->arena = arena;
    *ret_wanted = wanted;
    return 0;
}

static int want_id(struct wanted *wanted, struct wanted_id **list, int64_t id)
{
    struct wanted_id *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_id){ .next = *list, .id = id };
    *list = item;
    return 0;
}

int wanted_place(struct wanted *wanted, int64_t place_id)
{
    return want_id(wanted, &wanted->places, place_id);
}

int wanted_registration(struct wanted *wanted, int64_t id)
{
    return want_id(wanted, &wanted->registrations, id);
}

int wanted_mail(struct wanted *wanted, int64_t id)
{
    return want_id(wanted, &wanted->mails, id);
}

int wanted_key(struct wanted *wanted, int64_t event_id, const char *dedupe)
{
    struct wanted_key *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_key){ .next = wanted->keys, .event_id = event_id, .dedupe = dedupe };
    wanted->keys = item;
    return 0;
}

int wanted_mailbox(struct wanted *wanted, const char *key)
{
    struct wanted_mailbox *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_mailbox){ .next = wanted->mailboxes, .key = key };
    wanted->mailboxes = item;
    return 0;
}

int wanted_due(struct wanted *wanted, unsigned priority, int64_t limit)
{
    if (priority >= STORE_MAIL_PRIORITIES)
        return -EINVAL;
    if (wanted->due[priority] < limit)
        wanted->due[priority] = limit;
    return 0;
}

int wanted_events(struct wanted *wanted)
{
    wanted->events = true;
    return 0;
}

/* Places, registrations and mails all begin with their id. */
static int compare_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int compare_key(const void *a, const void *b)
{
    const struct held_key *x = a, *y = b;
    if (x->event_id != y->event_id)
        return x->event_id < y->event_id ? -1 : 1;
    return strcmp(x->dedupe, y->dedupe);
}

static int compare_mailbox(const void *a, const void *b)
{
    return strcmp(((const struct mailbox_fact *)a)->key, ((const struct mailbox_fact *)b)->key);
}

static void *find(void *const *tree, const void *key, int (*compare)(const void *, const void *))
{
    void *node = tfind(key, tree, compare);
    return node ? *(void **)node : NULL;
}

static int insert(void **tree, void *item, int (*compare)(const void *, const void *))
{
    return tsearch(item, tree, compare) ? 0 : -ENOMEM;
}

static int hold_key(struct facts *facts, struct registration_fact *registration)
{
    struct held_key *key = arena_take(facts->arena, sizeof(*key));
    if (!key)
        return -ENOMEM;
    *key = (struct held_key){ registration->event_id, registration->dedupe, registration };
    return insert(&facts->keys, key, compare_key);
}

const char *facts_keep(struct facts *facts, const struct query *query, int column, int *r)
{
    const char *text = db_text(query, column);
    if (!text)
        return NULL;
    char *copy = arena_copy(facts->arena, text);
    if (!copy)
        *r = -ENOMEM;
    return copy;
}

static int read_place(struct facts *facts, const struct query *query)
{
    struct place *place = arena_take(facts->arena, sizeof(*place));
    if (!place)
        return -ENOMEM;
    *place = (struct place){ .id = db_int(query, 0),
                             .event_id = db_int(query, 1),
                             .limited = !db_is_null(query, 2),
                             .capacity = db_int(query, 2),
                             .taken = db_int(query, 3),
                             .reserved_open = db_int(query, 4),
                             .waiting = db_int(query, 5),
                             .retired = !db_is_null(query, 6) };
    return insert(&facts->places, place, compare_id);
}

int facts_load_place(struct facts *facts, int64_t id)
{
    if (find(&facts->places, &id, compare_id))
        return 0;
    struct query *query = db_query(facts->db, "place_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = read_place(facts, query);
    db_reset(query);
    return r;
}

/* Takes the row QUERY stands on; the fact that is there already if the row was loaded before. */
static int read_registration(struct facts *facts, const struct query *query, struct registration_fact **ret_fact)
{
    int64_t id = db_int(query, 0);
    struct registration_fact *fact = find(&facts->registrations, &id, compare_id);
    int r = 0;
    if (!fact) {
        fact = arena_take(facts->arena, sizeof(*fact));
        if (!fact)
            return -ENOMEM;
        *fact = (struct registration_fact){ .id = id,
                                            .event_id = db_int(query, 1),
                                            .revision_id = db_int(query, 2),
                                            .created_at = db_int(query, 3),
                                            .status = state_by_name(db_text(query, 4)),
                                            .link_version = db_int(query, 5),
                                            .version = db_int(query, 6),
                                            .ical_sequence = db_int(query, 7),
                                            .mode_place = db_int(query, 13) };
        fact->dedupe = facts_keep(facts, query, 8, &r);
        fact->language = facts_keep(facts, query, 9, &r);
        fact->email = facts_keep(facts, query, 10, &r);
        fact->reference = facts_keep(facts, query, 11, &r);
        fact->mode = facts_keep(facts, query, 12, &r);
        if (r == 0)
            r = insert(&facts->registrations, fact, compare_id);
        if (r == 0 && fact->dedupe && state_is_live(fact->status))
            r = hold_key(facts, fact);
    }
    if (r == 0)
        *ret_fact = fact;
    return r;
}

static int load_key(struct facts *facts, const struct wanted_key *key)
{
    struct registration_fact *fact;
    if (facts_key(facts, key->event_id, key->dedupe))
        return 0;
    struct query *query = db_query(facts->db, "registration_by_key");
    db_bind_int(query, ":event", key->event_id);
    db_bind_text(query, ":dedupe", key->dedupe);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = read_registration(facts, query, &fact);
    db_reset(query);
    return r;
}

static int load_claims(struct facts *facts, struct registration_fact *fact)
{
    struct query *query = db_query(facts->db, "claims_of");
    db_bind_int(query, ":registration", fact->id);
    size_t room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        struct claim_fact *claims = arena_grow(facts->arena, fact->claims, fact->claim_count, &room, sizeof(*claims));
        if (!claims) {
            db_reset(query);
            return -ENOMEM;
        }
        fact->claims = claims;
        fact->claims[fact->claim_count++] =
            (struct claim_fact){ db_int(query, 0), strcmp(db_text(query, 1), "held") == 0 };
    }
    for (size_t i = 0; r == 0 && i < fact->claim_count; i++)
        r = facts_load_place(facts, fact->claims[i].place_id);
    return r;
}

static int load_registration(struct facts *facts, int64_t id)
{
    struct registration_fact *fact = find(&facts->registrations, &id, compare_id);
    if (fact && fact->claims)
        return 0;
    struct query *query = db_query(facts->db, "registration_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = read_registration(facts, query, &fact);
    db_reset(query);
    if (r < 0)
        return r;
    fact->claim_count = 0;
    r = load_claims(facts, fact);
    if (r == 0 && fact->mode_place != 0)
        r = facts_load_place(facts, fact->mode_place);
    return r;
}

static int read_mail(struct facts *facts, const struct query *query, struct mail_fact **ret_mail)
{
    int64_t id = db_int(query, 0);
    struct mail_fact *mail = find(&facts->mails, &id, compare_id);
    int r = 0;
    if (!mail) {
        mail = arena_take(facts->arena, sizeof(*mail));
        if (!mail)
            return -ENOMEM;
        *mail = (struct mail_fact){ .id = id,
                                    .subject_id = db_int(query, 1),
                                    .event_id = db_int(query, 2),
                                    .revision_id = db_int(query, 3),
                                    .due_at = db_int(query, 4),
                                    .expires_at = db_int(query, 5),
                                    .has_expires = !db_is_null(query, 5),
                                    .attempts = db_int(query, 6),
                                    .leased_by = db_int(query, 7),
                                    .priority = (unsigned)db_int(query, 8),
                                    .instance = db_int(query, 16),
                                    .born_at = db_int(query, 17) };
        mail->subject_kind = facts_keep(facts, query, 9, &r);
        mail->kind = facts_keep(facts, query, 10, &r);
        mail->recipient = facts_keep(facts, query, 11, &r);
        mail->language = facts_keep(facts, query, 12, &r);
        mail->data = facts_keep(facts, query, 13, &r);
        mail->message_id = facts_keep(facts, query, 14, &r);
        mail->state = facts_keep(facts, query, 15, &r);
        if (r == 0)
            r = insert(&facts->mails, mail, compare_id);
    }
    if (r == 0)
        *ret_mail = mail;
    return r;
}

static int load_mail(struct facts *facts, int64_t id)
{
    struct mail_fact *mail;
    struct query *query = db_query(facts->db, "mail_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = read_mail(facts, query, &mail);
    db_reset(query);
    return r;
}

static int load_mailbox(struct facts *facts, const char *key)
{
    if (facts_mailbox(facts, key))
        return 0;
    struct mailbox_fact *mailbox = arena_take(facts->arena, sizeof(*mailbox));
    if (!mailbox)
        return -ENOMEM;
    *mailbox = (struct mailbox_fact){ .key = arena_copy(facts->arena, key) };
    if (!mailbox->key)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "mailbox_by_key");
    db_bind_text(query, ":key", key);
    int r = db_step(query);
    if (r < 0)
        return r;
    if (r > 0) {
        mailbox->window_at = db_int(query, 0);
        mailbox->count = db_int(query, 1);
        db_reset(query);
    }
    return insert(&facts->mailboxes, mailbox, compare_mailbox);
}

static int load_due(struct facts *facts, unsigned priority, int64_t limit, int64_t now)
{
    struct due_list *due = &facts->due[priority];
    due->mails = arena_take(facts->arena, (size_t)limit * sizeof(*due->mails));
    if (!due->mails)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "mail_due");
    db_bind_int(query, ":priority", priority);
    db_bind_int(query, ":now", now);
    db_bind_int(query, ":limit", limit);
    int r;
    while ((r = db_step(query)) > 0) {
        r = read_mail(facts, query, &due->mails[due->count]);
        if (r < 0) {
            db_reset(query);
            return r;
        }
        due->count++;
    }
    return r;
}

static int load_last_ids(struct facts *facts)
{
    static const char *const names[FACTS_TABLES] = {
        [FACTS_REGISTRATION] = "max_registration",
        [FACTS_SUBMISSION] = "max_submission",
        [FACTS_MAIL] = "max_mail",
        [FACTS_EVENT] = "max_event",
        [FACTS_REVISION] = "max_revision",
        [FACTS_PLACE] = "max_place",
    };
    for (unsigned i = 0; i < FACTS_TABLES; i++) {
        struct query *query = db_query(facts->db, names[i]);
        int r = db_step(query);
        if (r < 0)
            return r;
        if (r > 0)
            facts->last_id[i] = db_int(query, 0); /* null, the empty table, reads as 0 */
        db_reset(query);
    }
    return 0;
}

int facts_load(struct arena *arena, struct db *db, const struct wanted *wanted, int64_t now, struct facts **ret_facts)
{
    struct facts *facts = calloc(1, sizeof(*facts));
    if (!facts)
        return -ENOMEM;
    facts->arena = arena;
    facts->db = db;
    int r = load_last_ids(facts);
    for (const struct wanted_key *key = wanted->keys; r == 0 && key; key = key->next)
        r = load_key(facts, key);
    for (const struct wanted_id *item = wanted->registrations; r == 0 && item; item = item->next)
        r = load_registration(facts, item->id);
    for (const struct wanted_id *item = wanted->places; r == 0 && item; item = item->next)
        r = facts_load_place(facts, item->id);
    for (const struct wanted_id *item = wanted->mails; r == 0 && item; item = item->next)
        r = load_mail(facts, item->id);
    for (const struct wanted_mailbox *item = wanted->mailboxes; r == 0 && item; item = item->next)
        r = load_mailbox(facts, item->key);
    for (unsigned priority = 0; r == 0 && priority < STORE_MAIL_PRIORITIES; priority++)
        if (wanted->due[priority] > 0)
            r = load_due(facts, priority, wanted->due[priority], now);
    if (r == 0 && wanted->events)
        r = facts_load_events(facts);
    if (r < 0) {
        facts_done(facts);
        return r;
    }
    *ret_facts = facts;
    return 0;
}

static void keep_item(void *item)
{
    (void)item; /* it lives in the arena */
}

void facts_done(struct facts *facts)
{
    if (!facts)
        return;
    tdestroy(facts->places, keep_item);
    tdestroy(facts->registrations, keep_item);
    tdestroy(facts->keys, keep_item);
    tdestroy(facts->mails, keep_item);
    tdestroy(facts->mailboxes, keep_item);
    free(facts);
}

struct place *facts_place(struct facts *facts, int64_t id)
{
    return find(&facts->places, &id, compare_id);
}

struct registration_fact *facts_registration(struct facts *facts, int64_t id)
{
    return find(&facts->registrations, &id, compare_id);
}

struct registration_fact *facts_key(struct facts *facts, int64_t event_id, const char *dedupe)
{
    const struct held_key wanted = { .event_id = event_id, .dedupe = dedupe };
    struct held_key *key = find(&facts->keys, &wanted, compare_key);
    return key ? key->registration : NULL;
}

struct mail_fact *facts_mail(struct facts *facts, int64_t id)
{
    return find(&facts->mails, &id, compare_id);
}

struct mailbox_fact *facts_mailbox(struct facts *facts, const char *key)
{
    const struct mailbox_fact wanted = { .key = key };
    return find(&facts->mailboxes, &wanted, compare_mailbox);
}

size_t facts_due(struct facts *facts, unsigned priority, struct mail_fact ***ret_mails)
{
    *ret_mails = facts->due[priority].mails;
    return facts->due[priority].count;
}

int facts_add_registration(struct facts *facts, int64_t event_id, const char *dedupe,
                           struct registration_fact **ret_fact)
{
    struct registration_fact *fact = arena_take(facts->arena, sizeof(*fact));
    if (!fact)
        return -ENOMEM;
    *fact = (struct registration_fact){ .id = facts_fresh_id(facts, FACTS_REGISTRATION),
                                        .event_id = event_id,
                                        .version = 1 };
    int r = insert(&facts->registrations, fact, compare_id);
    if (r == 0 && dedupe) {
        fact->dedupe = arena_copy(facts->arena, dedupe);
        r = fact->dedupe ? hold_key(facts, fact) : -ENOMEM;
    }
    if (r == 0)
        *ret_fact = fact;
    return r;
}

void facts_release_key(struct facts *facts, struct registration_fact *registration)
{
    if (!registration->dedupe)
        return;
    const struct held_key key = { .event_id = registration->event_id, .dedupe = registration->dedupe };
    if (facts_key(facts, key.event_id, key.dedupe) == registration)
        (void)tdelete(&key, &facts->keys, compare_key);
    registration->dedupe = NULL;
}

int64_t facts_fresh_id(struct facts *facts, enum facts_table table)
{
    return ++facts->last_id[table];
}

struct arena *facts_arena(struct facts *facts)
{
    return facts->arena;
}

struct touched_walk {
    int (*each)(const struct place *, void *);
    void *arg;
    int r;
};

static void walk_place(const void *node, VISIT visit, void *arg)
{
    struct touched_walk *walk = arg;
    const struct place *place = *(const struct place *const *)node;
    if ((visit == postorder || visit == leaf) && place->touched && walk->r == 0)
        walk->r = walk->each(place, walk->arg);
}

int facts_touched(struct facts *facts, int (*each)(const struct place *place, void *arg), void *arg)
{
    struct touched_walk walk = { each, arg, 0 };
    twalk_r(facts->places, walk_place, &walk);
    return walk.r;
}

int facts_add_place(struct facts *facts, int64_t event_id, struct place **ret_place)
{
    struct place *place = arena_take(facts->arena, sizeof(*place));
    if (!place)
        return -ENOMEM;
    *place = (struct place){ .id = facts_fresh_id(facts, FACTS_PLACE), .event_id = event_id, .touched = true };
    int r = insert(&facts->places, place, compare_id);
    if (r == 0)
        *ret_place = place;
    return r;
}

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

int wanted_invitation(struct wanted *wanted, int64_t id)
{
    return want_id(wanted, &wanted->invitations, id);
}

int wanted_cap(struct wanted *wanted, int64_t event_id, const char *key, const char *title, int64_t max)
{
    struct wanted_cap *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_cap){ .next = wanted->caps, .event_id = event_id, .max = max, .key = key, .title = title };
    wanted->caps = item;
    return 0;
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

int wanted_consent(struct wanted *wanted, int64_t registration_id, const char *purpose)
{
    struct wanted_consent *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_consent){ wanted->consents, registration_id, purpose };
    wanted->consents = item;
    return 0;
}

int wanted_address(struct wanted *wanted, int64_t event_id, const char *address, const char *folded)
{
    struct wanted_address *item = arena_take(wanted->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct wanted_address){ wanted->addresses, event_id, address, folded };
    wanted->addresses = item;
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

int wanted_mailing(struct wanted *wanted, int64_t id)
{
    return want_id(wanted, &wanted->mailings, id);
}

int wanted_plan(struct wanted *wanted, int64_t limit)
{
    if (wanted->plan < limit)
        wanted->plan = limit;
    return 0;
}

int wanted_expired(struct wanted *wanted, int64_t limit)
{
    if (wanted->expired < limit)
        wanted->expired = limit;
    return 0;
}

int wanted_events(struct wanted *wanted)
{
    wanted->events = true;
    return 0;
}

/* Places, registrations and mails all begin with their id. */
int facts_compare_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int facts_compare_key(const void *a, const void *b)
{
    const struct held_key *x = a, *y = b;
    if (x->event_id != y->event_id)
        return x->event_id < y->event_id ? -1 : 1;
    return strcmp(x->dedupe, y->dedupe);
}

int facts_compare_mailbox(const void *a, const void *b)
{
    return strcmp(((const struct mailbox_fact *)a)->key, ((const struct mailbox_fact *)b)->key);
}

void *facts_find(void *const *tree, const void *key, int (*compare)(const void *, const void *))
{
    void *node = tfind(key, tree, compare);
    return node ? *(void **)node : NULL;
}

int facts_insert(void **tree, void *item, int (*compare)(const void *, const void *))
{
    return tsearch(item, tree, compare) ? 0 : -ENOMEM;
}

int facts_hold_key(struct facts *facts, struct registration_fact *registration)
{
    struct held_key *key = arena_take(facts->arena, sizeof(*key));
    if (!key)
        return -ENOMEM;
    *key = (struct held_key){ registration->event_id, registration->dedupe, registration };
    return facts_insert(&facts->keys, key, facts_compare_key);
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
    return facts_find(&facts->places, &id, facts_compare_id);
}

struct registration_fact *facts_registration(struct facts *facts, int64_t id)
{
    return facts_find(&facts->registrations, &id, facts_compare_id);
}

struct registration_fact *facts_key(struct facts *facts, int64_t event_id, const char *dedupe)
{
    const struct held_key wanted = { .event_id = event_id, .dedupe = dedupe };
    struct held_key *key = facts_find(&facts->keys, &wanted, facts_compare_key);
    return key ? key->registration : NULL;
}

struct mail_fact *facts_mail(struct facts *facts, int64_t id)
{
    return facts_find(&facts->mails, &id, facts_compare_id);
}

size_t facts_expired(struct facts *facts, struct registration_fact ***ret_registrations)
{
    *ret_registrations = facts->expired;
    return facts->expired_count;
}

size_t facts_releases(struct facts *facts, struct place ***ret_reserves)
{
    *ret_reserves = facts->releases;
    return facts->release_count;
}

int64_t facts_privates_due(const struct facts *facts)
{
    return facts->privates_due;
}

struct place *facts_cap(struct facts *facts, int64_t event_id, const char *key)
{
    for (const struct cap_item *item = facts->caps; item; item = item->next)
        if (item->place->event_id == event_id && strcmp(item->place->key, key) == 0)
            return item->place;
    return NULL;
}

struct invitation_fact *facts_invitation(struct facts *facts, int64_t id)
{
    for (struct invitation_item *item = facts->invitations; item; item = item->next)
        if (item->fact.id == id)
            return &item->fact;
    return NULL;
}

struct mailbox_fact *facts_mailbox(struct facts *facts, const char *key)
{
    const struct mailbox_fact wanted = { .key = key };
    return facts_find(&facts->mailboxes, &wanted, facts_compare_mailbox);
}

struct consent_fact *facts_consent(struct facts *facts, int64_t registration_id, const char *purpose)
{
    for (struct consent_item *item = facts->consents; item; item = item->next)
        if (item->fact.registration_id == registration_id && strcmp(item->fact.purpose, purpose) == 0)
            return &item->fact;
    return NULL;
}

size_t facts_address(struct facts *facts, int64_t event_id, const char *address,
                     struct registration_fact ***ret_registrations)
{
    for (const struct address_list *list = facts->addresses; list; list = list->next)
        if (list->event_id == event_id && strcmp(list->address, address) == 0) {
            *ret_registrations = list->registrations;
            return list->count;
        }
    return 0;
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
                                        .version = 1,
                                        .held = true };
    fact->party_id = fact->id;
    int r = facts_insert(&facts->registrations, fact, facts_compare_id);
    if (r == 0 && dedupe) {
        fact->dedupe = arena_copy(facts->arena, dedupe);
        r = fact->dedupe ? facts_hold_key(facts, fact) : -ENOMEM;
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
        (void)tdelete(&key, &facts->keys, facts_compare_key);
    registration->dedupe = NULL;
}

int facts_rekey(struct facts *facts, struct registration_fact *registration, const char *dedupe)
{
    const char *key = arena_copy(facts->arena, dedupe);
    if (!key)
        return -ENOMEM;
    facts_release_key(facts, registration);
    registration->dedupe = key;
    return facts_hold_key(facts, registration);
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
    int r = facts_insert(&facts->places, place, facts_compare_id);
    if (r == 0)
        *ret_place = place;
    return r;
}

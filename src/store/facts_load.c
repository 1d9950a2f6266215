/* SPDX-License-Identifier: EUPL-1.2 */
/* Loads the rows that a batch has named, each once. Called by batch.c at the start of a transaction; the writer's
 * thread or convenectl's only one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"
#include "store/board_row.h"

#define ADDRESS_MAX 16  /* registrations of one event under one address: who has more asks the organisers */

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

static int read_place(struct facts *facts, const struct query *query, int64_t *ret_parent, struct place **ret_place)
{
    struct place *place = arena_take(facts->arena, sizeof(*place));
    int r = 0;
    if (!place)
        return -ENOMEM;
    *place = board_row_read(query, ret_parent);
    place->key = facts_keep(facts, query, BOARD_ROW_KEY, &r);
    if (r == 0)
        r = facts_insert(&facts->places, place, facts_compare_id);
    *ret_place = place;
    return r;
}

int facts_load_place(struct facts *facts, int64_t id)
{
    struct place *place;
    int64_t parent;
    if (facts_find(&facts->places, &id, facts_compare_id))
        return 0;
    struct query *query = db_query(facts->db, "place_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = read_place(facts, query, &parent, &place);
    db_reset(query);
    if (r < 0 || parent == 0)
        return r;
    r = facts_load_place(facts, parent); /* a mode, which has none itself */
    place->parent = facts_place(facts, parent);
    return r;
}

/* The limit; one that nobody has met yet is made in memory, and written if somebody takes from it. */
static int load_cap(struct facts *facts, const struct wanted_cap *wanted)
{
    if (facts_cap(facts, wanted->event_id, wanted->key))
        return 0;
    struct cap_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "place_id_of");
    db_bind_int(query, ":event", wanted->event_id);
    db_bind_text(query, ":kind", "cap");
    db_bind_text(query, ":key", wanted->key);
    int r = db_step(query);
    if (r < 0)
        return r;
    if (r > 0) {
        int64_t id = db_int(query, 0);
        db_reset(query);
        r = facts_load_place(facts, id);
        item->place = facts_place(facts, id);
    } else {
        r = facts_add_place(facts, wanted->event_id, &item->place);
        if (r == 0) {
            item->place->kind = PLACE_CAP;
            item->place->limited = item->place->born = true;
            item->place->touched = false;
            item->place->capacity = wanted->max;
            item->place->key = arena_copy(facts->arena, wanted->key);
            item->place->title = arena_copy(facts->arena, wanted->title);
            r = item->place->key && item->place->title ? 0 : -ENOMEM;
        }
    }
    item->next = facts->caps;
    if (r == 0)
        facts->caps = item;
    return r;
}

/* Takes the row QUERY stands on; the fact that is there already if the row was loaded before. */
static int read_registration(struct facts *facts, const struct query *query, struct registration_fact **ret_fact)
{
    int64_t id = db_int(query, 0);
    struct registration_fact *fact = facts_find(&facts->registrations, &id, facts_compare_id);
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
                                            .mode_place = db_int(query, 13),
                                            .has_expires = !db_is_null(query, 14),
                                            .expires_at = db_int(query, 14),
                                            .waiting_since = db_int(query, 15),
                                            .offer_id = db_int(query, 16),
                                            .event_starts = db_int(query, 17),
                                            .invitation_id = db_int(query, 18),
                                            .proposes = db_int(query, 19) != 0,
                                            .party_id = db_int(query, 20),
                                            .restricted = db_int(query, 21) != 0,
                                            .stopped = db_int(query, 22) != 0,
                                            .undeliverable = db_int(query, 23) != 0,
                                            .own = db_int(query, 24) != 0 };
        fact->dedupe = facts_keep(facts, query, 8, &r);
        fact->language = facts_keep(facts, query, 9, &r);
        fact->email = facts_keep(facts, query, 10, &r);
        fact->reference = facts_keep(facts, query, 11, &r);
        fact->mode = facts_keep(facts, query, 12, &r);
        if (r == 0)
            r = facts_insert(&facts->registrations, fact, facts_compare_id);
        if (r == 0 && fact->dedupe && state_is_live(fact->status))
            r = facts_hold_key(facts, fact);
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

static int load_asks(struct facts *facts, struct registration_fact *fact)
{
    struct query *query = db_query(facts->db, "asks_of");
    db_bind_int(query, ":registration", fact->id);
    size_t room = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        struct ask_fact *asks = arena_grow(facts->arena, fact->asks, fact->ask_count, &room, sizeof(*asks));
        if (!asks) {
            db_reset(query);
            return -ENOMEM;
        }
        fact->asks = asks;
        fact->asks[fact->ask_count++] = (struct ask_fact){ db_int(query, 0), db_int(query, 1) != 0 };
    }
    for (size_t i = 0; r == 0 && i < fact->ask_count; i++)
        r = facts_load_place(facts, fact->asks[i].place_id);
    return r;
}

static int load_wishes(struct facts *facts, struct registration_fact *fact)
{
    struct query *query = db_query(facts->db, "wishes_of");
    db_bind_int(query, ":registration", fact->id);
    size_t room = 0;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        struct wish_fact *wishes = arena_grow(facts->arena, fact->wishes, fact->wish_count, &room, sizeof(*wishes));
        if (!wishes) {
            db_reset(query);
            return -ENOMEM;
        }
        fact->wishes = wishes;
        fact->wishes[fact->wish_count++] =
            (struct wish_fact){ facts_keep(facts, query, 0, &copied), db_int(query, 1), db_int(query, 2) };
    }
    if (r == 0)
        r = copied;
    for (size_t i = 0; r == 0 && i < fact->wish_count; i++)
        r = facts_load_place(facts, fact->wishes[i].place_id);
    return r;
}

/* What may have to be freed, and what it asks for. */
static int load_holdings(struct facts *facts, struct registration_fact *fact)
{
    if (fact->held)
        return 0;
    fact->held = true; /* before the party, which leads back here */
    int r = load_claims(facts, fact);
    if (r == 0)
        r = load_asks(facts, fact);
    if (r == 0)
        r = load_wishes(facts, fact);
    if (r == 0 && fact->mode_place != 0)
        r = facts_load_place(facts, fact->mode_place);
    return r < 0 ? r : facts_load_party(facts, fact);
}

int facts_load_registration(struct facts *facts, int64_t id, struct registration_fact **ret_fact)
{
    struct registration_fact *fact = facts_find(&facts->registrations, &id, facts_compare_id);
    if (!fact) {
        struct query *query = db_query(facts->db, "registration_by_id");
        db_bind_int(query, ":id", id);
        int r = db_step(query);
        if (r < 0)
            return r;
        if (r > 0) {
            r = read_registration(facts, query, &fact);
            db_reset(query);
        }
        if (r < 0)
            return r;
    }
    int r = fact ? load_holdings(facts, fact) : 0;
    if (r == 0)
        *ret_fact = fact;
    return r;
}

static int load_invitation(struct facts *facts, int64_t id)
{
    if (facts_invitation(facts, id))
        return 0;
    struct invitation_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "invitation_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = 0;
    item->fact = (struct invitation_fact){ .id = id,
                                           .event_id = db_int(query, 0),
                                           .email = facts_keep(facts, query, 1, &r),
                                           .has_expires = !db_is_null(query, 2),
                                           .expires_at = db_int(query, 2),
                                           .revoked = !db_is_null(query, 3),
                                           .link_version = db_int(query, 4) };
    db_reset(query);
    item->next = facts->invitations;
    facts->invitations = item;
    return r;
}

static int load_expired(struct facts *facts, int64_t limit, int64_t now)
{
    facts->expired = arena_take(facts->arena, (size_t)limit * sizeof(struct registration_fact *));
    if (!facts->expired)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "registration_expired");
    db_bind_int(query, ":now", now);
    db_bind_int(query, ":limit", limit);
    int r;
    while ((r = db_step(query)) > 0) {
        r = read_registration(facts, query, &facts->expired[facts->expired_count]);
        if (r < 0) {
            db_reset(query);
            return r;
        }
        facts->expired_count++;
    }
    for (size_t i = 0; r == 0 && i < facts->expired_count; i++)
        r = load_holdings(facts, facts->expired[i]);
    return r;
}

static int load_releases(struct facts *facts, int64_t limit, int64_t now)
{
    int64_t *ids = arena_take(facts->arena, (size_t)limit * sizeof(*ids));
    facts->releases = arena_take(facts->arena, (size_t)limit * sizeof(*facts->releases));
    if (!ids || !facts->releases)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "place_releases");
    db_bind_int(query, ":now", now);
    db_bind_int(query, ":limit", limit);
    size_t count = 0;
    int r;
    while ((r = db_step(query)) > 0)
        ids[count++] = db_int(query, 0);
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = facts_load_place(facts, ids[i]);
        if (r == 0)
            facts->releases[facts->release_count++] = facts_place(facts, ids[i]);
    }
    return r;
}

static int load_privates_due(struct facts *facts, int64_t now)
{
    struct query *query = db_query(facts->db, "private_due");
    db_bind_int(query, ":now", now);
    int r = db_step(query);
    if (r <= 0)
        return r;
    facts->privates_due = db_int(query, 0);
    db_reset(query);
    return 0;
}

static int read_mail(struct facts *facts, const struct query *query, struct mail_fact **ret_mail)
{
    int64_t id = db_int(query, 0);
    struct mail_fact *mail = facts_find(&facts->mails, &id, facts_compare_id);
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
                                    .born_at = db_int(query, 17),
                                    .tried_from = db_int(query, 18),
                                    .overtaken = db_int(query, 19) != 0,
                                    .undeliverable = db_int(query, 20) != 0 };
        mail->subject_kind = facts_keep(facts, query, 9, &r);
        mail->kind = facts_keep(facts, query, 10, &r);
        mail->recipient = facts_keep(facts, query, 11, &r);
        mail->language = facts_keep(facts, query, 12, &r);
        mail->data = facts_keep(facts, query, 13, &r);
        mail->message_id = facts_keep(facts, query, 14, &r);
        mail->state = facts_keep(facts, query, 15, &r);
        if (r == 0)
            r = facts_insert(&facts->mails, mail, facts_compare_id);
    }
    if (r == 0)
        *ret_mail = mail;
    return r;
}

int facts_load_mail(struct facts *facts, int64_t id)
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
    return facts_insert(&facts->mailboxes, mailbox, facts_compare_mailbox);
}

static int load_consent(struct facts *facts, const struct wanted_consent *wanted)
{
    if (facts_consent(facts, wanted->registration_id, wanted->purpose))
        return 0;
    struct consent_item *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    item->fact = (struct consent_fact){ .registration_id = wanted->registration_id,
                                        .purpose = arena_copy(facts->arena, wanted->purpose) };
    if (!item->fact.purpose)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "consent_by_purpose");
    db_bind_int(query, ":registration", wanted->registration_id);
    db_bind_text(query, ":purpose", wanted->purpose);
    int r = db_step(query);
    if (r <= 0)
        return r;
    item->fact.given = db_int(query, 1) != 0;
    db_reset(query);
    item->next = facts->consents;
    facts->consents = item;
    return 0;
}

static int load_address(struct facts *facts, const struct wanted_address *wanted)
{
    struct registration_fact **found;
    if (facts_address(facts, wanted->event_id, wanted->address, &found) > 0)
        return 0;
    struct address_list *list = arena_take(facts->arena, sizeof(*list));
    if (!list)
        return -ENOMEM;
    list->event_id = wanted->event_id;
    list->address = arena_copy(facts->arena, wanted->address);
    list->registrations = arena_take(facts->arena, ADDRESS_MAX * sizeof(struct registration_fact *));
    if (!list->address || !list->registrations)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "registration_by_address");
    db_bind_int(query, ":event", wanted->event_id);
    db_bind_text(query, ":email", wanted->address);
    db_bind_text(query, ":folded", wanted->folded);
    db_bind_int(query, ":limit", ADDRESS_MAX);
    int r;
    while ((r = db_step(query)) > 0) {
        r = read_registration(facts, query, &list->registrations[list->count]);
        if (r < 0) {
            db_reset(query);
            return r;
        }
        list->count++;
    }
    if (r < 0)
        return r;
    list->next = facts->addresses;
    facts->addresses = list;
    return 0;
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
        [FACTS_OFFER] = "max_offer",
        [FACTS_INVITATION] = "max_invitation",
        [FACTS_ADDRESS] = "max_address",
        [FACTS_MAILING] = "max_mailing",
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

static int load_wanted(struct facts *facts, int64_t id)
{
    struct registration_fact *fact;
    return facts_load_registration(facts, id, &fact);
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
        r = load_wanted(facts, item->id);
    if (r == 0 && wanted->expired > 0)
        r = load_expired(facts, wanted->expired, now);
    if (r == 0 && wanted->expired > 0)
        r = facts_load_addresses_due(facts, now);
    if (r == 0 && wanted->expired > 0)
        r = load_releases(facts, wanted->expired, now);
    if (r == 0 && wanted->expired > 0)
        r = load_privates_due(facts, now);
    for (const struct wanted_id *item = wanted->places; r == 0 && item; item = item->next)
        r = facts_load_place(facts, item->id);
    for (const struct wanted_cap *item = wanted->caps; r == 0 && item; item = item->next)
        r = load_cap(facts, item);
    for (const struct wanted_id *item = wanted->invitations; r == 0 && item; item = item->next)
        r = load_invitation(facts, item->id);
    for (const struct wanted_id *item = wanted->mailings; r == 0 && item; item = item->next)
        r = facts_load_mailing(facts, item->id);
    for (const struct wanted_id *item = wanted->mails; r == 0 && item; item = item->next)
        r = facts_load_mail(facts, item->id);
    for (const struct wanted_mailbox *item = wanted->mailboxes; r == 0 && item; item = item->next)
        r = load_mailbox(facts, item->key);
    for (const struct wanted_consent *item = wanted->consents; r == 0 && item; item = item->next)
        r = load_consent(facts, item);
    for (const struct wanted_address *item = wanted->addresses; r == 0 && item; item = item->next)
        r = load_address(facts, item);
    for (const struct wanted_id *item = wanted->address_changes; r == 0 && item; item = item->next)
        r = facts_load_address_change(facts, item->id);
    for (const struct wanted_id *item = wanted->returned; r == 0 && item; item = item->next)
        r = facts_load_returned(facts, item->id);
    for (const struct wanted_addressees *item = wanted->addressees; r == 0 && item; item = item->next)
        r = facts_load_addressees(facts, item->address);
    for (unsigned priority = 0; r == 0 && priority < STORE_MAIL_PRIORITIES; priority++)
        if (wanted->due[priority] > 0)
            r = load_due(facts, priority, wanted->due[priority], now);
    if (r == 0 && wanted->pauses)
        r = facts_load_pauses(facts);
    if (r == 0 && wanted->plan > 0)
        r = facts_load_plan(facts, wanted->plan, now);
    if (r == 0 && wanted->events)
        r = facts_load_events(facts);
    for (const struct wanted_round *item = wanted->rounds; r == 0 && item; item = item->next)
        r = facts_load_allocation(facts, item);
    if (r < 0) {
        facts_done(facts);
        return r;
    }
    *ret_facts = facts;
    return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* One registration with the revision its owner saw. Called by page and mail on a reader, by convenectl. */
#include "report/record.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "store/db.h"

struct slot {
    int64_t revision_id;
    uint64_t used;
    const struct event_definition *definition;
};

struct revisions {
    pthread_mutex_t lock; /* held over a parse too, so that a revision is parsed once */
    uint64_t clock;
    unsigned count;
    struct slot *slots;
};

int revisions_new(unsigned limit, struct revisions **ret_revisions)
{
    struct revisions *revisions = calloc(1, sizeof(*revisions));
    if (revisions)
        revisions->slots = calloc(limit, sizeof(*revisions->slots));
    if (!revisions || !revisions->slots) {
        free(revisions);
        return -ENOMEM;
    }
    revisions->count = limit;
    (void)pthread_mutex_init(&revisions->lock, NULL);
    *ret_revisions = revisions;
    return 0;
}

void revisions_free(struct revisions *revisions)
{
    if (!revisions)
        return;
    for (unsigned i = 0; i < revisions->count; i++)
        event_definition_unref(revisions->slots[i].definition);
    (void)pthread_mutex_destroy(&revisions->lock);
    free(revisions->slots);
    free(revisions);
}

static int parse_revision(struct db *db, int64_t revision_id, const struct event_definition **ret_definition)
{
    struct query *query = db_query(db, "revision_text");
    db_bind_int(query, ":id", revision_id);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    const char *text = db_text(query, 0);
    r = text ? event_definition_parse(text, strlen(text), "revision", NULL, ret_definition) : -ENOENT;
    db_reset(query);
    return r;
}

int revisions_get(struct revisions *revisions, struct db *db, int64_t revision_id,
                  const struct event_definition **ret_definition)
{
    int r = 0;
    pthread_mutex_lock(&revisions->lock);
    struct slot *oldest = &revisions->slots[0], *found = NULL;
    for (unsigned i = 0; i < revisions->count && !found; i++) {
        struct slot *slot = &revisions->slots[i];
        if (slot->definition && slot->revision_id == revision_id)
            found = slot;
        else if (slot->used < oldest->used)
            oldest = slot;
    }
    if (!found) {
        const struct event_definition *definition = NULL;
        r = parse_revision(db, revision_id, &definition);
        if (r == 0) {
            event_definition_unref(oldest->definition);
            *oldest = (struct slot){ .revision_id = revision_id, .definition = definition };
            found = oldest;
        }
    }
    if (found) {
        found->used = ++revisions->clock;
        *ret_definition = event_definition_ref(found->definition);
    }
    pthread_mutex_unlock(&revisions->lock);
    return r;
}

static const char *keep(struct arena *arena, const struct query *query, int column, int *r)
{
    const char *text = db_text(query, column);
    char *copy = arena_copy(arena, text);
    if (text && !copy)
        *r = -ENOMEM;
    return copy;
}

static int read_row(struct arena *arena, const struct query *query, struct record *record)
{
    int r = 0;
    *record = (struct record){ .id = db_int(query, 0),
                               .event_id = db_int(query, 1),
                               .revision_id = db_int(query, 2),
                               .link_version = db_int(query, 3),
                               .ical_sequence = db_int(query, 4),
                               .created_at = db_int(query, 5),
                               .version = db_int(query, 6),
                               .status = state_by_name(db_text(query, 7)) };
    record->reason = keep(arena, query, 8, &r);
    record->reference = keep(arena, query, 9, &r);
    record->language = keep(arena, query, 10, &r);
    record->name = keep(arena, query, 11, &r);
    record->email = keep(arena, query, 12, &r);
    record->organisation = keep(arena, query, 13, &r);
    record->registry_number = keep(arena, query, 14, &r);
    record->country = keep(arena, query, 15, &r);
    record->stakeholder = keep(arena, query, 16, &r);
    record->mode = keep(arena, query, 17, &r);
    record->answers = keep(arena, query, 18, &r);
    record->slug = keep(arena, query, 19, &r);
    record->expires_at = db_int(query, 20);
    record->has_claim = db_int(query, 21) != 0;
    record->proposal = keep(arena, query, 22, &r);
    record->restricted = db_int(query, 23) != 0;
    record->party_id = db_int(query, 24);
    record->booker = keep(arena, query, 25, &r);
    record->stopped = db_int(query, 26) != 0;
    record->undeliverable_at = db_int(query, 27);
    record->undeliverable_why = keep(arena, query, 28, &r);
    record->shares_email = db_int(query, 29) != 0;
    record->added = db_int(query, 30) != 0;
    return r;
}

static int read_places(struct db *db, struct arena *arena, struct record *record)
{
    struct query *query = db_query(db, "record_places");
    db_bind_int(query, ":registration", record->id);
    size_t room = 0;
    int r, kept = 0;
    while ((r = db_step(query)) > 0) {
        struct record_place *places =
            arena_grow(arena, record->places, record->place_count, &room, sizeof(*places));
        if (!places) {
            db_reset(query);
            return -ENOMEM;
        }
        record->places = places;
        places[record->place_count++] = (struct record_place){ .hold = (enum record_hold)db_int(query, 0),
                                                               .kind = keep(arena, query, 1, &kept),
                                                               .key = keep(arena, query, 2, &kept),
                                                               .title = keep(arena, query, 3, &kept),
                                                               .resource = keep(arena, query, 4, &kept),
                                                               .round = keep(arena, query, 5, &kept),
                                                               .starts = db_int(query, 6),
                                                               .ends = db_int(query, 7),
                                                               .allocated = db_int(query, 8) != 0 };
    }
    return r < 0 ? r : kept;
}

static int read_wishes(struct db *db, struct arena *arena, struct record *record)
{
    struct query *query = db_query(db, "record_wishes");
    db_bind_int(query, ":registration", record->id);
    size_t room = 0;
    int r, kept = 0;
    while ((r = db_step(query)) > 0) {
        struct record_wish *wishes = arena_grow(arena, record->wishes, record->wish_count, &room, sizeof(*wishes));
        if (!wishes) {
            db_reset(query);
            return -ENOMEM;
        }
        record->wishes = wishes;
        wishes[record->wish_count++] = (struct record_wish){ .round = keep(arena, query, 0, &kept),
                                                             .key = keep(arena, query, 1, &kept),
                                                             .rank = db_int(query, 2) };
    }
    return r < 0 ? r : kept;
}

static int read_guests(struct db *db, struct arena *arena, struct record *record)
{
    struct query *query = db_query(db, "record_guests");
    db_bind_int(query, ":party", record->id);
    size_t room = 0;
    int r, kept = 0;
    while ((r = db_step(query)) > 0) {
        struct record_guest *guests = arena_grow(arena, record->guests, record->guest_count, &room, sizeof(*guests));
        if (!guests) {
            db_reset(query);
            return -ENOMEM;
        }
        record->guests = guests;
        guests[record->guest_count++] = (struct record_guest){ .id = db_int(query, 0),
                                                               .reference = keep(arena, query, 1, &kept),
                                                               .name = keep(arena, query, 2, &kept),
                                                               .status = state_by_name(db_text(query, 3)),
                                                               .link_version = db_int(query, 4),
                                                               .email = keep(arena, query, 5, &kept),
                                                               .answers = keep(arena, query, 6, &kept),
                                                               .restricted = db_int(query, 7) != 0,
                                                               .own = db_int(query, 8) != 0,
                                                               .undeliverable = db_int(query, 9) != 0 };
    }
    return r < 0 ? r : kept;
}

bool record_is_guest(const struct record *record)
{
    return record->party_id != record->id;
}

size_t record_live_guests(const struct record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->guest_count; i++)
        count += state_is_live(record->guests[i].status);
    return count;
}

const struct record_place *record_place(const struct record *record, const char *kind, const char *key)
{
    for (size_t i = 0; i < record->place_count; i++)
        if (strcmp(record->places[i].kind, kind) == 0 && strcmp(record->places[i].key, key) == 0)
            return &record->places[i];
    return NULL;
}

static int read_first_mail(struct db *db, struct arena *arena, struct record *record)
{
    struct query *query = db_query(db, "mail_first_id");
    db_bind_int(query, ":registration", record->id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    r = 0;
    record->first_message_id = keep(arena, query, 0, &r);
    db_reset(query);
    return r;
}

int record_read(struct db *db, struct arena *arena, struct revisions *revisions, int64_t id, struct record *ret_record)
{
    struct record record;
    struct query *query = db_query(db, "record_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    r = read_row(arena, query, &record);
    db_reset(query);
    if (r == 0)
        r = read_first_mail(db, arena, &record);
    if (r == 0)
        r = read_places(db, arena, &record);
    if (r == 0)
        r = read_wishes(db, arena, &record);
    if (r == 0 && !record_is_guest(&record))
        r = read_guests(db, arena, &record);
    if (r == 0)
        r = revisions_get(revisions, db, record.revision_id, &record.definition);
    if (r == 0)
        *ret_record = record;
    return r;
}

void record_done(struct record *record)
{
    event_definition_unref(record->definition);
    record->definition = NULL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The facts about events: what take_revision needs to know of the store. Called by facts.c (load) and by
 * change/take_revision; the writer's thread. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

static int load_event_places(struct facts *facts, struct event_fact *event)
{
    struct query *query = db_query(facts->db, "places_of_event");
    db_bind_int(query, ":event", event->id);
    size_t room = 0;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        struct place_row *places = arena_grow(facts->arena, event->places, event->place_count, &room, sizeof(*places));
        if (!places) {
            db_reset(query);
            return -ENOMEM;
        }
        event->places = places;
        event->places[event->place_count++] = (struct place_row){ .id = db_int(query, 0),
                                                                  .capacity = db_int(query, 3),
                                                                  .limited = !db_is_null(query, 3),
                                                                  .taken = db_int(query, 4),
                                                                  .waiting = db_int(query, 5),
                                                                  .retired = !db_is_null(query, 6),
                                                                  .kind = facts_keep(facts, query, 1, &copied),
                                                                  .key = facts_keep(facts, query, 2, &copied),
                                                                  .title = facts_keep(facts, query, 7, &copied),
                                                                  .asked = db_int(query, 8) };
    }
    if (r == 0)
        r = copied;
    for (size_t i = 0; r == 0 && i < event->place_count; i++)
        r = facts_load_place(facts, event->places[i].id);
    return r;
}

int facts_load_events(struct facts *facts)
{
    struct query *query = db_query(facts->db, "event_all");
    size_t room = 0;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        struct event_fact *events = arena_grow(facts->arena, facts->events, facts->event_count, &room, sizeof(*events));
        if (!events) {
            db_reset(query);
            return -ENOMEM;
        }
        facts->events = events;
        facts->events[facts->event_count++] = (struct event_fact){ .id = db_int(query, 0),
                                                                   .revision_id = db_int(query, 3),
                                                                   .ical_sequence = db_int(query, 4),
                                                                   .revision_number = db_int(query, 7),
                                                                   .slug = facts_keep(facts, query, 1, &copied),
                                                                   .state = facts_keep(facts, query, 2, &copied),
                                                                   .hash = facts_keep(facts, query, 5, &copied),
                                                                   .file = facts_keep(facts, query, 6, &copied) };
    }
    if (r == 0)
        r = copied;
    for (size_t i = 0; r == 0 && i < facts->event_count; i++)
        r = load_event_places(facts, &facts->events[i]);
    return r;
}

size_t facts_events(struct facts *facts, struct event_fact **ret_events)
{
    *ret_events = facts->events;
    return facts->event_count;
}

int facts_revision_text(struct facts *facts, int64_t revision_id, const char **ret_text)
{
    struct query *query = db_query(facts->db, "revision_text");
    db_bind_int(query, ":id", revision_id);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    r = 0;
    const char *text = facts_keep(facts, query, 0, &r);
    db_reset(query);
    if (r == 0)
        *ret_text = text;
    return r;
}

/* The answer's path in the JSON of a registration; field ids are [a-z][a-z0-9_]*. */
static const char *answer_path(struct facts *facts, const char *field)
{
    return arena_format(facts->arena, "$.%s", field);
}

static int read_count(struct query *query, int64_t event_id, const char *name, const char *value, int64_t *ret_count)
{
    db_bind_int(query, ":event", event_id);
    db_bind_text(query, name, value);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    *ret_count = db_int(query, 0);
    db_reset(query);
    return 0;
}

int facts_field_answers(struct facts *facts, int64_t event_id, const char *field, int64_t *ret_count)
{
    const char *path = answer_path(facts, field);
    if (!path)
        return -ENOMEM;
    return read_count(db_query(facts->db, "event_field_answers"), event_id, ":path", path, ret_count);
}

int facts_mode_people(struct facts *facts, int64_t event_id, const char *mode, int64_t *ret_count)
{
    return read_count(db_query(facts->db, "event_mode_people"), event_id, ":mode", mode, ret_count);
}

int facts_options_used(struct facts *facts, int64_t event_id, const char *field, size_t *ret_count,
                       struct option_use **ret_uses)
{
    const char *path = answer_path(facts, field);
    if (!path)
        return -ENOMEM;
    struct query *query = db_query(facts->db, "event_options_used");
    db_bind_int(query, ":event", event_id);
    db_bind_text(query, ":path", path);
    size_t count = 0, room = 0;
    struct option_use *uses = NULL;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        struct option_use *more = arena_grow(facts->arena, uses, count, &room, sizeof(*more));
        if (!more) {
            db_reset(query);
            return -ENOMEM;
        }
        uses = more;
        uses[count++] = (struct option_use){ facts_keep(facts, query, 0, &copied), db_int(query, 1) };
    }
    if (r == 0)
        r = copied;
    if (r == 0) {
        *ret_count = count;
        *ret_uses = uses;
    }
    return r;
}

int facts_fields(struct facts *facts, int64_t event_id, size_t *ret_count, struct field_row **ret_fields)
{
    struct query *query = db_query(facts->db, "event_fields");
    db_bind_int(query, ":event", event_id);
    size_t count = 0, room = 0;
    struct field_row *fields = NULL;
    int r, copied = 0;
    while ((r = db_step(query)) > 0) {
        struct field_row *more = arena_grow(facts->arena, fields, count, &room, sizeof(*more));
        if (!more) {
            db_reset(query);
            return -ENOMEM;
        }
        fields = more;
        fields[count++] =
            (struct field_row){ facts_keep(facts, query, 0, &copied), facts_keep(facts, query, 1, &copied),
                                facts_keep(facts, query, 2, &copied) };
    }
    if (r == 0)
        r = copied;
    if (r == 0) {
        *ret_count = count;
        *ret_fields = fields;
    }
    return r;
}

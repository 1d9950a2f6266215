/* SPDX-License-Identifier: EUPL-1.2 */
/* From a slug to what the changes and the rules need of an event. Called by ctl's commands, on the one thread. */
#include "ctl/ctl_event.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "event/zone.h"
#include "store/db.h"

/* The row of `event` and its revision's text. */
struct found {
    int64_t event_id, revision_id, ical_sequence;
    enum event_state state;
    const char *text;
    size_t row_count;
    struct event_row *rows;
};

static enum event_state state_of(const char *name)
{
    if (strcmp(name, "draft") == 0)
        return EVENT_DRAFT_STATE;
    if (strcmp(name, "withdrawn") == 0)
        return EVENT_WITHDRAWN;
    return strcmp(name, "off") == 0 ? EVENT_OFF : EVENT_LIVE;
}

/* -ENOENT: no such event. */
static int read_event(struct ctl *ctl, struct arena *arena, const char *slug, struct found *ret_found)
{
    struct query *query;
    int r = db_prepare(ctl->db,
                       "SELECT e.id, e.revision_id, e.ical_sequence, e.state, v.text FROM event AS e "
                       "JOIN event_revision AS v ON v.id = e.revision_id WHERE e.slug = :slug", &query);
    if (r < 0)
        return r;
    db_bind_text(query, ":slug", slug);
    r = db_step(query);
    if (r > 0)
        *ret_found = (struct found){ .event_id = db_int(query, 0),
                                     .revision_id = db_int(query, 1),
                                     .ical_sequence = db_int(query, 2),
                                     .state = state_of(db_text(query, 3)),
                                     .text = arena_copy(arena, db_text(query, 4)) };
    db_finish(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    return ret_found->text ? 0 : -ENOMEM;
}

static int read_rows(struct ctl *ctl, struct arena *arena, struct found *found)
{
    struct query *query;
    size_t room = 0;
    int r = db_prepare(ctl->db, "SELECT kind, key, id FROM place WHERE event_id = :id AND retired_at IS NULL", &query);
    if (r < 0)
        return r;
    db_bind_int(query, ":id", found->event_id);
    while ((r = db_step(query)) > 0) {
        struct event_row *rows = arena_grow(arena, found->rows, found->row_count, &room, sizeof(*rows));
        if (!rows) {
            r = -ENOMEM;
            break;
        }
        found->rows = rows;
        rows += found->row_count++;
        *rows = (struct event_row){ .kind = arena_copy(arena, db_text(query, 0)),
                                    .key = arena_copy(arena, db_text(query, 1)),
                                    .id = db_int(query, 2) };
        if (!rows->kind || !rows->key) {
            r = -ENOMEM;
            break;
        }
    }
    db_finish(query);
    return r;
}

static int make_book(const struct found *found, struct event_book **ret_book)
{
    const struct event_definition *definition;
    struct event_book *book;
    int r = event_book_new(1, &book);
    if (r < 0)
        return r;
    r = event_definition_parse(found->text, strlen(found->text), "revision", NULL, &definition);
    if (r == 0) {
        r = event_book_add(book, definition, found->event_id, found->revision_id, found->ical_sequence, found->state,
                           found->row_count, found->rows);
        if (r < 0)
            event_definition_unref(definition);
    }
    if (r < 0)
        event_book_free(book);
    else
        *ret_book = book;
    return r;
}

static int load(struct ctl *ctl, struct arena *arena, const char *slug, struct event_book **ret_book)
{
    struct found found = { .row_count = 0 };
    int r = read_event(ctl, arena, slug, &found);
    if (r == 0)
        r = read_rows(ctl, arena, &found);
    return r < 0 ? r : make_book(&found, ret_book);
}

enum ctl_exit ctl_event_setup(void)
{
    if (zone_setup() < 0) {
        ctl_complain("the system's time zones cannot be read");
        return CTL_CANNOT;
    }
    return CTL_OK;
}

enum ctl_exit ctl_event_load(struct ctl *ctl, const char *slug, struct event_book **ret_book)
{
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    int r = arena ? load(ctl, arena, slug, ret_book) : -ENOMEM;
    arena_free(arena);
    switch (r) {
    case 0:
        return CTL_OK;
    case -ENOMEM:
        return ctl_no_memory();
    case -ENOENT:
        ctl_complain("no event %s", slug);
        return CTL_WRONG;
    case -EINVAL: /* written by a newer convened, or by hand */
        ctl_complain("the definition of %s in the store is not one of this version", slug);
        return CTL_CANNOT;
    default:
        return ctl_store_failed(ctl, r);
    }
}

enum ctl_exit ctl_event_allocated(struct ctl *ctl, struct arena *arena, const struct event_entry *entry,
                                  bool **ret_allocated)
{
    const struct event_programme *programme = &entry->definition->programme;
    bool *allocated = arena_take(arena, (programme->round_count + 1) * sizeof(*allocated));
    if (!allocated)
        return ctl_no_memory();
    struct query *query = ctl_query_id(ctl,
                                       "SELECT DISTINCT round FROM place WHERE event_id = :id AND kind = 'session' "
                                       "AND retired_at IS NULL AND allocated_at IS NOT NULL",
                                       ":id", entry->event_id);
    if (!query)
        return CTL_CANNOT;
    int r;
    while ((r = db_step(query)) > 0) {
        int round = db_is_null(query, 0) ? -1 : programme_round(programme, db_text(query, 0));
        if (round >= 0)
            allocated[round] = true;
    }
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    *ret_allocated = allocated;
    return CTL_OK;
}

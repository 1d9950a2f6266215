/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes the flat view of an event. Called by take_revision's apply on the writer's thread. Names in it are slugs and
 * field ids, checked to be [a-z0-9_-] when the definition was parsed; no value goes into the text. */
#include "change/flat_view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "event/definition.h"
#include "store/db.h"

/* The columns of the view `registrations`, which an event's own fields never double. */
static const char *const columns[] = {
    "registration",  "reference", "event",    "party",        "status",          "status_reason",
    "registered_at", "name",      "email",    "organisation", "registry_number", "country",
    "stakeholder",   "mode",      "language", "updated_at",
};

static int is_column(const char *field)
{
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        if (strcmp(columns[i], field) == 0)
            return 1;
    return 0;
}

/* One column for each part, of those who ever named an organisation. */
static void add_organisation(struct buffer *sql, const char *field)
{
    for (size_t i = 0; i < ORGANISATION_PARTS; i++) {
        const char *part = organisation_part_name((enum organisation_part)i);
        if (i == PART_SME)
            buffer_format(sql, ", CASE json_extract(r.answers, '$.%s.sme') WHEN 1 THEN 'yes' END AS \"%s_sme\"", field,
                          field);
        else
            buffer_format(sql, ", json_extract(r.answers, '$.%s.%s') AS \"%s_%s\"", field, part, field, part);
    }
    buffer_format(sql, ", json_extract(r.answers, '$.%s.sme_on') AS \"%s_sme_on\"", field, field);
}

/* How many columns a ranking has: as many wishes as it takes now, or as somebody had. */
static int count_ranks(struct db *db, int64_t event_id, const struct event_definition *definition, const char *field,
                       int64_t *ret_ranks)
{
    const struct event_field *now = event_field(definition, field);
    char path[64];
    (void)snprintf(path, sizeof(path), "$.%s", field);
    struct query *query = db_query(db, "event_ranks_used");
    db_bind_int(query, ":event", event_id);
    db_bind_text(query, ":path", path);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    int64_t ranks = db_int(query, 0);
    db_reset(query);
    if (now && now->type == FIELD_RANKING && now->max > (double)ranks)
        ranks = (int64_t)now->max;
    *ret_ranks = ranks;
    return 0;
}

static void add_field(struct buffer *sql, const char *field, const char *type, const char *role)
{
    if (is_column(field))
        return;
    if (strcmp(role, "name") == 0 || strcmp(role, "email") == 0) /* kept as columns only */
        buffer_format(sql, ", r.%s AS \"%s\"", role, field);
    else if (strcmp(type, "consent") == 0)
        buffer_format(sql, ", CASE json_extract(r.answers, '$.%s') WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS \"%s\"",
                      field, field);
    else if (strcmp(type, "choices") == 0)
        buffer_format(sql, ", (SELECT group_concat(value, '; ') FROM json_each(r.answers, '$.%s')) AS \"%s\"", field,
                      field);
    else if (strcmp(type, "statement") != 0)
        buffer_format(sql, ", json_extract(r.answers, '$.%s') AS \"%s\"", field, field);
}

/* A row of event_field; they are all read before anything else is asked of the store. */
struct row {
    struct row *next;
    char *field, *type, *role;
};

static int read_rows(struct db *db, struct arena *arena, int64_t event_id, struct row **ret_rows)
{
    struct row *first = NULL, **next = &first;
    struct query *query = db_query(db, "event_fields");
    db_bind_int(query, ":event", event_id);
    int r;
    while ((r = db_step(query)) > 0) {
        if (db_int(query, 4) != 0) /* an id that ever was a special need has no column */
            continue;
        struct row *row = arena_take(arena, sizeof(*row));
        if (row)
            *row = (struct row){ .field = arena_copy(arena, db_text(query, 0)),
                                 .type = arena_copy(arena, db_text(query, 1)),
                                 .role = arena_copy(arena, db_text(query, 2)) };
        if (!row || !row->field || !row->type || !row->role) {
            db_reset(query);
            return -ENOMEM;
        }
        *next = row;
        next = &row->next;
    }
    if (r == 0)
        *ret_rows = first;
    return r;
}

static int add_fields(struct db *db, struct arena *arena, int64_t event_id, const struct event_definition *definition,
                      struct buffer *sql)
{
    struct row *rows;
    int64_t ranks;
    int r = read_rows(db, arena, event_id, &rows);
    if (r < 0)
        return r;
    for (const struct row *row = rows; row; row = row->next) {
        if (strcmp(row->type, "organisation") == 0) {
            add_organisation(sql, row->field);
        } else if (strcmp(row->type, "ranking") == 0) {
            r = count_ranks(db, event_id, definition, row->field, &ranks);
            if (r < 0)
                return r;
            for (int64_t rank = 1; rank <= ranks; rank++)
                buffer_format(sql, ", json_extract(r.answers, '$.%s[%" PRId64 "]') AS \"%s_%" PRId64 "\"", row->field,
                              rank - 1, row->field, rank);
        } else {
            add_field(sql, row->field, row->type, row->role);
        }
    }
    return 0;
}

static void add_name(struct buffer *sql, const char *slug)
{
    buffer_text(sql, "\"event_");
    for (const char *c = slug; *c; c++)
        buffer_add(sql, *c == '-' ? "_" : c, 1);
    buffer_text(sql, "\"");
}

int flat_view_make(struct db *db, int64_t event_id, const char *slug, const struct event_definition *definition)
{
    struct buffer sql = { .data = NULL };
    struct arena *arena = arena_new();

    if (!arena)
        return -ENOMEM;

    buffer_text(&sql, "DROP VIEW IF EXISTS ");
    add_name(&sql, slug);
    buffer_text(&sql, "; CREATE VIEW ");
    add_name(&sql, slug);
    buffer_text(&sql, " AS SELECT ");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        buffer_format(&sql, "%sv.%s", i ? ", " : "", columns[i]);
    int r = add_fields(db, arena, event_id, definition, &sql);
    buffer_format(&sql,
                  " FROM registrations AS v JOIN registration AS r ON r.id = v.registration "
                  "WHERE r.event_id = %" PRId64,
                  event_id);
    if (r == 0)
        r = buffer_check(&sql);
    if (r == 0)
        r = db_script(db, sql.data);
    buffer_done(&sql);
    arena_free(arena);
    return r;
}

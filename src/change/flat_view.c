/* SPDX-License-Identifier: EUPL-1.2 */
/* Makes the flat view of an event. Called by take_revision's apply on the writer's thread. Names in it are slugs and
 * field ids, checked to be [a-z0-9_-] when the definition was parsed; no value goes into the text. */
#include "change/flat_view.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
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

static void add_field(struct buffer *sql, const char *field, const char *type, const char *role)
{
    if (strcmp(role, "name") == 0 || strcmp(role, "email") == 0) /* kept as columns only */
        buffer_format(sql, ", r.%s AS \"%s\"", role, field);
    else if (strcmp(type, "consent") == 0)
        buffer_format(sql, ", CASE json_extract(r.answers, '$.%s') WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS \"%s\"",
                      field, field);
    else
        buffer_format(sql, ", json_extract(r.answers, '$.%s') AS \"%s\"", field, field);
}

static int add_fields(struct db *db, int64_t event_id, struct buffer *sql)
{
    struct query *query = db_query(db, "event_fields");
    db_bind_int(query, ":event", event_id);
    int r;
    while ((r = db_step(query)) > 0) {
        const char *field = db_text(query, 0);
        if (db_int(query, 4) == 0 && !is_column(field)) /* an id that ever was a special need has no column */
            add_field(sql, field, db_text(query, 1), db_text(query, 2));
    }
    return r;
}

static void add_name(struct buffer *sql, const char *slug)
{
    buffer_text(sql, "\"event_");
    for (const char *c = slug; *c; c++)
        buffer_add(sql, *c == '-' ? "_" : c, 1);
    buffer_text(sql, "\"");
}

int flat_view_make(struct db *db, int64_t event_id, const char *slug)
{
    struct buffer sql = { .data = NULL };

    buffer_text(&sql, "DROP VIEW IF EXISTS ");
    add_name(&sql, slug);
    buffer_text(&sql, "; CREATE VIEW ");
    add_name(&sql, slug);
    buffer_text(&sql, " AS SELECT ");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        buffer_format(&sql, "%sv.%s", i ? ", " : "", columns[i]);
    int r = add_fields(db, event_id, &sql);
    buffer_format(&sql,
                  " FROM registrations AS v JOIN registration AS r ON r.id = v.registration "
                  "WHERE r.event_id = %" PRId64,
                  event_id);
    if (r == 0)
        r = buffer_check(&sql);
    if (r == 0)
        r = db_script(db, sql.data);
    buffer_done(&sql);
    return r;
}

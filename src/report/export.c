/* SPDX-License-Identifier: EUPL-1.2 */
/* All registrations of an event with their answers. Called by ctl. The rows are never in memory together. */
#include "report/export.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "report/csv.h"
#include "report/row.h"
#include "store/db.h"

/* The slug as the store has it: only then it becomes part of a view's name. */
static int find_event(struct db *db, const char *slug)
{
    struct query *query;
    int r = db_prepare(db, "SELECT 1 FROM event WHERE slug = :slug", &query);
    if (r < 0)
        return r;
    db_bind_text(query, ":slug", slug);
    r = db_step(query);
    db_finish(query);
    return r < 0 ? r : r == 0 ? -ENOENT : 0;
}

/* SELECT of the flat view; its name is quoted as an identifier: double quotes, doubled inside. */
static int prepare_view(struct db *db, const char *slug, struct query **ret_query)
{
    struct buffer sql = { 0 };

    buffer_text(&sql, "SELECT * FROM \"event_");
    for (const char *p = slug; *p; p++) {
        if (*p == '"')
            buffer_text(&sql, "\"\"");
        else
            buffer_add(&sql, *p == '-' ? "_" : p, 1);
    }
    buffer_text(&sql, "\" ORDER BY registration");
    int r = buffer_check(&sql);
    if (r == 0)
        r = db_prepare(db, buffer_string(&sql), ret_query);
    buffer_done(&sql);
    return r;
}

static int write_csv(struct query *query, FILE *out)
{
    struct csv csv;
    char digits[ROW_NUMBER_SIZE];
    int r;

    csv_begin(&csv, out);
    for (int i = 0; i < db_columns(query); i++)
        csv_text(&csv, db_column_name(query, i));
    csv_end_row(&csv);
    while ((r = db_step(query)) > 0) {
        for (int i = 0; i < db_columns(query); i++) {
            enum db_type type = db_column_type(query, i);
            if (type == DB_INTEGER || type == DB_REAL) {
                row_number(query, i, digits);
                csv_number(&csv, digits);
            } else {
                csv_text(&csv, db_text(query, i));
            }
        }
        csv_end_row(&csv);
        if (ferror(out))
            return -EIO;
    }
    return r;
}

static int write_json(struct query *query, FILE *out)
{
    const char *before = "[\n";
    int r;

    while ((r = db_step(query)) > 0) {
        json_t *row = row_object(query);
        if (!row)
            return -ENOMEM;
        (void)fputs(before, out);
        r = json_dumpf(row, out, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
        json_decref(row);
        if (r < 0 || ferror(out))
            return -EIO;
        before = ",\n";
    }
    if (r == 0)
        (void)fputs(before[0] == '[' ? "[]\n" : "\n]\n", out);
    return r;
}

int export_event(struct db *db, const char *slug, enum export_format format, FILE *out)
{
    struct query *query;

    int r = find_event(db, slug);
    if (r == 0)
        r = prepare_view(db, slug, &query);
    if (r < 0)
        return r;
    r = format == EXPORT_CSV ? write_csv(query, out) : write_json(query, out);
    db_finish(query);
    if (r == 0 && (fflush(out) != 0 || ferror(out)))
        r = -EIO;
    return r;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event list: every event that the store knows, in the order in which they start. One thread. */
#include "ctl/event.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "ctl/ctl_event.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "event/definition.h"
#include "store/db.h"

/* The registrations of each event by state, the places of its modes. */
static const char list_sql[] =
    "SELECT e.slug AS event, e.state AS state, strftime('%Y-%m-%dT%H:%M:%SZ', e.starts_at, 'unixepoch') AS starts, "
    "v.number AS revision, v.text AS text, "
    "(SELECT json_group_object(status, n) FROM (SELECT r.status AS status, count(*) AS n FROM registration AS r "
    "WHERE r.event_id = e.id GROUP BY r.status ORDER BY r.status)) AS registrations, "
    "(SELECT sum(p.taken) FROM place AS p WHERE p.event_id = e.id AND p.kind = 'mode' AND p.retired_at IS NULL) "
    "AS taken, "
    "(SELECT CASE WHEN count(*) = count(p.capacity) THEN sum(p.capacity) END FROM place AS p "
    "WHERE p.event_id = e.id AND p.kind = 'mode' AND p.retired_at IS NULL) AS capacity "
    "FROM event AS e JOIN event_revision AS v ON v.id = e.revision_id ORDER BY e.starts_at, e.slug";

/* The title in the definition's first language; NULL: the text is none of this version. */
static const char *title_of(struct arena *arena, const char *text)
{
    const struct event_definition *definition;
    if (!text || event_definition_parse(text, strlen(text), "revision", NULL, &definition) < 0)
        return NULL;
    const char *title = arena_copy(arena, ctl_event_text(definition, &definition->title));
    event_definition_unref(definition);
    return title;
}

/* In place of the text each row gets the title, and the counts as an object. */
static bool refine(struct arena *arena, json_t *row)
{
    const char *title = title_of(arena, json_string_value(json_object_get(row, "text")));
    const char *counts = json_string_value(json_object_get(row, "registrations"));
    json_t *object = counts ? json_loads(counts, 0, NULL) : json_object();
    return json_object_set_new(row, "title", title ? json_string(title) : json_null()) == 0 &&
           json_object_del(row, "text") == 0 && json_object_set_new(row, "registrations", object) == 0;
}

/* "3 confirmed, 1 waitlisted" */
static const char *counts_words(struct arena *arena, const json_t *counts)
{
    const char *words = "", *status;
    json_t *count;
    json_object_foreach((json_t *)counts, status, count) {
        words = arena_format(arena, "%s%s%lld %s", words, *words ? ", " : "", (long long)json_integer_value(count),
                             status);
        if (!words)
            return NULL;
    }
    return words;
}

/* "3/40", "3" without a limit */
static const char *places_words(struct arena *arena, const json_t *row)
{
    const long long taken = (long long)json_integer_value(json_object_get(row, "taken"));
    const json_t *capacity = json_object_get(row, "capacity");
    return json_is_integer(capacity)
               ? arena_format(arena, "%lld/%lld", taken, (long long)json_integer_value(capacity))
               : arena_format(arena, "%lld", taken);
}

static enum ctl_exit print_table(struct arena *arena, const json_t *rows)
{
    static const char *const headings[] = { "EVENT", "STATE", "STARTS", "PLACES", "REGISTRATIONS", "TITLE" };
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    json_t *row;
    size_t i;
    if (!table)
        return ctl_no_memory();
    json_array_foreach(rows, i, row) {
        table_add(table, json_string_value(json_object_get(row, "event")));
        table_add(table, json_string_value(json_object_get(row, "state")));
        table_add(table, json_string_value(json_object_get(row, "starts")));
        table_add(table, places_words(arena, row));
        table_add(table, counts_words(arena, json_object_get(row, "registrations")));
        table_add(table, json_string_value(json_object_get(row, "title")));
    }
    int r = table_print(table, stdout);
    table_free(table);
    return r < 0 ? ctl_no_memory() : ctl_output_done();
}

static enum ctl_exit list(struct ctl *ctl, struct arena *arena, bool json)
{
    struct query *query = ctl_query(ctl, list_sql, NULL, NULL);
    json_t *rows, *row;
    size_t i;
    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, &rows);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    bool good = true;
    json_array_foreach(rows, i, row)
        good = good && refine(arena, row);
    if (good && json)
        return ctl_print_json(rows);
    enum ctl_exit exit = good ? print_table(arena, rows) : ctl_no_memory();
    json_decref(rows);
    return exit;
}

enum ctl_exit ctl_event_list(struct ctl *ctl, const struct event_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    struct arena *arena = exit == CTL_OK ? arena_new() : NULL;
    if (exit != CTL_OK)
        return exit;
    exit = arena ? list(ctl, arena, arguments->json) : ctl_no_memory();
    arena_free(arena);
    return exit;
}

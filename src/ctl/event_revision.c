/* SPDX-License-Identifier: EUPL-1.2 */
/* A revision of an event as the store has it. Called by convenectl event show, diff, export, cancel and move. */
#include "ctl/event.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "store/db.h"

static struct event_revision read_row(struct arena *arena, const struct query *query)
{
    return (struct event_revision){ .id = db_int(query, 0),
                                    .event_id = db_int(query, 1),
                                    .number = db_int(query, 2),
                                    .created_at = db_int(query, 3),
                                    .ical_sequence = db_int(query, 4),
                                    .is_current = db_int(query, 5) != 0,
                                    .slug = arena_copy(arena, db_text(query, 6)),
                                    .state = arena_copy(arena, db_text(query, 7)),
                                    .text = arena_copy(arena, db_text(query, 8)),
                                    .author = arena_copy(arena, db_text(query, 9)),
                                    .source = arena_copy(arena, db_text(query, 10)),
                                    .file = arena_copy(arena, db_text(query, 11)),
                                    .off_reason = arena_copy(arena, db_text(query, 12)) };
}

enum ctl_exit ctl_event_revision(struct ctl *ctl, struct arena *arena, const char *slug, int64_t number,
                                 struct event_revision *ret_revision)
{
    enum ctl_exit exit = ctl_event_exists(ctl, slug);
    if (exit != CTL_OK)
        return exit;
    struct query *query =
        ctl_query(ctl,
                  "SELECT v.id, e.id, v.number, v.created_at, e.ical_sequence, v.id = e.revision_id, e.slug, e.state, "
                  "v.text, v.author, v.source, v.file, e.off_reason FROM event AS e JOIN event_revision AS v "
                  "ON v.event_id = e.id WHERE e.slug = :slug "
                  "AND (v.number = :number OR (:number = 0 AND v.id = e.revision_id))",
                  ":slug", slug);
    if (!query)
        return CTL_CANNOT;
    db_bind_int(query, ":number", number);
    int r = db_step(query);
    if (r > 0)
        *ret_revision = read_row(arena, query);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("%s has no revision %lld", slug, (long long)number);
        return CTL_WRONG;
    }
    return ret_revision->slug && ret_revision->state && ret_revision->text ? CTL_OK : ctl_no_memory();
}

const char *ctl_event_instant(struct arena *arena, int64_t at)
{
    const time_t time = (time_t)at;
    struct tm tm;
    char text[32];
    if (!gmtime_r(&time, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return "";
    const char *copy = arena_copy(arena, text);
    return copy ? copy : "";
}

const char *ctl_event_wall(struct arena *arena, const char *zone, int64_t at)
{
    struct wall wall;
    zone_to_wall(zone, at, &wall);
    const char *text = arena_format(arena, "%04d-%02d-%02d %02d:%02d", wall.year, wall.month, wall.day, wall.hour,
                                    wall.minute);
    return text ? text : "";
}

enum ctl_exit ctl_event_parse(const struct event_revision *revision, const struct event_definition **ret_definition)
{
    int r = event_definition_parse(revision->text, strlen(revision->text), "revision", NULL, ret_definition);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0) {
        ctl_complain("revision %lld of %s is not one of this version", (long long)revision->number, revision->slug);
        return CTL_CANNOT;
    }
    return CTL_OK;
}

const char *ctl_event_text(const struct event_definition *definition, const struct event_text *text)
{
    const char *words = event_text_in(definition, text, definition->languages[0], NULL);
    return words ? words : "";
}

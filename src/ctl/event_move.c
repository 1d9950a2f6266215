/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event move: tells who has a place that the event is now at another time or place than they were told last.
 * The move itself is an edit of the definition, which the daemon has taken over. What somebody was told last is the
 * revision that was current when the latest mail went, or that the registration was made or changed by. Once for each
 * revision; run again it goes on with those who were not told. One thread. */
#include "ctl/event.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ctl/ctl_event.h"
#include "ctl/event_news.h"
#include "event/definition.h"
#include "store/db.h"

/* Who has a place and was not told of this revision: with what they were told last. */
static const char people_sql[] =
    "SELECT r.id, r.language, r.mode, (SELECT v.id FROM event_revision AS v WHERE v.event_id = r.event_id "
    "AND (v.id = r.revision_id OR v.created_at < (SELECT max(m.sent_at) FROM mail AS m "
    "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id AND m.state = 'sent')) "
    "ORDER BY v.number DESC LIMIT 1) FROM registration AS r "
    "WHERE r.event_id = :event AND r.status = 'confirmed' AND " CTL_NEWS_LIVE
    "AND NOT EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "
    "AND m.kind = 'event_moved' AND m.instance = :revision) ORDER BY r.id";

/* A revision that somebody was told, parsed once. */
struct known {
    int64_t id;
    const struct event_definition *definition; /* NULL: this version does not accept it */
};

struct moving {
    struct ctl *ctl;
    struct arena *arena;
    const struct event_revision *event;
    const struct event_definition *today;
    size_t known_count, known_room;
    struct known *known;
};

static int read_definition(struct moving *m, int64_t revision_id, const struct event_definition **ret_definition)
{
    struct query *query;
    int r = db_prepare(m->ctl->db, "SELECT text FROM event_revision WHERE id = :id", &query);
    if (r < 0)
        return r;
    db_bind_int(query, ":id", revision_id);
    r = db_step(query);
    if (r > 0) {
        r = event_definition_parse(db_text(query, 0), strlen(db_text(query, 0)), "revision", NULL, ret_definition);
        if (r == -EINVAL) {
            *ret_definition = NULL;
            r = 0;
        }
    } else if (r == 0) {
        r = -ENOENT;
    }
    db_finish(query);
    return r;
}

static int find_known(struct moving *m, int64_t revision_id, const struct known **ret_known)
{
    for (size_t i = 0; i < m->known_count; i++) {
        if (m->known[i].id == revision_id) {
            *ret_known = &m->known[i];
            return 0;
        }
    }
    struct known *known = arena_grow(m->arena, m->known, m->known_count, &m->known_room, sizeof(*known));
    if (!known)
        return -ENOMEM;
    m->known = known;
    known += m->known_count;
    known->id = revision_id;
    known->definition = NULL;
    int r = read_definition(m, revision_id, &known->definition);
    if (r < 0)
        return r;
    m->known_count++;
    *ret_known = known;
    return 0;
}

static bool is_online(const struct moving *m, const char *mode)
{
    const int at = mode ? event_mode(m->today, mode) : -1;
    return at >= 0 && event_mode_is_online(&m->today->modes[at]);
}

/* Where an event is matters to nobody who takes part online. */
static bool concerns(const struct moving *m, const struct known *known, const char *mode)
{
    if (!known->definition)
        return true;
    return event_times_moved(known->definition, m->today) ||
           (event_place_moved(known->definition, m->today) && !is_online(m, mode));
}

/* What it was: {"zone", "days": [[from, to]…], "place"}, the place in the language of the mail. */
static const char *data_of(const struct moving *m, const struct known *known, const char *language)
{
    const struct event_definition *was = known->definition;
    json_t *days = json_array();
    for (size_t i = 0; was && i < was->day_count; i++)
        (void)json_array_append_new(days, json_pack("[I, I]", (json_int_t)was->days[i].starts,
                                                    (json_int_t)was->days[i].ends));
    const char *place = was && was->has_place ? event_text_in(was, &was->place, language, NULL) : NULL;
    json_t *object = json_pack("{s:I, s:s?, s:o, s:s?}", "from", (json_int_t)known->id, "zone", was ? was->zone : NULL,
                               "days", days, "place", place);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    const char *copy = arena_copy(m->arena, text);
    free(text);
    json_decref(object);
    return copy;
}

static int add_person(struct moving *m, const struct query *row, struct event_people *people)
{
    const struct known *known;
    int r = find_known(m, db_int(row, 3), &known);
    if (r < 0 || !concerns(m, known, db_text(row, 2)))
        return r;
    return ctl_news_add(m->arena, people, db_int(row, 0), data_of(m, known, db_text(row, 1)));
}

static enum ctl_exit list_people(struct moving *m, struct event_people *people)
{
    struct query *query = ctl_query_id(m->ctl, people_sql, ":event", m->event->event_id);
    if (!query)
        return CTL_CANNOT;
    db_bind_int(query, ":revision", m->event->id);
    int r, added = 0;
    while ((r = db_step(query)) > 0 && added == 0)
        added = add_person(m, query, people);
    db_finish(query);
    if (added < 0)
        r = added;
    if (r == -ENOMEM)
        return ctl_no_memory();
    return r < 0 ? ctl_store_failed(m->ctl, r) : CTL_OK;
}

static enum ctl_exit say(const struct event_arguments *arguments, const struct moving *m, size_t count)
{
    if (arguments->json)
        return ctl_print_json(json_pack("{s:s, s:I, s:b, s:I}", "event", m->event->slug, "revision",
                                        (json_int_t)m->event->number, "dry_run", (int)arguments->dry_run, "told",
                                        (json_int_t)count));
    (void)printf(arguments->dry_run ? "%s, revision %lld: people who would be told: %zu\n"
                                    : "%s, revision %lld: people told: %zu\n",
                 m->event->slug, (long long)m->event->number, count);
    return ctl_output_done();
}

static enum ctl_exit tell(struct moving *m, const struct event_arguments *arguments)
{
    struct event_people people = { .count = 0 };
    size_t told;
    if (m->today->ends <= clock_now(m->ctl->clock)) {
        ctl_complain("%s is over", m->event->slug);
        return CTL_WRONG;
    }
    enum ctl_exit exit = list_people(m, &people);
    if (exit != CTL_OK)
        return exit;
    if (arguments->dry_run)
        return say(arguments, m, people.count);
    const struct event_message message = { .event_id = m->event->event_id,
                                           .instance = m->event->id,
                                           .news = EVENT_NEWS_MOVED };
    exit = ctl_news_tell(m->ctl, &message, &people, &told);
    return exit == CTL_OK ? say(arguments, m, told) : exit;
}

static enum ctl_exit move(struct ctl *ctl, struct arena *arena, const struct event_arguments *arguments)
{
    struct event_revision event;
    struct moving moving = { .ctl = ctl, .arena = arena, .event = &event };
    if (arguments->yes == arguments->dry_run) {
        ctl_complain("say --dry-run or --yes: everybody whom the move concerns gets a mail");
        return CTL_CANNOT;
    }
    enum ctl_exit exit = ctl_event_revision(ctl, arena, arguments->slug, 0, &event);
    if (exit != CTL_OK)
        return exit;
    if (strcmp(event.state, "live") != 0) {
        ctl_complain("%s is %s", event.slug, strcmp(event.state, "off") == 0 ? "off" : "not public");
        return CTL_WRONG;
    }
    exit = ctl_event_parse(&event, &moving.today);
    if (exit != CTL_OK)
        return exit;
    exit = tell(&moving, arguments);
    event_definition_unref(moving.today);
    for (size_t i = 0; i < moving.known_count; i++)
        event_definition_unref(moving.known[i].definition);
    return exit;
}

enum ctl_exit ctl_event_move(struct ctl *ctl, const struct event_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? move(ctl, arena, arguments) : ctl_no_memory();
    arena_free(arena);
    return exit;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails that are sent on a date, on a real store: when each is due by the calendar of the event's zone, who gets it,
 * and that nobody gets one twice whatever is moved, repeated or broken off. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "change/event_off.h"
#include "change/plan.h"
#include "change/take_revision.h"
#include "event/definition.h"
#include "event/zone.h"
#include "store/db.h"
#include "store/store.h"

#define DAY 86400
#define HOUR 3600

struct world {
    char folder[32], path[64], clock_path[64];
    struct clock *clock;
    struct store *store;
    struct db *db; /* another process */
};

static int64_t instant(const char *stamp)
{
    int64_t at;
    assert_int_equal(clock_parse(stamp, &at), 0);
    return at;
}

static void set_clock(struct world *world, const char *stamp)
{
    FILE *file = fopen(world->clock_path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", stamp) > 0);
    assert_int_equal(fclose(file), 0);
    if (world->clock)
        assert_int_equal(clock_reread(world->clock), 0);
}

static void open_store(struct world *world)
{
    bool created;
    const struct store_options options = { .path = world->path, .readers = 1, .queue = 10, .clock = world->clock };
    assert_int_equal(store_open(&options, &world->store, &created), 0);
}

static int begin(void **state)
{
    static struct world world;
    log_setup(LOG_LEVEL_ERROR);
    if (sodium_init() < 0 || zone_setup() < 0)
        return -1;
    world = (struct world){ .folder = "/tmp/convened-test-XXXXXX" };
    assert_non_null(mkdtemp(world.folder));
    (void)snprintf(world.path, sizeof(world.path), "%s/t.db", world.folder);
    (void)snprintf(world.clock_path, sizeof(world.clock_path), "%s/clock", world.folder);
    set_clock(&world, "2027-01-15T10:00:00Z");
    assert_int_equal(clock_new(world.clock_path, &world.clock), 0);
    open_store(&world);
    assert_int_equal(db_open(world.path, DB_WRITE, &world.db, NULL), 0);
    *state = &world;
    return 0;
}

static int end(void **state)
{
    struct world *world = *state;
    char command[96];
    db_close(world->db);
    store_close(world->store);
    clock_free(world->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", world->folder);
    return system(command);
}

/* Takes the event over as it is said now; NULL: its file has gone, and another event is there. */
static void define(struct world *world, const char *starts, const char *ends, const char *extra)
{
    static char text[4000];
    const struct event_definition *definition;
    struct arena *arena = arena_new();
    (void)snprintf(text, sizeof(text),
                   "slug = \"%s\"; languages = [ \"en\" ]; title = \"Meet\"; zone = \"Europe/Tallinn\"; "
                   "place = \"Hall\"; starts = \"%s\"; ends = \"%s\"; %s\n"
                   "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"N\"; required = true; }, "
                   "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"E\"; required = true; } );",
                   starts ? "meet" : "other", starts ? starts : "2030-01-01T10:00", ends ? ends : "2030-01-01T11:00",
                   extra ? extra : "");
    assert_int_equal(event_definition_parse(text, strlen(text), "meet.conf", NULL, &definition), 0);
    struct revision_file file = { .name = starts ? "meet.conf" : "other.conf", .text = text, .size = strlen(text),
                                  .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena },
                                  .message_domain = "cluster.example", .may_withdraw = !starts,
                                  .files = &file, .file_count = 1 };
    assert_int_equal(store_run(world->store, &take.job), 0);
    assert_int_equal(take.refusal_count, 0);
    arena_free(arena);
    event_definition_unref(definition);
}

static void script(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void script(struct world *world, const char *format, ...)
{
    char sql[2000];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sql, sizeof(sql), format, args);
    va_end(args);
    if (db_script(world->db, sql) < 0)
        fail_msg("%s: %s", sql, db_error(world->db));
}

static int64_t count(struct world *world, const char *sql)
{
    struct query *query;
    if (db_prepare(world->db, sql, &query) < 0)
        fail_msg("%s: %s", sql, db_error(world->db));
    int64_t number = db_step(query) > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

/* Registrations ID to LAST, confirmed at AT. */
static void people(struct world *world, int id, int last, const char *mode, const char *at)
{
    for (int i = id; i <= last; i++)
        script(world,
               "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, reference, "
               "language, email, mode, answers, search, link_version, created_at, updated_at) SELECT %d, id, "
               "revision_id, %d, 'confirmed', %lld, 'person', 'R%d', 'en', 'p%d@x.example', '%s', '{}', '', 1, %lld, "
               "%lld FROM event WHERE slug = 'meet'",
               i, i, (long long)instant(at), i, i, mode, (long long)instant(at), (long long)instant(at));
}

/* One step, as the daemon's timer does it. True: a plan was due. */
static bool step(struct world *world, size_t *ret_count)
{
    struct arena *arena = arena_new();
    struct plan *plan = arena_take(arena, sizeof(*plan));
    *plan = (struct plan){ .job = { .kind = &change_plan, .arena = arena }, .message_domain = "cluster.example" };
    assert_int_equal(store_run(world->store, &plan->job), 0);
    bool found = plan->found;
    if (ret_count)
        *ret_count = plan->count;
    arena_free(arena);
    return found;
}

/* All that is due at STAMP; how many mails that brought. */
static size_t run_at(struct world *world, const char *stamp)
{
    size_t sum = 0, born;
    int steps = 0;
    set_clock(world, stamp);
    while (step(world, &born)) {
        sum += born;
        assert_true(++steps < 1000);
    }
    return sum;
}

#define assert_due(world, kind, instance, stamp)                                                                     \
    do {                                                                                                             \
        char sql_[300];                                                                                              \
        (void)snprintf(sql_, sizeof(sql_), "SELECT due_at FROM mail_plan WHERE kind = '%s' AND instance = %lld "     \
                       "AND state = 'planned'", kind, (long long)(instance));                                        \
        assert_int_equal(count(world, sql_), instant(stamp));                                                        \
    } while (0)

static int64_t date_of(const char *stamp)
{
    return instant(stamp) / DAY;
}

static void test_instants(void **state)
{
    struct world *world = *state;
    const int64_t day = date_of("2027-03-29T00:00:00Z") * 10000;
    /* clocks go forward on Sunday, 28 March 2027, 03:00 */
    define(world, "2027-03-29T09:30", "2027-03-29T16:00",
           "modes = ( { id = \"onsite\"; }, { id = \"online\"; } ); join_url = \"https://x.example/\"; "
           "reminders = [ \"7d\", \"1d\", \"25h\" ]; thanks = { after = \"1d\"; };");
    assert_due(world, "reminder", day + 7 * 24, "2027-03-22T07:30:00Z");
    assert_due(world, "reminder", day + 24, "2027-03-28T06:30:00Z");
    assert_due(world, "reminder", day + 25, "2027-03-28T05:30:00Z");
    assert_due(world, "join", day, "2027-03-29T04:30:00Z");
    assert_due(world, "thanks", 0, "2027-03-30T13:00:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan"), 5);
    /* 03:30 did not exist the day before: it is taken as 04:30 */
    define(world, "2027-03-29T03:30", "2027-03-29T16:00", "reminders = [ \"1d\" ];");
    assert_due(world, "reminder", day + 24, "2027-03-28T01:30:00Z");
    /* and in autumn the hour is the same though a day has 25 */
    define(world, "2027-11-01T09:30", "2027-11-01T16:00", "reminders = [ \"1d\" ];");
    assert_due(world, "reminder", date_of("2027-11-01T00:00:00Z") * 10000 + 24, "2027-10-31T07:30:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state = 'planned'"), 1);
}

static void test_steps(void **state)
{
    struct world *world = *state;
    size_t born;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", NULL);
    people(world, 1, 450, "onsite", "2027-01-16T10:00:00Z");
    assert_int_equal(run_at(world, "2027-03-11T07:29:59Z"), 0);
    set_clock(world, "2027-03-11T07:30:00Z");
    assert_true(step(world, &born));
    assert_int_equal(born, 200);
    assert_int_equal(count(world, "SELECT cursor FROM mail_plan WHERE state = 'running'"), 200);
    /* the daemon ends here, and another one begins */
    store_close(world->store);
    open_store(world);
    assert_true(step(world, &born));
    assert_int_equal(born, 200);
    assert_true(step(world, &born));
    assert_int_equal(born, 50);
    assert_false(step(world, NULL));
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE kind = 'reminder'"), 450);
    assert_int_equal(count(world, "SELECT count(DISTINCT subject_id) FROM mail"), 450);
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE priority = 1 AND expires_at = "
                                  "strftime('%s', '2027-03-18T07:30:00Z') AND instance = 208950168"),
                     450);
    /* a step that is done once more, as after a lost answer, brings nothing */
    script(world, "UPDATE mail_plan SET state = 'running', cursor = 0 WHERE state = 'done'");
    (void)run_at(world, "2027-03-11T08:00:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail"), 450);
    assert_int_equal(run_at(world, "2027-03-17T07:30:00Z"), 450);
}

static void test_whom(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00",
           "modes = ( { id = \"onsite\"; }, { id = \"online\"; } ); join_url = \"https://x.example/\"; "
           "reminders = [ \"1d\" ]; thanks = { };");
    people(world, 1, 8, "onsite", "2027-01-16T10:00:00Z");
    people(world, 9, 10, "online", "2027-01-16T10:00:00Z");
    people(world, 11, 11, "online", "2027-03-17T07:30:00Z"); /* in the second in which it is due */
    script(world, "UPDATE registration SET status = 'cancelled' WHERE id = 1;"
                  "UPDATE registration SET status = 'waitlisted' WHERE id = 2;"
                  "UPDATE registration SET stopped_at = 5 WHERE id = 3;"
                  "UPDATE registration SET undeliverable_at = 5 WHERE id = 4;"
                  "UPDATE registration SET email = NULL WHERE id = 5;"
                  "UPDATE registration SET stopped_at = 5 WHERE id = 9;"
                  "UPDATE registration SET status_at = strftime('%%s', '2027-03-17T07:29:59Z') WHERE id = 6");
    assert_int_equal(run_at(world, "2027-03-17T07:30:05Z"), 4);
    assert_int_equal(count(world, "SELECT group_concat(subject_id, '') FROM (SELECT subject_id FROM mail "
                                  "ORDER BY subject_id)"),
                     67810);
    assert_int_equal(run_at(world, "2027-03-18T05:30:00Z"), 3); /* 9 has stopped reminders, not the link */
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE kind = 'join' AND subject_id >= 9 AND expires_at = "
                                  "strftime('%s', '2027-03-18T14:00:00Z')"),
                     3);
    assert_int_equal(run_at(world, "2027-03-19T14:00:00Z"), 5); /* 6, 7, 8, 10, 11 */
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state <> 'done'"), 0);
}

static void test_moved(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"7d\", \"1d\" ];");
    people(world, 1, 3, "onsite", "2027-01-16T10:00:00Z");
    assert_int_equal(run_at(world, "2027-03-11T08:00:00Z"), 3);
    /* an hour later on the same date: not again, and the other one moves along */
    define(world, "2027-03-18T10:30", "2027-03-18T17:00", "reminders = [ \"7d\", \"1d\" ];");
    assert_int_equal(run_at(world, "2027-03-11T09:00:00Z"), 0);
    assert_due(world, "reminder", date_of("2027-03-18T00:00:00Z") * 10000 + 24, "2027-03-17T08:30:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan"), 2);
    /* to another date: both are sent of that one, and nothing more of the old */
    define(world, "2027-04-22T10:30", "2027-04-22T17:00", "reminders = [ \"7d\", \"1d\" ];");
    assert_int_equal(run_at(world, "2027-04-14T12:00:00Z"), 0);
    assert_int_equal(run_at(world, "2027-04-15T07:30:00Z"), 3);
    assert_int_equal(run_at(world, "2027-04-21T07:30:00Z"), 3);
    assert_int_equal(run_at(world, "2027-06-01T00:00:00Z"), 0);
    assert_int_equal(count(world, "SELECT count(*) FROM mail"), 9);
}

static void test_there_and_back(void **state)
{
    struct world *world = *state;
    size_t born;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"1d\" ];");
    people(world, 1, 300, "onsite", "2027-01-16T10:00:00Z");
    set_clock(world, "2027-03-17T08:00:00Z");
    assert_true(step(world, &born)); /* 200 of the 300 have theirs */
    define(world, "2027-03-25T09:30", "2027-03-25T16:00", "reminders = [ \"1d\" ];");
    assert_false(step(world, NULL));
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"1d\" ];");
    (void)run_at(world, "2027-03-17T08:10:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail"), 300);
    assert_int_equal(count(world, "SELECT count(DISTINCT subject_id) FROM mail"), 300);
}

static void test_late(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"7d\", \"1d\", \"3h\" ];");
    people(world, 1, 3, "onsite", "2027-01-16T10:00:00Z");
    /* the daemon was down over two of them: the younger one is enough */
    assert_int_equal(run_at(world, "2027-03-17T12:00:00Z"), 3);
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE instance % 10000 = 24 AND due_at = born_at"), 3);
    /* down over the start: nothing is made up for; nor are thanks after a month */
    assert_int_equal(run_at(world, "2027-03-18T07:30:00Z"), 0);
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ ]; thanks = { };");
    assert_int_equal(run_at(world, "2027-04-19T14:00:00Z"), 0);
    assert_int_equal(count(world, "SELECT count(*) FROM mail"), 3);
    /* and of an event that is over nothing is planned */
    set_clock(world, "2028-01-01T00:00:00Z");
    define(world, "2027-03-19T09:30", "2027-03-19T16:00", "reminders = [ \"1d\" ]; thanks = { };");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state = 'planned'"), 0);
}

static void test_withdrawn_and_off(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"7d\", \"1d\" ]; thanks = { };");
    people(world, 1, 3, "onsite", "2027-01-16T10:00:00Z");
    define(world, NULL, NULL, NULL);
    assert_int_equal(count(world, "SELECT count(*) FROM event WHERE state = 'withdrawn'"), 1);
    assert_int_equal(run_at(world, "2027-03-11T08:00:00Z"), 0);
    /* public again: what is not over is sent now */
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"7d\", \"1d\" ]; thanks = { };");
    assert_int_equal(run_at(world, "2027-03-12T08:00:00Z"), 3);

    struct arena *arena = arena_new();
    struct event_off off = { .job = { .kind = &change_event_off, .arena = arena }, .actor = "convenectl" };
    off.event_id = count(world, "SELECT id FROM event WHERE slug = 'meet'");
    assert_int_equal(store_run(world->store, &off.job), 0);
    arena_free(arena);
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state IN ('planned', 'running') AND event_id = "
                                  "(SELECT id FROM event WHERE slug = 'meet')"),
                     0);
    assert_int_equal(run_at(world, "2027-03-20T08:00:00Z"), 0);
    define(world, "2027-05-18T09:30", "2027-05-18T16:00", "reminders = [ \"7d\", \"1d\" ]; thanks = { };");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state IN ('planned', 'running') AND event_id = "
                                  "(SELECT id FROM event WHERE slug = 'meet')"),
                     0);
    assert_int_equal(run_at(world, "2027-06-20T08:00:00Z"), 0);
    assert_int_equal(count(world, "SELECT count(*) FROM mail"), 3);
}

static void test_days(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-20T16:00",
           "days = ( { starts = \"2027-03-18T09:30\"; ends = \"2027-03-18T12:00\"; }, "
           "{ starts = \"2027-03-18T18:00\"; ends = \"2027-03-18T22:00\"; }, "
           "{ starts = \"2027-03-20T10:00\"; ends = \"2027-03-20T16:00\"; } ); reminders = [ \"1d\" ];");
    people(world, 1, 1, "onsite", "2027-01-16T10:00:00Z");
    assert_int_equal(run_at(world, "2027-03-17T07:30:00Z"), 1);
    assert_int_equal(run_at(world, "2027-03-17T16:00:00Z"), 0); /* the evening is on the same date */
    assert_int_equal(run_at(world, "2027-03-19T08:00:00Z"), 1);
    assert_int_equal(count(world, "SELECT json_extract(data, '$.day') FROM mail ORDER BY id DESC LIMIT 1"), 2);
}

static void book(struct world *world, int id, const char *key)
{
    script(world, "INSERT INTO claim (registration_id, place_id, state) SELECT %d, id, 'taken' FROM place "
                  "WHERE kind = 'slot' AND key = '%s'", id, key);
}

static void test_slots(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-15T08:00", "2027-06-30T18:00",
           "slots = ( { resource = \"lab\"; title = \"Lab\"; weekdays = [ \"thu\" ]; from = \"09:00\"; "
           "to = \"16:00\"; length_minutes = 60; } ); reminders = [ \"1d\" ];");
    people(world, 1, 3, "onsite", "2027-01-16T10:00:00Z");
    book(world, 1, "lab/2027-03-18T09:00");
    book(world, 2, "lab/2027-03-18T15:00");
    book(world, 3, "lab/2027-03-25T10:00");
    assert_int_equal(run_at(world, "2027-03-14T12:00:00Z"), 0); /* the series begins, nobody comes then */
    assert_int_equal(run_at(world, "2027-03-17T07:00:00Z"), 2);
    assert_int_equal(count(world, "SELECT due_at FROM mail WHERE subject_id = 1"), instant("2027-03-17T07:00:00Z"));
    assert_int_equal(count(world, "SELECT due_at FROM mail WHERE subject_id = 2"), instant("2027-03-17T13:00:00Z"));
    assert_int_equal(count(world, "SELECT expires_at FROM mail WHERE subject_id = 2"),
                     instant("2027-03-18T13:00:00Z"));
    assert_int_equal(run_at(world, "2027-03-24T08:00:00Z"), 1);
    assert_int_equal(count(world, "SELECT subject_id FROM mail ORDER BY id DESC LIMIT 1"), 3);
    /* late: to those whose time has not come yet */
    people(world, 4, 5, "onsite", "2027-01-16T10:00:00Z");
    book(world, 4, "lab/2027-04-01T09:00");
    book(world, 5, "lab/2027-04-01T15:00");
    assert_int_equal(run_at(world, "2027-04-01T06:00:00Z"), 1);
    assert_int_equal(count(world, "SELECT subject_id FROM mail ORDER BY id DESC LIMIT 1"), 5);
}

#define NOTIFY(words) "reminders = [ ]; notify = { to = [ \"a@x.example\", \"b@x.example\" ]; " words " };"

static void test_daily(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-30T09:30", "2027-03-30T16:00", NOTIFY("digest = \"daily\"; at = \"03:30\";"));
    assert_int_equal(run_at(world, "2027-01-16T01:29:59Z"), 0);
    assert_int_equal(run_at(world, "2027-01-16T01:30:00Z"), 0); /* nothing has changed */
    people(world, 1, 2, "onsite", "2027-01-16T10:00:00Z");
    assert_int_equal(run_at(world, "2027-01-17T01:30:00Z"), 2);
    assert_int_equal(count(world, "SELECT max(instance) FROM mail"), date_of("2027-01-17T00:00:00Z") * 100 + 1);
    assert_int_equal(run_at(world, "2027-01-18T01:30:00Z"), 0);
    /* at another hour of the same date: not a second one, and nothing is lost */
    script(world, "UPDATE registration SET updated_at = strftime('%%s', '2027-01-18T10:00:00Z') WHERE id = 1");
    assert_int_equal(run_at(world, "2027-01-19T01:30:00Z"), 2);
    script(world, "UPDATE registration SET updated_at = strftime('%%s', '2027-01-19T01:40:00Z') WHERE id = 1");
    define(world, "2027-03-30T09:30", "2027-03-30T16:00", NOTIFY("digest = \"daily\"; at = \"05:30\";"));
    assert_int_equal(run_at(world, "2027-01-19T04:00:00Z"), 0);
    assert_int_equal(run_at(world, "2027-01-20T04:00:00Z"), 2);
    assert_int_equal(count(world, "SELECT json_extract(data, '$.since') FROM mail ORDER BY id DESC LIMIT 1"),
                     instant("2027-01-19T01:30:00Z"));
    /* 03:30 does not exist on 28 March; after the end there is none */
    define(world, "2027-03-30T09:30", "2027-03-30T16:00", NOTIFY("digest = \"daily\"; at = \"03:30\";"));
    (void)run_at(world, "2027-03-27T12:00:00Z");
    assert_due(world, "digest", 0, "2027-03-28T01:30:00Z");
    (void)run_at(world, "2027-03-30T12:00:00Z");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state = 'planned'"), 0);
}

static void test_weekly(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-30T09:30", "2027-03-30T16:00", NOTIFY("digest = \"weekly\";"));
    assert_due(world, "digest", 0, "2027-01-18T05:30:00Z"); /* a Monday, 07:30 */
    people(world, 1, 1, "onsite", "2027-01-16T10:00:00Z");
    assert_int_equal(run_at(world, "2027-01-18T05:30:00Z"), 2);
    assert_due(world, "digest", 0, "2027-01-25T05:30:00Z");
    define(world, "2027-03-30T09:30", "2027-03-30T16:00", "reminders = [ ];");
    assert_int_equal(count(world, "SELECT count(*) FROM mail_plan WHERE state = 'planned'"), 0);
}

/* However few it is for, a step looks at 200 people: the writer has others to serve. */
static void test_bulk_for_few_of_many(void **state)
{
    struct world *world = *state;
    size_t born;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00",
           "modes = ( { id = \"onsite\"; }, { id = \"online\"; } ); join_url = \"https://x.example/\";");
    people(world, 1, 450, "onsite", "2027-01-16T10:00:00Z");
    people(world, 451, 452, "online", "2027-01-16T10:00:00Z");
    script(world, "INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at, sent_at) SELECT 1, id, "
                  "'{\"status\":[\"confirmed\"],\"mode\":\"online\"}', '{}', 0, 'tester', 1, 1 FROM event "
                  "WHERE slug = 'meet'; INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) "
                  "SELECT event_id, 'bulk', 1, 1, 1900000000, 'planned' FROM mail_batch");
    assert_true(step(world, &born));
    assert_int_equal(born, 0);
    assert_int_equal(count(world, "SELECT cursor FROM mail_plan WHERE kind = 'bulk' AND state = 'running'"), 200);
    while (step(world, &born))
        continue;
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE kind = 'bulk' AND subject_id > 450"), 2);
    assert_int_equal(count(world, "SELECT count(*) FROM mail WHERE kind = 'bulk'"), 2);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

/* Without memory nobody is left out: the step is done again. */
static void test_no_memory(void **state)
{
    struct world *world = *state;
    define(world, "2027-03-18T09:30", "2027-03-18T16:00", "reminders = [ \"1d\" ];");
    people(world, 1, 3, "onsite", "2027-01-16T10:00:00Z");
    set_clock(world, "2027-03-17T07:30:05Z");
    struct arena *arena = arena_new();
    struct plan plan = { .job = { .kind = &change_plan, .arena = arena }, .message_domain = "cluster.example" };
    json_set_alloc_funcs(no_memory, free);
    assert_int_equal(store_run(world->store, &plan.job), -EAGAIN);
    json_set_alloc_funcs(malloc, free);
    arena_free(arena);
    assert_int_equal(run_at(world, "2027-03-17T07:30:05Z"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_instants, begin, end),
        cmocka_unit_test_setup_teardown(test_steps, begin, end),
        cmocka_unit_test_setup_teardown(test_whom, begin, end),
        cmocka_unit_test_setup_teardown(test_moved, begin, end),
        cmocka_unit_test_setup_teardown(test_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(test_late, begin, end),
        cmocka_unit_test_setup_teardown(test_withdrawn_and_off, begin, end),
        cmocka_unit_test_setup_teardown(test_days, begin, end),
        cmocka_unit_test_setup_teardown(test_slots, begin, end),
        cmocka_unit_test_setup_teardown(test_daily, begin, end),
        cmocka_unit_test_setup_teardown(test_weekly, begin, end),
        cmocka_unit_test_setup_teardown(test_bulk_for_few_of_many, begin, end),
        cmocka_unit_test_setup_teardown(test_no_memory, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

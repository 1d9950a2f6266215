/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that allocates a round, on a real store: who has a place, whom the mail tells, what stays for the others,
 * that a dry run writes nothing, that a round is allocated once, and two thousand people over two rounds, twice. The
 * store's own check (counters equal claims) runs at each commit in the test builds. */
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
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "change/allocation.h"
#include "event/book.h"
#include "store/db.h"
#include "store/store.h"

#define MODES 2
#define MANY 2000
#define THEMES 8

/* Two rounds with the same eight themes; the one of the same number is of the same group. */
struct world {
    char folder[32], path[64];
    struct clock *clock;
    struct store *store;
    char ids[2 * THEMES][8], groups[THEMES][8];
    struct event_mode modes[MODES];
    struct event_room room;
    struct event_session sessions[2 * THEMES];
    struct event_definition definition;
    struct event_entry entry;
    int64_t places[2 * THEMES * MODES];
};

static void run(struct world *w, const char *sql)
{
    if (db_script(store_db(w->store), sql) < 0)
        fail_msg("%s: %s", sql, db_error(store_db(w->store)));
}

static int64_t ask(struct world *w, const char *sql)
{
    struct query *query;
    if (db_prepare(store_db(w->store), sql, &query) < 0)
        fail_msg("%s", sql);
    int64_t number = db_step(query) > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

/* THEMES sessions a round with room for CAPACITY each; place 1 is the mode, 2 to 9 round a, 10 to 17 round b. */
static void open_world(struct world *w, int capacity)
{
    bool created;
    char sql[256];
    *w = (struct world){ .folder = "/tmp/convened-test-XXXXXX" };
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof(w->path), "%s/t.db", w->folder);
    assert_int_equal(clock_new(NULL, &w->clock), 0);
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 10, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    run(w, "BEGIN; INSERT INTO event (id, slug, revision_id, state, starts_at) VALUES (1, 'open-day', 1, 'live', 9);"
           "INSERT INTO event_revision (id, event_id, number, hash, text, author, source, created_at) "
           "VALUES (1, 1, 1, 'h', 't', 'a', 's', 1); COMMIT;"
           "INSERT INTO place (id, event_id, kind, key, title) VALUES (1, 1, 'mode', 'onsite', 'On site')");
    for (int i = 0; i < 2 * THEMES; i++) {
        const char round = i < THEMES ? 'a' : 'b';
        (void)snprintf(w->ids[i], sizeof(w->ids[i]), "%c%d", round, i % THEMES);
        (void)snprintf(w->groups[i % THEMES], sizeof(w->groups[0]), "g%d", i % THEMES);
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO place (id, event_id, kind, key, title, capacity, round) "
                       "VALUES (%d, 1, 'session', '%s', 'Theme', %d, '%c')", i + 2, w->ids[i], capacity, round);
        run(w, sql);
        w->sessions[i] = (struct event_session){ .id = w->ids[i], .group = w->groups[i % THEMES], .round = i / THEMES,
                                                   .rooms = &w->room };
        for (int m = 0; m < MODES; m++)
            w->places[i * MODES + m] = i + 2;
    }
    w->modes[0].id = "onsite";
    w->modes[1].id = "online";
    w->definition.modes = w->modes;
    w->definition.mode_count = MODES;
    w->definition.programme.session_count = 2 * THEMES;
    w->definition.programme.sessions = w->sessions;
    w->entry = (struct event_entry){ .definition = &w->definition, .event_id = 1, .session_places = w->places };
}

static void close_world(struct world *w)
{
    char command[96];
    store_close(w->store);
    clock_free(w->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", w->folder);
    assert_int_equal(system(command), 0);
}

static void add_person(struct world *w, int id, const char *status)
{
    char sql[700];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, "
                   "reference, language, name, email, dedupe, mode, answers, search, link_version, created_at, "
                   "updated_at) VALUES "
                   "(%d, 1, 1, %d, '%s', 1, 'person', 'R%d', 'en', 'Anna', 'p%d@x.example', 'p%d@x.example', 'onsite', "
                   "'{}', '', 1, 1, 1)", id, id, status, id, id, id);
    run(w, sql);
    if (strcmp(status, "confirmed") != 0)
        return;
    (void)snprintf(sql, sizeof(sql), "INSERT INTO claim VALUES (%d, 1, 'taken'); "
                                     "UPDATE place SET taken = taken + 1 WHERE id = 1", id);
    run(w, sql);
}

static void add_wish(struct world *w, int id, char round, int rank, int place)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "INSERT INTO wish VALUES (%d, '%c', %d, %d)", id, round, rank, place);
    run(w, sql);
}

static void allocate(struct world *w, const char *round, const char *seed, bool lock, struct allocation *ret_done)
{
    *ret_done = (struct allocation){ .job = { .kind = &change_allocate, .arena = arena_new() },
                                     .event = &w->entry,
                                     .round = round,
                                     .seed = seed,
                                     .actor = "test",
                                     .message_domain = "cluster.example",
                                     .lock = lock };
    assert_int_equal(store_run(w->store, &ret_done->job), 0);
    assert_int_equal(ret_done->job.outcome, 0);
}

/* Three want a0, which has one place; the fourth waits for a place at the event. */
static void add_four(struct world *w)
{
    for (int id = 1; id <= 4; id++) {
        add_person(w, id, id < 4 ? "confirmed" : "waitlisted");
        add_wish(w, id, 'a', 1, 2);
    }
    add_wish(w, 1, 'a', 2, 3);
}

static void wishes_become_places_once(void **state)
{
    (void)state;
    struct world w;
    struct allocation done;
    open_world(&w, 1);
    add_four(&w);

    allocate(&w, "a", "seed", false, &done);
    assert_int_equal(done.result, ALLOCATION_DONE);
    assert_int_equal(done.people, 3);
    assert_int_equal(done.placed, 2);
    assert_int_equal(done.rank_sum, 3);
    assert_int_equal(done.rank_count, 2);
    assert_int_equal(done.by_rank[0], 1);
    assert_int_equal(done.by_rank[1], 1);
    assert_int_equal(done.session_count, THEMES);
    assert_string_equal(done.sessions[0].key, "a0");
    assert_int_equal(done.sessions[0].placed, 1);
    arena_free(done.job.arena);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail"), 0); /* a dry run writes nothing */
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim"), 3);
    assert_int_equal(ask(&w, "SELECT count(*) FROM place WHERE allocated_at IS NOT NULL"), 0);

    allocate(&w, "a", "seed", true, &done);
    assert_int_equal(done.placed, 2);
    arena_free(done.job.arena);
    assert_int_equal(ask(&w, "SELECT place_id FROM claim WHERE registration_id = 1 AND place_id > 1"), 3);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim WHERE place_id = 2 AND registration_id IN (2, 3)"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim WHERE registration_id = 4"), 0);
    assert_int_equal(ask(&w, "SELECT taken FROM place WHERE id = 2"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM place WHERE allocated_at IS NOT NULL"), THEMES);
    assert_int_equal(ask(&w, "SELECT count(*) FROM place WHERE allocated_at IS NOT NULL AND round = 'a'"), THEMES);
    assert_int_equal(ask(&w, "SELECT people * 100 + placed * 10 + rank_sum FROM allocation WHERE round = 'a' "
                             "AND seed = 'seed' AND actor = 'test'"), 323);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'allocated' AND instance = 1"), 3);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE data = '{\"round\":\"a\",\"key\":\"a1\"}' "
                             "AND subject_id = 1"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE data = '{\"round\":\"a\",\"key\":null}'"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM audit WHERE action = 'allocate' AND actor = 'test'"), 3);
    assert_int_equal(ask(&w, "SELECT version FROM registration WHERE id = 1"), 2);

    allocate(&w, "a", "other", true, &done);
    assert_int_equal(done.result, ALLOCATION_ALREADY);
    arena_free(done.job.arena);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail"), 3);
    allocate(&w, "c", "seed", true, &done);
    assert_int_equal(done.result, ALLOCATION_NO_ROUND);
    arena_free(done.job.arena);
    close_world(&w);
}

static void what_somebody_has_rules_wishes_out(void **state)
{
    (void)state;
    struct world w;
    struct allocation done;
    open_world(&w, 5);
    for (int id = 1; id <= 4; id++)
        add_person(&w, id, "confirmed");
    run(&w, "INSERT INTO claim VALUES (1, 2, 'taken'), (2, 3, 'taken'), (3, 10, 'taken');"
            "UPDATE place SET taken = 1 WHERE id IN (2, 3, 10)");
    add_wish(&w, 1, 'b', 1, 10); /* the theme of a0, which the first has */
    add_wish(&w, 1, 'b', 2, 11);
    add_wish(&w, 2, 'b', 1, 12); /* at the same time as a1, which the second has */
    struct event_session *a1 = &w.sessions[1], *b2 = &w.sessions[THEMES + 2];
    *a1 = (struct event_session){ .id = "a1", .rooms = &w.room, .has_times = true, .starts = 100, .ends = 200 };
    *b2 = (struct event_session){ .id = "b2", .rooms = &w.room, .has_times = true, .starts = 199, .ends = 300 };
    add_wish(&w, 3, 'b', 1, 13); /* has a place in that round already */
    add_wish(&w, 4, 'b', 1, 12);
    allocate(&w, "b", "seed", true, &done);
    assert_int_equal(done.people, 3);
    assert_int_equal(done.placed, 2);
    arena_free(done.job.arena);
    assert_int_equal(ask(&w, "SELECT place_id FROM claim WHERE registration_id = 1 AND place_id > 9"), 11);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim WHERE registration_id = 2"), 2);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim WHERE registration_id = 3"), 2);
    assert_int_equal(ask(&w, "SELECT place_id FROM claim WHERE registration_id = 4 AND place_id > 9"), 12);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE subject_id = 3"), 0);
    close_world(&w);
}

static void wishes_follow_the_way_of_taking_part(void **state)
{
    (void)state;
    struct world w;
    struct allocation done;
    struct event_room rooms[MODES] = { { false, 0 }, { false, 0 } };
    open_world(&w, 5);
    /* a0 has a room on site, place 2, and another one online; a1 is not held online */
    run(&w, "INSERT INTO place (id, event_id, kind, key, title, round) "
            "VALUES (18, 1, 'session', 'a0@online', 'T', 'a')");
    w.places[1] = 18;
    w.sessions[0].per_mode = w.sessions[1].per_mode = true;
    w.sessions[0].rooms = rooms;
    w.sessions[1].rooms = (struct event_room[]){ { false, 0 }, { true, 0 } };
    for (int id = 1; id <= 3; id++)
        add_person(&w, id, "confirmed");
    run(&w, "UPDATE registration SET mode = 'online' WHERE id > 1");
    add_wish(&w, 1, 'a', 1, 2);
    add_wish(&w, 2, 'a', 1, 2);
    add_wish(&w, 3, 'a', 1, 3);
    allocate(&w, "a", "seed", true, &done);
    assert_int_equal(done.people, 3);
    assert_int_equal(done.placed, 2);
    arena_free(done.job.arena);
    assert_int_equal(ask(&w, "SELECT place_id FROM claim WHERE registration_id = 1 AND place_id > 1"), 2);
    assert_int_equal(ask(&w, "SELECT place_id FROM claim WHERE registration_id = 2 AND place_id > 1"), 18);
    close_world(&w);
}

/* Wishes that do not change from one world to the next. */
static void add_crowd(struct world *w)
{
    uint64_t dice = 88172645463325252ull;
    run(w, "BEGIN");
    for (int id = 1; id <= MANY; id++) {
        add_person(w, id, "confirmed");
        for (int round = 0; round < 2; round++)
            for (int rank = 1, used = 0; rank <= 3; rank++) {
                int theme;
                do {
                    dice ^= dice << 13;
                    dice ^= dice >> 7;
                    dice ^= dice << 17;
                    theme = (int)((dice >> 33) % THEMES);
                } while (used & 1 << theme);
                used |= 1 << theme;
                add_wish(w, id, round == 0 ? 'a' : 'b', rank, 2 + round * THEMES + theme);
            }
    }
    run(w, "COMMIT");
}

static int64_t allocate_crowd(const char *seed)
{
    struct world w;
    struct allocation done;
    open_world(&w, 200);
    add_crowd(&w);
    for (int round = 0; round < 2; round++) {
        allocate(&w, round == 0 ? "a" : "b", seed, true, &done);
        assert_int_equal(done.people, MANY);
        assert_true(done.placed > MANY / 2);
        arena_free(done.job.arena);
    }
    assert_int_equal(ask(&w, "SELECT count(*) FROM place WHERE taken > capacity"), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim AS x JOIN claim AS y ON y.registration_id = x.registration_id "
                             "AND y.place_id = x.place_id + 8 WHERE x.place_id BETWEEN 2 AND 9"), 0);
    /* a sum that moves with each single place */
    int64_t sum =
        ask(&w, "SELECT sum((registration_id * 31 + place_id) * (registration_id + place_id * 7919)) FROM claim");
    close_world(&w);
    return sum;
}

static void two_thousand_people_get_the_same_places_every_time(void **state)
{
    (void)state;
    const int64_t first = allocate_crowd("open-day/a");
    assert_int_equal(allocate_crowd("open-day/a"), first);
    assert_int_not_equal(allocate_crowd("open-day/b"), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_become_places_once),
        cmocka_unit_test(what_somebody_has_rules_wishes_out),
        cmocka_unit_test(wishes_follow_the_way_of_taking_part),
        cmocka_unit_test(two_thousand_people_get_the_same_places_every_time),
    };
    log_setup(LOG_LEVEL_ERROR);
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}

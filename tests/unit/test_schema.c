/* SPDX-License-Identifier: EUPL-1.2 */
/* Migrations: a store of any version with rows in it, as an older convened left it, is brought up to date by the daemon
 * alone and keeps every row. And the indexes that a visitor's look-ups rest on. */
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
#include <sqlite3.h>

#include "base/file.h"
#include "base/log.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/statements.h"

#define ROWS                                                                                                         \
    "BEGIN;"                                                                                                         \
    "INSERT INTO event (id, slug, revision_id, state) VALUES (1, 'room', 1, 'live');"                                \
    "INSERT INTO event_revision (id, event_id, number, hash, text, author, source, created_at) "                     \
    "VALUES (1, 1, 1, 'h', 't', 'a', 's', 5);"                                                                       \
    "INSERT INTO place (id, event_id, kind, key, title, capacity, taken) VALUES (3, 1, 'mode', 'onsite', '', 9, 1);" \
    "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, reference, language, " \
    "name, email, mode, answers, search, link_version, created_at, updated_at) "                                     \
    "VALUES (7, 1, 1, 7, 'confirmed', 5, 'person', 'R', 'en', 'Anna', 'anna@x.example', 'onsite', '{}', 'anna', "    \
    "1, 5, 5);"                                                                                                      \
    "INSERT INTO claim (registration_id, place_id, state) VALUES (7, 3, 'taken');"                                   \
    "INSERT INTO submission (id, reference, event_id, registration_id, outcome, language, at) "                      \
    "VALUES (4, 'R', 1, 7, 'confirmed', 'en', 5);"                                                                   \
    "COMMIT;"

struct fixture {
    char folder[32], path[64];
};

static void run(sqlite3 *handle, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(handle, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s", error);
}

/* Two who wait, the second with the older id; one who is to confirm and holds nothing; one whose place is held. */
#define ROWS_2                                                                                                       \
    "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, reference, language, " \
    "mode, answers, search, link_version, waiting_since, created_at, updated_at) VALUES "                            \
    "(8, 1, 1, 8, 'waitlisted', 5, 'person', 'S', 'en', 'onsite', '{}', '', 1, 30, 6, 6), "                          \
    "(9, 1, 1, 9, 'waitlisted', 5, 'person', 'T', 'en', 'onsite', '{}', '', 1, 20, 7, 7), "                          \
    "(10, 1, 1, 10, 'pending_email', 5, 'person', 'U', 'en', 'onsite', '{}', '', 1, NULL, 8, 8), "                   \
    "(11, 1, 1, 11, 'awaiting_approval', 5, 'person', 'V', 'en', 'onsite', '{}', '', 1, NULL, 9, 9);"                \
    "INSERT INTO claim (registration_id, place_id, state) VALUES (11, 3, 'held');"                                   \
    "UPDATE place SET taken = 2, capacity = 2, waiting = 2 WHERE id = 3;"                                            \
    "UPDATE event_revision SET hash = 'h';"

static void run_step(sqlite3 *handle, int step)
{
    const char *root = getenv("srcdir");
    char path[1000], *sql;
    size_t size;
    (void)snprintf(path, sizeof(path), "%s/src/store/schema/%d.sql", root ? root : ".", step);
    assert_int_equal(file_read(path, 1 << 20, &sql, &size), 0);
    run(handle, sql);
    free(sql);
}

/* As a convened of that time left it. */
static void make_version(const struct fixture *f, int version)
{
    sqlite3 *handle;
    char stamp[80];
    assert_int_equal(sqlite3_open(f->path, &handle), SQLITE_OK);
    run(handle, "PRAGMA journal_mode = WAL");
    for (int step = 1; step <= version; step++) {
        run_step(handle, step);
        run(handle, step == 1 ? ROWS : step == 2 ? ROWS_2 : "");
    }
    (void)snprintf(stamp, sizeof(stamp), "PRAGMA application_id = 0x636e7664; PRAGMA user_version = %d", version);
    run(handle, stamp);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static int64_t ask(struct db *db, const char *sql)
{
    struct query *query;
    assert_int_equal(db_prepare(db, sql, &query), 0);
    assert_int_equal(db_step(query), 1);
    int64_t number = db_int(query, 0);
    db_finish(query);
    return number;
}

static void version_1_keeps_its_rows(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    bool created = true;
    size_t steps;

    (void)schema_steps(&steps);
    assert_true(steps >= 2);
    make_version(f, 1);
    assert_int_equal(db_open(f->path, DB_WRITE, &db, NULL), -EPROTO); /* convenectl does not migrate */
    assert_int_equal(db_open(f->path, DB_DAEMON, &db, &created), 0);
    assert_false(created);
    assert_int_equal(ask(db, "PRAGMA user_version"), steps);
    assert_int_equal(ask(db, "SELECT count(*) FROM registration WHERE email = 'anna@x.example'"), 1);
    assert_int_equal(ask(db, "SELECT taken FROM place WHERE id = 3"), 1);
    assert_int_equal(ask(db, "SELECT count(*) FROM claim"), 1);
    assert_int_equal(ask(db, "SELECT count(*) FROM submission WHERE id = 4 AND registration_id = 7 AND at = 5"), 1);
    assert_int_equal(ask(db, "SELECT count(*) FROM mailbox"), 0);
    /* an unknown start shortens no offer, and every definition is taken anew */
    assert_int_equal(ask(db, "SELECT min(starts_at) > 4e10 FROM event"), 1);
    assert_int_equal(ask(db, "SELECT count(*) FROM event_revision WHERE hash <> ''"), 0);
    assert_int_equal(ask(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    db_close(db);
    assert_int_equal(db_open(f->path, DB_WRITE, &db, NULL), 0);
    db_close(db);
}

static void version_2_keeps_its_waiting_list(void **state)
{
    struct fixture *f = *state;
    struct db *db;

    make_version(f, 2);
    assert_int_equal(db_open(f->path, DB_DAEMON, &db, NULL), 0);
    assert_int_equal(ask(db, "SELECT count(*) FROM ask WHERE place_id = 3"), 3);
    assert_int_equal(ask(db, "SELECT registration_id FROM ask WHERE place_id = 3 AND lacks = 1 ORDER BY since LIMIT 1"),
                     9);
    assert_int_equal(ask(db, "SELECT p.waiting = (SELECT count(*) FROM ask WHERE lacks = 1) FROM place AS p"), 1);
    assert_int_equal(ask(db, "SELECT since FROM ask WHERE registration_id = 10 AND lacks = 0"), 8);
    assert_int_equal(ask(db, "SELECT count(*) FROM ask WHERE registration_id IN (7, 11)"), 0);
    assert_int_equal(ask(db, "SELECT count(*) FROM event_revision WHERE hash <> ''"), 0);
    assert_int_equal(ask(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    db_close(db);
}

/* A new store has gone through the same steps: what a store of any version becomes differs from it in nothing. */
static void each_version_becomes_the_same(void **state)
{
    struct fixture *f = *state;
    size_t steps;
    int64_t objects = 0;

    (void)schema_steps(&steps);
    for (int version = (int)steps - 1; version >= 1; version--) {
        struct db *db;
        (void)snprintf(f->path, sizeof(f->path), "%s/%d.db", f->folder, version);
        make_version(f, version);
        assert_int_equal(db_open(f->path, DB_DAEMON, &db, NULL), 0);
        int64_t found = ask(db, "SELECT sum(length(sql)) FROM sqlite_schema");
        assert_true(objects == 0 || found == objects);
        objects = found;
        assert_int_equal(ask(db, "SELECT count(*) FROM registration WHERE own_at IS NULL AND id = 7"), 1);
        assert_int_equal(ask(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        db_close(db);
    }
}

static void newer_version_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    sqlite3 *handle;

    make_version(f, 1);
    assert_int_equal(sqlite3_open(f->path, &handle), SQLITE_OK);
    run(handle, "PRAGMA user_version = 99");
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    assert_int_equal(db_open(f->path, DB_DAEMON, &db, NULL), -EPROTO);
}

static const char *text_of(const char *name)
{
    size_t count;
    const struct statement *table = statements(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return table[i].text;
    fail_msg("no statement %s", name);
    return NULL;
}

/* How the engine goes about the statement, a step a line. */
static void read_plan(struct db *db, const char *name, char *ret_plan, size_t size)
{
    char sql[4000];
    struct query *query;
    size_t used = 0;
    int r;
    (void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", text_of(name));
    assert_int_equal(db_prepare(db, sql, &query), 0);
    while ((r = db_step(query)) > 0) {
        used += (size_t)snprintf(ret_plan + used, size - used, "%s\n", db_text(query, 3));
        assert_in_range(used, 1, size - 1);
    }
    assert_int_equal(r, 0);
    db_finish(query);
}

/* A large event costs a look-up no more than a small one. */
static void look_ups_go_by_an_index(void **state)
{
    static const struct { const char *statement, *steps[3]; } wanted[] = {
        { "plan_changed", { "registration USING COVERING INDEX registration_updated (event_id=? AND updated_at>?)" } },
        { "registration_by_address",
          { "registration USING INDEX registration_email (event_id=? AND email=?)",
            "registration USING INDEX registration_dedupe (event_id=? AND dedupe=?)",
            "registration USING INTEGER PRIMARY KEY (rowid=?)" } },
        { "registration_by_id", { "registration USING INTEGER PRIMARY KEY (rowid=?)" } },
        { "registration_by_key", { "registration USING INDEX registration_dedupe (event_id=? AND dedupe=?)" } },
    };
    struct fixture *f = *state;
    struct db *db;

    assert_int_equal(db_open(f->path, DB_DAEMON, &db, NULL), 0);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char plan[4000] = "";
        read_plan(db, wanted[i].statement, plan, sizeof(plan));
        for (size_t k = 0; k < 3 && wanted[i].steps[k]; k++)
            if (!strstr(plan, wanted[i].steps[k]))
                fail_msg("%s: not \"%s\" but\n%s", wanted[i].statement, wanted[i].steps[k], plan);
        if (strstr(plan, "SCAN registration") || strstr(plan, "registration_event"))
            fail_msg("%s goes through many rows:\n%s", wanted[i].statement, plan);
    }
    db_close(db);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    log_setup(LOG_LEVEL_ERROR);
    if (!f)
        return -1;
    (void)strcpy(f->folder, "/tmp/convened-test-XXXXXX");
    if (!mkdtemp(f->folder))
        return -1;
    (void)snprintf(f->path, sizeof(f->path), "%s/t.db", f->folder);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[96];
    (void)snprintf(command, sizeof(command), "rm -rf %s", f->folder);
    int r = system(command);
    free(f);
    return r;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(version_1_keeps_its_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(version_2_keeps_its_waiting_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_version_becomes_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(look_ups_go_by_an_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(newer_version_is_left_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
